"""Producing an answer, or a skill's value, with an operator that the system's author wrote."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping, Sequence
from typing import cast

from motet.core.answers import Draft
from motet.core.errors import MotetBug, RunError
from motet.core.json import JSON, dumps
from motet.core.passages import Passage
from motet.core.values import structure
from motet.planner.operator import Operator
from motet.runtime.context import Context, Outcome
from motet.runtime.methods.drafts import record
from motet.runtime.methods.markers import Unit
from motet.runtime.methods.speech import Speech
from motet.runtime.records import Usage
from motet.tools.validation import problems


async def written(
    context: Context, inputs: Sequence[object], arguments: Mapping[str, JSON]
) -> Outcome:
    """Return what the operator gives: text with markers `[n]` of passages, or a typed value.

    It may add passages of its own to the list that it is given, and cite these too. What it
    calls are nodes of the run. Raises what it raises, and `RunError` for a value that is not
    of the skill's type.
    """
    name = cast(str, arguments["model"])
    operator = context.means.operators.get(name)
    if operator is None:
        raise MotetBug(f"the plan names an operator that is not declared: {name}")
    passages = [*cast("tuple[Passage, ...]", inputs[0])]
    given = {"question": context.question, "passages": passages}
    value = await cast("Awaitable[object]", operator(**_taken(operator, given)))
    schema = cast("Mapping[str, JSON] | None", arguments.get("schema"))
    if schema is not None:
        draft = _typed(value, schema, name)
    else:
        draft = _spoken(context, value, passages, arguments, name)
    return Outcome(draft, Usage(rows=len(draft.citations)), record(draft))


def _taken(operator: Operator[..., object], given: Mapping[str, object]) -> dict[str, object]:
    signature = operator.signature
    if signature is None:
        return {"question": given["question"]}
    parameters = signature.parameters.values()
    if any(each.kind is each.VAR_KEYWORD for each in parameters):
        return dict(given)
    return {each.name: given[each.name] for each in parameters if each.name in given}


def _spoken(
    context: Context,
    value: object,
    passages: Sequence[Passage],
    arguments: Mapping[str, JSON],
    name: str,
) -> Draft:
    if not isinstance(value, str):
        raise RunError(f"an answer is text, it gave {type(value).__name__}", where=name)
    found = [Unit(each, each.start, each.end) for each in passages]
    speech = Speech(context, found, cast(str, arguments["policy"]), name)
    speech.feed(value)
    return speech.draft()


def _typed(value: object, schema: Mapping[str, JSON], name: str) -> Draft:
    plain = structure(value)
    wrong = problems(schema, plain)
    if wrong:
        raise RunError(f"its value does not fit the skill's type: {wrong[0]}", where=name)
    text = dumps(plain)
    return Draft(text, text, (), name)
