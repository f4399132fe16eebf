"""What a viewer may see of the graph at a moment, as conditions of SQL."""

from __future__ import annotations

from dataclasses import dataclass

from motet.knowledge.provenance.viewer import Sight


@dataclass(frozen=True, slots=True)
class Conditions:
    """Conditions for a scope, a viewer's sight and a moment (seconds since 1970).

    All of them are SQL with our own numbers inside, without placeholders.
    """

    scope: str
    sight: Sight
    at: float

    @property
    def open(self) -> bool:
        """Whether nothing is kept from the viewer."""
        return len(self.sight.hidden) == 0 and len(self.sight.withheld) == 0

    def derived(self, table: str) -> str:
        """Return that a row which was derived, with a `version_id`, may be seen."""
        return _outside(f"{table}.version_id", self.sight.withheld.tolist())

    def given(self, table: str) -> str:
        """Return that a row with `version_id` and `given`, evidence or a claim, may be seen."""
        if self.open:
            return "1 = 1"
        seen = _outside(f"{table}.version_id", self.sight.hidden.tolist())
        return f"({seen} AND ({table}.given = 1 OR {self.derived(table)}))"

    def holds(self, claim: str) -> str:
        """Return that a claim holds and is known at the moment and may be seen."""
        c, at = claim, repr(float(self.at))
        return (
            f"({c}.valid_from IS NULL OR {c}.valid_from <= {at})"
            f" AND ({c}.valid_to IS NULL OR {c}.valid_to > {at})"
            f" AND {c}.known_from <= {at} AND ({c}.known_to IS NULL OR {c}.known_to > {at})"
            f" AND {self.given(c)}"
        )

    def relation(self, relation: str) -> str:
        """Return that a relation has evidence that may be seen."""
        if self.open:
            return "1 = 1"
        return (
            "EXISTS (SELECT 1 FROM evidence seen_v"
            f" WHERE seen_v.relation_id = {relation}.id AND {self.given('seen_v')})"
        )

    def entity(self, entity: str) -> str:
        """Return that something that may be seen speaks of a canonical entity."""
        if self.open:
            return "1 = 1"
        spoken = " OR ".join(
            f"EXISTS (SELECT 1 FROM entities seen_e JOIN {table} seen_x"
            f" ON seen_x.entity_id = seen_e.id WHERE seen_e.canonical = {entity}.id AND {seen})"
            for table, seen in (
                ("mentions", self.derived("seen_x")),
                ("links", _outside("seen_x.version_id", self.sight.hidden.tolist())),
                ("claims", self.given("seen_x")),
            )
        )
        return f"({spoken})"


def _outside(expression: str, ids: list[int]) -> str:
    if not ids:
        return "1 = 1"
    return f"{expression} NOT IN ({','.join(str(int(each)) for each in ids)})"
