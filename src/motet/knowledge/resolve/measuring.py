"""All measures of a pair of records of two known sides, for matchers that learn from labels."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from motet.knowledge.resolve.features import COMPARED, Compared, compare
from motet.knowledge.resolve.generic import WHOLE
from motet.knowledge.resolve.rarity import Counted
from motet.knowledge.resolve.records import Record
from motet.knowledge.resolve.surroundings import MEASURED, SPACES, Surroundings, first, whole

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Pair = tuple[Record, Record]
Similarity = Callable[[str, str], float]
"""How alike two texts are in meaning, -1 to 1: the cosine of an encoder's vectors, say."""
MEANING = "meaning"
AROUND = "others like it"


class Measuring:
    """Measures pairs of records of two sides, whose texts give the weights of words.

    `similarity` compares names and whole texts, where there is an encoder.
    """

    def __init__(
        self,
        left: Sequence[Record],
        right: Sequence[Record],
        similarity: Similarity | None = None,
    ) -> None:
        records = [*left, *right]
        self._fields = list(
            dict.fromkeys(n for each in records for n in each.fields if not n.startswith("#"))
        )
        self._rarity = Counted(records)
        self._whole = Counted(
            Record(each.uid, each.label, {WHOLE: whole(each)}) for each in records
        )
        self._around = Surroundings(left, right)
        self._similarity = similarity

    @property
    def groups(self) -> list[str]:
        """What each measure is of: a field, all text, what else there is, meaning."""
        groups = [name for name in (*self._fields, WHOLE) for _ in COMPARED]
        groups += [AROUND] * len(SPACES) * len(MEASURED)
        return groups + ([MEANING] * 2 if self._similarity else [])

    def compared(self, left: Record, right: Record) -> list[Compared]:
        """Compare two records field by field, then all their text."""
        found = [
            compare(name, left.fields.get(name, ""), right.fields.get(name, ""), self._rarity)
            for name in self._fields
        ]
        return [*found, compare(WHOLE, whole(left), whole(right), self._whole)]

    def matrix(self, pairs: Sequence[Pair]) -> NDArray[np.float64]:
        """Return the measures of pairs, shape (pairs, measures); what is unknown is -1."""
        import numpy as np

        rows = [self._row(left, right) for left, right in pairs]
        return np.nan_to_num(np.asarray(rows, np.float64).reshape(len(rows), -1), nan=-1.0)

    def _row(self, left: Record, right: Record) -> list[float]:
        fields = self.compared(left, right)
        row = [value for each in fields for value in each.measures.values()]
        row += self._around.measures(left, right)
        if self._similarity is not None:
            row.append(self._similarity(first(left), first(right)))
            row.append(self._similarity(whole(left), whole(right)))
        return row
