"""The kinds of simple value a field may hold: each reads, writes and describes itself."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Generic, Protocol, TypeVar, cast

from motet.core.json import JSON
from motet.spec.nodes import Node, Scalar, Value, flag, is_nothing, number
from motet.spec.references import (
    BadReference,
    SecretRef,
    escape,
    has_reference,
    holds_secret,
    parts,
    resolve,
)
from motet.spec.sites import Site

T = TypeVar("T")
ENVIRONMENT: dict[str, JSON] = {"$ref": "#/$defs/environment"}
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
SHORTEST, LONGEST = 1e-6, 100 * 366 * 86400.0
UNITS = {"ms": "0.001", "s": "1", "m": "60", "h": "3600", "d": "86400"}
DURATION = re.compile(r"(?P<count>[0-9]{1,15}(\.[0-9]{1,30})?) ?(?P<unit>ms|s|m|h|d)")


class Kind(Protocol[T]):
    """A kind of value: reads a node, writes it back, and says what it expects."""

    @property
    def expected(self) -> str:
        """What must stand here, in words that follow "expected"."""
        ...

    def read(self, site: Site) -> T:
        """Read the node. Raises `Unusable` after reporting why."""
        ...

    def write(self, value: T) -> JSON:
        """Return plain data that reads back as the value."""
        ...

    def schema(self) -> dict[str, JSON]:
        """Return the JSON Schema of what `read` accepts."""
        ...


def resolved(site: Site) -> tuple[Node, bool]:
    """Return the node with its references resolved, and whether there were any."""
    node = site.node
    if not isinstance(node, Scalar) or "${" not in node.text:
        return node, False
    try:
        text = resolve(node.text, site.report.environ)
    except BadReference as error:
        raise site.wrong(error.expected, error.got) from None
    return Scalar(text, node.plain, node.place), has_reference(node.text)


def read_text(site: Site, expected: str) -> str:
    """Read text of any content. Raises `Unusable`."""
    if is_nothing(site.node) or not isinstance(site.node, Scalar):
        raise site.wrong(expected)
    if holds_secret(site.node.text):
        raise site.wrong("no secret in the file; write ${NAME}", "what looks like a secret")
    node, _ = resolved(site)
    text = cast("Scalar", node).text
    if CONTROL.search(text):
        raise site.wrong(expected, "text with control characters")
    return text


def or_environment(schema: dict[str, JSON]) -> dict[str, JSON]:
    """Admit a reference to the environment where the schema would not."""
    return {"anyOf": [schema, dict(ENVIRONMENT)]}


@dataclass(frozen=True, slots=True)
class Text:
    """Text; `pattern` must match all of it, `check` may return what is wrong with it."""

    expected: str = "text"
    pattern: str = ""
    check: Callable[[str], str | None] | None = None
    near: Callable[[str], str | None] | None = None

    def read(self, site: Site) -> str:
        """Read text, in which numbers, flags and dates are text too."""
        text = read_text(site, self.expected)
        wrong = self.check(text) if self.check else None
        if wrong or (self.pattern and not re.fullmatch(self.pattern, text)):
            near = self.near(text) if self.near else None
            raise site.wrong(wrong or self.expected, near=near)
        return text

    def write(self, value: str) -> JSON:
        """Write text, with `${` escaped."""
        return escape(value)

    def schema(self) -> dict[str, JSON]:
        """A string, of the pattern where there is one."""
        if not self.pattern:
            return {"type": "string"}
        return or_environment({"type": "string", "pattern": f"^(?:{self.pattern})$"})


@dataclass(frozen=True, slots=True)
class Number:
    """A number in a range, its ends included unless `above`."""

    expected: str
    low: float = 0.0
    high: float = math.inf
    above: bool = False

    def read(self, site: Site) -> float:
        """Read a number."""
        node, loose = resolved(site)
        value = number(node, loose=loose)
        try:
            found = math.nan if value is None else float(value)
        except OverflowError:
            found = math.nan
        inside = self.low <= found <= self.high and not math.isinf(found)
        if not inside or (self.above and found == self.low):
            raise Site(node, site.path, site.report).wrong(self.expected)
        return found

    def write(self, value: float) -> JSON:
        """Write the number."""
        return value

    def schema(self) -> dict[str, JSON]:
        """A number in the range."""
        schema: dict[str, JSON] = {"type": "number"}
        schema["exclusiveMinimum" if self.above else "minimum"] = self.low
        if not math.isinf(self.high):
            schema["maximum"] = self.high
        return or_environment(schema)


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number in a range, its ends included."""

    low: int
    high: int

    @property
    def expected(self) -> str:
        """The range in words."""
        return f"a whole number from {self.low} to {self.high:,}"

    def read(self, site: Site) -> int:
        """Read a whole number."""
        node, loose = resolved(site)
        value = number(node, loose=loose)
        if not isinstance(value, int) or not self.low <= value <= self.high:
            raise Site(node, site.path, site.report).wrong(self.expected)
        return value

    def write(self, value: int) -> JSON:
        """Write the number."""
        return value

    def schema(self) -> dict[str, JSON]:
        """An integer in the range."""
        return or_environment({"type": "integer", "minimum": self.low, "maximum": self.high})


