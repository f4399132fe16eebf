"""From discovered keys and references to the plan of a graph.

A table is a table of things where its rows have a key people would use; it only relates things
where its rows are pairs of references with little of their own (`PlaylistTrack`, lines of a
bill of materials). What follows from a reference in such a table is said of the thing referred
to, not of the row: a part's material stands in each line that uses it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from motet.knowledge.entities import headers
from motet.knowledge.structure.plan import Edge, Plan, Property, TablePlan, Thing
from motet.knowledge.structure.profiles import Column, Profile
from motet.knowledge.structure.references import Discovered, Found
from motet.knowledge.structure.types import comparable
from motet.knowledge.structure.wording import NAMING, PARTIAL, TITLES, core, likeness, means, words

OWN_COLUMNS = 3
"""Columns of its own up to which a table of references is one of relations."""
_REPEATED = 0.9
_GROUPS = 2


def planned(found: Discovered) -> Plan:
    """Return the plan of the graph; the same for the same tables in whatever order."""
    context = _Context(found)
    plans = [_Planner(profile, context).plan() for profile in found.profiles]
    return Plan(tuple(plan for plan in plans if plan is not None and plan.things))


class _Context:
    """What all tables share: the label of each, and who refers to whom."""

    def __init__(self, found: Discovered) -> None:
        self.keys = found.keys
        self.labels = {each.name: _label(each, found) for each in found.profiles}
        self.references: Mapping[str, list[Found]] = defaultdict(list)
        for reference in found.references:
            self.references[reference.table].append(reference)
        self.targets = {reference.target for reference in found.references}


@dataclass(slots=True)
class _Draft:
    label: str
    key: tuple[str, ...]
    own: bool
    reference: Found | None = None


class _Planner:
    def __init__(self, profile: Profile, context: _Context) -> None:
        self._profile = profile
        self._context = context
        self._key = context.keys.get(profile.name)
        self._references = _outgoing(profile, context)
        self._embedded = self._find_embedded()
        self._drafts = [*self._referred(), *self._embedded]

    def plan(self) -> TablePlan | None:
        """Return the table's part; None where its rows name nothing."""
        determined = self._determined()
        if self._relates(determined):
            return self._relating(determined)
        if self._key is None:
            return self._scattered(determined)
        return self._entities(self._key.columns, determined)

    def _referred(self) -> list[_Draft]:
        return [
            _Draft(self._context.labels[each.target], each.columns, False, each)
            for each in self._references
        ]

    def _find_embedded(self) -> list[_Draft]:
        """Return codes that repeat: things that have no table of their own here."""
        taken = {name for each in self._references for name in each.columns}
        own = set(self._key.columns) if self._key and len(self._key.columns) == 1 else set()
        found = []
        for column in self._profile.columns:
            repeats = 1 < column.distinct <= column.held * _REPEATED
            if column.name in taken | own or not repeats:
                continue
            draft = _Draft(_noun(column), (column.name,), True)
            if column.coded or (column.identifies and self._describes(draft, column)):
                found.append(draft)
        return found

    def _describes(self, draft: _Draft, column: Column) -> bool:
        """Whether another column of the same words follows from it: `part_id`, `part_name`."""
        return any(
            set(core(other.words)) & set(core(column.words)) and self._follows(draft, other)
            for other in self._profile.columns
            if other is not column
        )

    def _determined(self) -> dict[str, int]:
        """Return which draft each remaining column follows from, by its place.

        Where several decide a column, it is said of what nothing else decides, and of these
        of the one with the fewest values: a part's material, not that of its supplier.
        """
        order = sorted(
            range(len(self._drafts)), key=lambda at: self._distinct(self._drafts[at].key)
        )
        keyed = {name for draft in self._drafts for name in draft.key}
        own = set(self._key.columns) if self._key else set()
        keys = [self._profile.column(name) for name in sorted(keyed)]
        result = self._following(keys, order, larger=True)
        roots = [at for at in order if not set(self._drafts[at].key) & set(result)]
        rest = [c for c in self._profile.columns if c.name not in keyed | own]
        nested = [at for at in order if at not in roots]
        return result | self._following(rest, [*roots, *nested], larger=False)

    def _following(
        self, columns: Sequence[Column], order: Sequence[int], *, larger: bool
    ) -> dict[str, int]:
        """Return the first draft each column follows from; `larger`: of those with more values."""
        result: dict[str, int] = {}
        for column in columns:
            for at in order:
                draft = self._drafts[at]
                enough = not larger or self._distinct(draft.key) > column.distinct
                if enough and column.name not in draft.key and self._follows(draft, column):
                    result[column.name] = at
                    break
        return result

    def _distinct(self, key: Sequence[str]) -> int:
        return max(self._profile.column(name).distinct for name in key)

    def _follows(self, draft: _Draft, column: Column) -> bool:
        """Whether a key decides a column's value in all rows, and some keys recur."""
        if column.distinct < 2:
            return False
        columns = [self._profile.column(name) for name in draft.key]
        if max(each.distinct for each in columns) >= self._profile.rows * _REPEATED:
            return False
        seen: dict[tuple[str | None, ...], str | None] = {}
        recurring = set()
        places = [each.position for each in columns]
        for row in self._profile.table.rows:
            identity = tuple(
                comparable(row[at], each.type) for at, each in zip(places, columns, strict=True)
            )
            value = comparable(row[column.position], column.type)
            if identity in seen:
                recurring.add(identity)
                if seen[identity] != value:
                    return False
            seen[identity] = value
        return len(recurring) >= _GROUPS

    def _relates(self, determined: Mapping[str, int]) -> bool:
        """Whether rows only relate things: two references or more, hardly anything else."""
        independent = [draft for draft in self._drafts if not set(draft.key) & set(determined)]
        if len(independent) < 2 or self._profile.name in self._context.targets:
            return False
        key = set(self._key.columns) if self._key else set()
        keyed = {name for draft in self._drafts for name in draft.key}
        if self._key and not key <= keyed and not self._surrogate():
            return False
        rest = [
            column
            for column in self._profile.columns
            if column.name not in keyed | key and column.name not in determined
        ]
        named = any(set(column.words) & TITLES for column in rest)
        return len(rest) <= OWN_COLUMNS and not named

    def _surrogate(self) -> bool:
        """Whether the key is a number that nobody knows a row by, or takes part in references."""
        if self._key is None:
            return False
        columns = [self._profile.column(name) for name in self._key.columns]
        return len(columns) > 1 or columns[0].type.kind == "integer"

    def _relating(self, determined: Mapping[str, int]) -> TablePlan:
        things = self._things(determined)
        edges = []
        roots = [
            at for at, draft in enumerate(self._drafts) if not set(draft.key) & set(determined)
        ]
        first, *others = sorted(roots, key=self._rank)
        for other in others:
            edges.append(Edge(first, _role(self._drafts[other]), other))
        edges += self._nested(determined)
        return TablePlan(self._profile.name, things, tuple(edges))

    def _rank(self, at: int) -> tuple[bool, int]:
        """Order a pair's sides: what the table is a list of comes last, then by column."""
        draft = self._drafts[at]
        words = tuple(draft.label.split())
        listed = words == self._profile.words or words == self._profile.words[-len(words) :]
        return listed, self._profile.column(draft.key[0]).position

    def _nested(self, determined: Mapping[str, int]) -> list[Edge]:
        """Return the relations that follow from a thing: a part's supplier, line by line."""
        edges = []
        for at, draft in enumerate(self._drafts):
            owners = {determined[name] for name in draft.key if name in determined}
            if len(owners) == 1 and set(draft.key) <= set(determined):
                [owner] = owners
                edges.append(Edge(owner, _role(self._drafts[at]), at))
        return edges

    def _things(self, determined: Mapping[str, int]) -> tuple[Thing, ...]:
        keyed = {name for draft in self._drafts for name in draft.key}
        said: dict[int, list[Column]] = defaultdict(list)
        for name, at in determined.items():
            if name not in keyed:
                said[at].append(self._profile.column(name))
        return tuple(_thing(draft, said[at]) for at, draft in enumerate(self._drafts))

    def _scattered(self, determined: Mapping[str, int]) -> TablePlan | None:
        """Plan a table whose rows have no key: only what follows from references is kept."""
        if not self._embedded:
            return None
        return TablePlan(
            self._profile.name, self._things(determined), tuple(self._nested(determined))
        )

    def _entities(self, key: tuple[str, ...], determined: Mapping[str, int]) -> TablePlan:
        keyed = {name for draft in self._drafts for name in draft.key}
        aside = {
            name: self._drafts[at]
            for name, at in determined.items()
            if self._drafts[at].own and name not in keyed
        }
        rest = [c for c in self._profile.columns if c.name not in {*keyed, *key, *aside}]
        named = [column for column in rest if _kind(column) is not None]
        rest = [column for column in rest if column not in named]
        # Where the key refers to another table, rows add to the things there.
        extended = next((draft for draft in self._drafts if draft.key == key), None)
        label = extended.label if extended else self._context.labels[self._profile.name]
        things = [_thing(_Draft(label, key, True), rest)]
        edges = []
        for draft in self._drafts:
            if draft is extended:
                continue
            said = [c for c in self._profile.columns if aside.get(c.name) is draft]
            things.append(_thing(draft, said))
            edges.append(Edge(0, _role(draft), len(things) - 1))
        for column in named:
            edges.append(Edge(0, headers.relation(column.name), len(things)))
            things.append(Thing(_kind(column) or "", (column.name,), None, False, ()))
        return TablePlan(self._profile.name, tuple(things), tuple(edges))


