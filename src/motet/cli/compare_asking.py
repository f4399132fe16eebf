"""Who is compared: systems, models within a system, models and experts asked alone."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from motet.core.clock import tick
from motet.core.errors import MotetError, UsageError
from motet.learning.comparison import Outcome
from motet.learning.questions import Question, QuestionSet
from motet.learning.scorers import Scorer, score

if TYPE_CHECKING:
    from motet.core.chat import ChatModel, ChatRequest
    from motet.core.protocols import SpanReader
    from motet.models.catalogue.card import Card
    from motet.system import System

UNKNOWN = "unknown"
LIMIT = 1024
"""Tokens an answer of a model asked alone may have, its thoughts included."""
SURE = 0.5
"""How likely an expert must find it that a context answers, to say anything."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a candidate said. `run` is the run of a system, `model` what really answered."""

    text: str
    abstained: bool = False
    cost: float | None = None
    input_tokens: int = 0
    output_tokens: int = 0
    model: str | None = None
    run: str | None = None


class Candidate(Protocol):
    """Who answers questions."""

    @property
    def name(self) -> str:
        """The name in tables."""
        ...

    @property
    def within(self) -> System | None:
        """The system that asks, None where a model is asked alone."""
        ...

    async def answer(self, question: Question) -> Said:
        """Answer a question. Raises `MotetError`."""
        ...


@dataclass(frozen=True, slots=True)
class InSystem:
    """A system as it plans, or with one of its models pinned."""

    name: str
    within: System
    pinned: str | None = None

    async def answer(self, question: Question) -> Said:
        """Ask the system, without looking for changed documents."""
        found = await self.within.aask(question.text, model=self.pinned, ingest=False)
        uses = {each.name: each.use for each in self.within.declaration.models}
        return Said(
            found.text,
            found.abstained,
            found.usage.cost_usd,
            found.usage.input_tokens,
            found.usage.output_tokens,
            uses.get(found.model),
            found.run,
        )


@dataclass(frozen=True, slots=True)
class Alone:
    """A chat model without a system: it answers from the question's context, or by heart."""

    name: str
    chat: ChatModel
    card: Card
    within: None = None

    async def answer(self, question: Question) -> Said:
        """Ask for a short answer; the word `unknown` says that it has none."""
        from motet.core.money import dollars
        from motet.gateway.booking import priced

        found = await self.chat.complete(_request(question))
        usage = found.usage
        cost = priced(self.card.pricing, usage, self.card.provider) if usage else None
        text = found.text.strip()
        return Said(
            text,
            text.strip(" .\"'").lower() == UNKNOWN,
            None if cost is None else dollars(cost),
            usage.input_tokens if usage else 0,
            usage.output_tokens if usage else 0,
            self.card.use,
        )


def _request(question: Question) -> ChatRequest:
    from motet.core.chat import ChatRequest, Message

    if question.context is None:
        told = f"Answer in as few words as possible. If you do not know, say {UNKNOWN}."
        asked = question.text
    else:
        told = (
            "Answer from the text, in as few words as possible, its own where you can. "
            f"If it does not say, say {UNKNOWN}."
        )
        asked = f"Text:\n{question.context}\n\nQuestion: {question.text}"
    messages = (Message("system", told), Message("user", asked))
    return ChatRequest(messages, max_tokens=LIMIT, temperature=0.0)


@dataclass(frozen=True, slots=True)
class Reading:
    """The extractive reader on the question's own context."""

    name: str
    reader: SpanReader
    within: None = None

    async def answer(self, question: Question) -> Said:
        """Find the span. Raises `UsageError` where there is nothing to read."""
        if question.context is None:
            hint = "give `context`, or name a system with -s"
            raise UsageError("an expert needs something to read", where=self.name, hint=hint)
        return await asyncio.to_thread(self._read, question.text, question.context)

    def _read(self, question: str, context: str) -> Said:
        [span] = spans = self.reader.read(question, [context])
        sure = self.reader.answerable(question, [context], spans) >= SURE
        return Said(context[span.start : span.end], not sure, 0.0, model=self.name)


