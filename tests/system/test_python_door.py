"""Systems from Python: `motet.load(...)` and its asynchronous twin."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import motet

QUESTION = "How much is a membership?"


@pytest.fixture
def system(talking: Callable[..., Path]) -> Iterator[motet.System]:
    with motet.load(talking("quoting") / "motet.yaml") as system:
        yield system


def test_ask(system: motet.System) -> None:
    answer = system.ask(QUESTION)
    assert "38 euros" in answer.text
    assert answer.marked.endswith(" [1]")
    [citation] = answer.citations
    source = (system.base / citation.source).read_bytes().decode()
    assert source[citation.start : citation.end] == citation.text
    assert (answer.abstained, answer.model) == (False, "quoting")
    assert system.journal.get(answer.run).status == "done"


def test_ask_asynchronously(system: motet.System) -> None:
    async def both() -> list[motet.Answer]:
        return await asyncio.gather(system.aask(QUESTION), system.aask("When is it open?"))

    first, second = asyncio.run(both())
    assert "38 euros" in first.text
    assert first.run != second.run


def test_stream(system: motet.System) -> None:
    *_, answer = events = list(system.stream(QUESTION))
    assert isinstance(answer, motet.Answer)
    text = "".join(each.text for each in events if isinstance(each, motet.TextDelta))
    assert text == answer.marked


def test_leaving_a_stream_cancels_the_run(talking: Callable[..., Path]) -> None:
    with motet.load(talking("stalling")) as system:
        events = system.stream(QUESTION)
        next(events)
        events.close()
        [run] = system.journal.recent()
        assert run.status == "cancelled"


def test_blocking_inside_a_running_loop(system: motet.System) -> None:
    async def wrong() -> None:
        with pytest.raises(motet.UsageError, match="use the asynchronous twin"):
            system.ask(QUESTION)
        with pytest.raises(motet.UsageError, match="use the asynchronous twin"):
            next(system.stream(QUESTION))

    asyncio.run(wrong())


@pytest.mark.parametrize(
    ("question", "named"),
    [("", "empty"), (" \n", "empty"), ("\ud800", "half a character"), ("a" * 100_001, "longer")],
)
def test_questions_that_are_none(system: motet.System, question: str, named: str) -> None:
    for call in (system.ask, system.search, system.plan):
        with pytest.raises(motet.UsageError, match=named):
            call(question)


def test_a_model_that_is_not_declared(system: motet.System) -> None:
    with pytest.raises(motet.UsageError, match="nearest: quoting"):
        system.ask(QUESTION, model="qouting")


FAILURES = {
    "bad-gateway": "the provider answered 502",
    "rate-limited": "wait 7 s",
    "garbage": "is not a chat completion",
    "broken-json": "is not a chat completion",
    "broken-chunk": "^broken-chunk: ",
    "stalling": "nothing more for 2 s",
    "truncating": "before the answer was whole",
    "stopping": "^stopping: ",
    "redirecting": "redirects are not followed",
    "unheard-of": "answered 404",
}


def test_providers_that_fail(talking: Callable[..., Path]) -> None:
    with motet.load(talking(*FAILURES)) as system:
        system.ingest()
        for model, named in FAILURES.items():
            with pytest.raises(motet.ProviderError, match=named) as caught:
                system.ask(QUESTION, model=model, ingest=False)
            run = system.journal.recent(limit=1)[0]
            assert (run.status, run.error) == ("failed", str(caught.value))


def test_wrong_declarations(tmp_path: Path) -> None:
    with pytest.raises(motet.DeclarationError, match="no declaration here"):
        motet.load(tmp_path)
    (tmp_path / "motet.yaml").write_text("system: a\nmodels: [expert/rader]\n")
    with pytest.raises(motet.DeclarationError, match="nearest: expert/reader"):
        motet.load(tmp_path)


def test_a_system_made_of_parts(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(shop)
    parts = {"models": ["expert/reader"], "knowledge": ["./documents"]}
    with motet.System("parts", **parts) as system:
        assert system.ingest().added
        assert system.search("membership")[0].source == "documents/handbook.md"
