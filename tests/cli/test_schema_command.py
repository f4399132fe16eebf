"""`motet knowledge schema` on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from motet.cli import knowledge_schema

FILES = {
    "motet.yaml": "system: shop\nknowledge: [./orders.csv, {table: ./customers.json}]\n",
    "orders.csv": "order_id,customer_id,total\nA1,1,9.50\nA2,1,3.20\nA3,2,x\n",
    "customers.json": '[{"id": 1, "name": "Ana"}, {"id": 2, "name": "Bo"}]',
}


def test_a_schema_is_proposed_shown_approved_built_and_rejected(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import motet

    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MOTET_HOME", raising=False)
    monkeypatch.setenv("MOTET_CACHE", str(tmp_path / "cache"))
    with motet.load(".") as system:
        system.ingest()

    def run(*words: str) -> Result:
        return CliRunner().invoke(knowledge_schema.command, words)

    told = json.loads(run("propose", "--json").output)
    assert told["status"] == "waiting" and told["plan"]["labels"] == ["customer", "order"]
    [relation] = told["evidence"]["relations"]
    assert (relation["from"], relation["to"], relation["rows"]) == ("order", "customer", 3)
    shown = run("show", told["hash"][:8]).output
    assert "(order) -[customer]-> (customer)" in shown and "Approve with" in shown
    assert "needs the name" in str(run("approve", told["hash"], "--by", "").exception)
    assert run("approve", told["hash"], "--by", "Ana").exit_code == 0
    built = json.loads(run("build", "--json").output)
    assert built["built"] == ["customers.json", "orders.csv"]
    assert run("show").output.strip() == f"{told['hash'][:12]}  approved by Ana"
    assert "rejected by Bo" in run("reject", told["hash"], "--by", "Bo").output
    assert "withdrawn  orders.csv" in run("build").output
