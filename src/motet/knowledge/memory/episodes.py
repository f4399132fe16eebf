"""An episode: what was said and answered in one run, as a source of one chunk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from motet.core.clock import iso
from motet.core.ids import sha256
from motet.core.json import JSON
from motet.knowledge.chunks import Chunk
from motet.knowledge.memory.facts import Fact
from motet.knowledge.memory.statements import is_question
from motet.knowledge.prepare import Prepared

KIND = "memory"
"""The kind of source, and how the names of memories begin."""
CITES = "cites "
"""How a note begins that names a source the answer was taken from."""


@dataclass(frozen=True, slots=True)
class Episode:
    """Something remembered. `at` is the time of the message, in seconds since 1970.

    `cites` are the sources that the answer was taken from.
    """

    id: str
    at: float
    user: str | None
    session: str | None
    origin: str
    text: str
    facts: tuple[Fact, ...] = ()
    cites: tuple[str, ...] = ()

    def to_json(self) -> dict[str, JSON]:
        """Return the documented JSON object."""
        facts: list[JSON] = [_fact(each) for each in self.facts]
        return {
            "id": self.id,
            "at": iso(self.at),
            "user": self.user,
            "session": self.session,
            "origin": self.origin,
            "text": self.text,
            "facts": facts,
            "cites": list(self.cites),
        }


def _fact(fact: Fact) -> Mapping[str, JSON]:
    return {
        "subject": fact.subject,
        "property": fact.property,
        "value": fact.value,
        "valid_from": None if fact.valid_from is None else iso(fact.valid_from),
        "valid_to": None if fact.valid_to is None else iso(fact.valid_to),
        "ends": fact.ends,
    }


def prepared(said: str, answer: str | None, cites: Sequence[str] = ()) -> Prepared | None:
    """Return an episode as the store keeps it, None where there is nothing to remember.

    What only asks is no answer to anything later: then the chunk is the answer, and the
    question stands above it. A question without an answer is not remembered.
    """
    asks = is_question(said)
    if asks and answer is None:
        return None
    text = said if answer is None else f"{said}\n\n{answer}"
    start = len(text) - len(answer) if asks and answer is not None else 0
    whole = Chunk(KIND, None, start, len(text), said if asks else "")
    notes = tuple(f"{CITES}{each}" for each in dict.fromkeys(cites))
    return Prepared("text/plain", None, text, (), notes, (whole,), (), ())


def version_of(prepared: Prepared) -> str:
    """Return the version of an episode: the SHA-256 of its text as UTF-8."""
    return sha256(prepared.text.encode("utf-8", "surrogatepass"))
