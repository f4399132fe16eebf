"""Where a reader stands in a declaration, and the report that all of its mistakes go to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from motet.spec.nodes import Listing, Node, Table, describe
from motet.spec.problems import InvalidDeclaration, Place, Problem, nearest, step


class Unusable(Exception):
    """A value cannot be read; its problems are in the report already."""


@dataclass(slots=True)
class Report:
    """Collects problems; `environ` is where references are looked up."""

    environ: Mapping[str, str]
    file: str | None = None
    problems: list[Problem] = field(default_factory=list)

    def failure(self) -> InvalidDeclaration:
        """Return the error that holds every problem, in the order of the file."""
        return InvalidDeclaration(
            sorted(self.problems, key=lambda problem: (problem.line or 0, problem.column or 0))
        )


@dataclass(frozen=True, slots=True)
class Site:
    """A node with its path."""

    node: Node
    path: str
    report: Report

    def key(self, name: str, node: Node) -> Site:
        """Step to the value of a key."""
        return replace(self, node=node, path=step(self.path, name))

    def item(self, index: int, node: Node) -> Site:
        """Step to an item of a list."""
        return replace(self, node=node, path=f"{self.path}[{index}]")

    def at(self, *steps: str | int) -> Site:
        """Step down by keys and indexes, as far as they were written."""
        here = self
        for part in steps:
            if isinstance(part, str) and isinstance(here.node, Table):
                entry = here.node.get(part)
                if entry is None:
                    break
                here = here.key(part, entry.value)
            elif isinstance(part, int) and isinstance(here.node, Listing):
                here = here.item(part, here.node.items[part])
        return here

    def wrong(
        self,
        expected: str,
        got: str | None = None,
        *,
        names: Iterable[str] = (),
        near: str | None = None,
        word: str = "",
        place: Place | None = None,
    ) -> Unusable:
        """Report a problem here and return what to raise.

        `near` is the nearest valid name; or it is found among `names` for `word`.
        """
        found = place or self.node.place
        self.report.problems.append(
            Problem(
                path=self.path,
                expected=expected,
                got=describe(self.node) if got is None else got,
                nearest=near or (nearest(word, names) if word else None),
                file=self.report.file,
                line=found.line if found else None,
                column=found.column if found else None,
            )
        )
        return Unusable(self.path)

    @property
    def where(self) -> str | None:
        """The place for messages that come later: `file:line:column`, or the path."""
        if self.report.file is None or self.node.place is None:
            return self.path or None
        return f"{self.report.file}:{self.node.place.line}:{self.node.place.column}"
