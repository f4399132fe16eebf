"""`motet spend`: what was spent, whether that is true, corrections."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from motet_process import motet
from test_json_shapes import EXAMPLES, check

import motet as api
from motet.core.money import PICO
from motet.gateway.accounts import Accounts, Entry
from motet.gateway.ledger.stores import open_store

CENT = PICO // 100


def entry(id: str, cost: int | None, **more: object) -> Entry:
    told = {"model": "fast", "used": "small", "provider": "there", **more}
    return Entry(id, 1, time.time(), "done", cost=cost, **told)  # type: ignore[arg-type]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder in which something was spent."""
    with Accounts.open(tmp_path / ".motet" / "ledger.db") as accounts:
        accounts.record(entry("req_1", 5 * CENT, user="ann", input_tokens=1200, upstream_id="up_1"))
        accounts.record(entry("req_2", 20 * CENT, estimated=True, upstream_id="up_2"))
        accounts.record(entry("req_3", None, used="odd", story='{"lost":["top_k"]}'))
    return tmp_path


def test_nothing_was_asked_yet(tmp_path: Path) -> None:
    assert motet("spend", at=tmp_path).out == "Nothing was asked yet.\n"
    found = motet("spend", "--json", at=tmp_path).json
    assert (found["rows"], found["total"]["cost_usd"]) == ([], 0.0)
    assert motet("spend", "check", at=tmp_path).code == 0
    assert "no such request" in motet("spend", "show", "req_1", at=tmp_path).err
    assert list(tmp_path.iterdir()) == []


def test_a_table_with_a_total(folder: Path) -> None:
    lines = motet("spend", "--by", "model", at=folder).out.splitlines()
    assert [line.split() for line in lines[:4]] == [
        ["model", "requests", "attempts", "input", "cached", "output", "cost", "estimated"],
        ["small", "2", "2", "1,200", "0", "0", "$0.250", "$0.200"],
        ["odd", "1", "1", "0", "0", "0", "$0.00"],
        ["total", "3", "3", "1,200", "0", "0", "$0.250", "$0.200"],
    ]
    assert lines[4].startswith("1 calls are not in it")
    today = time.strftime("%Y-%m-%d", time.gmtime())
    assert motet("spend", "--by", "day", at=folder).out.splitlines()[1].startswith(today)
    assert motet("spend", "--since", "1h", "--by", "user", at=folder).out.count("\n") == 5
    assert motet("spend", "--until", "1h", at=folder).out == "Nothing was asked yet.\n"
    assert "this is no time" in motet("spend", "--since", "whenever", at=folder).err


def test_the_story_of_a_request(folder: Path) -> None:
    shown = motet("spend", "show", "req_2", at=folder).out
    assert "done  there/small" in shown
    assert "$0.200 (estimated)" in shown
    assert "upstream_id: up_2" in shown
    shown = motet("spend", "show", "req_3", at=folder).out
    assert "no known price" in shown
    assert 'story: {"lost":["top_k"]}' in shown


def test_what_is_printed_is_documented(folder: Path) -> None:
    check(motet("spend", "--json", at=folder).json, EXAMPLES["spend"])
    check(motet("spend", "show", "req_1", "--json", at=folder).json, EXAMPLES["spend show"])
    check(motet("spend", "check", "--json", at=folder).json, EXAMPLES["spend check"])
    (folder / "usage.json").write_text('[{"id": "up_1", "cost": 1}, {"id": "up_9", "cost": 1}]')
    words = ["spend", "reconcile", "--from", "usage.json", "--json"]
    check(motet(*words, at=folder).json, EXAMPLES["spend reconcile"])


def test_estimates_are_corrected_by_an_export(folder: Path) -> None:
    (folder / "usage.csv").write_text("generation_id,total_cost\nup_2,0.0175\nup_1,0.06\nup_9,1\n")
    out = motet("spend", "reconcile", "--from", "usage.csv", at=folder).out
    assert "1 corrected, -$0.182 in all." in out
    assert "differs: req_1 1: $0.0500 here, $0.0600 there" in out
    assert "unknown: up_9" in out
    shown = motet("spend", "show", "req_2", at=folder).out
    assert "$0.0175\n" in shown
    assert "corrected: it stood as $0.200 before usage.csv" in shown
    assert motet("spend", "check", at=folder).code == 0
    rows = json.dumps([{"upstream_id": "up_1", "cost_usd": 0.06}])
    words = ["spend", "reconcile", "--from", "-", "--counted"]
    assert "1 corrected, $0.0100" in motet(*words, at=folder, stdin=rows).out
    assert motet("spend", "--json", at=folder).json["total"]["cost_pico_usd"] == 77_500_000_000


