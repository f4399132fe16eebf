"""One request's guards: what was found in it and in its answers, and what stands for it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Literal

from motet.core.json import JSON
from motet.gateway.guards.finding import Found, Group
from motet.gateway.guards.rules import Rules
from motet.gateway.guards.scanning import families
from motet.gateway.guards.watching import STOP, Watched

GUARD_NAMES: dict[Group, str] = {
    "pii": "personal data",
    "secrets": "a secret",
    "injection": "orders to the model",
}


class Placeholders:
    """What stands for values: the same for the same value, for as long as a request lives."""

    def __init__(self) -> None:
        self._given: dict[tuple[str, str], str] = {}
        self._counts: Counter[str] = Counter()

    def of(self, kind: str, value: str) -> str:
        """Return the placeholder of a value, as `[EMAIL_1]`."""
        key = (kind, value)
        if key not in self._given:
            self._counts[kind] += 1
            name = kind.upper().replace("-", "_")
            self._given[key] = f"[{name}_{self._counts[kind]}]"
        return self._given[key]


class Side:
    """What is found on one side, in the request or in an answer, and decided there."""

    def __init__(self, rules: Rules, placeholders: Placeholders) -> None:
        self.rules = rules
        self.stopped: Found | None = None
        self.counts: Counter[str] = Counter()
        self._placeholders = placeholders

    def decide(self, found: Found, value: str) -> str | Literal[True] | None:
        """Decide about a find; a `Decide`."""
        self.counts[found.kind] += 1
        action = self.rules.action(found.group)
        if action == "block":
            self.stopped = self.stopped or found
            return STOP
        return self._placeholders.of(found.kind, value) if action == "redact" else None

    def watched(self, *, json: bool = False, but: Iterable[Group] = ()) -> Watched:
        """Return what looks through a text; `but` are groups that do not matter in it."""
        groups = self.rules.groups - frozenset(but)
        return Watched(families(groups), self.decide, json=json)

    def screened(self, text: str, *, json: bool = False, but: Iterable[Group] = ()) -> str:
        """Return a whole text with every find decided; from one that stops on, nothing."""
        watched = self.watched(json=json, but=but)
        return watched.feed(text) + watched.finish()

    def why(self) -> str:
        """Return why it was stopped: the kind, never the value."""
        assert self.stopped is not None
        kind = self.stopped.kind.replace("-", " ")
        return f"{GUARD_NAMES[self.stopped.group]} ({kind})"


class Screening:
    """The guards of one request."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self._placeholders = Placeholders()
        self.request = self.side()

    def side(self) -> Side:
        """Return a side of its own, with placeholders that all sides share."""
        return Side(self.rules, self._placeholders)


def shown(request: Side, answer: Side | None = None) -> dict[str, JSON]:
    """Return the kinds and counts on both sides, for the trace; nothing where none is found."""
    found: dict[str, JSON] = {}
    for name, side in (("request", request), ("answer", answer)):
        if side is not None and side.counts:
            found[name] = dict(sorted(side.counts.items()))
    return found


def heading(request: Side, answer: Side | None = None) -> str:
    """Return the same as a header's value, as `request: email=2; answer: card=1`."""
    parts = []
    for name, side in (("request", request), ("answer", answer)):
        if side is not None and side.counts:
            kinds = ", ".join(f"{kind}={n}" for kind, n in sorted(side.counts.items()))
            parts.append(f"{name}: {kinds}")
    return "; ".join(parts)
