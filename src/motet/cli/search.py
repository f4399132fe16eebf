"""`motet search`."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict, Unpack

import click

from motet.cli.moments import moment
from motet.cli.options import (
    failures,
    json_option,
    opened,
    print_json,
    question_argument,
    refresh,
    system_option,
)
from motet.core.clock import iso
from motet.core.json import JSON

if TYPE_CHECKING:
    from motet.core.passages import Explanation, Passage, RetrievalMode
    from motet.knowledge.search import Kind, Query


class _Asked(TypedDict):
    """The options that say what is searched for."""

    count: int
    mode: RetrievalMode | None
    sources: tuple[str, ...]
    where: tuple[str, ...]
    kinds: tuple[Kind, ...]
    entities: tuple[str, ...]
    labels: tuple[str, ...]
    media: tuple[str, ...]
    as_of: str | None
    known_at: str | None
    given: bool
    user: str | None
    graph: bool
    explain: bool


_SOURCE = "Only sources whose name matches, as in contracts/*.pdf. Repeat for more."
_WHERE = 'Only rows a condition holds for, as in "parts.csv: price < 10". Repeat for more.'
_KIND = "Only this kind; memory shows only where it is named. Repeat for more."
_ENTITY = "Only what mentions this entity, by name or id. Repeat for more."
_MEDIA = "Only this media type, as in text/csv or image/*. Repeat for more."
_AS_OF = "As things were then: 2026-01-31, or 7d ago."
_KNOWN = "As was known then."
_USER = "Whose memory may show."


@click.command(epilog='Example: motet search "hinge torque" -k 5 --source "documents/*" --explain')
@question_argument("query")
@system_option
@json_option
@click.option("-k", "count", type=click.IntRange(1, 1000), default=10, show_default=True)
@click.option("--mode", type=click.Choice(["lexical", "dense", "hybrid"]))
@click.option("--source", "sources", metavar="GLOB", multiple=True, help=_SOURCE)
@click.option("--where", metavar="TABLE: CONDITION", multiple=True, help=_WHERE)
@click.option(
    "--kind", "kinds", multiple=True, type=click.Choice(["document", "row", "memory"]), help=_KIND
)
@click.option("--entity", "entities", metavar="NAME", multiple=True, help=_ENTITY)
@click.option("--label", "labels", multiple=True, help="Only what mentions something of this kind.")
@click.option("--media", metavar="TYPE", multiple=True, help=_MEDIA)
@click.option("--as-of", metavar="TIME", help=_AS_OF)
@click.option("--known-at", metavar="TIME", help=_KNOWN)
@click.option("--given", is_flag=True, help="Leave out what was derived.")
@click.option("--user", metavar="USER", help=_USER)
@click.option("--graph", is_flag=True, help="Look along the relations of entities, too.")
@click.option("--explain", is_flag=True, help="Say why each was found, and where it comes from.")
@click.option("--no-ingest", is_flag=True, help="Do not look for changed documents first.")
def command(
    query: str, system: str | None, as_json: bool, no_ingest: bool, **options: Unpack[_Asked]
) -> None:
    """Find passages.

    The best come first. What is filtered away makes room for others: there are as many as
    asked for where so many are left.
    """
    asked = _query(query, options)
    with opened(system) as found:
        if not no_ingest:
            failures(refresh(found, quiet=as_json))
        passages = found.find(asked)
        if as_json:
            hits: list[JSON] = [_shown(each) for each in passages]
            print_json({"system": found.name, "query": query, "hits": hits})
            return
    if not passages:
        click.echo("Nothing found.")
    for each in passages:
        _print(each)


def _query(text: str, options: _Asked) -> Query:
    from motet.knowledge.search import Filters, Query

    as_of, known_at = options["as_of"], options["known_at"]
    filters = Filters(
        sources=options["sources"],
        kinds=options["kinds"] or Filters().kinds,
        media=options["media"],
        entities=options["entities"],
        labels=options["labels"],
        where=options["where"],
        given=options["given"],
        as_of=None if as_of is None else moment(as_of, "--as-of", ahead=False),
        known_at=None if known_at is None else moment(known_at, "--known-at", ahead=False),
    )
    return Query(
        text,
        k=options["count"],
        mode=options["mode"],
        filters=filters,
        user=options["user"],
        graph=options["graph"],
        explain=options["explain"],
    )


def _shown(passage: Passage) -> dict[str, JSON]:
    shown: dict[str, JSON] = {
        "source": passage.source,
        "version": passage.version,
        "page": passage.page,
        "start": passage.start,
        "end": passage.end,
        "text": passage.text,
        "context": passage.context,
        "score": round(passage.score, 6),
        "signals": {name: round(value, 6) for name, value in passage.signals.items()},
    }
    if passage.explanation is not None:
        shown["explanation"] = passage.explanation.to_json()
    return shown


def _print(passage: Passage) -> None:
    page = f", page {passage.page}" if passage.page else ""
    place = f"{passage.source}{page}, characters {passage.start}-{passage.end}"
    click.echo(f"{passage.score:.3f}  {place}")
    click.echo(f"       {' '.join(passage.text.split())[:200]}")
    if passage.explanation is not None:
        for line in _lines(passage.explanation):
            click.echo(f"       - {line}")


def _lines(why: Explanation) -> list[str]:
    """Return what explains a hit, a line for each signal, the path, the rows and the origin."""
    lines = [
        f"{each.name} {each.value:.4g}, number {each.rank} by it: {each.share:.3f} of the score"
        for each in why.signals
    ]
    if why.path:
        steps = [why.path[0][0], *(f"-{relation}-> {end}" for _, relation, end in why.path)]
        lines.append(f"path: {' '.join(steps)}")
    lines += [f"row {number} of {table}" for table, number in why.rows]
    origin = [f"first-party, {why.kind}"]
    if why.by:
        origin.append(f"by {why.by}")
    if why.owner:
        origin.append(f"of {why.owner}")
    if why.at is not None:
        origin.append(f"made {iso(why.at)}")
    if why.origin:
        origin.append(f"from {why.origin}")
    return [*lines, ", ".join(origin)]