@dataclass(frozen=True, slots=True)
class Flag:
    """True or false; YAML 1.1's other words for them are text."""

    expected: str = "true or false"

    def read(self, site: Site) -> bool:
        """Read a flag."""
        node, loose = resolved(site)
        value = flag(node, loose=loose)
        if value is None:
            text = node.text.lower() if isinstance(node, Scalar) else ""
            meant = {"yes": "true", "on": "true", "no": "false", "off": "false"}.get(text)
            raise Site(node, site.path, site.report).wrong(self.expected, near=meant)
        return value

    def write(self, value: bool) -> JSON:
        """Write the flag."""
        return value

    def schema(self) -> dict[str, JSON]:
        """A boolean."""
        return or_environment({"type": "boolean"})


@dataclass(frozen=True, slots=True)
class Choice(Generic[T]):
    """One of a few words."""

    words: tuple[str, ...]

    @property
    def expected(self) -> str:
        """The words."""
        return f"{', '.join(self.words[:-1])} or {self.words[-1]}"

    def read(self, site: Site) -> T:
        """Read one of the words."""
        text = read_text(site, self.expected)
        if text not in self.words:
            raise site.wrong(self.expected, names=self.words, word=text)
        return cast("T", text)

    def write(self, value: T) -> JSON:
        """Write the word."""
        return str(value)

    def schema(self) -> dict[str, JSON]:
        """An enumeration."""
        return or_environment({"enum": list(self.words)})


@dataclass(frozen=True, slots=True)
class Duration:
    """A duration with its unit; read as seconds, above zero."""

    expected: str = "a duration above zero, such as 500ms, 2s, 1m, 1h or 30d"

    def read(self, site: Site) -> float:
        """Read a duration as seconds."""
        text = read_text(site, self.expected)
        match = DURATION.fullmatch(text)
        if match is None:
            near = f"{text}s" if DURATION.fullmatch(f"{text}s") else None
            raise site.wrong(self.expected, near=near)
        seconds = float(Decimal(match["count"]) * Decimal(UNITS[match["unit"]]))
        if not SHORTEST <= seconds <= LONGEST:
            raise site.wrong(self.expected)
        return seconds

    def write(self, value: float) -> JSON:
        """Write seconds in the largest unit that keeps them whole, exactly."""
        try:
            seconds = Decimal(repr(value))
        except InvalidOperation:
            return repr(value)
        for unit in ("d", "h", "m", "s", "ms"):
            count = seconds / Decimal(UNITS[unit])
            if count == count.to_integral_value() and count * Decimal(UNITS[unit]) == seconds:
                return f"{count:f}".split(".", maxsplit=1)[0] + unit
        return f"{seconds:f}s"

    def schema(self) -> dict[str, JSON]:
        """A string of count and unit."""
        return or_environment({"type": "string", "pattern": r"^[0-9]+(\.[0-9]+)? ?(ms|s|m|h|d)$"})


@dataclass(frozen=True, slots=True)
class Secret:
    """Text whose references stay unresolved; `sole` admits one reference and nothing else."""

    expected: str
    sole: bool = False
    pattern: str = ""

    def read(self, site: Site) -> SecretRef:
        """Read text with references. What was got is never shown."""
        node = site.node
        if isinstance(node, Value) and isinstance(node.value, SecretRef):
            node = Scalar(node.value.text)
        if isinstance(node, Scalar) and not is_nothing(node):
            try:
                found = [part for part in parts(node.text) if part != ""]
            except BadReference as error:
                raise site.wrong(error.expected, "a malformed reference") from None
            literal = any(isinstance(part, str) or part.default for part in found)
            if self.sole and (literal or len(found) != 1):
                raise site.wrong(self.expected, "a literal value")
            if holds_secret(node.text):
                raise site.wrong(self.expected, "what looks like a secret")
            if not self.pattern or re.fullmatch(self.pattern, node.text):
                return SecretRef(node.text, site.where)
        raise site.wrong(self.expected)

    def write(self, value: SecretRef) -> JSON:
        """Write the text with its references."""
        return value.text

    def schema(self) -> dict[str, JSON]:
        """A reference, or text."""
        return dict(ENVIRONMENT) if self.sole else {"type": "string"}


AnyKind = Kind[Any]
