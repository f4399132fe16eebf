"""What evaluations found of models by domain, kept for routing to learn from.

`quality.json` in the state folder: `{"schema_version": 1, "evaluated": [row, ...]}`. A row is
`{"model", "domain", "scores", "set", "scorer", "within", "at"}`: the scores (0 to 1) of a
model's answers (`provider/name`) to questions of a domain, as the routing expert sees domains;
`set` is the test set's digest, `within` the system that asked (null: asked alone), `at` in
epoch seconds. Evaluating again replaces the rows of the same model, set, scorer and system.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from motet.core.errors import StoreError

FILE = "quality.json"
VERSION = 1


@dataclass(frozen=True, slots=True)
class Row:
    """The scores of a model's answers to the questions of one domain."""

    model: str
    domain: str
    scores: Sequence[float]
    set: str
    scorer: str
    within: str | None
    at: float

    @property
    def evaluation(self) -> tuple[str, str, str, str | None]:
        """What a later one replaces."""
        return self.model, self.set, self.scorer, self.within


@dataclass(frozen=True, slots=True)
class Score:
    """One evaluated answer, as a router learns from it."""

    model: str
    domain: str
    score: float


def scores(
    rows: Iterable[Row], names: Mapping[str, Iterable[str]] | None = None
) -> Iterator[Score]:
    """Yield each evaluated answer.

    `names` are what candidates go by, for each `provider/name`; without it models keep this.
    """
    for row in rows:
        for name in [row.model] if names is None else names.get(row.model, ()):
            yield from (Score(name, row.domain, each) for each in row.scores)


def read(home: Path) -> list[Row]:
    """Return the rows of a state folder, none where there are none. Raises `StoreError`."""
    place = home / FILE
    try:
        found = json.loads(place.read_text(encoding="utf-8"))
        return [Row(**each) for each in found["evaluated"]]
    except FileNotFoundError:
        return []
    except (OSError, ValueError, KeyError, TypeError) as error:
        hint = "move it away; `motet compare` writes it anew"
        raise StoreError("cannot read what was evaluated", where=str(place), hint=hint) from error


def add(home: Path, rows: Sequence[Row]) -> Path:
    """Add rows to the state folder's, in the place of those they supersede."""
    new = {each.evaluation for each in rows}
    kept = [each for each in read(home) if each.evaluation not in new]
    value = {"schema_version": VERSION, "evaluated": [asdict(each) for each in (*kept, *rows)]}
    place = home / FILE
    home.mkdir(parents=True, exist_ok=True)
    beside = place.with_suffix(f".{os.getpid()}.new")
    beside.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    beside.replace(place)
    return place
