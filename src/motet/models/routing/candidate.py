"""A model that may be chosen, and whether it can take a request at all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from motet.core.chat import Usage
from motet.models.routing.signals import Signals

_DOUBT = 0.8
"""An input is refused as too long only if even this part of its estimate does not fit."""


class Priced(Protocol):
    """What a model costs."""

    def cost(self, usage: Usage) -> int:
        """Return the cost in pico-USD."""
        ...


@dataclass(frozen=True, slots=True)
class Candidate:
    """A model and what is known of it; None where nobody says.

    `inputs` are the modalities that it takes, text among them. A local model runs on this
    machine and costs nothing where no price is given.
    """

    name: str
    context: int | None = None
    max_output: int | None = None
    inputs: frozenset[str] | None = None
    tools: bool | None = None
    structured: bool | None = None
    local: bool = False
    pricing: Priced | None = None


def unable(candidate: Candidate, needed: Signals, *, local: bool = False) -> str | None:
    """Return why the model cannot take the request, None where it can or nobody knows.

    `local` demands one that keeps the request on this machine.
    """
    if local and not candidate.local:
        return "not local, and the request must not leave this machine"
    missing = needed.modalities - candidate.inputs if candidate.inputs is not None else None
    if missing:
        return f"takes no {' or '.join(sorted(missing))}"
    if needed.tools and candidate.tools is False:
        return "calls no tools"
    if needed.structured and candidate.structured is False:
        return "writes no answers by a schema"
    if candidate.context is not None and _DOUBT * needed.tokens > candidate.context:
        return f"about {needed.tokens} tokens do not fit into its context of {candidate.context}"
    if candidate.max_output is not None and (needed.output or 0) > candidate.max_output:
        return f"writes at most {candidate.max_output} tokens, {needed.output} are asked for"
    return None


def unknown(candidate: Candidate, needed: Signals) -> tuple[str, ...]:
    """Return what the request needs and nobody says whether the model has it."""
    doubts = [*sorted(needed.modalities)] if candidate.inputs is None else []
    doubts += ["tools"] if needed.tools and candidate.tools is None else []
    doubts += ["schema"] if needed.structured and candidate.structured is None else []
    return tuple(doubts)