def _outgoing(profile: Profile, context: _Context) -> list[Found]:
    """Return a table's references to things, without those that larger ones say already."""
    found = [each for each in context.references[profile.name] if each.target in context.keys]
    # A target is known by its own key; by another of its columns its rows are not named.
    return [each for each in found if context.keys[each.target].columns == each.to]


def _thing(draft: _Draft, columns: Sequence[Column]) -> Thing:
    name = _name(draft, columns)
    properties = tuple(
        Property(column.name, " ".join(headers.words_of(column.name)))
        for column in columns
        if column is not name and column.counts
    )
    return Thing(draft.label, draft.key, name.name if name else None, draft.own, properties)


def _name(draft: _Draft, columns: Sequence[Column]) -> Column | None:
    """Return the column that people call a thing by: `name`, `part_name`, a title."""
    label = tuple(draft.label.split())
    texts = [each for each in columns if each.type.kind == "text" and each.counts]
    whole = not any(set(each.words) & PARTIAL for each in texts)
    for column in texts:
        rest = tuple(word for word in column.words if word not in TITLES)
        titled = len(rest) < len(column.words) and (whole or "name" in column.words)
        if titled and (not rest or means(rest, label)):
            return column
    same = (each for each in texts if not each.identifies and each.words and core(each.words))
    return next((each for each in same if means(each.words, label)), None)


def _label(profile: Profile, found: Discovered) -> str:
    """Return what a table's rows are: by its key where that says so, else by its name."""
    key = found.keys.get(profile.name)
    table = " ".join(profile.words) or "row"
    if key is None or len(key.columns) != 1:
        return table
    column = profile.column(key.columns[0])
    said = core(column.words)
    own = any(likeness(word, other) >= 0.75 for word in said for other in profile.words)
    if not said or own or not column.identifies or set(said) & NAMING:
        return table
    refers = any(
        each.table == profile.name and each.columns == key.columns for each in found.references
    )
    return table if refers else " ".join(said)


def _kind(column: Column) -> str | None:
    """Return the label of the people, places or companies that a column names by their names."""
    if column.type.kind != "text" or column.coded or column.identifies or not column.counts:
        return None
    if set(column.words) & {*TITLES, *PARTIAL, "address"}:
        return None
    return headers.kind(column.name)


def _noun(column: Column) -> str:
    return " ".join(core(column.words) or column.words)


def _role(draft: _Draft) -> str:
    """Return a relation's type: what the referring column says, else the target's label."""
    if len(draft.key) > 1 or means(words(draft.key[0]), draft.label.split()):
        return draft.label
    return headers.relation(draft.key[0])
