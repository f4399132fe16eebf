"""The reference of every field, as Markdown made from the table of fields.

`python -m motet.spec.reference docs/declaration.md` writes it between the file's marks.
"""

from __future__ import annotations

import sys
from pathlib import Path

from motet.core.json import dumps
from motet.spec.fields import DECLARATION, RECORDS
from motet.spec.shapes import NAMED
from motet.spec.structures import Field

BEGIN = "<!-- fields: made from src/motet/spec/fields.py -->\n"
END = "<!-- end of fields -->\n"


def reference() -> str:
    """Return one table for each kind of mapping, and one for the named types."""
    parts = [BEGIN]
    for record in RECORDS:
        title = "Top level" if record is DECLARATION else f"`{record.title}`"
        parts.append(f"\n### {title}\n\n{record.about}\n")
        if record.one_of:
            parts.append(f"Exactly one of {', '.join(f'`{key}`' for key in record.one_of)}.\n")
        parts.append("\n| key | what it says | expects | without it |\n|---|---|---|---|\n")
        parts += [_row(field) for field in record.fields]
    parts.append("\n### Types\n\n| name | meaning |\n|---|---|\n")
    parts += [f"| `{name}` | {meaning} |\n" for name, (meaning, _) in NAMED.items()]
    return "".join([*parts, END])


def _row(field: Field) -> str:
    expected = field.kind.expected.replace("|", "\\|")
    return f"| `{field.key}` | {field.about} | {expected} | {_default(field)} |\n"


def _default(field: Field) -> str:
    if field.required:
        return "required"
    if field.default in (None, "", ()):
        return "–"
    written = field.kind.write(field.default)
    if written == {}:
        return "–"
    return f"`{written if isinstance(written, str) else dumps(written)}`"


def main(path: str) -> None:
    """Write the reference into a Markdown file, between its marks."""
    file = Path(path)
    before, _, rest = file.read_text("utf-8").partition(BEGIN)
    file.write_text(before + reference() + rest.partition(END)[2], "utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
