"""Plans of calls: what a model writes, read and checked before anything of it runs.

    {"calls": [{"id": "top", "tool": "largest", "arguments": {"count": 3}},
               {"id": "each", "tool": "price", "for_each": {"$ref": "top"},
                "arguments": {"company": {"$item": true, "path": ["name"]}}}],
     "answer": "write"}

A call may also have `after`, ids of calls that must be done before. `answer` is `write` (the
model writes it from the results), a reference (a text that a call gives), or `{"text": …}`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from motet.core.json import JSON
from motet.runtime.methods.offers import Offer
from motet.runtime.methods.references import (
    BadReference,
    Reference,
    reference,
    references,
    resolved,
    schema_at,
)
from motet.spec.problems import nearest
from motet.tools.compatibility import Hole
from motet.tools.keywords import Schema, resolve, types_of
from motet.tools.validation import problems

CALL: dict[str, JSON] = {
    "type": "object",
    "properties": {
        "id": {"type": "string", "pattern": "^[A-Za-z_][A-Za-z0-9_-]{0,31}$"},
        "tool": {"type": "string"},
        "arguments": {"type": "object"},
        "for_each": {"type": ["object", "array"]},
        "after": {"type": "array", "items": {"type": "string"}},
    },
    "required": ["id", "tool"],
    "additionalProperties": False,
}
PLAN: dict[str, JSON] = {
    "type": "object",
    "properties": {
        "calls": {"type": "array", "items": CALL},
        "answer": {"anyOf": [{"const": "write"}, {"type": "object"}]},
    },
    "required": ["calls", "answer"],
    "additionalProperties": False,
}
"""JSON Schema of a plan."""


@dataclass(frozen=True, slots=True)
class PlannedCall:
    """A call of a plan; `for_each` is what it runs for each item of, None for a single run."""

    id: str
    tool: str
    arguments: Mapping[str, JSON]
    for_each: JSON
    after: tuple[str, ...]

    @property
    def needs(self) -> tuple[str, ...]:
        """The ids of the calls whose results it waits for. Raises `BadReference`."""
        found = [each.call for each in references([self.arguments, self.for_each])]
        return tuple(dict.fromkeys([*(each for each in found if each), *self.after]))


@dataclass(frozen=True, slots=True)
class CallPlan:
    """A plan that can run, and what it comes to.

    `answer` is a text that a call gives, `text` one that the plan holds; with neither, the
    answer is to be written from the results.
    """

    calls: tuple[PlannedCall, ...]
    answer: Reference | None = None
    text: str | None = None


class InvalidPlan(Exception):
    """A plan cannot run; `problems` say why, for the model."""

    def __init__(self, found: Sequence[str]) -> None:
        super().__init__("; ".join(found))
        self.problems = tuple(found)


class PlanCheck:
    """Checks the calls of one plan, as they come and as a whole.

    `known` are the ids whose results are there already, from plans before this one.
    """

    def __init__(self, offer: Offer, known: Sequence[str], most: int) -> None:
        self._offer = offer
        self._known = tuple(known)
        self._most = most
        self._calls: dict[str, PlannedCall] = {}

    def admit(self, element: JSON) -> PlannedCall | None:
        """Take the next call of a plan that still streams.

        Return it when it is sure to be right whatever comes after it: what it refers to came
        before it. Otherwise it waits for the end of the plan.
        """
        at = len(self._calls)
        if problems(CALL, element):
            return None
        call = _call(element)
        if call.id in self._calls or any(self._wrong(call, at)):
            return None
        self._calls[call.id] = call
        return call

    def plan(self, document: JSON) -> CallPlan:
        """Return the whole plan. Raises `InvalidPlan` with everything that is wrong with it."""
        if isinstance(document, Mapping) and "answer" not in document:
            document = {**document, "answer": "write"}
        if wrong := problems(PLAN, document):
            raise InvalidPlan([str(each) for each in wrong])
        found = cast("Mapping[str, JSON]", document)
        calls = [_call(each) for each in cast("Sequence[JSON]", found["calls"])]
        self._calls = {call.id: call for call in calls}
        wrong_calls = [text for at, call in enumerate(calls) for text in self._wrong(call, at)]
        wrong_calls += self._wrong_whole(calls)
        answer, text = self._answer(found["answer"], wrong_calls)
        if wrong_calls:
            raise InvalidPlan(wrong_calls)
        return CallPlan(tuple(calls), answer, text)

    def _answer(self, value: JSON, wrong: list[str]) -> tuple[Reference | None, str | None]:
        if isinstance(value, str):
            return None, None
        assert isinstance(value, Mapping)
        text = value.get("text")
        if list(value) == ["text"] and isinstance(text, str) and text.strip():
            return None, text
        try:
            found = reference(value)
        except BadReference as error:
            wrong.append(f"answer: {error}")
            return None, None
        if found is None or found.call is None:
            wrong.append('answer: expected "write", {"$ref": id} or {"text": …}')
            return None, None
        wrong += [f"answer: {each}" for each in self._unknown(found.call)]
        return found, None

    def _wrong_whole(self, calls: Sequence[PlannedCall]) -> Iterator[str]:
        if len(calls) > self._most:
            yield f"calls: expected at most {self._most}, got {len(calls)}"
        ids = [*self._known, *(call.id for call in calls)]
        for id in dict.fromkeys(each for each in ids if ids.count(each) > 1):
            yield f"calls: the id {id!r} is taken; every call needs an id of its own"
        if cycle := _cycle({call.id: _needs(call) for call in calls}):
            yield f"calls: {' needs '.join(cycle)}, which is a circle"

    def _wrong(self, call: PlannedCall, at: int) -> Iterator[str]:
        path = f"calls[{at}]"
        if call.id in self._known:
            yield f"{path}.id: {call.id!r} is taken; every call needs an id of its own"
        tool = self._offer.get(call.tool)
        if tool is None:
            near = self._offer.near(call.tool)
            hint = f"did you mean {near}?" if near else f"there are: {', '.join(self._offer.names)}"
            yield f"{path}.tool: there is no tool {call.tool!r}; {hint}"
        try:
            needs = call.needs
            arguments = resolved(call.arguments, lambda found: self._hole(found, call))
            if call.for_each is not None:
                yield from self._wrong_list(call, f"{path}.for_each")
        except BadReference as error:
            yield f"{path}: {error}"
            return
        for need in needs:
            yield from (f"{path}: {each}" for each in self._unknown(need, call.id))
        if tool is not None:
            wrong = problems(tool.parameters, arguments, f"{path}.arguments")
            yield from map(str, wrong)

    def _wrong_list(self, call: PlannedCall, path: str) -> Iterator[str]:
        """Yield why what a call runs for each of can be no list."""
        hole = resolved(call.for_each, lambda found: self._hole(found, call))
        if isinstance(hole, Hole | Mapping):
            wrong = problems({"type": "array"}, hole, path)
            yield from map(str, wrong)

    def _unknown(self, need: str, by: str = "") -> Iterator[str]:
        if need == by:
            yield f"{need!r} refers to itself"
        elif need not in self._calls and need not in self._known:
            ids = [*self._known, *(each for each in self._calls if each != by)]
            near = nearest(need, ids)
            hint = f"did you mean {near}?" if near else f"there are: {', '.join(ids) or 'none'}"
            yield f"there is no call {need!r} to refer to; {hint}"

    def _hole(self, found: Reference, call: PlannedCall) -> Hole:
        if found.call is None:
            if call.for_each is None:
                raise BadReference("$item stands only in a call with for_each")
            return Hole(schema_at(self._item(call), found.path), str(found))
        return Hole(schema_at(self._gives(found.call), found.path), f"the result of {found}")

    def _gives(self, id: str) -> Schema:
        """Return the schema of a call's result, empty where nobody knows."""
        call = self._calls.get(id)
        tool = self._offer.get(call.tool) if call is not None else None
        if call is None or tool is None:
            return {}
        if call.for_each is None:
            return tool.returns
        definitions = tool.returns.get("$defs")
        several: dict[str, JSON] = {"type": "array", "items": tool.returns}
        return several | ({"$defs": definitions} if definitions else {})

    def _item(self, call: PlannedCall) -> Schema:
        """Return the schema of an item of what a call runs for each of."""
        source = reference(call.for_each)
        if source is None or source.call is None:
            return {}
        several = schema_at(self._gives(source.call), source.path)
        return schema_at(several, [0]) if "array" in types_of(resolve(several, several)) else {}


def _call(element: JSON) -> PlannedCall:
    found = cast("Mapping[str, JSON]", element)
    return PlannedCall(
        id=str(found["id"]),
        tool=str(found["tool"]),
        arguments=cast("Mapping[str, JSON]", found.get("arguments") or {}),
        for_each=found.get("for_each"),
        after=tuple(map(str, cast("Sequence[JSON]", found.get("after") or ()))),
    )


def _needs(call: PlannedCall) -> tuple[str, ...]:
    try:
        return call.needs
    except BadReference:
        return ()


def _cycle(needs: Mapping[str, Sequence[str]]) -> list[str]:
    """Return ids that need each other in a circle, the first again at the end; else nothing."""
    done: set[str] = set()
    for start in needs:
        way: list[str] = []
        stack: list[tuple[str, Iterator[str]]] = [(start, iter(needs[start]))]
        way.append(start)
        while stack:
            _, rest = stack[-1]
            each = next((e for e in rest if e in needs and e not in done), None)
            if each is None:
                done.add(stack.pop()[0])
                way.pop()
            elif each in way:
                return [*way[way.index(each) :], each]
            else:
                way.append(each)
                stack.append((each, iter(needs[each])))
    return []
