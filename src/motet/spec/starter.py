"""The text that `motet init` writes."""

from __future__ import annotations

from motet.spec.load import declare
from motet.spec.nodes import NOTHING

TEXT = """\
# What the system is; Motet finds how. Reference: docs/declaration.md, schema: `motet schema`.
system: {name}
about: Answers questions about the documents in this folder and cites its sources.
models:
  - expert/reader             # built in: extractive, offline, no key
  # - openai/gpt-5-mini       # its key comes from the environment: OPENAI_API_KEY
  # - {{use: openai/qwen3, base_url: "http://127.0.0.1:8000/v1", as: mine}}
knowledge:
  - ./documents               # files of any common type
  # - table: ./parts.csv      # rows stay rows
objective: {{latency: 2s, cost: 0.01}}
guard: {{cite: required}}
# evaluation: ./evals/*.jsonl
"""


def starter(name: str) -> str:
    """Return a starter declaration for a system. Raises `DeclarationError` on a wrong name."""
    valid = declare(name, environ={}).system
    return TEXT.format(name=f'"{valid}"' if valid in NOTHING else valid)
