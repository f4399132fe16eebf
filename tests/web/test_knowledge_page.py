"""The view of the knowledge as a person uses it: real documents, a real browser."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from motet_process import Served, motet

SUPPLIERS = """supplier_id,name,city
S-01,Weserholz Plattenwerk GmbH,Höxter
S-05,Carpathia Oak SRL,Suceava
S-07,Möller & Sohn Schrauben GmbH,Iserlohn
"""
PARTS = """part_id,part_name,product,supplier_id,price_eur
BK-L1,Turned leg 720 mm,Birka,S-05,31.50
BK-T1,Table top 1800 mm,Birka,S-05,412.00
FJ-S1,Side panel left 720 mm,Fjord,S-01,14.20
FJ-C1,Confirmat screw 7 x 50,Fjord,S-07,0.08
"""
REVIEW = """# Wobbly leg

Reviewed by Saskia Lindqvist in Lyon. The turned leg of our Birka table wobbles. Lindqvist wrote to
Carpathia Oak SRL, who drilled the hole too wide.
"""
NOTE = "# Call\n\nLindqvist called from Lyon about the table. She wants a new leg by Friday.\n"


@pytest.fixture
def workshop_of_tables(tmp_path: Path) -> Path:
    """A folder with two tables that belong together, a review, and a plan that waits."""
    (tmp_path / "documents").mkdir()
    (tmp_path / "documents" / "suppliers.csv").write_text(SUPPLIERS, "utf-8")
    (tmp_path / "documents" / "parts.csv").write_text(PARTS, "utf-8")
    (tmp_path / "documents" / "review.md").write_text(REVIEW, "utf-8")
    (tmp_path / "documents" / "note.md").write_text(NOTE, "utf-8")
    (tmp_path / "motet.yaml").write_text("system: tables\nknowledge: [./documents]\n")
    assert motet("ingest", at=tmp_path).code == 0
    done = motet("knowledge", "schema", "propose", at=tmp_path)
    assert done.code == 0, done.err
    return tmp_path


@pytest.mark.encoder
@pytest.mark.timeout(180)
def test_a_person_looks_into_the_knowledge(
    drive: Callable[..., None], workshop_of_tables: Path
) -> None:
    with Served(workshop_of_tables) as server:
        drive("knowledge.mjs", server.url)
    assert server.code == 0, server.log
