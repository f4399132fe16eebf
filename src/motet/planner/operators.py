"""The operators a plan is made of: types, effects, and how each is estimated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from motet.planner import compose
from motet.planner.compose import Composer
from motet.planner.plan import Effect


@dataclass(frozen=True, slots=True)
class Operator:
    """What the planner knows of an operator: input types in order, output type, effect.

    `methods` can carry it out: one with a composer is estimated from its parts, another by
    what was measured of it and its choice, or by its prior.
    """

    name: str
    inputs: tuple[str, ...]
    output: str
    effect: Effect
    about: str
    methods: Mapping[str, Composer | None] = field(default_factory=dict)


_ANSWERING: Mapping[str, Composer | None] = {
    "answer.read": None,
    "answer.quote": None,
    "answer.generate": None,
    "answer.turns": compose.turns,
    "answer.dag": compose.dag,
    "answer.cascade": compose.cascade,
    "answer.aggregate": compose.aggregate,
    "operator.run": None,
}
_CHECKING = {"verify.answerable": None, "verify.support": None, "verify.ask": None}
_CHOOSING = {"aggregate.vote": None, "aggregate.best": None, "aggregate.judge": None}

OPERATORS = {
    operator.name: operator
    for operator in (
        Operator(
            "retrieve", ("question",), "passages", "read",
            "Finds passages.", {"retrieve.search": None},
        ),
        Operator(
            "nothing", (), "passages", "pure",
            "Gives no passages.", {"retrieve.nothing": None},
        ),
        Operator(
            "recall", ("question",), "passages", "read",
            "Finds what was said before.", {"recall.search": None},
        ),
        Operator(
            "gather", ("passages", "passages"), "passages", "pure",
            "Puts what was found and what was said in one order.", {"gather.merge": None},
        ),
        Operator(
            "answer", ("question", "passages"), "draft", "read",
            "Proposes an answer; `generate` is another name of it.", _ANSWERING,
        ),
        Operator(
            "extract", ("question", "passages"), "record", "read",
            "Produces a value of a declared type.",
            {"extract.generate": None, "operator.run": None},
        ),
        Operator(
            "plan_calls", ("question", "passages"), "calls", "read",
            "Says which tools to call, and which call needs what of another.",
            {"answer.generate": None},
        ),
        Operator("guard", ("calls",), "calls", "pure", "Lets calls pass or refuses them."),
        Operator(
            "approve", ("calls",), "calls", "idempotent",
            "Lets a person allow, edit or refuse calls.",
        ),
        Operator("call", ("calls",), "results", "once", "Calls tools.", {"call": None}),
        Operator(
            "verify", ("draft", "passages"), "verdict", "read",
            "Judges a draft.", _CHECKING,
        ),
        Operator(
            "aggregate", ("drafts",), "draft", "read",
            "Makes one of several drafts: by vote, the best, or as a model judges.", _CHOOSING,
        ),
        Operator(
            "cascade", ("draft", "verdict"), "draft", "read",
            "Keeps a cheap draft that passes its check, else has a dear one made.",
            {"answer.cascade": compose.cascade},
        ),
        Operator(
            "map", ("items",), "items", "idempotent",
            "Applies an operator to each of many items.",
        ),
        Operator(
            "cite", ("draft",), "answer", "pure",
            "Checks citations and applies the guard's policy.", {"cite.check": None},
        ),
        Operator(
            "remember", ("question", "answer"), "answer", "idempotent",
            "Remembers what was said and answered.", {"remember.write": None},
        ),
    )
}  # fmt: skip
OTHER_NAMES = {"generate": "answer"}
"""Names that pins may use too."""


def composer(method: str) -> Composer | None:
    """Return how a method is estimated from its parts, None where it has none."""
    for operator in OPERATORS.values():
        if found := operator.methods.get(method):
            return found
    return None
