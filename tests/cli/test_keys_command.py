"""`motet keys` and `motet teams`."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
from motet_process import Done, motet
from test_json_shapes import EXAMPLES, check

from motet.core.clock import iso, now
from motet.gateway.accounts import Accounts


def one_line(done: Done) -> str:
    assert done.code == 2
    assert re.fullmatch(r"motet: [^\n]+\n", done.err), done.err
    return done.err


def test_looking_makes_nothing(tmp_path: Path) -> None:
    assert motet("keys", "list", at=tmp_path).out.startswith("No keys yet")
    assert motet("teams", "list", at=tmp_path).out.startswith("No teams yet")
    assert motet("keys", "list", "--json", at=tmp_path).json["keys"] == []
    assert motet("teams", "list", "--json", at=tmp_path).json["teams"] == []
    assert list(tmp_path.iterdir()) == []


def test_the_life_of_a_key(tmp_path: Path) -> None:
    ledger = tmp_path / ".motet" / "ledger.db"
    done = motet("keys", "create", "app", "--budget", "$0.50", "--requests", "60", at=tmp_path)
    secret = done.out.strip()
    assert secret.startswith("mk-")
    assert "shown only now" in done.err
    with Accounts.open(ledger) as accounts:
        who = accounts.tenant(secret)
        assert who is not None
        assert (who.name, who.limited) == ("app", True)
    assert secret not in ledger.read_bytes().decode("latin-1")
    line = motet("keys", "list", at=tmp_path).out
    assert f"mk-…{secret[-4:]}  $0.500, 60 requests/min" in line
    assert "spent: $0.00" in motet("keys", "show", "app", at=tmp_path).out
    edited = motet("keys", "edit", "app", "--budget", "none", "--disable", at=tmp_path).out
    assert "60 requests/min; disabled" in edited
    with Accounts.open(ledger) as accounts:
        assert accounts.tenant(secret) is None
    motet(
        "keys", "edit", "app", "--enable", "--local", "--model", "a/*", "--model", "b", at=tmp_path
    )
    with Accounts.open(ledger) as accounts:
        who = accounts.tenant(secret)
        assert who is not None
        assert (who.local, who.models) == (True, ("a/*", "b"))
    assert motet("keys", "revoke", "app", at=tmp_path).code == 0
    with Accounts.open(ledger) as accounts:
        assert accounts.tenant(secret) is None
    assert motet("keys", "list", at=tmp_path).out.startswith("No keys yet")
    assert "revoked" in motet("keys", "list", "--all", at=tmp_path).out


def test_a_running_process_follows(tmp_path: Path) -> None:
    with Accounts.open(tmp_path / ".motet" / "ledger.db") as accounts:
        secret = motet("keys", "create", "app", "--json", at=tmp_path).json["key"]
        began = time.monotonic()
        while accounts.tenant(secret) is None:
            assert time.monotonic() - began < 1.5
            time.sleep(0.01)


def test_keys_of_teams(tmp_path: Path) -> None:
    motet("teams", "create", "ops", "--budget", "5", "--period", "month", at=tmp_path)
    motet("keys", "create", "app", "--team", "ops", at=tmp_path)
    shown = motet("teams", "show", "ops", at=tmp_path).out
    assert "$5.00 per month" in shown
    assert "spent: $0.00 this month" in shown
    assert "keys: app" in shown
    assert "team ops: spent $0.00; $5.00 per month" in motet("keys", "show", "app", at=tmp_path).out
    edited = motet("teams", "edit", "ops", "--tokens", "100", "--disable", at=tmp_path).out
    assert "100 tokens/min; disabled" in edited
    assert "ops" in motet("teams", "list", at=tmp_path).out
    moved = motet("keys", "edit", "app", "--team", "none", "--json", at=tmp_path).json
    assert moved["team"] is None


def test_what_is_printed_is_documented(tmp_path: Path) -> None:
    team = motet("teams", "create", "ops", "--budget", "5", "--json", at=tmp_path).json
    words = ["--team", "ops", "--budget", "20", "--period", "month", "--requests", "60"]
    words += ["--model", "openai/*", "--expires", "30d"]
    made = motet("keys", "create", "app", *words, "--json", at=tmp_path).json
    check(made, EXAMPLES["keys create"])
    assert made["expires"][:10] == iso(now() + 30 * 86400)[:10]
    check(motet("keys", "list", "--json", at=tmp_path).json, EXAMPLES["keys list"])
    check(motet("teams", "show", "ops", "--json", at=tmp_path).json, EXAMPLES["teams show"])
    assert set(EXAMPLES["teams show"]) - set(team) == {"spent_usd", "keys"}
    del made["key"]
    edited = motet("keys", "edit", "app", "--json", at=tmp_path).json
    assert edited == made
    shown = motet("keys", "show", "app", "--json", at=tmp_path).json
    assert shown == {**made, "spent_usd": 0.0}
    assert motet("keys", "revoke", "app", "--json", at=tmp_path).json["revoked"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["show", "nobody"], "no such key"),
        (["create", " "], "a key needs a name"),
        (["create", "x", "--team", "nobody"], "no such team"),
        (["create", "x", "--budget", "much"], "not an amount of money"),
        (["create", "x", "--budget", "-1"], "0 or more"),
        (["create", "x", "--budget", "1e300"], "not an amount of money"),
        (["create", "x", "--requests", "1.5"], "expected a number"),
        (["create", "x", "--expires", "soon"], "this is no time"),
        (["create", "app"], "there is a key of that name"),
    ],
)
def test_mistakes_are_said_in_one_line(tmp_path: Path, words: list[str], said: str) -> None:
    assert motet("keys", "create", "app", at=tmp_path).code == 0
    assert said in one_line(motet("keys", *words, at=tmp_path))
