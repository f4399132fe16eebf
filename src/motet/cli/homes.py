"""Finding the runs that `-s` or the folder means, without opening the system."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from motet.core.errors import DeclarationError, UsageError

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from motet.core.store.sessions import Place
    from motet.runtime.journal import Journal
    from motet.spec.types import Declaration


@dataclass(frozen=True, slots=True)
class Runs:
    """The journal of a state folder; `system` is the one that `-s` named."""

    journal: Journal
    system: str | None


@contextmanager
def runs_of(system: str | None) -> Iterator[Runs]:
    """Give the journal of a system's state folder, or of the folder we are in.

    Raises `UsageError` where nothing has run there yet.
    """
    from motet.runtime.journal import Journal

    declared, _, place = _found(system)
    if isinstance(place, Path) and not place.exists():
        raise NothingRan(f"nothing has run here yet: there is no {place}")
    journal = Journal(place)
    try:
        yield Runs(journal, declared.system if declared else None)
    finally:
        journal.close()


def journal_of(system: str | None) -> tuple[Place, Path | None]:
    """Return where the runs of a system, or of this folder, are recorded; and its declaration."""
    _, file, place = _found(system)
    return place, file


def _found(system: str | None) -> tuple[Declaration | None, Path | None, Place]:
    from motet.core.folders import journal_place
    from motet.spec.load import find, load

    declared = None
    if system is not None:
        declared = load(system)
        file = declared.file
    else:
        try:
            file = find()
        except DeclarationError:
            file = None
    return declared, file, journal_place(None, file)


def secrets_of(system: str | None) -> list[str]:
    """Return the environment variables that the declaration takes keys from.

    Raises `DeclarationError` for one that cannot be read.
    """
    from motet.spec.load import find, load

    if system is None:
        try:
            system = str(find())
        except DeclarationError:
            return []
    models = load(system).models
    return [name for model in models if model.key for name in model.key.names]


class NothingRan(UsageError):
    """The state folder has no journal."""


def run_argument(command: click.decorators.FC) -> click.decorators.FC:
    """Add RUN, which shells complete."""
    return click.argument("run", shell_complete=_complete_runs)(command)


def node_argument(command: click.decorators.FC) -> click.decorators.FC:
    """Add NODE, which shells complete by what waits."""
    return click.argument("node", required=False, shell_complete=_complete_nodes)(command)


def _complete_runs(
    ctx: click.Context, param: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    from click.shell_completion import CompletionItem

    from motet.runtime.overview import title

    try:
        with runs_of(ctx.params.get("system")) as here:
            found = here.journal.recent(here.system, 200)
    except NothingRan:
        return []
    return [
        CompletionItem(each.id, help=f"{each.status}: {title(each)[:60]}")
        for each in found
        if each.id.startswith(incomplete)
    ]


def _complete_nodes(
    ctx: click.Context, param: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    from click.shell_completion import CompletionItem

    from motet.runtime.decisions import waiting

    try:
        with runs_of(ctx.params.get("system")) as here:
            found = waiting(here.journal, here.journal.get(ctx.params["run"]))
    except UsageError:
        return []
    return [
        CompletionItem(each.node, help=each.message)
        for each in found
        if each.node.startswith(incomplete)
    ]
