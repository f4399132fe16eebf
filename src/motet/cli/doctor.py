"""`motet doctor`."""

from __future__ import annotations

import platform
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from motet.cli.options import json_option, opened, print_json, system_option
from motet.core.errors import MotetError
from motet.core.json import JSON
from motet.core.version import __version__

if TYPE_CHECKING:
    from motet.system import System


@dataclass(frozen=True, slots=True)
class Finding:
    """One check: `state` is ok, warning or error; `text` says what was found and what to do."""

    check: str
    state: str
    text: str


@click.command(epilog="Example: motet doctor --json")
@system_option
@json_option
def command(system: str | None, as_json: bool) -> None:
    """Check the installation and the state folder.

    And the declaration, its knowledge and its models. Exits with 1 when something is
    broken; warnings alone are a success.
    """
    findings = [_python(), *_guarded("encoder", _encoder), *_guarded("system", _system, system)]
    broken = any(each.state == "error" for each in findings)
    if as_json:
        rows: list[JSON] = [
            {"check": each.check, "state": each.state, "text": each.text} for each in findings
        ]
        print_json({"version": __version__, "ok": not broken, "findings": rows})
    else:
        for each in findings:
            click.echo(f"{each.state:8} {each.check}: {each.text}")
    click.get_current_context().exit(1 if broken else 0)


def _guarded(check: str, find: Callable[..., list[Finding]], *arguments: object) -> list[Finding]:
    try:
        return find(*arguments)
    except MotetError as error:
        return [Finding(check, "error", str(error))]


def _python() -> Finding:
    text = f"motet {__version__} on Python {platform.python_version()}, {platform.platform()}"
    return Finding("version", "ok", text)


def _encoder() -> list[Finding]:
    from motet.models.encoder import is_installed, load_encoder

    if not is_installed():
        text = "not installed, so search is by words alone; run `motet setup`"
        return [Finding("encoder", "warning", text)]
    encoder = load_encoder()
    encoder.embed(["A sentence."])
    return [Finding("encoder", "ok", encoder.name)]


def _system(path: str | None) -> list[Finding]:
    with opened(path) as system:
        where = system.declaration.file or "nothing declared here"
        found = [Finding("declaration", "ok", f"{system.name} ({where})")]
        journal = system.journal
        runs = journal.name if journal.shared else system.home
        held = (("store.db", system.store, system.store.name), ("runs.db", journal, runs))
        for name, database, place in held:
            damage = database.check()
            text = "; ".join(damage) if damage else f"whole, in {place}"
            found.append(Finding(name, "error" if damage else "ok", text))
        found += _guarded("knowledge", _knowledge, system)
        models = system.availability()
        for name, why in models.items():
            found.append(Finding(f"model {name}", "warning" if why else "ok", why or "available"))
        if all(models.values()):
            found.append(Finding("models", "error", "none of them can answer now"))
    return found


def _knowledge(system: System) -> list[Finding]:
    sources = system.store.sources()
    failed = sum(each.status == "failed" for each in sources)
    text = f"{len(sources)} sources, {failed} of them could not be read"
    if system.stale():
        text += "; files changed since they were read"
    return [Finding("knowledge", "warning" if failed else "ok", text)]
