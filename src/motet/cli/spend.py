"""`motet spend`: what was asked of models, and what it cost."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from motet.cli import streams
from motet.cli.homes import NothingRan, runs_of
from motet.cli.ledgers import ledger_of
from motet.cli.moments import moment
from motet.cli.options import json_option, print_json, system_option
from motet.core.errors import UsageError
from motet.core.json import JSON

if TYPE_CHECKING:
    from motet.gateway.ledger.check import Difference
    from motet.gateway.ledger.reconcile import Reconciled
    from motet.gateway.ledger.records import Recorded
    from motet.gateway.ledger.report import By, Spent

BYS = ("key", "team", "user", "model", "provider", "day", "system")
NOTHING = "Nothing was asked yet."
_HEADS = ("requests", "attempts", "input", "cached", "output", "cost", "estimated")


@click.group(
    "spend",
    invoke_without_command=True,
    epilog="Example: motet spend --by model --since 7d",
)
@click.option("--by", type=click.Choice(BYS), default="key", show_default=True)
@click.option("--since", metavar="WHEN", help="From when on: 7d, 12h, or a date.")
@click.option("--until", metavar="WHEN", help="Up to when: 7d, 12h, or a date.")
@system_option
@json_option
@click.pass_context
def command(
    ctx: click.Context,
    by: By,
    since: str | None,
    until: str | None,
    system: str | None,
    as_json: bool,
) -> None:
    """Show what was spent on models."""
    if ctx.invoked_subcommand is not None:
        return
    from motet.gateway.ledger.report import NONE, report

    begin = 0.0 if since is None else moment(since, "--since", ahead=False)
    end = 9e15 if until is None else moment(until, "--until", ahead=False)
    rows: list[Spent] = []
    total = NONE
    with ledger_of(system) as store:
        if store is not None:
            rows, total = report(store, by, begin, end)
    if as_json:
        listing: list[JSON] = [each.to_json() for each in rows]
        print_json({"by": by, "rows": listing, "total": total.to_json()})
    elif rows:
        _print_table(by, rows, total)
    else:
        click.echo(NOTHING)


def _print_table(by: str, rows: list[Spent], total: Spent) -> None:
    lines = [(by, *_HEADS), *map(_cells, rows), _cells(total)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for cells in lines:
        first, *rest = (each.rjust(width) for each, width in zip(cells, widths, strict=True))
        click.echo("  ".join([cells[0].ljust(len(first)), *rest]).rstrip())
    if total.unpriced:
        click.echo(f"{total.unpriced} calls are not in it: no price is known for their models.")


def _cells(spent: Spent) -> tuple[str, ...]:
    from motet.core.money import shown

    counts = (spent.requests, spent.attempts, spent.input_tokens, spent.cached_tokens)
    estimated = shown(spent.estimated) if spent.estimated else ""
    words = [*(f"{each:,}" for each in (*counts, spent.output_tokens)), shown(spent.cost)]
    return spent.name[:40], *words, estimated


@command.command(epilog="Example: motet spend check")
@system_option
@json_option
def check(system: str | None, as_json: bool) -> None:
    """Check that the ledger is true.

    Every counter is the sum of its rows, no budget is handed out twice, and every run cost
    what its calls did. Exits with 1 where something differs.
    """
    from motet.core.clock import now
    from motet.gateway.ledger import check as checks

    with ledger_of(system) as store:
        found: list[Difference] = []
        if store is not None:
            found = [
                *checks.check(store, now()),
                *checks.compared(checks.runs(store), _runs(system)),
            ]
    if as_json:
        rows: list[JSON] = [each.to_json() for each in found]
        print_json({"ok": not found, "differences": rows})
    else:
        for each in found:
            click.echo(str(each))
        if not found:
            click.echo("The ledger is true: counters, leases and runs are the sums of its rows.")
    click.get_current_context().exit(1 if found else 0)


def _runs(system: str | None) -> dict[str, float]:
    """Return what the journal says that runs cost, in USD."""
    try:
        with runs_of(system) as here:
            rows = here.journal.select("SELECT run, sum(cost) FROM nodes GROUP BY run", ())
    except NothingRan:
        return {}
    return {str(each[0]): float(each[1]) for each in rows}


@command.command(epilog="Example: motet spend reconcile --from usage.csv")
@click.option("--from", "source", metavar="FILE", required=True, help="The export; - is stdin.")
@click.option("--counted", is_flag=True, help="Correct also what we counted, not only estimates.")
@system_option
@json_option
def reconcile(source: str, counted: bool, system: str | None, as_json: bool) -> None:
    """Correct estimates by a provider's own count.

    The export is CSV or JSON, a row for each call, with the provider's id of the answer and
    what it cost in USD, or its tokens. Rows keep what stood before.
    """
    from motet.gateway.ledger.exports import exported
    from motet.gateway.ledger.reconcile import reconcile as correct

    text = streams.text("-", "the export") if source == "-" else streams.file(source)
    name = "standard input" if source == "-" else source
    rows = exported(text, name)
    with ledger_of(system) as store:
        if store is None:
            raise UsageError("there is no ledger to correct", hint=NOTHING)
        found = correct(store, rows, name, counted=counted)
    if as_json:
        print_json(found.to_json())
    else:
        _print_reconciled(found)


def _print_reconciled(found: Reconciled) -> None:
    from motet.core.money import shown

    click.echo(f"{found.corrected} corrected, {shown(found.change)} in all.")
    for each in found.mismatches:
        ours, theirs = shown(each.ours), shown(each.theirs)
        click.echo(f"differs: {each.id} {each.attempt}: {ours} here, {theirs} there")
    for id in found.unknown:
        click.echo(f"unknown: {id}")
    if found.left:
        click.echo(f"{found.left} estimates remain, {shown(found.left_cost)} in all.")


@command.command(epilog="Example: motet spend show req_0193...")
@click.argument("request")
@system_option
@json_option
def show(request: str, system: str | None, as_json: bool) -> None:
    """Show a request's story: each attempt, what it used, what it cost."""
    from motet.gateway.ledger.records import request as recorded

    with ledger_of(system) as store:
        found = [] if store is None else recorded(store, request)
    if not found:
        raise UsageError("no such request", where=request)
    if as_json:
        attempts: list[JSON] = [each.to_json() for each in found]
        print_json({"request": request, "attempts": attempts})
        return
    for each in found:
        _print_attempt(each)


