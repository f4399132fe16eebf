"""The dialect itself: what the parts of this package make together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import quote

from motet.core.chat import ChatRequest
from motet.core.json import JSON
from motet.models.dialects.dialect import AnswerReader, AnswerWriter, Dialect, Incoming, Outgoing
from motet.models.dialects.gemini.answer_reader import GeminiReader
from motet.models.dialects.gemini.answer_writer import GeminiWriter
from motet.models.dialects.gemini.configuration import read_configuration, written_configuration
from motet.models.dialects.gemini.failures import error_body
from motet.models.dialects.gemini.fields import Fields
from motet.models.dialects.gemini.signatures import NAME
from motet.models.dialects.gemini.tools import (
    read_choice,
    read_tools,
    written_choice,
    written_tools,
)
from motet.models.dialects.gemini.turn_reader import TurnReader
from motet.models.dialects.gemini.turn_writer import TurnWriter


@dataclass(frozen=True, slots=True)
class GeminiIncoming(Incoming):
    """A request as read; `array` asks for a stream that is one JSON list."""

    array: bool = False


class Gemini:
    """Google's Gemini API; see `Dialect`.

    A client names the model and the kind of answer in the address. Whoever serves it puts
    them into the body: `model`, `stream`, and where a stream shall be a list `alt`: `json`.
    """

    name = NAME

    def headers(self, key: str) -> Mapping[str, str]:
        """Return the header that carries the key."""
        return {"x-goog-api-key": key} if key else {}

    def outgoing(self, request: ChatRequest, model: str, *, stream: bool) -> Outgoing:
        """Write a request. Raises `UsageError` where a result answers no call."""
        own = request.extra_dialect in (NAME, "")
        extra = request.extra if own else {}
        lost = [] if own else sorted(request.extra)
        turns = TurnWriter(request.messages, model)
        contents = turns.contents()
        choice = written_choice(request)
        said: dict[str, JSON] = {
            "contents": contents,
            "systemInstruction": turns.system(),
            "tools": written_tools(request, lost) or None,
            "toolConfig": choice and {"functionCallingConfig": choice},
            "generationConfig": written_configuration(request, model, lost) or None,
        }
        if request.user is not None:
            lost.append("user")
        if request.parallel_tool_calls is False:
            lost.append("parallel_tool_calls")
        body = _merged(extra, {name: v for name, v in said.items() if v is not None})
        return Outgoing(_path(model, stream=stream), body, lost=(*turns.lost, *lost))

    def reader(self, where: str, key: str = "") -> AnswerReader:
        """Return a reader for one answer."""
        return GeminiReader(where, key)

    def incoming(self, body: Mapping[str, JSON]) -> Incoming:
        """Read a client's request. Raises `BadRequest`."""
        fields = Fields(body)
        model = fields.text("model")
        if not model:
            raise fields.wrong("model", "the name of a model")
        stream = fields.flag("stream") or False
        alt = fields.text("alt")
        lost: list[str] = []
        request = _request(fields, lost)
        array = stream and alt == "json"
        return GeminiIncoming(
            model.removeprefix("models/"), request, stream, lost=tuple(lost), array=array
        )

    def writer(self, incoming: Incoming, *, id: str, created: int) -> AnswerWriter:
        """Return a writer for one answer."""
        array = isinstance(incoming, GeminiIncoming) and incoming.array
        return GeminiWriter(incoming.model, id, array=array)

    def error(
        self, status: int, message: str, code: str | None, param: str | None = None
    ) -> Mapping[str, JSON]:
        """Return the body of an error."""
        return error_body(status, message, code, param)


DIALECT: Dialect = Gemini()


def _request(fields: Fields, lost: list[str]) -> ChatRequest:
    turns = TurnReader()
    messages = [*turns.system(fields.take("systemInstruction")), *turns.contents(fields)]
    tools, natives = read_tools(fields, lost)
    choosing = fields.object("toolConfig") or Fields({})
    choice = read_choice(choosing.object("functionCallingConfig"), tools, lost)
    if choice.strict:
        tools = [replace(tool, strict=True) for tool in tools]
    config = read_configuration(fields.object("generationConfig") or Fields({}), lost)
    lost += turns.lost
    extra = dict(fields.left)
    if choice.only:
        names: JSON = list(choice.only)
        choosing.left["functionCallingConfig"] = {"allowedFunctionNames": names}
    if choosing.left:
        extra["toolConfig"] = choosing.left
    if config.extra:
        extra["generationConfig"] = config.extra
    return ChatRequest(
        tuple(messages),
        tools=tuple(tools),
        native_tools=tuple(natives),
        tool_choice=choice.choice,
        temperature=config.sampling["temperature"],
        top_p=config.sampling["top_p"],
        presence_penalty=config.sampling["presence_penalty"],
        frequency_penalty=config.sampling["frequency_penalty"],
        top_k=config.top_k,
        max_tokens=config.max_tokens,
        stop=config.stop,
        seed=config.seed,
        response_format=config.response_format,
        thinking=config.thinking,
        extra=extra,
        extra_dialect=NAME if extra else "",
    )


def _path(model: str, *, stream: bool) -> str:
    name = model.removeprefix("models/")
    whole = name if "/" in name else f"models/{name}"
    verb = "streamGenerateContent?alt=sse" if stream else "generateContent"
    return f"/{quote(whole, safe='/-._~@')}:{verb}"


def _merged(below: Mapping[str, JSON], above: Mapping[str, JSON]) -> dict[str, JSON]:
    """Return both objects in one; where both say something, `above` is right."""
    body = dict(below)
    for name, value in above.items():
        under = body.get(name)
        if isinstance(under, Mapping) and isinstance(value, Mapping):
            body[name] = _merged(under, value)
        else:
            body[name] = value
    return body
