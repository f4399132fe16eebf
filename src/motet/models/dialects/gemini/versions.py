"""What can be asked of which Gemini model, as its name tells."""

from __future__ import annotations

import re

_GENERATION = re.compile(r"gemini-(\d+)")


def is_second(model: str) -> bool:
    """Whether the model is of Gemini 2 or before: it thinks by budget, not by level."""
    found = _GENERATION.search(model)
    return found is not None and int(found[1]) < 3


def is_third(model: str) -> bool:
    """Whether the model is known to be of Gemini 3 or later: it wants its calls signed."""
    found = _GENERATION.search(model)
    return int(found[1]) >= 3 if found else bool(re.search(r"gemini-.*-latest$", model))


def always_thinks(model: str) -> bool:
    """Whether the model cannot be asked for minimal thinking."""
    return "pro" in model.rpartition("/")[2].split("-")
