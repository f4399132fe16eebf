"""Who asks a system over the API, and in which conversation: whose memory is meant."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.requests import Request

from motet.core.json import JSON
from motet.gateway.accounts import ANYONE, OWNER
from motet.gateway.denial import Denial
from motet.server.requests import tenant_of
from motet.terms import Whose

LONGEST = 512
"""Characters of a user's or a conversation's name."""


def whose(request: Request, given: Mapping[str, JSON]) -> Whose:
    """Return who asks, as a request's body says.

    The user is `user`, or `metadata.user_id` as Anthropic has it; the session `conversation`,
    or `metadata.session`. What the holder of one key calls a user is nobody to another key.
    Raises `Denial` for what is no name.
    """
    metadata = given.get("metadata")
    more = metadata if isinstance(metadata, Mapping) else {}
    conversation = given.get("conversation")
    if isinstance(conversation, Mapping):
        conversation = conversation.get("id")
    user = given["user"] if given.get("user") is not None else more.get("user_id")
    session = more.get("session") if conversation is None else conversation
    return {
        "user": _owned(request, _name(user, "user")),
        "session": _owned(request, _name(session, "conversation")),
    }


def _name(value: JSON, param: str) -> str | None:
    if value is None or value == "":
        return None
    if not isinstance(value, str) or len(value) > LONGEST:
        text = f"{param} must be a text of at most {LONGEST} characters"
        raise Denial(400, text, code="invalid_type", param=param)
    return value


def _owned(request: Request, name: str | None) -> str | None:
    tenant = tenant_of(request)
    if name is None or tenant.id in (ANYONE.id, OWNER.id):
        return name
    return f"{tenant.team or tenant.id}/{name}"
