"""What an answer cites, for a terminal."""

from __future__ import annotations

import click

from motet.core.answers import Answer


def show_citations(answer: Answer) -> None:
    """Print what an answer cites."""
    for each in answer.citations:
        page = f", page {each.page}" if each.page else ""
        click.echo(f"\n[{each.id}] {each.source}{page}, characters {each.start}-{each.end}")
        click.echo(f"    {' '.join(each.text.split())}")
