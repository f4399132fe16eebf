"""Finding models: those of a declaration, of the catalogue, of local servers, of this package."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from motet.cli.model_rows import NOTHING, Measured, Row
from motet.core.errors import DeclarationError, UsageError

if TYPE_CHECKING:
    from motet.gateway.accounts import Accounts
    from motet.models.catalogue.card import Card
    from motet.roster import Roster
    from motet.runtime.journal import Journal
    from motet.spec.types import Declaration, Model

READER = "expert/reader"
_SHARED = ("context", "max_output", "input_modalities", "output_modalities", "tools", "reasoning")


def declaration(system: str | None) -> Declaration | None:
    """Return the declaration that `-s` names, else the nearest; None where there is none."""
    from motet.spec.load import find, load

    if system is not None:
        if not Path(system).exists():
            raise UsageError("no such file or folder", where=f"-s {system}")
        return load(system)
    try:
        found = find()
    except DeclarationError:
        return None
    return load(str(found))


def local_servers() -> list[Card]:
    """Return the models of the servers that listen on this machine now."""
    from motet.core import blocking
    from motet.models.catalogue.probe import probe

    return blocking.run(probe)


@contextmanager
def roster(found: Declaration) -> Iterator[Roster]:
    """Give the models of a declaration; what calls of them cost goes into the ledger."""
    from motet.core.folders import journal_place
    from motet.gateway.accounts import Accounts
    from motet.roster import Roster

    opened: list[Accounts] = []

    def accounts() -> Accounts:
        if not opened:
            opened.append(Accounts.beside(journal_place(None, found.file), found.file))
        return opened[0]

    try:
        yield Roster(found, accounts)
    finally:
        for each in opened:
            each.close()


def declared(found: Declaration, probed: Sequence[Card]) -> list[Row]:
    """Return the models of a declaration, with what their servers and past runs tell."""
    from motet.models import catalogue

    with roster(found) as models:
        why = {each.name: each.unavailable for each in models.answerers(None)}
    offered = {each.use: each for each in probed}
    measured = _measured(found)
    rows = []
    for model in found.models:
        card = catalogue.of(model)
        if model.base_url is None and model.use in offered:
            card = told(card, offered[model.use])
        rows.append(
            Row(
                model.name,
                card,
                declared=True,
                local=model.is_local,
                why=why[model.name],
                measured=measured.get(model.name, NOTHING),
            )
        )
    return rows


def told(card: Card, server: Card) -> Card:
    """Return a card with what the model's own server tells, where the declaration does not."""
    told = {
        name: getattr(server, name)
        for name in _SHARED
        if getattr(card, name) is None and getattr(server, name) is not None
    }
    sources = {name: server.sources[name] for name in told}
    return replace(card, **told, sources={**card.sources, **sources})


def undeclared(
    probed: Iterable[Card], provider: str | None, *, every: bool, old: bool
) -> list[Row]:
    """Return the catalogue's models that can be used now, those of local servers, and experts.

    `provider` keeps to one, whether or not there is a key for it; `every` takes all providers;
    `old` also what its provider calls deprecated.
    """
    from motet.models.catalogue import card

    reader = card(*READER.split("/"))
    assert reader is not None
    rows = [Row(READER, reader, local=True)]
    rows += [Row(each.use, each, local=True) for each in probed]
    rows = [row for row in rows if provider in (None, row.card.provider)]
    for name, why in _providers(provider, every=every):
        rows += [
            Row(each.use, each, why=why) for each in _listed(name) if old or not each.deprecated
        ]
    return rows


