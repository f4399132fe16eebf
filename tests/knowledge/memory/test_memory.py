"""Agent memory: whose it is, what contradicts, what is forgotten."""

from __future__ import annotations

import pytest
from knowledge_samples import query

from motet.core.errors import UsageError
from motet.knowledge.memory import Fact, Memory
from motet.knowledge.provenance.viewer import DOCUMENTS, Sights, Viewer
from motet.knowledge.store import Store

DAY = 86_400.0


@pytest.fixture
def memory(any_store: Store) -> Memory:
    return Memory(any_store, lambda: None)


def texts(memory: Memory, question: str, **whose: str) -> list[str]:
    return [each.text for each in memory.recall(question, **whose)]  # type: ignore[arg-type]


def test_nobody_recalls_what_another_said(memory: Memory) -> None:
    memory.remember("I prefer the oak table.", at=DAY, user="ana", session="s1")
    memory.remember("The shop prefers oil.", at=DAY)
    memory.remember("We prefer the lamp.", at=DAY, session="s2")
    asked = "What do you prefer: table, lamp, oil?"
    assert set(texts(memory, asked, user="ana")) == {
        "I prefer the oak table.",
        "The shop prefers oil.",
    }
    assert texts(memory, asked, user="bob") == ["The shop prefers oil."]
    assert texts(memory, asked, session="s1") == ["The shop prefers oil."]
    assert "We prefer the lamp." in texts(memory, asked, user="bob", session="s2")
    within = Viewer("ana", "s9", memory="session")
    assert [each.text for each in memory.recall(asked, viewer=within)] == ["The shop prefers oil."]


def test_a_run_remembers_once(memory: Memory) -> None:
    for _ in range(2):
        memory.remember("I like ash.", at=DAY, user="ana", run="run_1", node="remember")
    (only,) = memory.list()
    assert (only.id, only.at, only.origin) == ("memory:run_1/remember", DAY, "run_1/remember")


def test_contradictions_stay_with_the_newest_that_holds_first(
    memory: Memory, any_store: Store
) -> None:
    for day, wood in enumerate(("oak", "ash", "pine")):
        memory.remember(f"I prefer {wood}.", at=day * DAY, user="ana")
    assert texts(memory, "What do I prefer?", user="ana")[0] == "I prefer pine."
    memory.remember("I no longer prefer pine.", at=9 * DAY, user="ana")
    found = memory.recall("What do I prefer?", user="ana")
    standing = [each.text for each in found if "no longer" not in each.text]
    assert standing == ["I prefer ash.", "I prefer oak.", "I prefer pine."]
    dated = query(
        any_store, "SELECT value, valid_from, valid_to, known_from FROM claims ORDER BY id"
    )
    assert dated[2] == ('"pine"', 2 * DAY, None, 2 * DAY)
    assert dated[3] == ('"pine"', None, 9 * DAY, 9 * DAY)


def test_an_answer_is_recalled_below_its_question(memory: Memory) -> None:
    asked = "How long is the warranty?"
    memory.remember(asked, answer="Five years.", at=DAY, user="ana", cites=["w.txt"])
    (found,) = memory.recall(asked, user="ana")
    assert (found.text, found.context) == ("Five years.", f"Said on 1970-01-02\n{asked}")
    assert found.source.startswith("memory:")
    assert memory.remember(asked, at=DAY, user="ana") is None


def test_forgetting_takes_facts_and_entities_along(memory: Memory, any_store: Store) -> None:
    memory.remember("I like oak.", at=DAY, user="ana")
    memory.remember("I like ash.", at=DAY, user="bob", session="s")
    memory.remember("Who?", answer="Stoll.", at=DAY, session="s", cites=["w.txt"])
    assert memory.forget(source="w.txt") == 1
    assert memory.forget(user="ana", age=DAY) == 1
    assert [each.user for each in memory.list()] == ["bob"]
    assert query(any_store, "SELECT name FROM entities") == [("bob",)]
    assert memory.forget(session="s") == 1
    for table in ("entities", "claims", "chunks", "versions", "sources"):
        assert query(any_store, f"SELECT count(*) FROM {table}") == [(0,)]
    with pytest.raises(UsageError, match="say what to forget"):
        memory.forget()


def test_a_value_that_is_an_entity_already_is_mentioned(memory: Memory, any_store: Store) -> None:
    memory.remember("x", at=DAY, facts=[Fact("The oak table", "price", "500")])
    memory.remember("Ana prefers the oak table", at=DAY)
    rows = query(
        any_store,
        """SELECT e.name, v.text, m.start, m."end" FROM mentions m
           JOIN entities e ON e.id = m.entity_id JOIN versions v ON v.id = m.version_id""",
    )
    assert rows == [("oak table", "Ana prefers the oak table", 16, 25)]


def test_sight_is_of_what_changed_last(memory: Memory, any_store: Store) -> None:
    sights = Sights(any_store)
    assert sights.of(Viewer("ana")).hidden.size == 0
    memory.remember("I like oak.", at=DAY, user="ana")
    assert sights.of(Viewer("ana")).hidden.size == 0
    assert sights.of(Viewer("bob")).hidden.size == sights.of(DOCUMENTS).hidden.size == 1
