"""Operators: what a function becomes, what its options promise, how it is known again."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable
from typing import Any

import pytest

import motet
from motet.planner.operator import EFFECTS, Options, as_operator


@motet.operator(effect="read", retries=2, timeout=1.5, name="look")
async def fetch(x: int, *, y: str = "a") -> str:
    """Fetch something."""
    return f"{x}{y}"


@motet.operator
def plain(x: int) -> int:
    return x + 1


@motet.workflow
def steps(x: int) -> int:
    return plain(x)


class Callable1:
    """An object that can be called."""

    def __call__(self, x: int) -> int:
        return x


class Callable2:
    """An object that can be called and awaited."""

    async def __call__(self, x: int) -> int:
        return x


def test_outside_of_a_run_it_is_the_function() -> None:
    assert plain(1) == 2
    assert steps(4) == 5
    assert asyncio.run(fetch(1, y="b")) == "1b"
    assert (fetch.__name__, fetch.__doc__) == ("fetch", "Fetch something.")


def test_what_it_knows_of_itself() -> None:
    assert (fetch.name, fetch.effect, fetch.is_async, fetch.composes) == (
        "look", "read", True, False,
    )  # fmt: skip
    assert (plain.name, plain.effect, plain.is_async) == ("plain", "idempotent", False)
    assert (steps.effect, steps.composes) == ("pure", True)
    assert fetch.settings == Options(retries=2, timeout=1.5)
    assert (plain.returns, fetch.returns) == (int, str)
    assert repr(fetch) == "<operator look, read>"


def test_options_change_a_copy() -> None:
    other = fetch.options(retries=5, id="mine")
    assert (other.settings.retries, other.settings.timeout, other.settings.id) == (5, 1.5, "mine")
    assert fetch.settings.retries == 2
    assert (other.name, other.function) == ("look", fetch.function)
    assert other.identity == fetch.identity


@pytest.mark.parametrize(
    ("function", "name", "is_async"),
    [
        (lambda x: x, "lambda", False),
        (len, "len", False),
        (int, "int", False),
        (Callable1(), "Callable1", False),
        (Callable2(), "Callable2", True),
        (functools.partial(pow, 2), "pow", False),
        (functools.partial(fetch.function, 1), "fetch", True),
        (functools.partial(functools.partial(pow), 2), "pow", False),
        ("x".join, "join", False),
    ],
)
def test_whatever_can_be_called_is_an_operator(
    function: Callable[..., Any], name: str, is_async: bool
) -> None:
    found = as_operator(function)
    assert (found.name, found.is_async, found.effect) == (name, is_async, "idempotent")
    assert as_operator(found) is found
    json = found.to_json()
    assert set(json) >= {"name", "effect", "module", "qualname", "file", "source"}
    assert found.positional[0] <= found.positional[1] or found.signature is not None


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"effect": "sometimes"}, "no such effect: 'sometimes' .one of pure, read"),
        ({"effect": "once", "retries": 1}, "what happens once is never retried"),
        ({"effect": "once", "hedge": 1.0}, "would repeat the effect 'once'"),
        ({"effect": "idempotent", "hedge": 1.0}, "`hedge` is for pure and read"),
        ({"timeout": -1.0}, "`timeout` is a number of seconds, got -1.0"),
        ({"timeout": float("nan")}, "`timeout` is a number of seconds"),
        ({"timeout": "1"}, "`timeout` is a number of seconds, got '1'"),
        ({"seconds": float("inf")}, "`seconds` is a number of seconds"),
        ({"effect": "read", "hedge": -0.1}, "`hedge` is a number of seconds"),
        ({"retries": -1}, "never below zero"),
        ({"retries": 1.5}, "never below zero"),
        ({"tokens": -1}, "never below zero"),
        ({"cost": -0.1}, "never below zero"),
        ({"cost": float("nan")}, "never below zero"),
        ({"cost": "1"}, "never below zero"),
        ({"concurrency": 0}, "`concurrency` is at least 1"),
        ({"concurrency": "2"}, "`concurrency` is at least 1"),
        ({"retry": 1}, "no such option: retry .there are: concurrency, cost, hedge"),
    ],
    ids=str,
)
def test_options_that_mean_nothing_are_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(motet.PlanError, match=message):
        motet.operator(**options)(plain.function)


@pytest.mark.parametrize("effect", EFFECTS)
def test_every_effect_is_taken(effect: Any) -> None:
    assert motet.operator(effect=effect)(plain.function).effect == effect


def test_only_what_can_be_called_is_an_operator() -> None:
    with pytest.raises(motet.PlanError, match="expected a function, got str"):
        motet.operator("x")  # type: ignore[call-overload]


def changed(x: int) -> int:
    return x + 1


def test_an_operator_is_known_by_its_source() -> None:
    before = as_operator(changed).identity
    assert before.qualname == "changed"
    assert before.file == __file__
    assert before == as_operator(changed).identity
    assert before.source != plain.identity.source
    one, other = as_operator(lambda x: x + 1), as_operator(lambda x: x + 2)
    assert one.identity.source != other.identity.source


def test_annotations_that_cannot_be_resolved_are_left_out() -> None:
    def odd(x: Nowhere, y: int) -> Nowhere:  # type: ignore[name-defined]  # noqa: F821
        return x

    found = as_operator(odd)
    assert found.returns is Any or not isinstance(found.returns, type)
    plan = motet.Plan()
    plan.add(odd, 1, 2)
    assert motet.run(plan, durability="none").value == 1
