"""Subtitles: SubRip (.srt) and WebVTT (https://www.w3.org/TR/webvtt1)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

_TIME = r"(?:(\d+):)?(\d{1,2}):(\d{1,2})[.,](\d{3})"
_TIMES = re.compile(rf"{_TIME}[ \t]+-->[ \t]+{_TIME}")


@dataclass(frozen=True, slots=True)
class Cue:
    """What is said from one second to another."""

    start: float
    end: float
    text: str


def read_cues(text: str) -> tuple[Cue, ...]:
    """Read the cues of a file of either kind; what is none is passed over."""
    found = []
    for block in re.split(r"\n[ \t]*\n", text.replace("\r\n", "\n")):
        lines = block.strip().split("\n")
        for place, line in enumerate(lines):
            if (times := _TIMES.match(line.strip())) is not None:
                said = " ".join(each.strip() for each in lines[place + 1 :])
                found.append(
                    Cue(_seconds(*times.groups()[:4]), _seconds(*times.groups()[4:]), said)
                )
                break
    return tuple(found)


def _seconds(hours: str | None, minutes: str, seconds: str, thousandths: str) -> float:
    whole = (int(hours or 0) * 60 + int(minutes)) * 60 + int(seconds)
    return whole + int(thousandths) / 1000


def written_cues(cues: Sequence[Cue], kind: Literal["srt", "vtt"]) -> str:
    """Write cues as a file."""
    blocks = ["WEBVTT"] if kind == "vtt" else []
    for number, cue in enumerate(cues, 1):
        times = f"{_time(cue.start, kind)} --> {_time(cue.end, kind)}\n{cue.text}"
        blocks.append(times if kind == "vtt" else f"{number}\n{times}")
    return "\n\n".join(blocks) + "\n"


def _time(seconds: float, kind: str) -> str:
    thousandths = round(seconds * 1000)
    minutes, rest = divmod(thousandths, 60_000)
    hours, minutes = divmod(minutes, 60)
    mark = "." if kind == "vtt" else ","
    return f"{hours:02}:{minutes:02}:{rest // 1000:02}{mark}{rest % 1000:03}"
