"""`motet knowledge cypher` and `motet knowledge sql`, as a person types them."""

from __future__ import annotations

import json
from pathlib import Path

from motet_process import motet


def test_the_graph_and_the_tables_answer(workshop: Path) -> None:
    found = motet("knowledge", "sql", "--tables", at=workshop)
    assert found.code == 0
    assert found.out.startswith('"machines"')
    rows = motet("knowledge", "sql", "SELECT count(*) AS n FROM machines", "--json", at=workshop)
    answer = json.loads(rows.out)
    assert answer["schema_version"] == 1
    assert answer["columns"] == [{"name": "n", "type": "integer"}]
    query = "MATCH (a) WHERE a.name = $name RETURN count(*) AS n"
    table = motet("knowledge", "cypher", query, "--param", "name=nobody", at=workshop)
    assert table.out.split() == ["n", "-", "0", "1", "row"]


def test_what_would_change_something_is_refused_on_one_line(workshop: Path) -> None:
    for words in (("cypher", "MATCH (a) DELETE a"), ("sql", "DROP TABLE machines"), ("sql",)):
        refused = motet("knowledge", *words, at=workshop)
        assert refused.code == 2
        assert len(refused.err.strip().splitlines()) == 1
