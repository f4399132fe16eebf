"""Plans written in Python: what may stand in them, and what is refused before anything runs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

import motet
from motet.planner.written import check, references, resolved


@motet.operator(effect="pure")
def number(x: int) -> int:
    return x


@motet.operator(effect="pure")
def text(x: str) -> str:
    return x


@motet.operator(effect="pure")
def anything(*args: Any, **kwargs: Any) -> Any:
    return args, kwargs


@motet.operator(effect="once")
def act(x: object) -> None:
    """Do something."""


@dataclass(frozen=True)
class Box:
    content: object
    derived: object = field(init=False, default=None)


class Pair(NamedTuple):
    left: object
    right: object


def test_adding_runs_nothing_and_gives_stable_ids() -> None:
    def build() -> list[str]:
        plan = motet.Plan()
        refs = [plan.add(number, 1), plan.add(number, 2), plan.add(text.options(id="mine"), "x")]
        refs += [plan.add(number, 3), plan.add(lambda: 1), plan.add(max, [1]), plan.add(lambda: 1)]
        return [each.node for each in refs]

    assert build() == ["number", "number.2", "mine", "number.3", "lambda", "max", "lambda.2"]
    assert build() == build()


def test_ids_never_meet() -> None:
    plan = motet.Plan()
    plan.add(number.options(id="number.2"), 1)
    assert [plan.add(number, 1).node for _ in range(3)] == ["number", "number.3", "number.4"]


@pytest.mark.parametrize("name", ["", "a/b", "number", "/", 5, "\ud800"])
def test_odd_ids_are_refused(name: Any) -> None:
    plan = motet.Plan()
    plan.add(number, 1)
    with pytest.raises(motet.PlanError):
        plan.add(number.options(id=name), 1)


@pytest.mark.parametrize(
    ("args", "kwargs", "message"),
    [
        ((), {}, "number: missing a required argument: 'x'"),
        ((1, 2), {}, "number: too many positional arguments"),
        ((1,), {"x": 2}, "multiple values for argument 'x'"),
        ((1,), {"y": 2}, "unexpected keyword argument 'y'"),
    ],
)
def test_arguments_must_fit_the_parameters(args: Any, kwargs: Any, message: str) -> None:
    with pytest.raises(motet.PlanError, match=message):
        motet.Plan().add(number, *args, **kwargs)


def test_only_functions_are_operators() -> None:
    with pytest.raises(motet.PlanError, match="expected a function, got int"):
        motet.Plan().add(5)


def test_cycles_are_shown() -> None:
    plan = motet.Plan()
    plan.add(number.options(id="a"), plan.ref("c"))
    plan.add(number.options(id="b"), plan.ref("a"))
    plan.add(number.options(id="c"), plan.ref("b"))
    with pytest.raises(motet.PlanError, match=r"a cycle: (a -> b -> c|b -> c -> a|c -> a -> b)"):
        check(plan, None)
    alone = motet.Plan()
    alone.add(number.options(id="me"), alone.ref("me"))
    with pytest.raises(motet.PlanError, match="me: a cycle: me -> me"):
        motet.run(alone)


def test_later_nodes_may_be_referred_to(tmp_path: Path) -> None:
    plan = motet.Plan()
    plan.add(number, plan.ref("later"))
    plan.add(number.options(id="later"), 7)
    assert motet.run(plan, want=plan.ref("number"), home=tmp_path).value == 7


def test_missing_nodes_are_named() -> None:
    plan = motet.Plan()
    plan.add(number, plan.ref("nowhere"))
    with pytest.raises(motet.PlanError, match="number: there is no node 'nowhere'"):
        check(plan, None)
    with pytest.raises(motet.PlanError, match="want: there is no node 'else'"):
        check(plan, plan.ref("else"))


def test_nodes_of_another_plan_are_refused() -> None:
    other = motet.Plan().add(number, 1)
    plan = motet.Plan()
    with pytest.raises(motet.PlanError, match="number: 'number' is a node of another plan"):
        plan.add(number, other)
    with pytest.raises(motet.PlanError, match="another plan"):
        plan.add(anything, [{"deep": Box(Pair(1, other))}])
    with pytest.raises(motet.PlanError, match="want: 'number' is a node of another plan"):
        check(plan, {"x": other})


def spiral() -> list[object]:
    found: list[object] = []
    found.append(found)
    return found


def nested(depth: int) -> object:
    found: object = 1
    for _ in range(depth):
        found = [found]
    return found


@pytest.mark.parametrize("make", [spiral, lambda: nested(100_000)])
def test_values_without_an_end_are_refused(make: Callable[[], object], tmp_path: Path) -> None:
    plan = motet.Plan()
    for call in (
        lambda: plan.add(anything, make()),
        lambda: plan.add(anything, x=make()),
        lambda: check(plan, make()),
        lambda: motet.run(plan, want=make(), home=tmp_path),
    ):
        with pytest.raises(motet.PlanError, match="nested too deeply or in itself"):
            call()


@pytest.mark.parametrize("depth", [100, 300, 400, 700, 900])
def test_deep_values_run_or_are_refused(depth: int, tmp_path: Path) -> None:
    try:
        plan = motet.Plan()
        plan.add(anything, nested(depth))
        run = motet.run(plan, id="x", home=tmp_path)
    except motet.PlanError as error:
        assert "nested too deeply" in str(error)
        return
    assert run.status == "done" or "nested too deeply" in str(run.error)
    if run.status == "done":
        assert motet.run(plan, id="x", home=tmp_path).value == run.value


@pytest.mark.parametrize("key", [slice(1, 2), None, 1.5, (1,), True])
def test_references_lead_by_names_and_numbers(key: Any) -> None:
    plan = motet.Plan()
    with pytest.raises(motet.PlanError, match="'anything' is led into by names and numbers"):
        plan.add(anything)[key]


def test_references_are_not_values_yet() -> None:
    ref = motet.Plan().add(anything)
    with pytest.raises(motet.PlanError, match="nobody knows how many"):
        list(ref)
    with pytest.raises(motet.PlanError, match="no value yet to decide by"):
        bool(ref)


def test_references_are_no_keys() -> None:
    plan = motet.Plan()
    ref = plan.add(anything)
    for value in ({ref: 1}, {ref}, [frozenset([ref])]):
        with pytest.raises(motet.PlanError, match="no key and in no set"):
            plan.add(anything, value)


class Odd:
    pass


@pytest.mark.parametrize("value", [Odd(), [Odd()], {"a": (Odd(),)}, open, [10**5000]], ids=type)
def test_arguments_that_cannot_be_kept_are_named(value: object, tmp_path: Path) -> None:
    plan = motet.Plan()
    plan.add(anything, 1, value)
    with pytest.raises(motet.PlanError, match="an argument cannot be recorded"):
        motet.run(plan, home=tmp_path)
    assert motet.run(plan, durability="none").status == "done"


def test_what_is_wanted_must_be_kept_too(tmp_path: Path) -> None:
    with pytest.raises(motet.PlanError, match="what is wanted cannot be recorded"):
        motet.run(motet.Plan(), want=[Odd()], home=tmp_path)


def test_effects_that_nobody_waits_for_are_refused() -> None:
    plan = motet.Plan()
    wanted, _ = plan.add(number, 1), plan.add(act, 2)
    with pytest.raises(motet.PlanError, match="act: it has an effect, but nothing that is wanted"):
        check(plan, wanted)
    assert [each.id for each in check(plan, None)] == ["number", "act"]


# Types


def floats(x: float, *rest: str, y: list[int] | None = None) -> list[float]:
    return [x]


def literal(x: Literal["a", "b"]) -> Annotated[int, "hours"]:
    return 1


def sequence(x: Sequence[float]) -> tuple[int, str]:
    return (1, "x")


@pytest.mark.parametrize(
    ("operator", "args", "message"),
    [
        (number, ("x",), "`x` expects int, got str"),
        (number, (1.0,), "`x` expects int, got float"),
        (number, (True,), "`x` expects int, got bool"),
        (number, (None,), "`x` expects int, got NoneType"),
        (text, (b"x",), "`x` expects str, got bytes"),
        (floats, ("1",), "`x` expects float, got str"),
        (literal, (5,), "`x` expects Literal"),
        (sequence, (5,), "`x` expects collections.abc.Sequence"),
    ],
)
def test_values_of_wrong_types_are_refused(operator: Any, args: Any, message: str) -> None:
    plan = motet.Plan()
    plan.add(operator, *args)
    with pytest.raises(motet.PlanError, match=message):
        check(plan, None)


@pytest.mark.parametrize(
    ("operator", "args"),
    [
        (floats, (1,)), (floats, (1.5, "a", "b")), (literal, ("a",)), (sequence, ([1],)),
        (sequence, ((1, 2.0),)), (anything, (Odd,)),
    ],
)  # fmt: skip
def test_values_of_right_types_are_taken(operator: Any, args: Any) -> None:
    plan = motet.Plan()
    plan.add(operator, *args)
    assert len(check(plan, None)) == 1


def test_types_are_compared_along_every_edge() -> None:
    plan = motet.Plan()
    plan.add(text, plan.add(number, 1))
    with pytest.raises(motet.PlanError, match="text: `x` expects str, 'number' gives int"):
        check(plan, None)
    plan = motet.Plan()
    plan.add(floats, plan.add(number, 1))  # an int is a float
    plan.add(floats, 1.0, y=plan.add(sequence, [1]))
    with pytest.raises(motet.PlanError, match=r"floats.2: `y` expects list\[int\] | None"):
        check(plan, None)
    plan = motet.Plan()
    plan.add(text, plan.add(anything))
    plan.add(number, plan.add(sequence, [1])[0])
    assert len(check(plan, None)) == 4


# Going through values

REFS = st.builds(lambda plan, name: plan.ref(name), st.just(motet.Plan()), st.sampled_from("abc"))
VALUES = st.recursive(
    st.integers() | st.text(max_size=3) | REFS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.tuples(inner, inner)
        | st.dictionaries(st.text(max_size=3), inner, max_size=3)
        | st.builds(Box, inner)
        | st.builds(Pair, inner, inner)
    ),
    max_leaves=10,
)


def simple(value: Any) -> Any:
    """Resolve references the slow and plain way."""
    if isinstance(value, motet.Ref):
        return f"<{value.node}>"
    if isinstance(value, Pair):
        return Pair(simple(value.left), simple(value.right))
    if isinstance(value, Box):
        return Box(simple(value.content))
    if isinstance(value, dict):
        return {key: simple(each) for key, each in value.items()}
    return type(value)(map(simple, value)) if isinstance(value, (list, tuple)) else value


@given(VALUES)
def test_references_are_found_and_replaced_anywhere(value: object) -> None:
    found = resolved(value, lambda ref: f"<{ref.node}>")
    assert found == simple(value)
    assert references(found) == []
    assert sorted(set(references(value))) == [
        each for each in "abc" if f"<{each}>" in repr(found) and each in references(value)
    ]


def test_large_plans_are_checked_in_good_time() -> None:
    plan = motet.Plan()
    ref: object = 0
    for _ in range(20_000):
        ref = plan.add(number, ref)
    assert len(check(plan, ref)) == 20_000


def test_the_running_plan_is_found_by_its_operators(tmp_path: Path) -> None:
    @motet.operator
    async def grows(x: int) -> Any:
        return motet.Plan.running().add(number, await asyncio.to_thread(same, x))

    def same(x: int) -> int:
        assert motet.Plan.running().name == "growing"
        return x

    plan = motet.Plan("growing")
    plan.add(grows, 3)
    assert motet.run(plan, home=tmp_path).value == 3
    with pytest.raises(motet.PlanError, match="no plan is running here"):
        motet.Plan.running()
