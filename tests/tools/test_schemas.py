"""Schemas of typed functions, and calls whose arguments fit, nearly fit and do not fit."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from typing import Annotated, Any, Literal, NotRequired, Optional, TypedDict, Union

import jsonschema
import pydantic
import pytest
from hypothesis import given
from hypothesis import strategies as st

from motet.core.errors import DeclarationError
from motet.tools.functions import FunctionTool, InvalidArguments
from motet.tools.validation import problems


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


@dataclass
class Part:
    name: str
    price: float = 1.0
    tags: list[str] = field(default_factory=list)


@dataclass
class Tree:
    value: int
    below: list[Tree] = field(default_factory=list)


class Address(TypedDict):
    street: str
    town: NotRequired[str]


class Order(pydantic.BaseModel):
    part: str
    count: int = pydantic.Field(gt=0)


class Positive:
    pass


@dataclass
class Even:
    number: int

    def __post_init__(self) -> None:
        if self.number % 2:
            raise ValueError("it is odd")


def call(function: Any, **arguments: Any) -> Any:
    return asyncio.run(FunctionTool(function).call(arguments))


def parameter(hint: Any) -> Mapping[str, Any]:
    def takes(value: Any) -> None: ...

    takes.__annotations__ = {"value": hint}
    return FunctionTool(takes).parameters["properties"]["value"]  # type: ignore[index,call-overload,return-value]


@pytest.mark.parametrize(
    ("hint", "schema"),
    [
        (str, {"type": "string"}),
        (int, {"type": "integer"}),
        (float, {"type": "number"}),
        (bool, {"type": "boolean"}),
        (Any, {}),
        (Optional[str], {"type": ["string", "null"]}),  # noqa: UP045
        (Union[int, str], {"type": ["integer", "string"]}),  # noqa: UP007
        (int | list[str], {"anyOf": [{"type": "integer"}, parameter(list[str])]}),
        (Literal["a", "b"], {"type": "string", "enum": ["a", "b"]}),
        (Literal[1, "b"], {"enum": [1, "b"]}),
        (Colour, {"type": "string", "enum": ["red", "blue"]}),
        (list[int], {"type": "array", "items": {"type": "integer"}}),
        (Sequence[int], {"type": "array", "items": {"type": "integer"}}),
        (set[int], {"type": "array", "uniqueItems": True, "items": {"type": "integer"}}),
        (tuple[int, ...], {"type": "array", "items": {"type": "integer"}}),
        (dict[str, int], {"type": "object", "additionalProperties": {"type": "integer"}}),
        (date, {"type": "string", "format": "date"}),
        (Annotated[int, "how many"], {"type": "integer", "description": "how many"}),
        (
            Annotated[int, pydantic.Field(ge=1, description="how many")],
            {"type": "integer", "description": "how many", "minimum": 1},
        ),
    ],
    ids=str,
)  # fmt: skip
def test_a_hint_has_a_schema(hint: Any, schema: Any) -> None:
    found = parameter(hint)
    assert found == schema
    jsonschema.Draft202012Validator.check_schema(found)


def test_structures_are_objects() -> None:
    assert parameter(Part) == {
        "type": "object",
        "properties": {
            "name": {"type": "string"},
            "price": {"type": "number", "default": 1.0},
            "tags": {"type": "array", "items": {"type": "string"}},
        },
        "required": ["name"],
        "additionalProperties": False,
    }
    assert parameter(Address)["required"] == ["street"]
    assert parameter(Order)["properties"]["count"]["exclusiveMinimum"] == 0


def test_recursive_types_are_definitions() -> None:
    def grow(tree: Tree) -> int:
        return tree.value + sum(grow(each) for each in tree.below)

    parameters = FunctionTool(grow).parameters
    jsonschema.Draft202012Validator.check_schema(parameters)
    assert call(grow, tree={"value": 1, "below": [{"value": 2}]}) == 3
    with pytest.raises(InvalidArguments, match=r"tree\.below\[0\]\.value: expected a whole number"):
        call(grow, tree={"value": 1, "below": [{"value": "x"}]})


def test_docstrings_describe_in_three_styles() -> None:
    def google(company: str, days: int = 30) -> float:
        """Return the price of a share.

        The last one, in USD.

        Args:
            company: Its name, as
                listed.
            days (int): How far back.

        Returns:
            A price.
        """
        return 1.0

    def sphinx(company: str, days: int = 30) -> float:
        """Return the price of a share.

        :param company: Its name, as
            listed.
        :param int days: How far back.
        :returns: A price.
        """
        return 1.0

    def numpy(company: str, days: int = 30) -> float:
        """Return the price of a share.

        Parameters
        ----------
        company : str
            Its name, as listed.
        days
            How far back.

        Returns
        -------
        float
        """
        return 1.0

    for function in (google, sphinx, numpy):
        tool = FunctionTool(function)
        assert tool.description.startswith("Return the price of a share.")
        assert "Args" not in tool.description
        shown: Any = tool.parameters["properties"]
        assert shown["company"]["description"] == "Its name, as listed."
        assert shown["days"] == {"description": "How far back.", "type": "integer", "default": 30}
        assert tool.parameters["required"] == ["company"]
        assert tool.returns == {"type": "number"}


def test_arguments_become_what_the_annotations_say() -> None:
    def take(
        part: Part,
        colour: Colour,
        when: date,
        address: Address,
        order: Order,
        pair: tuple[int, str],
        rows: dict[int, float],
        either: Part | int | None = None,
    ) -> list[Any]:
        return [
            type(part).__name__,
            colour is Colour.BLUE,
            when.year,
            address["street"],
            order.count,
            pair == (1, "x"),
            rows == {7: 2.0} and isinstance(rows[7], float),
            type(either).__name__,
        ]

    result = call(
        take,
        part={"name": "hinge"},
        colour="blue",
        when="2025-01-31",
        address={"street": "High St"},
        order={"part": "a", "count": 2},
        pair=[1, "x"],
        rows={"7": 2},
        either={"name": "b"},
    )
    assert result == ["Part", True, 2025, "High St", 2, True, True, "Part"]


def price(company: str, days: int = 30, currency: Literal["usd", "eur"] = "usd") -> float:
    return 1.5


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({}, "company: expected a text, got nothing: it is missing"),
        ({"company": 5}, "company: expected a text, got 5"),
        ({"company": None}, "company: expected a text, got null"),
        ({"company": "A", "days": "3"}, 'days: expected a whole number, got "3"'),
        ({"company": "A", "days": 3.5}, "days: expected a whole number, got 3.5"),
        ({"company": "A", "days": True}, "days: expected a whole number, got true"),
        ({"company": "A", "dais": 3}, "did you mean days?"),
        ({"company": "A", "currency": "euro"}, 'did you mean "eur"?'),
        ({"company": {"a": 1}}, "company: expected a text, got an object with a"),
    ],
)
def test_an_error_says_how_to_correct_it(arguments: Any, words: str) -> None:
    with pytest.raises(InvalidArguments) as caught:
        call(price, **arguments)
    assert words in str(caught.value)
    assert str(caught.value).startswith("price: ")


def test_all_problems_are_told_at_once() -> None:
    with pytest.raises(InvalidArguments) as caught:
        call(price, compny="A", days="x")
    assert [each.path for each in caught.value.problems] == ["company", "compny", "days"]


def test_a_whole_float_is_a_whole_number() -> None:
    def twice(number: int) -> int:
        return number * 2

    assert call(twice, number=3.0) == 6


def test_what_a_class_refuses_is_a_wrong_argument() -> None:
    def halve(even: Even) -> int:
        return even.number // 2

    def buy(order: Order) -> int:
        return order.count

    assert call(halve, even={"number": 4}) == 2
    with pytest.raises(InvalidArguments, match="it is odd"):
        call(halve, even={"number": 3})
    with pytest.raises(InvalidArguments, match=r"order\.count: expected .*more than 0"):
        call(buy, order={"part": "a", "count": 0})


def test_functions_that_cannot_be_tools_say_why() -> None:
    def untyped(company): ...

    def positive(value: Positive) -> None: ...

    def many(*values: int) -> None: ...

    def stream(count: int):
        yield count

    def unresolved(value: NoSuchType) -> None: ...  # type: ignore[name-defined]  # noqa: F821

    for function, words in [
        (untyped, "'company' of untyped has no type"),
        (positive, "no JSON Schema for the type Positive"),
        (many, "any number of arguments"),
        (stream, "stream is a generator"),
        (unresolved, "NoSuchType"),
        (Part, "not a function"),
    ]:
        with pytest.raises(DeclarationError, match=words) as caught:
            FunctionTool(function)
        assert function is Part or __file__ in str(caught.value)


def test_positional_only_and_keyword_only_parameters_are_called_as_they_must() -> None:
    def join(first: str, /, *, last: str) -> str:
        return f"{first} {last}"

    assert call(join, first="a", last="b") == "a b"


SCHEMAS = st.recursive(
    st.sampled_from(
        [
            {"type": "string"},
            {"type": "integer", "minimum": 2},
            {"type": ["number", "null"]},
            {"type": "boolean"},
            {"enum": [1, "a", None]},
            {"const": True},
            {},
        ]
    ),
    lambda inner: st.one_of(
        st.builds(lambda each: {"type": "array", "items": each, "maxItems": 2}, inner),
        st.builds(lambda a, b: {"anyOf": [a, b]}, inner, inner),
        st.builds(
            lambda a, b: {
                "type": "object",
                "properties": {"a": a, "b": b},
                "required": ["a"],
                "additionalProperties": False,
            },
            inner,
            inner,
        ),
    ),
    max_leaves=5,
)
VALUES = st.recursive(
    st.sampled_from([None, True, False, 0, 1, 1.0, 2, 2.5, "", "a", "b"]),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from("abc"), inner, max_size=3)
    ),
    max_leaves=5,
)


@given(SCHEMAS, VALUES)
def test_validation_agrees_with_the_reference(schema: Any, value: Any) -> None:
    valid = jsonschema.Draft202012Validator(schema).is_valid(value)
    assert (problems(schema, value) == []) is valid
