"""Runs as lines of a list."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from motet.runtime.journal import Journal
    from motet.runtime.records import Record

VERBS = {"approve": "approved", "refuse": "refused", "retry": "to be called again"}


def print_row(journal: Journal, record: Record) -> None:
    """Print a run on a line, and below it what it waits for."""
    from motet.runtime.decisions import waiting
    from motet.runtime.overview import title

    took = "     -  " if record.seconds is None else f"{record.seconds * 1000:6.0f} ms"
    what = title(record)[:70]
    click.echo(f"{record.id}  {state(journal, record):11} {took}  {what}")
    for each in waiting(journal, record):
        said = f" ({VERBS[each.said]})" if each.said else ""
        click.echo(f"    waits: {each.node}: {one_line(each.message)}{said}")


def state(journal: Journal, record: Record) -> str:
    """Return a run's status; one that its process left behind is interrupted."""
    from motet.runtime.overview import is_active

    if record.status == "running" and not is_active(journal, record):
        return "interrupted"
    return record.status


def one_line(text: str, limit: int = 200) -> str:
    """Return a text on one line, cut where it is long."""
    text = " ".join(text.split())
    return text if len(text) <= limit else f"{text[:limit]}…"
