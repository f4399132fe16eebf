"""What the chat simulator answers: deterministic scripts, no model anywhere.

A script maps the request's messages and tools to a reply. `quoting` answers from the
numbered passages of the prompt, `inventing` makes up quotes and numbers, `calling` calls
the first tool, `echo` repeats the question.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Call:
    """A tool call; `arguments` is JSON text."""

    name: str
    arguments: str
    id: str | None = None


@dataclass(frozen=True)
class Reply:
    """What a script answers; the reason is found when None.

    Where `formatted` is false, the server does not hold the model to `response_format`.
    """

    text: str = ""
    calls: tuple[Call, ...] = ()
    finish_reason: str | None = None
    cached_tokens: int = 0
    reasoning_tokens: int = 0
    formatted: bool = True


Messages = Sequence[Mapping[str, Any]]
Tools = Sequence[Mapping[str, Any]]
Script = Callable[[Messages, Tools], Reply | str]

UNKNOWN = "The passages do not say."

_PASSAGE = re.compile(r"^\s*\[(\d+)\][ \t]*(.*)$")
_QUESTION = re.compile(r"^\s*(?:question|q)\s*:\s*(.+)$", re.IGNORECASE)
_SILENCE = re.compile(r"\breply with (\w+)")
_SENTENCE_END = re.compile(r"\n|(?<=[.!?])\s+|(?<=[。！？])")
_CJK = re.compile(r"[぀-ヿ㐀-鿿가-힯]")
_COMMON = frozenset(
    "a an and are as at by do does did for from has have how i in is it of on or our that"
    " the their there this to was we were what when where which who whom whose why will with you"
    " your".split()
)


def quoting(messages: Messages, tools: Tools) -> Reply:
    """Answer with the sentence of the passages that shares most words with the question.

    Where none does, reply as the prompt asks ("… reply with X …"), else with `UNKNOWN`.
    """
    passages, question = read_prompt(messages)
    wanted = _words(question)
    best, score, number = "", 0.0, 0
    for candidate, text in passages:
        for sentence in filter(None, map(str.strip, _SENTENCE_END.split(text))):
            shared = _words(sentence) & wanted
            # The shorter of two equal sentences says it with less around it.
            value = len(shared) - len(sentence) / 10_000
            if shared and value > score:
                best, score, number = sentence, value, candidate
    if not best or score < len(wanted) / 3:
        asked = _SILENCE.search("\n".join(map(content_text, messages)))
        return Reply(asked[1] if asked else UNKNOWN)
    return Reply(f"{best} [{number}]")


def inventing(messages: Messages, tools: Tools) -> Reply:
    """Answer with a quote that stands in no passage, and with numbers that do not exist."""
    passages, _ = read_prompt(messages)
    beyond = max((number for number, _ in passages), default=0) + 90
    return Reply(
        'The archive says "the moon is insured for nine hundred years" [1]. '
        f'It adds "every hinge sings at dawn" [{beyond}][0].'
    )


def calling(messages: Messages, tools: Tools) -> Reply:
    """Call the first tool; once its result is there, repeat it."""
    last = messages[-1]
    if last["role"] == "tool":
        return Reply(f"The tool said: {content_text(last)}")
    if not tools:
        return Reply("There is no tool.")
    function = tools[0]["function"]
    arguments = example(function.get("parameters") or {"type": "object"})
    return Reply(calls=(Call(function["name"], json.dumps(arguments)),))


def echo(messages: Messages, tools: Tools) -> Reply:
    """Repeat the last message."""
    return Reply(content_text(messages[-1]))


SCRIPTS: dict[str, Script] = {
    "quoting": quoting,
    "inventing": inventing,
    "calling": calling,
    "echo": echo,
}


def read_prompt(messages: Messages) -> tuple[list[tuple[int, str]], str]:
    """Return the passages, which start with `[n]` at a line's begin, and the question.

    A passage ends at the next one or at a blank line followed by anything else. The
    question is the last line `Question: …`, else the last other line of the last user message.
    """
    passages: list[tuple[int, str]] = []
    question = ""
    for message in messages:
        if message["role"] == "tool":
            continue
        open_passage = False
        rest = ""
        for line in content_text(message).splitlines():
            found = _PASSAGE.match(line)
            asked = _QUESTION.match(line)
            if found:
                passages.append((int(found[1]), found[2]))
                open_passage = True
            elif asked:
                rest, open_passage = asked[1], False
            elif not line.strip():
                open_passage = False
            elif open_passage:
                number, text = passages[-1]
                passages[-1] = number, f"{text}\n{line}"
            else:
                rest = line
        if message["role"] == "user" and rest:
            question = rest.strip()
    return passages, question


def content_text(message: Mapping[str, Any]) -> str:
    """Return the text of a message whose content is a string, parts or null."""
    content = message.get("content")
    if isinstance(content, list):
        return "\n".join(part.get("text", "") for part in content)
    return content or ""


def example(schema: Mapping[str, Any]) -> Any:
    """Return the smallest value that a simple JSON schema accepts."""
    if "const" in schema:
        return schema["const"]
    if schema.get("enum"):
        return schema["enum"][0]
    kind = schema.get("type", "object" if "properties" in schema else "string")
    kind = kind[0] if isinstance(kind, list) else kind
    if kind == "object":
        properties = schema.get("properties", {})
        return {name: example(properties.get(name, {})) for name in schema.get("required", [])}
    if kind == "array":
        return [example(schema.get("items", {})) for _ in range(schema.get("minItems", 0))]
    simple = {"integer": schema.get("minimum", 1), "number": schema.get("minimum", 1.5)}
    return {"boolean": True, "null": None, "string": "example", **simple}[kind]


def _words(text: str) -> set[str]:
    words = set(re.findall(r"\w+", text.lower())) - _COMMON
    cjk = "".join(_CJK.findall(text))
    return {word for word in words if not _CJK.search(word)} | {
        cjk[i : i + 2] for i in range(len(cjk) - 1)
    }
