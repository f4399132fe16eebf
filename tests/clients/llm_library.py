"""The `llm` command's library, with models of an address of one's own as its manual shows."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

from asking import CALL, FILL, HELLO, KEY, MODELS, URL, print_all, refused

HOME = Path(tempfile.mkdtemp())
os.environ["LLM_USER_PATH"] = str(HOME)
(HOME / "extra-openai-models.yaml").write_text(
    "".join(
        f"- {{model_id: {name}, model_name: {name}, api_base: '{URL}/v1', api_key_name: ours,"
        " supports_tools: true, supports_schema: true}\n"
        for name in (*MODELS, "nobody")
    )
)
SCHEMA: Any = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "inhabitants": {"type": "integer"}},
    "required": ["city", "inhabitants"],
    "additionalProperties": False,
}


def find(city: str) -> str:
    """Find a city."""
    return "It is on the Seine."


def ask(name: str) -> dict[str, Any]:
    import llm

    model = llm.get_model(name)
    model.key = KEY
    pieces = list(model.prompt(HELLO))
    chain = model.chain(CALL, tools=[find])
    whole = model.prompt(HELLO, stream=False)
    missing = llm.get_model("nobody")
    missing.key = KEY
    return {
        "whole": whole.text(),
        "streamed": "".join(pieces),
        "told": chain.text(),
        "parsed": model.prompt(FILL, schema=SCHEMA).json(),
        "text": model.prompt(FILL, schema=SCHEMA).text(),
        "missing": refused(lambda: missing.prompt(HELLO).text()),
    }


print_all(ask)
