"""What declarations, requests and records mean to the planner and to runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, TypedDict, cast

from motet.core.answers import Answer, Draft, Spent
from motet.core.chat import Message
from motet.core.errors import UsageError
from motet.core.json import JSON
from motet.core.protocols import Tool
from motet.knowledge.discover import Root
from motet.knowledge.provenance.policy import Policy
from motet.knowledge.provenance.viewer import Viewer
from motet.planner.objective import Objective
from motet.planner.plan import PhysicalPlan
from motet.planner.request import OfferedTool, Thinking, Typed
from motet.runtime.budget import Budget
from motet.runtime.records import Record, Usage
from motet.spec.shapes import json_schema
from motet.spec.types import Declaration, Source

if TYPE_CHECKING:
    from motet.knowledge.structure.databases import Databases

SKILL = "answer"
NOBODY = Viewer()
"""Whoever asks without saying who they are."""


class Whose(TypedDict, total=False):
    """Who asks, and in which conversation: whose memory is meant."""

    user: str | None
    session: str | None


MAX_QUESTION = 100_000
"""Characters; reading one of this length takes about a second."""


def answered(record: Record) -> Answer:
    """Return the answer of a run that is done."""
    spans = {span.node: span for span in record.nodes}
    draft = cast("Mapping[str, Any]", spans[record.physical().output].value)
    return Answer.from_json(cast("Mapping[str, Any]", record.value), draft["text"])


def answer(record: Record, draft: Draft, used: Usage, seconds: float) -> Answer:
    """Return the answer that a run's last draft makes."""
    return Answer(
        system=record.system,
        text=draft.text,
        marked=draft.marked,
        citations=draft.citations,
        abstained=draft.abstained,
        model=draft.model,
        run=record.id,
        usage=Spent(used.input_tokens, used.output_tokens, used.cost_usd, seconds),
    )


def check_question(question: str) -> None:
    """Raise `UsageError` for a text that no system can be asked."""
    if not question.strip():
        raise UsageError("the question is empty")
    if len(question) > MAX_QUESTION:
        raise UsageError(
            f"the question is longer than {MAX_QUESTION} characters",
            hint="ingest long texts and ask about them",
        )
    try:
        question.encode()
    except UnicodeEncodeError as error:
        raise UsageError("the question holds half a character (a lone surrogate)") from error


def objective(declared: Declaration) -> Objective:
    """Return the declared constraints and what is preferred among plans that keep to them."""
    goal = declared.objective
    return Objective(goal.quality, goal.latency, goal.cost, declared.prefer)


def thinking(declared: Declaration) -> Thinking:
    """Return how much deep thinking is declared."""
    think = declared.think
    return Thinking(think.attempts, think.aggregate, think.verify) if think else Thinking()


def idle_parts(declared: Declaration) -> list[str]:
    """Return the parts of a declaration that are checked but not acted on by this version."""
    parts = {
        "tools that are not Python functions": any(e.python is None for e in declared.tools),
    }
    return [name for name, present in parts.items() if present]


def told(history: Sequence[Message], viewer: Viewer = NOBODY) -> dict[str, JSON]:
    """Return earlier turns, and who asks, as a run's record keeps them."""
    turns: list[JSON] = [{"role": each.role, "content": each.text} for each in history]
    whose = {"user": viewer.user, "session": viewer.session}
    found: dict[str, JSON] = {name: each for name, each in whose.items() if each is not None}
    return found | ({"history": turns} if turns else {})


def whose(declared: Declaration, record: Record) -> Viewer:
    """Return who asked, as a record keeps it."""
    said = {name: record.extra.get(name) for name in ("user", "session")}
    user, session = (each if isinstance(each, str) else None for each in said.values())
    return viewer(declared, user, session)


def viewer(declared: Declaration, user: str | None = None, session: str | None = None) -> Viewer:
    """Return who asks; an empty name is none."""
    return Viewer(user or None, session or None, declared.memory)


def forgets(declared: Declaration, viewer: Viewer) -> str:
    """Return why nothing is remembered of whoever asks; empty where it is, or not declared."""
    if declared.memory == "user" and viewer.user is None:
        return "`memory: user` is declared, and no user is named (`--user`, `user` over the API)"
    if declared.memory == "session" and viewer.session is None:
        return "`memory: session` is declared, and no session is named (`--session`)"
    return ""


def recalled(record: Record) -> list[Message]:
    """Return the earlier turns that a record keeps."""
    found = cast("Sequence[Mapping[str, Any]]", record.extra.get("history", ()))
    return [Message(each["role"], each["content"]) for each in found]


def offered(declared: Declaration, tools: Mapping[str, Tool]) -> list[OfferedTool]:
    """Return the tools that chat models may call, and which calls a person must allow."""
    approve = declared.guard.approve
    return [
        OfferedTool(name, tool.effect, any(fnmatchcase(name, each) for each in approve))
        for name, tool in tools.items()
    ]


def budget(declared: Declaration) -> Budget | None:
    """Return what the declared budget means to the planner and to a run."""
    found = declared.guard.budget
    return Budget(found.cost, found.tokens, found.time, found.calls) if found else None


def answering(plan: PhysicalPlan) -> str:
    """Return who will answer."""
    return next(node.choice for node in plan.nodes if node.operator in ("answer", "extract"))


def roots(declared: Declaration) -> list[Root]:
    """Return the declared files, folders and globs. Raises `UsageError` for an address."""
    found = []
    for source in declared.knowledge:
        path = source.path or source.table
        if path is not None:
            found.append(Root(path, source.only, source.exclude, _policy(source)))
        elif source.database is None:
            raise UsageError(
                "this version ingests files, folders and databases only",
                where=f"knowledge: {source.location}",
                hint="save the page to a file, and declare that",
            )
    return found


def databases(declared: Declaration) -> Databases | None:
    """Return the declared databases, None where there are none.

    Raises `DeclarationError` where a variable of an address is not set.
    """
    from motet.knowledge.structure.databases import Database, Databases

    found = [
        Database(source.database.resolve(), source.only, _policy(source))
        for source in declared.knowledge
        if source.database is not None
    ]
    return Databases(found, declared.root) if found else None


def _policy(source: Source) -> Policy:
    return Policy(source.local, source.publish, source.derived, source.expires)


def typed(declared: Declaration, skill: str) -> Typed | None:
    """Return the declared output of a skill, None for an answer. Raises `UsageError`."""
    if skill == SKILL:
        return None
    found = declared.skill(skill)
    if found is None:
        names = [SKILL, *(each.name for each in declared.skills)]
        near = get_close_matches(skill, names, n=1)
        hint = f"nearest: {near[0]}" if near else f"there are: {', '.join(names)}"
        raise UsageError(f"no such skill: {skill!r}", where=declared.system, hint=hint)
    return Typed(json_schema(found.output), found.about)
