"""`motet knowledge entities` and `entity`, as a person types them."""

from __future__ import annotations

import json
from pathlib import Path

from motet_process import motet


def test_entities_are_listed_and_shown_with_their_places(workshop: Path) -> None:
    listed = json.loads(motet("knowledge", "entities", "--json", at=workshop).out)
    assert listed["schema_version"] == 1
    name, label = listed["entities"][0]["name"], listed["entities"][0]["label"]
    lines = motet("knowledge", "entities", "--label", label, "--limit", "1", at=workshop).out
    assert lines.startswith(f"{label}  {name}  ")
    shown = json.loads(motet("knowledge", "entity", name, "--json", at=workshop).out)
    assert shown["entity"]["name"] == name
    assert {"memory", "rows", "mentions", "claims", "relations"} < shown.keys()
    assert name in motet("knowledge", "entity", name, at=workshop).out


def test_a_name_that_nothing_has_is_told_on_one_line(workshop: Path) -> None:
    refused = motet("knowledge", "entity", "Robert'); DROP TABLE entities;--", at=workshop)
    assert refused.code == 2
    assert len(refused.err.strip().splitlines()) == 1
