"""Values as the journal keeps them: what is read back is what was written."""

from __future__ import annotations

import dataclasses
import enum
import json
import math
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, NamedTuple

import pydantic
import pytest
from hypothesis import given
from hypothesis import strategies as st

from motet.core.values import ValueTypeError, decode, encode, structure


class Colour(enum.Enum):
    RED = 1
    PAIR = (1, 2)


class Word(enum.StrEnum):
    A = "a"


class Bits(enum.Flag):
    LEFT = enum.auto()
    RIGHT = enum.auto()


class Pair(NamedTuple):
    left: object
    right: object = None


@dataclass
class Box:
    content: object
    label: str = "box"


@dataclass(frozen=True, slots=True)
class Strict:
    size: int
    twice: int = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "twice", 2 * self.size)


class Model(pydantic.BaseModel):
    name: str
    at: datetime | None = None
    inner: list[Model] = []


def whole(text: str) -> bool:
    """Whether no two half characters stand side by side: JSON would make them one."""
    return len(json.loads(json.dumps(text))) == len(text)


TEXTS = st.text(st.characters(exclude_categories=[]), max_size=8).filter(whole)
KEYS = TEXTS | st.sampled_from(["$tuple", "$ref", "$", "$dict", "", "a.b", "\x00"])
ZONES = st.none() | st.just(UTC) | st.just(timezone(timedelta(hours=5, minutes=30)))
ATOMS = (
    st.none() | st.booleans() | st.integers() | st.integers(-(10**40), 10**40) | st.floats()
    | TEXTS | st.binary(max_size=8) | st.dates() | st.datetimes(timezones=ZONES)
    | st.sampled_from([*Colour, *Word, Bits.LEFT, Bits.LEFT | Bits.RIGHT])
)  # fmt: skip
FIXED = st.recursive(
    ATOMS,
    lambda inner: st.tuples(inner, inner) | st.frozensets(inner, max_size=3)
    | st.builds(Pair, inner, inner) | st.builds(Strict, st.integers()),
    max_leaves=4,
)  # fmt: skip
VALUES = st.recursive(
    FIXED | st.binary(max_size=8).map(bytearray),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(KEYS, inner, max_size=4)
        | st.dictionaries(FIXED, inner, max_size=3)
        | st.sets(FIXED, max_size=3)
        | st.tuples(inner)
        | st.builds(Pair, inner, inner)
        | st.builds(Box, inner)
        | st.builds(Model, name=st.text(max_size=4), at=st.none() | st.datetimes())
    ),
    max_leaves=12,
)


def same(one: Any, other: Any) -> bool:
    """Whether two values are equal, types and nan included."""
    if type(one) is not type(other):
        return False
    if isinstance(one, float):
        return (math.isnan(one) and math.isnan(other)) or (
            one == other and math.copysign(1, one) == math.copysign(1, other)
        )
    if isinstance(one, (list, tuple)):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict):
        return same(list(one.items()), list(other.items()))
    if isinstance(one, (set, frozenset)):
        return len(one) == len(other) and all(any(same(a, b) for b in other) for a in one)
    if dataclasses.is_dataclass(one) and not isinstance(one, type):
        names = [each.name for each in dataclasses.fields(one)]
        return all(same(getattr(one, name), getattr(other, name)) for name in names)
    return bool(one == other)


@given(VALUES)
def test_what_is_read_back_is_what_was_written(value: object) -> None:
    text = encode(value)
    text.encode()  # the database takes nothing else
    again = decode(text)
    assert same(again, value), (value, text, again)
    assert encode(again) == text
    json.dumps(structure(value), allow_nan=False)


@given(st.sets(st.integers() | TEXTS | st.tuples(st.integers()), max_size=6))
def test_equal_sets_have_equal_texts(value: set[object]) -> None:
    again: set[object] = set()
    for each in sorted(value, key=repr, reverse=True):
        again.add(each)
    assert encode(again) == encode(value)


def test_half_characters_side_by_side_are_read_as_their_character() -> None:
    assert decode(encode("\ud83d\ude00")) == "\U0001f600"
    assert decode(encode(["\ud83d", "\ude00"])) == ["\ud83d", "\ude00"]


def test_a_field_that_is_not_set_stays_so() -> None:
    found = decode(encode(Unset()))
    assert isinstance(found, Unset)
    assert not hasattr(found, "x")


def test_types_made_inside_functions_are_known_in_their_process() -> None:
    @dataclass
    class Local:
        x: int

    found = decode(encode([Local(1)]))
    assert found == [Local(1)]


class Plain:
    pass


@dataclass
class Bag(dict[str, int]):
    name: str


@dataclass
class Trouble(Exception):
    name: str


class Bytes(pydantic.BaseModel):
    data: bytes


@dataclass(slots=True)
class Unset:
    x: int = field(init=False)


def spiral() -> list[object]:
    found: list[object] = []
    found.append(found)
    return found


def nested(depth: int) -> object:
    found: object = 1
    for _ in range(depth):
        found = [found]
    return found


UNKEPT: dict[str, tuple[Callable[[], object], str | None, str]] = {
    "object": (lambda: [1, {"a": Plain()}], "[1].a", r"test_values\.Plain"),
    "lock": (lambda: {"a": {1: threading.Lock()}}, ".a[1][1]", "lock"),
    "in a dataclass": (lambda: Box([Plain()]), ".content[0]", "Plain"),
    "generator": (lambda: (x for x in ()), "", "builtins.generator"),
    "another dictionary": (lambda: OrderedDict(a=1), "", "OrderedDict"),
    "a dictionary's dataclass": (lambda: Bag("b"), "", "Bag"),
    "an exception": (lambda: [Trouble("b")], "[0]", "Trouble"),
    "a model's bytes": (lambda: [Bytes(data=b"\xff")], "[0]", "Bytes"),
    "class": (lambda: Box, "", "type"),
    "digits": (lambda: 10**5000, "", "digits"),
    "digits within": (lambda: [1, 10**5000], "", "digits"),
    "itself": (spiral, None, "nested too deeply"),
    "itself within": (lambda: (spiral(),), None, "nested too deeply"),
    "deep": (lambda: nested(100_000), None, "nested too deeply"),
    "deep in a dictionary": (lambda: {1: nested(100_000)}, None, "nested too deeply"),
    "deep in a tuple": (lambda: (nested(100_000),), None, "nested too deeply"),
}


@pytest.mark.parametrize("case", UNKEPT)
def test_what_cannot_be_stored_is_named_with_its_place(case: str) -> None:
    make, path, kind = UNKEPT[case]
    with pytest.raises(ValueTypeError, match=kind) as failed:
        encode(make())
    if path is not None:
        assert failed.value.path == path
        assert str(failed.value).startswith(path or "the value")


@pytest.mark.parametrize(
    "text",
    [
        '{"$data":["nowhere:Thing",{}]}',
        '{"$data":["test_values:Nothing",{}]}',
        '{"$named":["test_values:Pair",[1,2,3]]}',
        '{"$unheard":1}',
        '{"$enum":["test_values:Colour",77]}',
        '{"$dict":[[1]]}',
        '{"$set":[[1]]}',
        '{"$bytes":"x"}',
        '{"$datetime":"yesterday"}',
        '{"$model":["test_values:Model",{}]}',
        '{"$data":["test_values:Strict",{"gone":1}]}',
        '{"$data":[]}',
        "[" * 100_000,
        '{"$tuple":' * 100_000,
        '"$',
    ],
    ids=lambda each: each[:30],
)
def test_what_cannot_be_read_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError):
        decode(text)
