"""Types along edges: what may stand where another is expected."""

from __future__ import annotations

from collections.abc import Awaitable, Iterable, Mapping, Sequence
from typing import Annotated, Any, Generic, Literal, NewType, Optional, Protocol, TypedDict, TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from motet.planner.typing import assignable, fits, shown

T = TypeVar("T")
Name = NewType("Name", str)


class Base:
    def __repr__(self) -> str:
        return type(self).__name__


class Derived(Base):
    pass


class Speaks(Protocol):
    def speak(self) -> str: ...


class Table(TypedDict):
    rows: list[int]


class Holder(Generic[T]):
    pass


OLD = Optional[int]  # noqa: UP045
FIT: list[tuple[Any, Any, bool]] = [
    (int, int, True), (int, str, False), (int, float, True), (float, int, False),
    (bool, int, False), (bool, float, False), (bool, bool, True), (int, complex, True),
    (Derived, Base, True), (Base, Derived, False), (Any, int, True), (int, Any, True),
    (int, object, True), (object, int, True), (None, None, True), (None, int, False),
    (int, int | None, True), (None, int | None, True), (int | None, int, False),
    (int | str, str | int | None, True), (int | bytes, str | int, False),
    (OLD, int | None, True), (str, OLD, False),
    (list[int], list[int], True), (list[int], list[str], False), (list[int], list, True),
    (list, list[str], True), (list[int], Sequence[int], True), (list[int], Sequence[str], False),
    (list[bool], list[float], False), (list[int], list[float], True),
    (tuple[int, int], Sequence[int], True), (tuple[int, str], Sequence[int], False),
    (tuple[int, ...], tuple[int, ...], True), (tuple[int, int], tuple[int, ...], True),
    (tuple[int, str], tuple[int, str], True), (tuple[int, str], tuple[str, int], False),
    (tuple[int], tuple[int, int], False), (list[int], tuple[int, ...], False),
    (dict[str, int], Mapping[str, int], True), (dict[str, int], Mapping[str, str], False),
    (dict[str, int], Iterable[str], True), (str, Sequence[str], True),
    (Literal["a"], str, True), (Literal["a"], int, False), (str, Literal["a"], False),
    (Literal["a"], Literal["a", "b"], True), (Literal["a", "c"], Literal["a", "b"], False),
    (Annotated[int, "x"], int, True), (Annotated[int, "x"], str, False),
    (Name, str, True), (Name, int, False), (T, int, True), (int, T, True),
    (Base, Speaks, True), (Table, dict[str, Any], True), (dict, Table, True),
    (Table, Mapping[str, Any], True), (Awaitable[int], int, True),
    (Holder[int], Holder[int], True), (Holder[int], Holder[str], False),
    ("Later", int, True), (int, "Later", True), (type(None), None, True),
]  # fmt: skip


@pytest.mark.parametrize(("got", "wanted", "expected"), FIT, ids=str)
def test_what_may_stand_where(got: Any, wanted: Any, expected: bool) -> None:
    assert assignable(got, wanted) is expected


VALUES: list[tuple[object, Any, bool]] = [
    (1, int, True), (1, float, True), (1.0, int, False), (True, int, False), (True, bool, True),
    (True, float, False), ("x", str, True), ("x", int | str, True), (None, int | None, True),
    (None, int, False), ([1], list[str], True), ([1], Sequence[int], True), ({}, Table, True),
    ("a", Literal["a"], True), (1, Literal["a"], False), (Derived(), Base, True), (1, T, True),
    (Base(), Derived, False), (Base(), Speaks, True), (1, Any, True), (1, object, True),
    (1, Annotated[int, "x"], True), ("n", Name, True), (1, Name, False), (int, type[int], True),
    (len, "Later", True), ((1,), tuple[int, str], True), ([1], tuple[int], False),
    (1, [1, 2], True), (1, {"a": 1}, True),
]  # fmt: skip


@pytest.mark.parametrize(("value", "wanted", "expected"), VALUES, ids=str)
def test_what_is_of_a_type(value: object, wanted: Any, expected: bool) -> None:
    assert fits(value, wanted) is expected


KINDS = st.recursive(
    st.sampled_from([int, str, float, bool, bytes, None, Base, Derived, Any, object]),
    lambda inner: st.one_of(
        inner.map(lambda each: list[each]),  # type: ignore[valid-type]
        inner.map(lambda each: Sequence[each]),  # type: ignore[valid-type]
        st.tuples(inner, inner).map(lambda each: each[0] | None if each[0] is not None else OLD),
        st.tuples(inner, inner).map(lambda each: tuple[each]),  # type: ignore[valid-type]
        st.tuples(inner).map(lambda each: dict[(str, *each)]),  # type: ignore[misc]
    ),
    max_leaves=5,
)


@given(KINDS)
def test_a_type_stands_for_itself_and_in_a_union(kind: Any) -> None:
    assert assignable(kind, kind)
    assert kind is None or assignable(kind, kind | None)
    assert assignable(kind, object)
    assert isinstance(shown(kind), str)


@given(KINDS, KINDS, st.sampled_from([1, True, "x", None, 1.5, [1], (1, 2), {"a": 1}, Base()]))
def test_what_is_of_a_type_is_of_a_wider_one(got: Any, wanted: Any, value: object) -> None:
    if fits(value, got) and assignable(got, wanted) and got not in (Any, object):
        assert fits(value, wanted) or type(value) in (list, tuple, dict)


@pytest.mark.parametrize(
    ("kind", "text"),
    [(int, "int"), (None, "None"), (list[int], "list[int]"), (int | None, "int | None"),
     (Base, "Base"), (Any, "Any"), (Literal["a"], "Literal['a']")],
)  # fmt: skip
def test_types_are_shown_as_people_write_them(kind: Any, text: str) -> None:
    assert shown(kind) == text
