"""Recorded exchanges with providers, of all dialects: those beside this file, or all there are.

`MOTET_RECORDINGS` names a folder with more of them, in folders of its own.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).parent / "recordings"
_PATHS = {
    "openai": re.compile(r"/chat/completions$"),
    "responses": re.compile(r"/responses$"),
    "anthropic": re.compile(r"/v1/messages(\?.*)?$"),
    "gemini": re.compile(r":(g|streamG)enerateContent"),
}

_ANSWERS = (b'"choices"', b'"output"', b'"content"', b'"candidates"', b'"promptFeedback"')


@dataclass(frozen=True)
class Exchange:
    """A request and its answer, which is a stream or in one piece."""

    name: str
    dialect: str
    request: Mapping[str, Any]
    status: int
    body: bytes

    @property
    def streamed(self) -> bool:
        return self.body.startswith((b"data:", b"event:", b":"))


@cache
def exchanges() -> tuple[Exchange, ...]:
    """Return all exchanges in a dialect that we speak."""
    folder = Path(os.environ.get("MOTET_RECORDINGS") or HERE)
    return tuple(found for path in sorted(folder.glob("*/*.yaml")) for found in _read(path))


def answered(dialect: str = "") -> list[Exchange]:
    """Return those that are answers of a model, streamed or in one piece."""
    return [
        each
        for each in exchanges()
        if each.status == 200
        and dialect in ("", each.dialect)
        and (each.streamed or any(mark in each.body for mark in _ANSWERS))
    ]


def _read(path: Path) -> Iterator[Exchange]:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    recorded = yaml.load(path.read_text("utf-8"), Loader=loader)["interactions"]
    for place, each in enumerate(recorded):
        request, response = each["request"], each["response"]
        spoken = [name for name, path in _PATHS.items() if path.search(request["uri"])]
        if spoken:
            yield Exchange(
                f"{path.parent.name}/{path.stem}-{place}",
                spoken[0],
                _asked(request),
                response["status"]["code"],
                _body(response),
            )


def _asked(request: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = request.get("parsed_body") or json.loads(request["body"] or "{}")
    return found


def _body(response: Mapping[str, Any]) -> bytes:
    if "parsed_body" in response:
        return json.dumps(response["parsed_body"], ensure_ascii=False).encode()
    body = response["body"]["string"]
    return body.encode() if isinstance(body, str) else bytes(body)
