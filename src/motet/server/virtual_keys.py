"""`/api/gateway/keys` and `/api/gateway/teams`: what the server's owner gives out."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from motet.core.clock import now
from motet.core.json import JSON
from motet.core.money import dollars, pico
from motet.gateway.accounts import Accounts, Key, Limits, Registry, Team
from motet.gateway.denial import Denial
from motet.gateway.ledger.periods import PERIODS
from motet.server.chats import gateway_of
from motet.server.requests import read_object

LONGEST = 200
"""Characters of a name."""
MOST = 10**15
LIMITS = ("budget_usd", "period", "requests_per_minute", "tokens_per_minute")
SECRET = {"cache-control": "no-store"}
"""An answer that holds a key is kept by nobody on its way."""


async def list_keys(request: Request) -> Response:
    """List the keys with what each has spent in its period; the revoked ones too."""
    registry = gateway_of(request).accounts.registry

    def found() -> list[JSON]:
        made = registry.keys()
        return [_spending(registry, each) for each in made]

    return JSONResponse({"keys": await asyncio.to_thread(found)})


async def create_key(request: Request) -> Response:
    """Make a key; its secret is in this answer and nowhere else."""
    accounts = gateway_of(request).accounts
    body = await read_object(request)
    _only(body, ("name", "team", *LIMITS, "models", "local", "admin", "expires"))
    key = Key(
        _name(body),
        team=_text(body, "team"),
        limits=_limits(body),
        models=_patterns(body),
        local=_flag(body, "local"),
        admin=_flag(body, "admin"),
        expires=_expires(body),
    )

    def make() -> tuple[Key, str]:
        made = accounts.registry.create(key)
        accounts.refresh()
        return made

    made, secret = await asyncio.to_thread(make)
    return JSONResponse({**made.to_json(), "key": secret}, 201, headers=SECRET)


async def revoke_key(request: Request) -> Response:
    """Revoke a key, named by its id."""
    accounts = gateway_of(request).accounts
    id: str = request.path_params["key"]
    found = await asyncio.to_thread(_revoke, accounts, id)
    if found is None:
        raise Denial(404, "no such key", code="not_found", param="key")
    return JSONResponse(found.to_json())


def _revoke(accounts: Accounts, id: str) -> Key | None:
    registry = accounts.registry
    made = registry.keys()
    key = next((each for each in made if each.id == id), None)
    if key is None or key.revoked is not None:
        return key
    registry.revoke(key)
    accounts.refresh()
    return registry.key(id)


async def list_teams(request: Request) -> Response:
    """List the teams with what each has spent in its period."""
    registry = gateway_of(request).accounts.registry

    def found() -> list[JSON]:
        return [_spending(registry, each) for each in registry.teams()]

    return JSONResponse({"teams": await asyncio.to_thread(found)})


async def create_team(request: Request) -> Response:
    """Make a team."""
    registry = gateway_of(request).accounts.registry
    body = await read_object(request)
    _only(body, ("name", *LIMITS))
    team = Team(_name(body), _limits(body))
    made = await asyncio.to_thread(registry.create_team, team)
    return JSONResponse(made.to_json(), 201)


def _spending(registry: Registry, account: Key | Team) -> JSON:
    return {**account.to_json(), "spent_usd": dollars(registry.spent(account))}


def _only(body: Mapping[str, JSON], known: tuple[str, ...]) -> None:
    unknown = next((each for each in body if each not in known), None)
    if unknown is not None:
        text = f"unknown field {unknown[:LONGEST]}; there are {', '.join(known)}"
        raise Denial(400, text, param=unknown[:LONGEST])


def _name(body: Mapping[str, JSON]) -> str:
    name = _text(body, "name").strip()
    if not name:
        raise Denial(400, "it needs a name", param="name")
    return name


def _text(body: Mapping[str, JSON], name: str) -> str:
    value = body.get(name)
    if value is None:
        return ""
    if not isinstance(value, str) or len(value) > LONGEST or not value.isprintable():
        raise Denial(400, f"{name} must be a text of at most {LONGEST} characters", param=name)
    return value


def _flag(body: Mapping[str, JSON], name: str) -> bool:
    value = body.get(name)
    if value not in (None, True, False):
        raise Denial(400, f"{name} must be true or false", param=name)
    return value is True


def _patterns(body: Mapping[str, JSON]) -> tuple[str, ...]:
    value = body.get("models")
    given = [] if value is None else value
    if not isinstance(given, list) or not all(isinstance(e, str) and e.strip() for e in given):
        text = "models must be a list of names or patterns like openai/*"
        raise Denial(400, text, param="models")
    return tuple(str(each).strip() for each in given)


def _limits(body: Mapping[str, JSON]) -> Limits:
    period = body.get("period")
    named = next((each for each in PERIODS if each == (period or "total")), None)
    if named is None:
        raise Denial(400, f"period must be one of {', '.join(PERIODS)}", param="period")
    return Limits(
        budget=_budget(body),
        period=named,
        requests=_count(body, "requests_per_minute"),
        tokens=_count(body, "tokens_per_minute"),
    )


def _budget(body: Mapping[str, JSON]) -> int | None:
    value = body.get("budget_usd")
    if value is None:
        return None
    try:
        if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
            raise ValueError(value)
        return pico(value)
    except ValueError as error:
        text = "budget_usd must be an amount in USD, 0 or more"
        raise Denial(400, text, param="budget_usd") from error


def _count(body: Mapping[str, JSON], name: str) -> int | None:
    value = body.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < MOST:
        raise Denial(400, f"{name} must be a whole number, 0 or more", param=name)
    return value


def _expires(body: Mapping[str, JSON]) -> float | None:
    text = _text(body, "expires")
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
        instant = (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError, OSError) as error:
        raise Denial(400, "expires must be a date like 2030-01-31", param="expires") from error
    if instant <= now():
        raise Denial(400, "expires must lie ahead", param="expires")
    return instant
