"""A gateway put together from declarations."""

from __future__ import annotations

from collections.abc import Sequence

from motet.core.folders import home_folder, journal_place
from motet.gateway.accounts import Accounts
from motet.gateway.cache import AnswerCache
from motet.gateway.gateway import Gateway
from motet.gateway.served import Served
from motet.models.resilience.policy import Policy
from motet.models.routing import evaluations
from motet.spec.types import Declaration


def open_gateway(declarations: Sequence[Declaration]) -> Gateway:
    """Return the gateway to what the declarations serve; the first says how, and where state is.

    Raises `DeclarationError`, `StoreError`.
    """
    first = declarations[0]
    how = first.gateway
    assert how is not None
    served = Served(declarations)
    accounts = Accounts.beside(journal_place(None, first.file), first.file)
    policy = Policy(retries=how.retries, hedge=how.hedge)
    names: dict[str, list[str]] = {}
    for each in served.models.values():
        names.setdefault(f"{each.provider}/{each.model}", []).append(each.name)
    cache = None
    if how.cache is not None:
        cache = AnswerCache(home_folder(first.file) / "cache.db", how.cache)
    return Gateway(
        served,
        accounts,
        policy=policy,
        output=how.output,
        cache=cache,
        records=list(evaluations.scores(evaluations.read(home_folder(first.file)), names)),
    )
