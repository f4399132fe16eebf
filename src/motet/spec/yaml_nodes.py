"""YAML text to nodes with places, strictly: no tags, no duplicate keys, no surprises of YAML 1.1.

Scalars stay text here; whether `no` or `1e3` is a flag or a number is for the field to say.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NoReturn

from motet.spec.nodes import Entry, Listing, Node, Scalar, Table
from motet.spec.problems import InvalidDeclaration, Place, Problem, shown, step

if TYPE_CHECKING:
    import yaml

MAX_BYTES = 1_000_000
MAX_NODES = 50_000
MAX_DEPTH = 60
STANDARD_TAGS = frozenset({f"tag:yaml.org,2002:{kind}" for kind in ("str", "seq", "map")})
# `{key: ${NAME}}` is not YAML, because a brace cannot stand in a plain scalar of a flow mapping.
# So references hide behind private characters of the same length while YAML is parsed.
HIDDEN = re.compile(r"\$\{[^{}\n\"'\\]*\}")
PRIVATE_BASES = (0x10FF00, 0x10FE00, 0x10FD00)


def read_yaml(data: bytes | str, file: str | None) -> Node:
    """Parse YAML. Raises `InvalidDeclaration` with every problem found at this level."""
    import yaml

    text = _decode(data, file)
    mask = _Mask(text)
    try:
        root = yaml.compose(mask.hide(text), Loader=yaml.BaseLoader)
    except yaml.MarkedYAMLError as error:
        _refuse_syntax(error, mask, file)
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        _refuse("text", f"the character U+{error.character:04X}", file, Place(line, 1))
    except (ValueError, OverflowError):  # an escape in quotes beyond the last code point
        _refuse("valid YAML", "an escape that is no character", file, None)
    except RecursionError:
        _refuse(f"at most {MAX_DEPTH} levels", "deeper nesting", file, Place(1, 1))
    if root is None:
        _refuse("a mapping with at least `system: NAME`", "an empty file", file, Place(1, 1))
    converter = _Converter(mask, file)
    node = converter.convert(root, "", 0)
    if converter.problems:
        raise InvalidDeclaration(converter.problems)
    return node


def _decode(data: bytes | str, file: str | None) -> str:
    if len(data) > MAX_BYTES:
        _refuse(f"at most {MAX_BYTES:,} bytes", f"{len(data):,}", file, None)
    if isinstance(data, str):
        text = data
    else:
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, error.start) + 1
            _refuse("UTF-8 text", f"byte 0x{data[error.start]:02x}", file, Place(line, 1))
    return text.removeprefix("\ufeff")


def _refuse(expected: str, got: str, file: str | None, place: Place | None) -> NoReturn:
    line, column = (place.line, place.column) if place else (None, None)
    raise InvalidDeclaration([Problem("", expected, got, file=file, line=line, column=column)])


def _refuse_syntax(error: yaml.MarkedYAMLError, mask: _Mask, file: str | None) -> NoReturn:
    ends = "unexpected end" in (error.problem or "")
    mark = (error.context_mark if ends else None) or error.problem_mark or error.context_mark
    place = Place(mark.line + 1, mark.column + 1) if mark else Place(1, 1)
    problem = mask.reveal(error.problem or error.context or "a syntax error")
    if "'\\t'" in problem:
        _refuse("spaces for indentation", "a tab", file, place)
    if problem == "but found another document":
        _refuse("one YAML document", "a second one", file, place)
    for opening in ("but ", "got ", "found "):
        problem = problem.removeprefix(opening)
    _refuse("valid YAML", problem, file, place)


class _Mask:
    """Hides environment references from the YAML parser, one character for one."""

    def __init__(self, text: str) -> None:
        self._base = next(
            (base for base in PRIVATE_BASES if not any(chr(base + i) in text for i in range(128))),
            PRIVATE_BASES[0],
        )

    def hide(self, text: str) -> str:
        return HIDDEN.sub(lambda match: self._shift(match.group()), text)

    def _shift(self, text: str) -> str:
        return "".join(chr(self._base + ord(c)) if ord(c) < 128 else c for c in text)

    def reveal(self, text: str) -> str:
        low, high = self._base, self._base + 128
        return "".join(chr(ord(c) - low) if low <= ord(c) < high else c for c in text)


class _Converter:
    """Turns composed YAML nodes into ours and collects problems by path."""

    def __init__(self, mask: _Mask, file: str | None) -> None:
        self._mask = mask
        self._file = file
        self._count = 0
        self.problems: list[Problem] = []

    def convert(self, node: yaml.Node, path: str, depth: int) -> Node:
        import yaml

        place = Place(node.start_mark.line + 1, node.start_mark.column + 1)
        self._count += 1
        if depth > MAX_DEPTH:
            _refuse(f"at most {MAX_DEPTH} levels", "deeper nesting", self._file, place)
        if self._count > MAX_NODES:
            _refuse(f"at most {MAX_NODES:,} values", "more after aliases", self._file, place)
        if node.tag not in STANDARD_TAGS:
            self._add(path, "a value without a YAML tag", shown(node.tag), place)
        if isinstance(node, yaml.ScalarNode):
            return Scalar(self._mask.reveal(node.value), node.style is None, place)
        if isinstance(node, yaml.SequenceNode):
            items = (
                self.convert(item, f"{path}[{index}]", depth + 1)
                for index, item in enumerate(node.value)
            )
            return Listing(tuple(items), place)
        assert isinstance(node, yaml.MappingNode)
        return self._table(node, path, depth, place)

    def _table(self, node: yaml.MappingNode, path: str, depth: int, place: Place) -> Table:
        import yaml

        entries: dict[str, Entry] = {}
        merged: list[Entry] = []
        for key_node, value_node in node.value:
            mark = key_node.start_mark
            at = Place(mark.line + 1, mark.column + 1)
            if not isinstance(key_node, yaml.ScalarNode):
                self._add(path, "text as a key", "a list or a mapping", at)
                continue
            key = self._mask.reveal(key_node.value)
            inner = step(path, key)
            if key == "<<" and key_node.style is None:
                merged += self._merged(value_node, inner, depth, at)
            elif key in entries:
                first = entries[key].place
                line = first.line if first else "?"
                self._add(inner, "each key once", f"{shown(key)} again, after line {line}", at)
            else:
                entries[key] = Entry(key, self.convert(value_node, inner, depth + 1), at)
        for entry in merged:
            entries.setdefault(entry.key, entry)
        return Table(tuple(entries.values()), place)

    def _merged(self, node: yaml.Node, path: str, depth: int, at: Place) -> list[Entry]:
        value = self.convert(node, path, depth + 1)
        tables = value.items if isinstance(value, Listing) else (value,)
        found: list[Entry] = []
        for table in tables:
            if isinstance(table, Table):
                found += table.entries
            else:
                self._add(path, "a mapping to merge", "something else", at)
        return found

    def _add(self, path: str, expected: str, got: str, place: Place) -> None:
        self.problems.append(
            Problem(path, expected, got, file=self._file, line=place.line, column=place.column)
        )