def _providers(only: str | None, *, every: bool) -> list[tuple[str, str | None]]:
    """Return providers by the names declarations use, and why they cannot be asked now."""
    from motet.models.catalogue.book import book
    from motet.models.keys import EnvironmentKey
    from motet.models.providers import PROVIDERS

    found: list[tuple[str, str | None]] = []
    for preset in PROVIDERS.values():
        if not preset.key_variables or book().provider(preset.name) is None:
            continue
        first, *others = preset.key_variables
        why = (
            None if EnvironmentKey(first, others=tuple(others)).is_set() else f"{first} is not set"
        )
        if preset.name == only or (only is None and (every or why is None)):
            found.append((preset.name, why))
    known = {book().provider(name) for name in PROVIDERS}
    for each in book().providers:
        name = each["id"]
        if name not in known and (name == only or (every and only is None)):
            found.append((name, "needs base_url"))
    return found


def _listed(provider: str) -> list[Card]:
    from motet.models.catalogue import card
    from motet.models.catalogue.book import book

    id = book().provider(provider)
    assert id is not None
    cards = [card(provider, entry["id"]) for entry in book().models(id)]
    return [each for each in cards if each is not None]


def one(name: str, found: Declaration | None) -> Row:
    """Return the model that a name means: a declared one, else `provider/model`.

    Raises `UsageError` with the nearest names where nothing is known of it.
    """
    from motet.models.catalogue import card

    if found is not None and any(name in (each.name, each.use) for each in found.models):
        rows = declared(found, local_servers())
        return next(row for row in rows if name in (row.name, row.card.use))
    provider, _, model = name.partition("/")
    rows = undeclared(local_servers(), provider, every=True, old=True)
    listed = next((row for row in rows if row.name == name), None)
    if listed is not None:
        return listed
    known = card(provider, model) if model else None
    if known is None or (known.pricing is not None and known.pricing.is_free):
        raise _unknown(name, provider, rows)
    why = next((row.why for row in rows if not row.local), None)
    return Row(name, known, why=why)


def declared_model(name: str, found: Declaration | None) -> tuple[Declaration, Model]:
    """Return the model that a name means, and a declaration that holds it."""
    from motet.spec.types import Declaration, Model

    for each in found.models if found is not None else ():
        if name in (each.name, each.use):
            assert found is not None
            return found, each
    model = Model(name)
    return replace(found or Declaration("models"), models=(model,)), model


def _unknown(name: str, provider: str, rows: Sequence[Row]) -> UsageError:
    from difflib import get_close_matches

    from motet.models.providers import PROVIDERS

    if "/" not in name:
        rows = undeclared((), None, every=True, old=False)
        near = [row.name for row in rows if name.lower() in row.name][:3]
    else:
        near = get_close_matches(name, [row.name for row in rows], n=3, cutoff=0.5)
    if near:
        return UsageError(f"no model '{name}'", hint=f"did you mean {' or '.join(near)}?")
    hint = "`motet models list --all` shows what is known"
    if provider in PROVIDERS and not PROVIDERS[provider].key_variables:
        hint = f"no {provider} server offers it on this machine now"
    return UsageError(f"no model '{name}'", hint=hint)


def _measured(found: Declaration) -> dict[str, Measured]:
    """Return what the journal of a system measured of its models."""
    from motet.core.folders import journal_place
    from motet.runtime.journal import Journal

    place = journal_place(None, found.file)
    if isinstance(place, Path) and not place.exists():
        return {}
    journal = Journal(place)
    try:
        return {model.name: _past(journal, model) for model in found.models}
    finally:
        journal.close()


def _past(journal: Journal, model: Model) -> Measured:
    from motet.planner.request import CHAT
    from motet.planner.samples import median, quantile
    from motet.runtime.statistics import PastRuns

    method = "answer.read" if model.provider == "expert" else CHAT
    past = PastRuns(journal).past(method, model.name)
    seconds = sorted(each.seconds for each in past.finished)
    scores = [each.score for each in past.scored]
    return Measured(
        calls=len(seconds),
        p50=median(seconds) if seconds else None,
        p90=quantile(seconds, 0.9) if seconds else None,
        quality=round(sum(scores) / len(scores), 4) if scores else None,
        scored=len(scores),
    )