def _print_attempt(found: Recorded) -> None:
    from motet.core.clock import iso
    from motet.core.money import shown

    entry = found.entry
    price = "no known price" if entry.cost is None else shown(entry.cost)
    about = " (estimated)" if entry.estimated else ""
    model = f"{entry.provider}/{entry.used or entry.model}".strip("/")
    click.echo(
        f"{entry.attempt}  {iso(entry.started)}  {entry.status}  {model}"
        f"  {entry.seconds:.2f} s  {price}{about}"
    )
    told = entry._asdict()
    for name in ("tenant", "team", "user", "system", "run", "endpoint", "upstream_id", "reason"):
        if told[name]:
            click.echo(f"    {name}: {told[name]}")
    tokens = {name: told[name] for name in told if name.endswith("_tokens") and told[name]}
    if tokens:
        click.echo("    " + ", ".join(f"{name[:-7]}: {count}" for name, count in tokens.items()))
    if found.corrected:
        before = "no known price" if found.before is None else shown(found.before)
        click.echo(f"    corrected: it stood as {before} before {found.corrected}")
    for name in ("error", "story"):
        if told[name]:
            click.echo(f"    {name}: {told[name]}")


@command.command(epilog="Example: motet spend leases")
@system_option
@json_option
def leases(system: str | None, as_json: bool) -> None:
    """List what running processes hold of budgets, to give it out themselves."""
    from motet.core.money import shown
    from motet.gateway.ledger.holders import leases as found_leases

    with ledger_of(system) as store:
        found = [] if store is None else found_leases(store)
    if as_json:
        rows: list[JSON] = [each.to_json() for each in found]
        print_json({"leases": rows})
        return
    for each in found:
        click.echo(f"{each.holder}  {shown(each.amount)} of {each.name}")
    if not found:
        click.echo("Nothing is leased.")


@command.command(epilog="Example: motet spend free spool_0193...")
@click.argument("holder")
@system_option
@json_option
def free(holder: str, system: str | None, as_json: bool) -> None:
    """Give back what a lost process had leased.

    A process that dies gives back by itself what it did not spend; one whose machine is lost,
    or whose file on disk is damaged, cannot. What it spent and nobody knows of is then not
    counted. HOLDER must live nowhere.
    """
    from motet.gateway.ledger.holders import free as give_back

    with ledger_of(system, make=True) as store:
        assert store is not None
        count = give_back(store, holder)
    if not count:
        raise UsageError("this holds nothing", where=holder, hint="see `motet spend leases`")
    if as_json:
        print_json({"holder": holder, "freed": count})
    else:
        click.echo(f"Freed {count} leases of {holder}.")