def candidates(names: Sequence[str], system: str | None, stack: ExitStack) -> list[Candidate]:
    """Return who is meant: folders and files are systems, other names models.

    With `system` models answer within it; without names, all that it declares and that can
    answer now. Raises `UsageError`.
    """
    opened: dict[Path, System] = {}

    def open_once(path: str) -> System:
        from motet.system import load

        place = Path(path).resolve()
        if place not in opened:
            opened[place] = stack.enter_context(load(path))
        return opened[place]

    within = open_once(system) if system is not None else None
    if not names and within is not None:
        names = [name for name, why in within.availability().items() if why is None]
    found = [_candidate(name, within, open_once, stack) for name in names]
    twice = [each.name for each in found if [e.name for e in found].count(each.name) > 1]
    if twice:
        raise UsageError(f"'{twice[0]}' is named twice", hint="each is compared once")
    if not found:
        raise UsageError("nobody to compare", hint="name models or folders of systems")
    return found


def _candidate(
    name: str, within: System | None, open_once: Callable[[str], System], stack: ExitStack
) -> Candidate:
    if Path(name).exists():
        system = open_once(name)
        return InSystem(system.name, system)
    if within is not None:
        declared = [each.name for each in within.declaration.models]
        if name not in declared:
            hint = f"it declares {', '.join(declared)}"
            raise UsageError(f"no model '{name}' in {within.name}", hint=hint)
        return InSystem(name, within, name)
    if name == "expert/reader":
        from motet.models.encoder import load_encoder
        from motet.models.experts.reader import load_reader

        return Reading(name, load_reader(load_encoder()))
    return _alone(name, stack)


def _alone(name: str, stack: ExitStack) -> Candidate:
    from motet.cli.model_finding import declaration, declared_model, roster
    from motet.models import catalogue

    found, model = declared_model(name, declaration(None))
    chat = stack.enter_context(roster(found)).chat(model.name)
    return Alone(name, chat, catalogue.of(model))


async def outcomes(
    found: Sequence[Candidate],
    questions: QuestionSet,
    scorer: Scorer,
    jobs: int,
    done: Callable[[], None],
) -> Mapping[str, list[Outcome]]:
    """Ask everybody every question, `jobs` at a time; `done` is called after each answer."""
    free = asyncio.Semaphore(jobs)

    async def one(who: Candidate, question: Question) -> Outcome:
        async with free:
            outcome = await _outcome(who, question, scorer)
            done()
            return outcome

    # Question by question, so that a machine that grows slower is so for everybody.
    asked = [
        [asyncio.ensure_future(one(who, question)) for who in found]
        for question in questions.questions
    ]
    answered = [await asyncio.gather(*row) for row in asked]
    return {who.name: [row[place] for row in answered] for place, who in enumerate(found)}


async def _outcome(who: Candidate, question: Question, scorer: Scorer) -> Outcome:
    began = tick()
    try:
        said = await who.answer(question)
    except MotetError as error:
        return Outcome("", 0.0, tick() - began, error=error.message)
    seconds = tick() - began
    worth = score(scorer, said.text, question.answers, abstained=said.abstained)
    if who.within is not None and said.run is not None:
        await asyncio.to_thread(_remember, who.within, said.run, worth)
    return Outcome(
        said.text,
        worth,
        seconds,
        said.abstained,
        said.cost,
        said.input_tokens,
        said.output_tokens,
        said.model,
    )


def _remember(system: System, run: str, worth: float) -> None:
    """Let the planner learn from it: the score of the node that answered."""
    nodes = {each.node for each in system.journal.get(run).nodes}
    if "answer" in nodes:
        system.journal.score(run, "answer", "compare", worth)
