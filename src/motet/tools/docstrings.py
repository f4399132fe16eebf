"""What a docstring says: what the function is for, and what each parameter means."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

_SPHINX = re.compile(r"^:param\s+(?:[^:]*\s)?(\w+)\s*:\s*(.*)$")
_SECTION = re.compile(r"^(Args|Arguments|Parameters)\s*:?\s*$", re.IGNORECASE)
_ANY_SECTION = re.compile(r"^(\w[\w ]*):\s*$|^:\w+[^:]*:|^-{3,}\s*$")
_GOOGLE = re.compile(r"^\*{0,2}(\w+)\s*(?:\([^)]*\))?\s*:\s+(.*)$")
_NUMPY = re.compile(r"^\*{0,2}(\w+)\s*(?::.*)?$")


@dataclass(slots=True)
class Docstring:
    """`about` is the text before any section; `parameters` maps names to their meaning."""

    about: str = ""
    parameters: dict[str, str] = field(default_factory=dict)


def read_docstring(function: Callable[..., Any]) -> Docstring:
    """Read a docstring in the styles of Google, NumPy or Sphinx, or plain prose."""
    lines = inspect.cleandoc(function.__doc__ or "").splitlines()
    found = Docstring()
    at = 0
    while at < len(lines) and not _begins_section(lines, at):
        at += 1
    found.about = "\n".join(lines[:at]).strip()
    while at < len(lines):
        at = _read_section(lines, at, found)
    return found


def _begins_section(lines: list[str], at: int) -> bool:
    underlined = at + 1 < len(lines) and re.fullmatch(r"-{3,}\s*", lines[at + 1]) is not None
    return underlined or bool(_ANY_SECTION.match(lines[at]))


def _read_section(lines: list[str], at: int, found: Docstring) -> int:
    """Read the section or line at `at`; return where the next one begins."""
    sphinx = _SPHINX.match(lines[at])
    if sphinx:
        end = _end_of_item(lines, at)
        rest = " ".join(line.strip() for line in lines[at + 1 : end])
        found.parameters[sphinx[1]] = f"{sphinx[2]} {rest}".strip()
        return end
    is_parameters = bool(_SECTION.match(lines[at]))
    at += 1
    numpy = at < len(lines) and lines[at].startswith("---")
    at += numpy
    start = at
    while at < len(lines) and not (_begins_section(lines, at) and not lines[at][:1].isspace()):
        at += 1
    if is_parameters:
        _read_items(lines[start:at], _NUMPY if numpy else _GOOGLE, found)
    return at


def _end_of_item(lines: list[str], at: int) -> int:
    end = at + 1
    while end < len(lines) and lines[end][:1].isspace():
        end += 1
    return end


def _read_items(lines: list[str], head: re.Pattern[str], found: Docstring) -> None:
    """Read items whose heads stand at the least indent; deeper lines go on."""
    filled = [line for line in lines if line.strip()]
    least = min((len(line) - len(line.lstrip()) for line in filled), default=0)
    name = ""
    for line in filled:
        match = head.match(line.strip()) if len(line) - len(line.lstrip()) == least else None
        if match:
            name = match[1]
            found.parameters[name] = match[2].strip() if match.re is _GOOGLE else ""
        elif name:
            found.parameters[name] = f"{found.parameters[name]} {line.strip()}".strip()
