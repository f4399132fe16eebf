"""The bill of materials: the two CSV files, read into typed rows."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Part:
    """One line of `parts.csv`: a part as it is used in one product."""

    part_id: str
    name: str
    product: str
    quantity: str
    unit: str
    supplier_id: str
    unit_cost: Decimal


@dataclass(frozen=True, slots=True)
class Bom:
    """All lines, and the suppliers' names by id."""

    parts: tuple[Part, ...]
    suppliers: dict[str, str]

    def of(self, product: str) -> tuple[Part, ...]:
        """Return the lines of one product, in the order of the file."""
        return tuple(part for part in self.parts if part.product == product)

    def distinct(self) -> tuple[Part, ...]:
        """Return every part once, as it is first used."""
        return tuple({part.part_id: part for part in reversed(self.parts)}.values())[::-1]


def read_bom(documents: Path) -> Bom:
    """Read `parts.csv` and `suppliers.csv` from the folder `documents`."""
    with (documents / "parts.csv").open(encoding="utf-8", newline="") as file:
        parts = tuple(
            Part(
                part_id=row["part_id"],
                name=row["part_name"],
                product=row["product"],
                quantity=row["quantity"],
                unit=row["unit"],
                supplier_id=row["supplier_id"],
                unit_cost=Decimal(row["unit_cost_eur"]),
            )
            for row in csv.DictReader(file)
        )
    with (documents / "suppliers.csv").open(encoding="utf-8", newline="") as file:
        suppliers = {row["supplier_id"]: row["name"] for row in csv.DictReader(file)}
    return Bom(parts, suppliers)
