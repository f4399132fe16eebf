"""What the media simulator answers: made up, but the same for the same request."""

from __future__ import annotations

import base64
import hashlib
import json
import struct
from collections.abc import Mapping, Sequence
from typing import Any

PNG = b"\x89PNG\r\n\x1a\n"
TRANSCRIPT = "The quick brown fox."
SECONDS = 2.5
WIDTH = 8


def tokens(text: str | Sequence[int]) -> int:
    """Return how many tokens a text counts: its words, or its ids."""
    return len(text.split()) if isinstance(text, str) else len(text)


def vector(text: str | Sequence[int], width: int = WIDTH) -> list[float]:
    """Return the vector of a text, in numbers that 32 bits hold exactly."""
    said = text if isinstance(text, str) else json.dumps(text)
    data = b"".join(hashlib.sha256(f"{n}{said}".encode()).digest() for n in range(width // 32 + 1))
    return [(byte - 128) / 128 for byte in data[:width]]


def packed(values: Sequence[float]) -> str:
    """Return a vector as base64 of 32-bit floats."""
    return base64.b64encode(struct.pack(f"<{len(values)}f", *values)).decode()


def picture(prompt: str, number: int = 0) -> bytes:
    """Return the bytes of a picture, which only looks like one."""
    return PNG + hashlib.sha256(f"{number}{prompt}".encode()).digest()


def sound(text: str) -> bytes:
    """Return the bytes of a text as spoken, for nobody's ears."""
    return b"".join(hashlib.sha256(word.encode()).digest() for word in text.split())


def score(query: str, document: str) -> float:
    """Return the share of the query's words that are in the document."""
    asked, there = set(query.lower().split()), set(document.lower().split())
    return round(len(asked & there) / len(asked), 4)


def ranking(query: str, documents: Sequence[str], name: str) -> list[dict[str, Any]]:
    """Return the documents' places with their scores under a name, the best first."""
    found = [{"index": n, name: score(query, each)} for n, each in enumerate(documents)]
    return sorted(found, key=lambda one: (-one[name], one["index"]))


def image_usage(prompt: str, count: int, given: int = 0) -> dict[str, Any]:
    """Return the usage of pictures as OpenAI tells it: 100 tokens each, 50 for one given."""
    text, made, shown = tokens(prompt), 100 * count, 50 * given
    return {
        "input_tokens": text + shown,
        "output_tokens": made,
        "total_tokens": text + shown + made,
        "input_tokens_details": {"text_tokens": text, "image_tokens": shown},
    }


def transcript(form: str, usage: Mapping[str, Any]) -> tuple[str, str]:
    """Return what was said and its content type, in the form asked for."""
    if form == "text":
        return f"{TRANSCRIPT}\n", "text/plain"
    if form == "srt":
        return f"1\n00:00:00,000 --> 00:00:02,500\n{TRANSCRIPT}\n", "text/plain"
    if form == "vtt":
        return f"WEBVTT\n\n00:00:00.000 --> 00:00:02.500\n{TRANSCRIPT}\n", "text/vtt"
    body: dict[str, Any] = {"text": TRANSCRIPT, "usage": usage}
    if form == "verbose_json":
        segment = {"id": 0, "start": 0.0, "end": SECONDS, "text": TRANSCRIPT}
        body |= {"task": "transcribe", "language": "english", "duration": SECONDS}
        body |= {"segments": [segment]}
    return json.dumps(body), "application/json"


def moderation(texts: Sequence[Any]) -> list[dict[str, Any]]:
    """Return a judgement for each: whatever says "kill" is flagged."""
    found = []
    for each in texts:
        bad = "kill" in json.dumps(each)
        found.append(
            {
                "flagged": bad,
                "categories": {"violence": bad},
                "category_scores": {"violence": 0.9 if bad else 0.1},
                "category_applied_input_types": {"violence": ["text"] if bad else []},
            }
        )
    return found
