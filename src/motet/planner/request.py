"""What the planner is asked: a skill, the means there are, and what must be kept to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from motet.core.json import JSON
from motet.core.passages import RetrievalMode
from motet.planner.cost import CHAT, Charge, Price
from motet.planner.objective import Limits, Objective
from motet.planner.plan import Effect

__all__ = ["CHAT", "Aggregate", "Answerer", "OfferedTool", "Request", "Thinking", "Typed"]

Aggregate = Literal["vote", "best", "judge"]


@dataclass(frozen=True, slots=True)
class Answerer:
    """A model that may answer: `method` is the code that asks it, `note` says why that one.

    `concurrency` is how many requests it takes at a time, None where nobody said.
    """

    name: str
    method: str
    price: Price | None = None
    local: bool = True
    unavailable: str | None = None
    note: str = ""
    concurrency: int | None = None

    @property
    def charge(self) -> Charge:
        """Who pays what for it."""
        return Charge(self.price, self.local)


@dataclass(frozen=True, slots=True)
class OfferedTool:
    """A tool that chat models may call. `approve`: a person must allow each call first."""

    name: str
    effect: Effect = "once"
    approve: bool = False
    unavailable: str | None = None


@dataclass(frozen=True, slots=True)
class Thinking:
    """How much deep thinking is allowed: attempts, how they become one, who verifies."""

    attempts: int = 1
    aggregate: Aggregate = "vote"
    verify: str | None = None


@dataclass(frozen=True, slots=True)
class Typed:
    """The output of a skill that is no plain answer: its JSON Schema and what it is for."""

    schema: Mapping[str, JSON]
    about: str = ""


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be planned. `pins` map an operator to a choice.

    `task` is the kind of request that statistics tell apart; `memory` names whose memory is
    declared, and `forgets` says why nothing is remembered all the same; `typed` is set where
    the skill's output has a type; `operators` are those whose author wrote them to produce this
    skill.
    """

    skill: str
    retrieval: Mapping[RetrievalMode, str | None]
    answerers: Sequence[Answerer]
    has_knowledge: bool
    cite: str = "optional"
    objective: Objective = field(default_factory=Objective)
    pins: Mapping[str, str] = field(default_factory=dict)
    limits: Limits = field(default_factory=Limits)
    task: str = ""
    tools: Sequence[OfferedTool] = ()
    thinking: Thinking = field(default_factory=Thinking)
    memory: str = "none"
    forgets: str = ""
    typed: Typed | None = None
    operators: Sequence[str] = ()

    @property
    def recalls(self) -> bool:
        """Whether what was said before is recalled, and what is said now remembered."""
        return self.memory != "none" and not self.forgets and self.typed is None