def test_tokens_without_a_cost_are_priced(tmp_path: Path) -> None:
    with Accounts.open(tmp_path / ".motet" / "ledger.db") as accounts:
        for id, used in (("req_1", "gpt-4o-mini"), ("req_2", "nobody-knows-it")):
            told = {"provider": "openai", "used": used, "estimated": True}
            accounts.record(entry(id, CENT, upstream_id=f"up_{id}", **told))
    rows = "id,prompt_tokens,completion_tokens\nup_req_1,1000000,0\nup_req_2,1,1\n"
    words = ["spend", "reconcile", "--from", "-", "--json"]
    found = motet(*words, at=tmp_path, stdin=rows).json
    assert (found["corrected"], found["unknown"], found["left"]) == (1, ["up_req_2"], 1)
    [attempt] = motet("spend", "show", "req_1", "--json", at=tmp_path).json["attempts"]
    assert (attempt["cost_usd"], attempt["input_tokens"]) == (0.15, 1_000_000)
    assert motet("spend", "check", at=tmp_path).code == 0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("cost\n1\n", "entry 1: no id"),
        ("id,cost\nx,\n", "entry 1: no cost"),
        ("id,input_tokens\nx,5\n", "entry 1: no cost"),
        ("id,input_tokens,output_tokens\nx,5,many\n", "entry 1: "),
        ("id,cost\nx,1\ny,much\n", "entry 2: not an amount of money"),
        ('[{"id": "x", "cost": -1}]', "below nothing"),
        ("[1]", "expected objects"),
        ('{"id": 1}\nx', "no JSON"),
    ],
)
def test_an_export_that_cannot_be_read_changes_nothing(folder: Path, text: str, said: str) -> None:
    (folder / "usage").write_text(text)
    done = motet("spend", "reconcile", "--from", "usage", at=folder)
    assert done.code == 2
    assert said in done.err
    assert motet("spend", "--json", at=folder).json["total"]["estimated_usd"] == 0.2


def test_a_false_ledger_is_noticed(folder: Path) -> None:
    out = motet("spend", "check", at=folder).out
    assert out.startswith("The ledger is true")
    store = open_store(folder / ".motet" / "ledger.db")
    with store.write() as db:
        db.execute("UPDATE entries SET cost = cost + 1 WHERE id = 'req_1'")
    store.close()
    done = motet("spend", "check", at=folder)
    assert done.code == 1
    assert "counter local total" in done.out
    assert motet("spend", "check", "--json", at=folder).json["ok"] is False


def test_runs_cost_what_their_entries_say(tmp_path: Path) -> None:
    @api.operator
    def one() -> int:
        return 1

    plan = api.Plan()
    plan.add(one)
    run = api.run(plan, home=tmp_path / ".motet")
    with Accounts.open(tmp_path / ".motet" / "ledger.db") as accounts:
        accounts.record(entry("req_1", 0, run=run.id))
    assert motet("spend", "check", at=tmp_path).code == 0
    with Accounts.open(tmp_path / ".motet" / "ledger.db") as accounts:
        accounts.record(entry("req_2", CENT, run=run.id))
    done = motet("spend", "check", at=tmp_path)
    assert done.code == 1
    assert f"run {run.id}: $0.00, its rows say $0.0100" in done.out


def test_what_a_lost_process_leased_is_freed(folder: Path) -> None:
    assert motet("spend", "leases", at=folder).out == "Nothing is leased.\n"
    store = open_store(folder / ".motet" / "ledger.db")
    with store.write() as db:
        db.execute("INSERT INTO leases VALUES ('local', 'spool_1', ?)", (CENT,))
    store.close()
    assert motet("spend", "leases", at=folder).out == "spool_1  $0.0100 of local\n"
    check(motet("spend", "leases", "--json", at=folder).json, EXAMPLES["spend leases"])
    assert motet("spend", "free", "spool_1", "--json", at=folder).json["freed"] == 1
    assert "this holds nothing" in motet("spend", "free", "spool_1", at=folder).err
