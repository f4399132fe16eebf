"""What evaluations found of models by domain, kept for routing to learn from.

`quality.json` in the state folder: `{"schema_version": 1, "scores": [row, ...]}`. A row is
`{"model", "domain", "set", "scorer", "within", "count", "score", "at"}`: the mean score of a
model (`provider/name`) on `count` questions of a domain, as the routing expert sees domains;
`set` is the test set's digest, `within` the system that asked (null: asked alone), `at` in
epoch seconds. A reader averages rows by `count`. Evaluating again replaces the rows of the
same model, set, scorer and system.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from motet.core.errors import StoreError

FILE = "quality.json"
VERSION = 1


@dataclass(frozen=True, slots=True)
class Row:
    """The mean score of a model on the questions of one domain."""

    model: str
    domain: str
    set: str
    scorer: str
    within: str | None
    count: int
    score: float
    at: float

    @property
    def evaluation(self) -> tuple[str, str, str, str | None]:
        """What a later one replaces."""
        return self.model, self.set, self.scorer, self.within


def read(home: Path) -> list[Row]:
    """Return the rows of a state folder, none where there are none. Raises `StoreError`."""
    place = home / FILE
    try:
        found = json.loads(place.read_text(encoding="utf-8"))
        return [Row(**each) for each in found["scores"]]
    except FileNotFoundError:
        return []
    except (OSError, ValueError, KeyError, TypeError) as error:
        hint = "move it away; `motet compare` writes it anew"
        raise StoreError("cannot read what was evaluated", where=str(place), hint=hint) from error


def add(home: Path, rows: Sequence[Row]) -> Path:
    """Add rows to the state folder's, in the place of those they supersede."""
    new = {each.evaluation for each in rows}
    kept = [each for each in read(home) if each.evaluation not in new]
    value = {"schema_version": VERSION, "scores": [asdict(each) for each in (*kept, *rows)]}
    place = home / FILE
    home.mkdir(parents=True, exist_ok=True)
    beside = place.with_suffix(f".{os.getpid()}.new")
    beside.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    beside.replace(place)
    return place


def averaged(
    rows: Sequence[Row], model: str, domain: str | None = None
) -> tuple[int, float] | None:
    """Return how many questions a model was asked (of a domain) and its mean score."""
    found = [row for row in rows if row.model == model and domain in (None, row.domain)]
    count = sum(row.count for row in found)
    if not count:
        return None
    return count, math.fsum(row.count * row.score for row in found) / count
