"""What guards do about each kind of find, as declared."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from typing import Literal

from motet.gateway.guards.finding import GROUPS, Family, Group
from motet.gateway.guards.scanning import families
from motet.spec.types import Guard

Action = Literal["off", "flag", "redact", "block"]
_ORDER: tuple[Action, ...] = ("off", "flag", "redact", "block")


@dataclass(frozen=True)
class Rules:
    """The action of each group of finds, and of answers that do not fit their schema."""

    pii: Action = "off"
    secrets: Action = "off"
    injection: Action = "off"
    schema: Action = "off"

    def action(self, group: Group) -> Action:
        """Return what happens to finds of a group."""
        found: Action = getattr(self, group)
        return found

    @cached_property
    def groups(self) -> frozenset[Group]:
        """The groups that are looked for."""
        return frozenset(each for each in GROUPS if self.action(each) != "off")

    @cached_property
    def families(self) -> Sequence[Family]:
        """The detectors that look."""
        return families(self.groups)

    @cached_property
    def changing(self) -> bool:
        """Whether a text may be changed or stopped, so that it must wait for the decision."""
        return any(self.action(each) in ("redact", "block") for each in GROUPS)

    @cached_property
    def label(self) -> str:
        """The rules in one line."""
        return f"pii={self.pii} secrets={self.secrets} injection={self.injection} {self.schema}"


def rules_of(guard: Guard) -> Rules | None:
    """Return a declaration's rules, None where it guards nothing."""
    found = Rules(guard.pii, guard.secrets, guard.injection, guard.schema)
    return found if found != Rules() else None


def strictest(several: Iterable[Rules | None]) -> Rules | None:
    """Return rules that are as strict as each of several."""
    found = [each for each in several if each is not None]
    return reduce(_stricter, found) if found else None


def _stricter(one: Rules, other: Rules) -> Rules:
    if one == other:
        return one
    both = (
        max(getattr(one, name), getattr(other, name), key=_ORDER.index)
        for name in ("pii", "secrets", "injection", "schema")
    )
    return Rules(*both)
