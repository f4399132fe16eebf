"""`motet compare`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from motet.cli.options import json_option, print_json, system_option
from motet.cli.pages import writable, write_whole
from motet.core.errors import UsageError
from motet.core.json import JSON

if TYPE_CHECKING:
    from motet.cli.compare_asking import Candidate
    from motet.learning.comparison import Comparison, Figures
    from motet.learning.intervals import Interval
    from motet.learning.questions import QuestionSet
    from motet.learning.scorers import Scorer
    from motet.learning.significance import Difference


@click.command(
    epilog="Example: motet compare evals/questions.jsonl expert/reader openai/gpt-5-mini -s ."
)
@click.argument("questions", type=click.Path(path_type=Path))
@click.argument("candidates", nargs=-1, metavar="[MODEL|SYSTEM]...")
@system_option
@json_option
@click.option(
    "--score",
    "scoring",
    default="f1",
    show_default=True,
    metavar="NAME",
    help="exact, f1, contains, or a function as FILE.py:NAME.",
)
@click.option("--limit", type=click.IntRange(1), help="Ask only so many questions.")
@click.option("-j", "--jobs", type=click.IntRange(1, 64), default=1, show_default=True)
@click.option(
    "--html",
    type=click.Path(path_type=Path),
    callback=writable,
    metavar="FILE",
    help="Write the comparison as a page of its own.",
)
@click.option("--no-save", is_flag=True, help="Do not let routing learn from it.")
def command(
    questions: Path,
    candidates: tuple[str, ...],
    system: str | None,
    as_json: bool,
    scoring: str,
    limit: int | None,
    jobs: int,
    html: Path | None,
    no_save: bool,
) -> int:
    """Compare models or systems on the same questions.

    QUESTIONS holds one JSON object a line: question, answer (a text, several, or null where
    there is none), and domain and context if you like. Folders stand for systems; models are
    asked within -s SYSTEM, or alone. Several jobs at a time make answers slower.
    """
    from motet.cli.compare_asking import candidates as found_by
    from motet.learning import questions as sets

    testset = sets.read(questions).first(limit)
    scorer = _scorer(scoring)
    with ExitStack() as stack:
        found = found_by(candidates, system, stack)
        _prepare(found, quiet=as_json)
        comparison = _compared(found, testset, scoring, scorer, jobs, quiet=as_json)
        saved = None if no_save else _saved(comparison, found)
    if html is not None:
        from motet.learning.page import page

        write_whole(page(comparison), html)
    if as_json:
        print_json(to_json(comparison, saved))
    else:
        _print(comparison, saved, html)
    return 3 if any(each.failed == len(testset.questions) for each in comparison.figures) else 0


def _scorer(name: str) -> Scorer:
    """Return a scorer by its name. Raises `UsageError`."""
    from motet.learning.scorers import SCORERS

    if name in SCORERS:
        return SCORERS[name]
    file, _, function = name.rpartition(":")
    if not file.endswith(".py") or not function:
        hint = f"{', '.join(SCORERS)}, or FILE.py:FUNCTION"
        raise UsageError(f"no scorer '{name}'", where="--score", hint=hint)
    from motet.cli.compare_scorer import loaded

    return loaded(Path(file), function)


def _prepare(found: list[Candidate], *, quiet: bool) -> None:
    """Bring the knowledge of the systems up to date before any clock runs."""
    from motet.cli.options import failures, refresh

    for system in {id(each.within): each.within for each in found}.values():
        if system is not None:
            failures(refresh(system, quiet=quiet))


def _compared(
    found: list[Candidate],
    testset: QuestionSet,
    scoring: str,
    scorer: Scorer,
    jobs: int,
    *,
    quiet: bool,
) -> Comparison:
    from motet.cli.compare_asking import outcomes
    from motet.cli.compare_saving import domain
    from motet.core import blocking
    from motet.learning.comparison import compared

    with _progress(len(found) * len(testset.questions), quiet) as done:
        answered = blocking.run(lambda: outcomes(found, testset, scorer, jobs, done))
    domains = [each.domain or domain(each.text) for each in testset.questions]
    return compared(testset, scoring, answered, domains)


@contextmanager
def _progress(total: int, quiet: bool) -> Iterator[Callable[[], None]]:
    if quiet or not sys.stderr.isatty():
        yield lambda: None
        return
    with click.progressbar(length=total, label="Asking", file=sys.stderr, width=24) as bar:
        yield lambda: bar.update(1)


def _saved(comparison: Comparison, found: list[Candidate]) -> Path | None:
    """Keep the scores of models by domain in the state folder; return the file."""
    from motet.cli.compare_saving import rows
    from motet.core.folders import home_folder
    from motet.models.routing import evaluations

    system = next((each.within for each in found if each.within is not None), None)
    home = home_folder() if system is None else system.home
    learned = rows(comparison, found)
    return evaluations.add(home, learned) if learned else None


def _print(comparison: Comparison, saved: Path | None, html: Path | None) -> None:
    from motet.learning import table
    from motet.learning.plot import plot

    parts = [
        table.table(comparison),
        plot(comparison.figures) if len(comparison.figures) > 1 else "",
        table.verdicts(comparison),
        table.domains(comparison),
    ]
    click.echo("\n\n".join(part for part in parts if part))
    for line in table.errors(comparison):
        click.echo(f"motet: warning: {line}", err=True)
    if html is not None:
        click.echo(f"wrote {html}")
    if saved is not None:
        click.echo(f"what routing may learn of it is in {saved}")


def to_json(comparison: Comparison, saved: Path | None) -> dict[str, JSON]:
    """Return the comparison as `docs/models.md` says."""
    return {
        "questions": len(comparison.questions.questions),
        "set": comparison.questions.digest,
        "scorer": comparison.scorer,
        "candidates": [_figures(each) for each in comparison.figures],
        "differences": [_difference(each) for each in comparison.differences],
        "saved": None if saved is None else str(saved),
    }


def _figures(each: Figures) -> dict[str, JSON]:
    return {
        "name": each.name,
        "quality": _interval(each.quality),
        "p50_ms": None if each.p50 is None else round(each.p50 * 1000, 1),
        "p95_ms": None if each.p95 is None else round(each.p95 * 1000, 1),
        "cost_usd": each.cost,
        "input_tokens": round(each.input_tokens, 1),
        "output_tokens": round(each.output_tokens, 1),
        "abstained": each.abstained,
        "failed": each.failed,
        "pareto": each.best,
        "domains": {
            domain: {"questions": count, "quality": _interval(quality)}
            for domain, (count, quality) in each.domains.items()
        },
    }


def _difference(each: Difference) -> dict[str, JSON]:
    return {
        "first": each.first,
        "second": each.second,
        "difference": _interval(each.difference),
        "p": round(each.p, 6),
        "significant": each.significant,
        "detectable": round(each.detectable, 4),
    }


def _interval(each: Interval) -> dict[str, JSON]:
    return {"mean": round(each.mean, 4), "low": round(each.low, 4), "high": round(each.high, 4)}
