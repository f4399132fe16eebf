"""Patterns against a naive reading of openCypher, on both stores."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from graph_samples import add_graph
from hypothesis import given, settings
from hypothesis import strategies as st
from postgres_server import PostgresServer

from motet.knowledge.graph.graph import Graph
from motet.knowledge.store import Store

NAMES = "abcd"
Edge = tuple[str, str, str, bool]


@dataclass(frozen=True)
class Hop:
    """A relation of a generated pattern."""

    types: tuple[str, ...]
    direction: str
    steps: tuple[int, int] | None
    derived: bool | None

    def text(self) -> str:
        """Write it in Cypher."""
        types = ":" + "|".join(self.types) if self.types else ""
        star = f"*{self.steps[0]}..{self.steps[1]}" if self.steps else ""
        properties = "" if self.derived is None else f" {{derived: {str(self.derived).lower()}}}"
        inside = f"[{types}{star}{properties}]"
        return {"out": f"-{inside}->", "in": f"<-{inside}-", "both": f"-{inside}-"}[self.direction]


hops = st.builds(
    Hop,
    st.sampled_from([(), ("X",), ("X", "Y")]),
    st.sampled_from(["out", "in", "both"]),
    st.sampled_from([None, None, (0, 1), (1, 2), (2, 2)]),
    st.sampled_from([None, None, True, False]),
)
edges = st.lists(
    st.tuples(st.sampled_from(NAMES), st.sampled_from("XY"), st.sampled_from(NAMES), st.booleans()),
    max_size=7,
    unique_by=lambda edge: edge[:3],
)
ends = st.lists(st.sampled_from(["a", "b", "c"]), min_size=2, max_size=3)
chain = ends.flatmap(
    lambda names: st.tuples(
        st.just(names), st.lists(hops, min_size=len(names) - 1, max_size=len(names) - 1)
    )
)
LABELS = {"a": "odd", "b": "even", "c": "odd", "d": "even"}


def _walks(graph: list[Edge], start: str, hop: Hop) -> Iterator[tuple[str, tuple[int, ...]]]:
    low, high = hop.steps or (1, 1)
    waiting: list[tuple[str, tuple[int, ...]]] = [(start, ())]
    while waiting:
        here, used = waiting.pop()
        if len(used) >= low:
            yield here, used
        if len(used) == high:
            continue
        for number, (left, kind, right, derived) in enumerate(graph):
            fits = not hop.types or kind in hop.types
            fits = fits and (hop.derived is None or hop.derived == derived)
            if number in used or not fits:
                continue
            if hop.direction != "in" and left == here:
                waiting.append((right, (*used, number)))
            if (
                hop.direction != "out"
                and right == here
                and not (hop.direction == "both" and left == right)
            ):
                waiting.append((left, (*used, number)))


def _naive(
    graph: list[Edge], chains: list[tuple[list[str], list[Hop]]], bound: dict[str, str]
) -> Iterator[dict[str, str]]:
    steps = [
        (left, hop, right)
        for names, several in chains
        for left, hop, right in zip(names, several, names[1:], strict=False)
    ]

    def follow(
        place: int, bound: dict[str, str], used: tuple[int, ...]
    ) -> Iterator[dict[str, str]]:
        if place == len(steps):
            yield bound
            return
        left, hop, right = steps[place]
        for start in [bound[left]] if left in bound else list(NAMES):
            for end, walked in _walks(graph, start, hop):
                here = {**bound, left: start}
                if set(walked) & set(used) or here.get(right, end) != end:
                    continue
                yield from follow(place + 1, {**here, right: end}, (*used, *walked))

    return follow(0, bound, ())


def _text(chains: list[tuple[list[str], list[Hop]]], label: str | None) -> str:
    found = []
    for names, several in chains:
        text = f"({names[0]})"
        for name, hop in zip(names[1:], several, strict=True):
            text += f"{hop.text()}({name})"
        found.append(text)
    if label is not None:
        found[0] = found[0].replace("(a)", f"(a:{label})", 1)
    return ", ".join(found)


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def store(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Store]:
    """An empty store of each kind."""
    place: Path | str = tmp_path_factory.mktemp("graph") / "store.db"
    if request.param == "postgres":
        server: PostgresServer = request.getfixturevalue("pgvector")
        place = server.database()
    found = Store(place, "0")
    yield found
    found.close()


_scopes = itertools.count()


@settings(max_examples=20)
@given(edges, st.lists(chain, min_size=1, max_size=2), st.sampled_from([None, "Odd"]))
def test_patterns_match_as_often_as_enumerating_says(
    store: Store,
    graph: list[Edge],
    chains: list[tuple[list[str], list[Hop]]],
    label: str | None,
) -> None:
    store.scope = f"patterns{next(_scopes)}"
    add_graph(store, [(LABELS[name], name) for name in NAMES], graph)
    names = sorted({name for each, _ in chains for name in each})
    labelled = label is not None and chains[0][0][0] == "a"
    expected = Counter(
        tuple(found[name] for name in names)
        for found in _naive(graph, chains, {})
        if not labelled or LABELS[found["a"]] == "odd"
    )
    listed = ", ".join(f"{name}.name" for name in names)
    text = _text(chains, label if labelled else None)
    ask = Graph(store).cypher
    assert Counter(ask(f"MATCH {text} RETURN {listed}").rows) == expected
    grouped = ask(f"MATCH {text} RETURN {names[0]}.name, count(*)").rows
    totals: Counter[str] = Counter()
    for key, times in expected.items():
        totals[key[0]] += times
    assert dict(grouped) == dict(totals)


@settings(max_examples=12)
@given(edges, chain, chain)
def test_optional_patterns_and_existence_follow_each_row(
    store: Store,
    graph: list[Edge],
    first: tuple[list[str], list[Hop]],
    second: tuple[list[str], list[Hop]],
) -> None:
    store.scope = f"optional{next(_scopes)}"
    add_graph(store, [(LABELS[name], name) for name in NAMES], graph)
    one, more = _text([first], None), _text([second], None)
    names = sorted({*first[0], *second[0]})
    expected: Counter[tuple[str | None, ...]] = Counter()
    there = 0
    for row in _naive(graph, [first], {}):
        found = list(_naive(graph, [second], row))
        there += bool(found)
        for each in found or [row]:
            expected[tuple(each.get(name) for name in names)] += 1
    listed = ", ".join(f"{name}.name" for name in names)
    ask = Graph(store).cypher
    rows = ask(f"MATCH {one} OPTIONAL MATCH {more} RETURN {listed}").rows
    assert Counter(rows) == expected
    inside = f"MATCH {one} WHERE EXISTS {{ {more} }} RETURN count(*)"
    assert ask(inside).rows == ((there,),)
