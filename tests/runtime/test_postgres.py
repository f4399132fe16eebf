"""A journal in PostgreSQL: servers that die, addresses that are wrong, who may what."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import motet
from motet.core.errors import SetupNeeded, StoreError, UsageError
from motet.core.folders import journal_place
from motet.runtime.journal import Journal
from motet.runtime.runs import get, journal_of

if TYPE_CHECKING:
    from postgres_server import PostgresServer


def name_of(url: str) -> str:
    return url.partition("@/")[2].partition("?")[0]


@motet.operator
def add(a: int, b: int) -> int:
    return a + b


class Gate:
    """Lets a test act while an operator runs."""

    def __init__(self) -> None:
        self.calls: list[int] = []
        self.began = asyncio.Event()
        self.go = asyncio.Event()


def gated(gate: Gate, effect: str) -> motet.Plan:
    @motet.operator(effect=effect, name="gated")
    async def wait(value: int) -> int:
        gate.calls.append(value)
        gate.began.set()
        await gate.go.wait()
        return value

    plan = motet.Plan()
    plan.add(add, plan.add(wait, plan.add(add, 1, 2)), 10)
    return plan


def statuses(url: str) -> dict[str, str]:
    return {each.id: each.status for each in get("lost", home=url).nodes}


async def lose(server: PostgresServer, url: str, effect: str) -> tuple[motet.Plan, Gate]:
    """Run a plan whose server dies in the middle of its second node."""
    gate = Gate()
    plan = gated(gate, effect)
    running = asyncio.create_task(motet.arun(plan, home=url, id="lost"))
    await gate.began.wait()
    await journal_of(url).flush()
    await asyncio.to_thread(server.restart)
    gate.go.set()
    with pytest.raises(StoreError, match="resume"):
        await running
    return plan, gate


def test_a_run_whose_server_dies_says_so_and_is_resumed(mortal_postgres: PostgresServer) -> None:
    async def scenario() -> None:
        url = mortal_postgres.database()
        plan, gate = await lose(mortal_postgres, url, "read")
        assert statuses(url) == {"add": "done", "gated": "running"}
        run = await motet.arun(plan, home=url, id="lost")
        assert (run.status, run.value, gate.calls) == ("done", 13, [3, 3])
        other = await motet.arun(gated(gate, "read"), home=url)
        assert other.value == 13

    asyncio.run(scenario())


def test_what_happens_once_is_in_doubt_when_the_server_died(
    mortal_postgres: PostgresServer,
) -> None:
    async def scenario() -> None:
        url = mortal_postgres.database()
        plan, gate = await lose(mortal_postgres, url, "once")
        run = await motet.arun(plan, home=url, id="lost")
        assert [(each.node, each.in_doubt) for each in run.pending] == [("gated", True)]
        motet.answer("lost", "gated", 5, home=url)
        operators = [each.operator for each in plan.nodes]
        assert (await motet.aresume("lost", operators=operators, home=url)).value == 15
        assert gate.calls == [3]

    asyncio.run(scenario())


def test_who_held_nothing_notices_no_restart(mortal_postgres: PostgresServer) -> None:
    url = mortal_postgres.database()
    plan = motet.Plan()
    plan.add(add, 1, 2)
    first = motet.run(plan, home=url)
    mortal_postgres.restart()
    assert motet.run(plan, home=url).value == 3
    assert get(first.id, home=url).value == 3


def test_a_run_is_lost_with_the_connection_that_owned_it(postgres: PostgresServer) -> None:
    url = postgres.database()
    journal, other = Journal(url), Journal(url)
    journal.owners.take("run_1")
    kill = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = "
    postgres.execute(f"{kill} '{name_of(url)}'")
    other.owners.take("run_1")
    journal.answer("run_2", "", "cancel", None, "")  # whoever owns nothing goes on
    with pytest.raises(StoreError, match="owned this run was lost"):
        journal.owners.check(["run_1"])
    other.owners.give_back("run_1")
    journal.owners.take("run_1")
    journal.owners.check(["run_1"])
    journal.close()
    other.close()


def test_tables_are_made_once_by_many(postgres: PostgresServer) -> None:
    url = postgres.database()
    code = "import sys; from motet.runtime.journal import Journal; Journal(sys.argv[1]).close()"
    started = [subprocess.Popen([sys.executable, "-c", code, url]) for _ in range(4)]
    assert [each.wait() for each in started] == [0, 0, 0, 0]


def test_a_newer_store_is_left_alone(postgres: PostgresServer) -> None:
    url = postgres.database()
    Journal(url).close()
    postgres.execute("UPDATE motet.version SET number = 99", name_of(url))
    with pytest.raises(StoreError, match="schema 99"):
        Journal(url)


def test_another_encoding_is_refused(postgres: PostgresServer) -> None:
    postgres.execute("CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0")
    with pytest.raises(StoreError, match="LATIN1"):
        Journal(postgres.url("latin"))


def test_a_user_who_may_not_make_tables_is_told(postgres: PostgresServer) -> None:
    url = postgres.database()
    postgres.execute("CREATE ROLE guest LOGIN")
    with pytest.raises(StoreError, match="GRANT CREATE"):
        Journal(url.replace("motet@", "guest@"))


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://motet:hidden@127.0.0.1:1/x",
        "postgresql://motet:hidden@/x?host=/nowhere",
        "postgresql://motet:hidden@127.0.0.1:port/x",
        "postgresql://motet:hidden@/x?nonsense=1",
    ],
)
def test_an_address_that_does_not_answer(url: str) -> None:
    with pytest.raises(StoreError) as failure:
        Journal(url)
    assert "hidden" not in str(failure.value)
    assert "\n" not in str(failure.value)


def test_without_the_client_the_extra_is_named(tmp_path: Path) -> None:
    (tmp_path / "psycopg.py").write_text("raise ImportError('no psycopg')")
    code = "from motet.runtime.journal import Journal; Journal('postgresql://x@/y')"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert SetupNeeded.__name__ in done.stderr
    assert "pip install 'motet[postgres]'" in done.stderr


def test_the_environment_says_where_runs_are_recorded(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("MOTET_HOME", str(tmp_path))
    monkeypatch.delenv("MOTET_JOURNAL", raising=False)
    assert journal_place(None) == tmp_path / "runs.db"
    monkeypatch.setenv("MOTET_JOURNAL", "postgresql://motet@/x")
    assert journal_place(None) == "postgresql://motet@/x"
    assert journal_place(tmp_path / "other") == tmp_path / "other" / "runs.db"
    assert journal_place("postgres://y") == "postgres://y"
    monkeypatch.setenv("MOTET_JOURNAL", "mysql://x")
    with pytest.raises(UsageError, match="MOTET_JOURNAL"):
        journal_place(None)
