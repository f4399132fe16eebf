"""Whether a whole answer fits the JSON Schema that its request asked for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from motet.core.chat import ChatEvent, ChatRequest, Finished, TextDelta, ToolCallDelta
from motet.core.errors import ProviderError
from motet.core.json import JSON, loads
from motet.gateway.guards.screening import Side
from motet.tools.validation import problems

KIND = "schema"


class Fitting:
    """Reads an answer's text and checks it at its end."""

    def __init__(self, schema: Mapping[str, JSON], side: Side) -> None:
        self._schema = schema
        self._side = side
        self._text: list[str] = []
        self._calls = False

    def read(self, events: Iterable[ChatEvent]) -> None:
        """Take more of the answer. Raises `ProviderError` at its end, where it must fit."""
        for event in events:
            if isinstance(event, TextDelta):
                self._text.append(event.text)
            elif isinstance(event, ToolCallDelta):
                self._calls = True
            elif isinstance(event, Finished) and self._must_fit(event):
                self._check("".join(self._text))

    def _must_fit(self, end: Finished) -> bool:
        return end.reason == "stop" and end.detail != "refusal" and not self._calls

    def _check(self, text: str) -> None:
        wrong = _wrong(self._schema, text)
        if wrong is None:
            return
        self._side.counts[KIND] += 1
        if self._side.rules.schema == "block":
            raise ProviderError(f"the answer does not fit the schema asked for: {wrong}")


def _wrong(schema: Mapping[str, JSON], text: str) -> str | None:
    """Return where a text does not fit; what stands there is the answer's, and stays out."""
    try:
        value = loads(text)
    except ValueError:
        return "it is no JSON"
    found = problems(schema, value)
    return f"{found[0].path or 'the whole'}: expected {found[0].expected}" if found else None


def fitting(request: ChatRequest, side: Side) -> Fitting | None:
    """Return the check of an answer's form, None where no schema must be kept to."""
    form = request.response_format
    if side.rules.schema == "off" or form is None or form.get("type") != "json_schema":
        return None
    asked = form.get("json_schema")
    if not isinstance(asked, Mapping) or asked.get("strict") is False:
        return None
    schema = asked.get("schema")
    return Fitting(schema, side) if isinstance(schema, Mapping) else None
