"""The sample documents: all of them are read, agree with each other and hold the answers."""

from __future__ import annotations

import csv
import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from motet import spec
from motet.core.documents import Extracted
from motet.knowledge.extract import extract

KITCHEN = Path(__file__).resolve().parents[2] / "examples" / "kitchen"
FILES = sorted(path for path in (KITCHEN / "documents").rglob("*") if path.is_file())


@cache
def document(source: str) -> Extracted:
    path = KITCHEN / source
    return extract(path.read_bytes(), path.name)


def rows(name: str) -> list[dict[str, str]]:
    with (KITCHEN / "documents" / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def questions() -> list[dict[str, Any]]:
    lines = (KITCHEN / "evals" / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def test_the_declaration_is_valid() -> None:
    assert spec.load(KITCHEN).system == "kitchen"


def test_there_are_many_documents_of_mixed_kind() -> None:
    assert len(FILES) >= 38
    kinds = {path.suffix for path in FILES}
    wanted = {".pdf", ".docx", ".pptx", ".xlsx", ".csv", ".html", ".md", ".txt", ".eml", ".epub"}
    assert wanted <= kinds


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_document_is_read(path: Path) -> None:
    assert document(path.relative_to(KITCHEN).as_posix()).text.strip()


def test_every_part_has_a_supplier() -> None:
    suppliers = {row["supplier_id"] for row in rows("suppliers.csv")}
    assert {row["supplier_id"] for row in rows("parts.csv")} <= suppliers


@pytest.mark.parametrize("asked", questions(), ids=lambda asked: asked["question"])
def test_expected_answers_stand_in_their_sources(asked: dict[str, Any]) -> None:
    texts = [" ".join(document(source).text.split()) for source in asked["sources"]]
    assert not asked["answer"] or any(a in text for a in asked["answer"] for text in texts)
