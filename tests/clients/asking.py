"""What all scripts ask: a text, a tool, a schema, an unknown model. Each prints one JSON object.

A script is run as `script URL KEY MODEL...`; it asks every model the same through one official
client, as its documentation shows, and prints what it got by model.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any

HELLO = "Hello there, what is new?"
CALL = "Please call the tool."
FILL = "Fill the schema."
URL, KEY, *MODELS = sys.argv[1:]


def print_all(ask: Callable[[str], dict[str, Any]]) -> None:
    """Ask all models and print what came."""
    print(json.dumps({model: ask(model) for model in MODELS}))


def refused(ask: Callable[[], object]) -> dict[str, Any]:
    """Return how a client words an error."""
    try:
        ask()
    except Exception as error:  # what class it is, is the question
        status = getattr(error, "status_code", None) or getattr(error, "code", None)
        return {"kind": type(error).__name__, "status": status, "text": str(error)}
    return {}
