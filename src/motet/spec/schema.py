"""The JSON Schema of declarations, made from the table of fields."""

from __future__ import annotations

from motet.core.json import JSON
from motet.spec.fields import DECLARATION, RECORDS
from motet.spec.shape_kind import ShapeKind

DRAFT = "https://json-schema.org/draft/2020-12/schema"


def schema() -> dict[str, JSON]:
    """Return the JSON Schema (draft 2020-12) of `motet.yaml`."""
    definitions: dict[str, JSON] = {
        record.title: record.definition() for record in RECORDS if record is not DECLARATION
    }
    definitions["type"] = ShapeKind.definition()
    definitions["environment"] = {
        "type": "string",
        "description": "A value from the environment: ${NAME} or ${NAME:-default}.",
        "pattern": r"\$\{[A-Za-z_][A-Za-z0-9_]*(:-[^}]*)?\}",
    }
    return {
        "$schema": DRAFT,
        "title": "Motet declaration",
        **DECLARATION.definition(),
        "$defs": definitions,
    }
