"""JSON and JSON Lines: the decoded file itself, with a table for each list of objects in it.

Objects inside a row are flattened (`address.city`); lists of objects inside it become tables of
their own, each row with what identifies the row above it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from motet.core.documents import Block, Cell, Extracted, Table
from motet.core.errors import ExtractionError
from motet.knowledge.extract.decoding import decode
from motet.knowledge.extract.formats import JSON_LINES
from motet.knowledge.extract.jsonscan import Array, Node, NotJSON, Object, Scalar, scan
from motet.knowledge.extract.plain import extract_plain, lines
from motet.knowledge.extract.tabular import column_names

ROW = "row"
"""The column that numbers rows where nothing else tells them apart for the tables below."""
_KEYS = ("id", "_id", "key", "code", "uuid", "number", "no", "name")
_SHOWN = 3


@dataclass(slots=True)
class _Draft:
    """A table while its rows are gathered."""

    name: str
    columns: dict[str, None] = field(default_factory=dict)
    rows: list[dict[str, Cell]] = field(default_factory=list)
    ranges: list[tuple[int, int]] = field(default_factory=list)


def extract_records(data: bytes, media_type: str) -> Extracted:
    """Return a JSON or JSON Lines file with its tables; one without any is read as text.

    A file that is no JSON is read as text with a note that says where it breaks.
    Raises ExtractionError for binary data and for files without any text.
    """
    decoded = decode(data)
    text = decoded.text
    if not text.strip("\ufeff \t\r\n\x00"):
        raise ExtractionError("the file holds only white space")
    start = 1 if text.startswith("\ufeff") else 0
    notes = [*decoded.notes]
    drafts: dict[str, _Draft] = {}
    if media_type == JSON_LINES:
        objects, broken = _lines(text)
        if broken:
            shown = ", ".join(map(str, broken[:_SHOWN]))
            notes.append(f"{len(broken)} lines are no JSON objects, such as line {shown}")
        _gather(drafts, "", objects, None)
    else:
        try:
            _find(drafts, "", scan(text, start))
        except NotJSON as error:
            line = text.count("\n", 0, error.at) + 1
            notes.append(f"no valid JSON, so read as text: {error} in line {line}")
    tables = tuple(_table(draft) for draft in drafts.values() if draft.rows)
    if not tables:
        plain = extract_plain(data, media_type)
        return Extracted(text, media_type, blocks=plain.blocks, notes=tuple(notes))
    return Extracted(
        text, media_type, blocks=tuple(_blocks(text, tables)), tables=tables, notes=tuple(notes)
    )


def _lines(text: str) -> tuple[list[Object], list[int]]:
    objects, broken = [], []
    for number, (start, end) in enumerate(lines(text), 1):
        if not text[start:end].strip("\ufeff \t"):
            continue
        try:
            node = scan(text, start + text[start:end].startswith("\ufeff"), end)
        except NotJSON:
            broken.append(number)
            continue
        if isinstance(node, Object):
            objects.append(node)
        else:
            broken.append(number)
    return objects, broken


def _find(drafts: dict[str, _Draft], path: str, node: Node) -> None:
    """Look for lists of objects, however deep."""
    if isinstance(node, Array):
        found = _objects(node)
        if found:
            _gather(drafts, path, found, None)
    elif isinstance(node, Object):
        for key, value in node.members.items():
            _find(drafts, f"{path}.{key}" if path else key, value)


def _objects(node: Node) -> list[Object]:
    """Return a list's objects, nothing where it holds anything else."""
    items = node.items if isinstance(node, Array) else []
    found = [each for each in items if isinstance(each, Object)]
    return found if len(found) == len(items) else []


def _gather(
    drafts: dict[str, _Draft],
    name: str,
    objects: Sequence[Object],
    above: tuple[str, Sequence[Cell]] | None,
) -> None:
    """Add rows to a table, and what hangs on them to the tables below."""
    draft = drafts.setdefault(name, _Draft(name))
    below: dict[str, list[tuple[int, list[Object]]]] = {}
    first = len(draft.rows)
    for place, each in enumerate(objects):
        row = {above[0]: above[1][place]} if above else {}
        for path, node in _flattened(each, ""):
            children = _objects(node)
            if children:
                below.setdefault(path, []).append((len(draft.rows), children))
            elif (cell := _cell(node)) is not None:
                row[path] = cell
        draft.columns |= dict.fromkeys(row)
        draft.rows.append(row)
        draft.ranges.append((each.start, each.end))
    for path, groups in below.items():
        column = _identifying(draft, first)
        label = f"{name.rpartition('.')[2]}.{column}" if name else f"parent.{column}"
        flat = [child for _, children in groups for child in children]
        cells = [draft.rows[at][column] for at, children in groups for _ in children]
        _gather(drafts, f"{name}.{path}" if name else path, flat, (label, cells))


def _identifying(draft: _Draft, first: int) -> str:
    """Return the column that tells rows apart, making one of their numbers if there is none."""
    wanted = [*(key for key in _KEYS if key in draft.columns), *draft.columns]
    for column in wanted:
        values = [row[column].value for row in draft.rows if column in row]
        if len(values) == len(draft.rows) == len(set(values)):
            return column
    for number, row in enumerate(draft.rows, 1):
        start = draft.ranges[number - 1][0]
        row.setdefault(ROW, Cell(str(number), start, start))
    draft.columns[ROW] = None
    return ROW


def _flattened(node: Object, path: str) -> Iterator[tuple[str, Node]]:
    for key, value in node.members.items():
        name = f"{path}.{key}" if path else key
        if isinstance(value, Object):
            yield from _flattened(value, name)
        else:
            yield name, value


def _cell(node: Node) -> Cell | None:
    if isinstance(node, Scalar):
        return None if node.value is None else Cell(node.value, node.start, node.end)
    if isinstance(node, Array) and node.items:
        values = [each.value for each in node.items if isinstance(each, Scalar)]
        joined = ", ".join(value for value in values if value is not None)
        return Cell(joined, node.start, node.end) if joined else None
    return None


def _table(draft: _Draft) -> Table:
    columns = [*draft.columns]
    rows = tuple(tuple(row.get(column) for column in columns) for row in draft.rows)
    return Table(draft.name, column_names(columns, len(columns)), rows, tuple(draft.ranges))


def _blocks(text: str, tables: Sequence[Table]) -> Iterator[Block]:
    """Yield the outermost rows, and what stands between them where it says something."""
    at = 0
    for start, end in sorted(span for table in tables for span in table.row_ranges):
        if start < at:
            continue
        yield from _between(text, at, start)
        yield Block("row", start, end)
        at = end
    yield from _between(text, at, len(text))


def _between(text: str, start: int, end: int) -> Iterator[Block]:
    if sum(char.isalnum() for char in text[start:end]) > 0:
        yield Block("code", start, end)
