"""The best combination is found as if all had been tried, without trying them all."""

from __future__ import annotations

from itertools import product
from time import process_time
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from motet.planner.combine import Combining
from motet.planner.objective import GOALS, Limits, Objective, rank
from motet.planner.plan import QUESTION, Alternative, Estimate, Node, Part

# Few values, so that ties are common.
SHARES = st.sampled_from([0.2, 0.5, 0.9, 0.9001, 1.0])
AMOUNTS = st.sampled_from([0.0, 0.001, 0.5, 0.5004, 1.0, 2.0])
MAYBE = st.none()


@st.composite
def estimates(draw: st.DrawFn) -> Estimate:
    seconds = draw(AMOUNTS)
    tokens, calls = draw(st.sampled_from([0, 100, 2000])), draw(st.integers(0, 3))
    return Estimate(
        draw(SHARES), seconds, seconds, seconds, draw(AMOUNTS), tokens, "prior", calls=calls
    )


@st.composite
def alternatives(draw: st.DrawFn, name: str) -> Alternative:
    found = draw(estimates())
    parts = [Part("p", "answer", "m", "c", "read", times=2, estimate=found)]
    return Alternative(name, "m", found, parts=parts if draw(st.booleans()) else ())


@st.composite
def problems(draw: st.DrawFn) -> dict[str, Any]:
    count = draw(st.integers(1, 4))
    nodes = []
    for position in range(count):
        before = [QUESTION, *(node.id for node in nodes)]
        inputs = draw(st.lists(st.sampled_from(before), max_size=3))
        nodes.append(Node(f"n{position}", "any", tuple(inputs)))
    options = [
        [draw(alternatives(f"c{i}")) for i in range(draw(st.integers(1, 4)))] for _ in range(count)
    ]
    objective = Objective(
        draw(MAYBE | SHARES),
        draw(MAYBE | AMOUNTS),
        draw(MAYBE | AMOUNTS),
        tuple(draw(st.permutations(GOALS))[: draw(st.integers(0, 3))]),
    )
    limits = Limits(
        draw(MAYBE | AMOUNTS),
        draw(MAYBE | st.sampled_from([0, 150, 4000])),
        draw(MAYBE | AMOUNTS),
        draw(MAYBE | st.integers(0, 6)),
    )
    return {"nodes": nodes, "options": options, "objective": objective, "limits": limits}


@given(problems())
@settings(max_examples=500)
def test_the_choice_is_that_of_trying_everything(problem: dict[str, Any]) -> None:
    nodes, options = problem["nodes"], problem["options"]
    objective, limits = problem["objective"], problem["limits"]
    combining = Combining(nodes)

    def key(choices: tuple[Alternative, ...]) -> tuple[float, ...]:
        return rank(combining.figures(choices), objective, limits)

    best = combining.best(options, objective, limits)
    assert key(best) == min(key(choices) for choices in product(*options))
    shuffled = [list(reversed(each)) for each in options]
    assert combining.best(shuffled, objective, limits) == best


def test_a_chain_of_eight_nodes_with_fifty_choices_each() -> None:
    nodes = [Node(f"n{i}", "any", (f"n{i - 1}" if i else QUESTION,)) for i in range(8)]
    options = [
        [
            Alternative(
                f"c{i}",
                "m",
                Estimate(0.9 + (i * 7 % 50) / 500, i % 7, 0, 9, (i * 3 % 11) / 100, 0, "prior"),
            )
            for i in range(50)
        ]
        for _ in nodes
    ]
    began = process_time()
    assert len(Combining(nodes).best(options, Objective(), Limits())) == 8
    assert process_time() - began < 10
