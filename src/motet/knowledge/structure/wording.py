"""What the names of tables and columns say: their words, and how near two of them are."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import PurePosixPath

GENERIC = frozenset(
    """id ids key code no nr num number pk fk sk nk uuid guid ref reference ident identifier
    identity oid rowid hash""".split()
)
"""Words that say only that a column identifies something."""
NAMING = frozenset("isbn issn sku slug ticker iban barcode ean gtin symbol email login".split())
"""Words of columns that identify by themselves."""
TITLES = frozenset("name title label designation caption nickname fullname".split())
PARTIAL = frozenset("first last middle given family surname forename".split())
"""Words of columns that hold a part of somebody's name."""
_NOISE = frozenset("tbl table tab dim fact stg raw vw view data master mst public dbo main".split())
_FILLER = frozenset("to of by the a for in on at from is and via".split())
_SYNONYMS = tuple(
    frozenset(group.split())
    for group in (
        "customer client buyer purchaser shopper patron",
        "supplier vendor provider",
        "employee staff worker person user member",
        "product item article good sku",
        "order purchase sale",
        "department division dept",
        "company organisation organization firm business",
        "country nation land",
        "picture image photo",
        "film movie",
        "author writer",
        "category class kind type genre",
        "airport station",
    )
)
_PEOPLE = frozenset("employee staff person people user worker member personnel contact".split())
_OFFICES = frozenset(
    """manager supervisor boss rep representative agent seller salesperson salesman owner author
    creator assignee approver reviewer mentor superior leader lead head coach driver operator
    technician teacher instructor contact reporter handler""".split()
)
_SELVES = frozenset(
    """parent manager supervisor boss superior reports report predecessor successor previous
    next reply replaces original root mentor leader prerequisite""".split()
)
_PARTS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\d_A-Za-z]+")


@lru_cache(maxsize=8192)
def words(name: str) -> tuple[str, ...]:
    """Return the words of a name in lower case and singular: `SupportRepIds` has three."""
    found = (singular(part.lower()) for part in _PARTS.findall(name))
    return tuple(word for word in found if word not in _FILLER)


def stem(table: str) -> str:
    """Return what a table is called without its place: `documents/parts.csv` is `parts`."""
    last = table.rpartition("#")[2] or table
    return PurePosixPath(last.rpartition(".")[2] if "#" in table else last).stem


def singular(word: str) -> str:
    """Return an English noun in the singular, by its ending."""
    if len(word) < 4 or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "shes", "ches", "xes", "zes")):
        return word[:-2]
    return word[:-1] if word.endswith("s") else word


class Vocabulary:
    """The words of a set of tables, which tell where `orderkey` or `custid` fall apart."""

    def __init__(self, names: Iterable[str]) -> None:
        self._known = {word for name in names for word in words(name) if len(word) > 2}

    def table(self, name: str) -> tuple[str, ...]:
        """Return the words that say what a table's rows are."""
        found = words(stem(name))
        meant = tuple(word for word in found if word not in _NOISE and not word.isdigit())
        return meant or found

    def column(self, name: str, initial: str = "") -> tuple[str, ...]:
        """Return a column's words; `initial` is a first letter all columns of a table share."""
        found: list[str] = []
        for word in words(name):
            found += self._split(word)
        if initial and len(found) > 1 and found[0] == initial:
            found = found[1:]
        return tuple(found)

    def _split(self, word: str) -> list[str]:
        if word in self._known and not word.endswith(("id", "key")):
            return [word]
        for ending in ("id", "key", "code", "no", "nr", "num", "number"):
            front = word.removesuffix(ending)
            if front != word and len(front) > 2 and self._means(front):
                return [singular(front), ending]
        return [word]

    def _means(self, front: str) -> bool:
        return any(likeness(singular(front), known) >= 0.8 for known in self._known - {front})


def core(found: Sequence[str]) -> tuple[str, ...]:
    """Return the words that say what is identified."""
    return tuple(word for word in found if word not in GENERIC)


@lru_cache(maxsize=65536)
def likeness(left: str, right: str) -> float:
    """Return how surely two words mean one thing: 1 equal, 0.9 synonym, 0.8 short for it."""
    if left == right:
        return 1.0
    if right in _meaning(left):
        return 0.9
    if any(_short_for(left, word) for word in _meaning(right)) or any(
        _short_for(right, word) for word in _meaning(left)
    ):
        return 0.8
    short, long = sorted((left, right), key=len)
    if len(short) >= 5 and abs(len(long) - len(short)) <= 1:
        from rapidfuzz.distance import DamerauLevenshtein

        if DamerauLevenshtein.distance(left, right) == 1:
            return 0.75
    return 0.0


def _meaning(word: str) -> set[str]:
    """Return a word and its synonyms."""
    return {word}.union(*(group for group in _SYNONYMS if word in group))


def _short_for(short: str, long: str) -> bool:
    if len(short) < 3 or short[0] != long[0] or len(long) < len(short) + 2:
        return False
    return long.startswith(short) or _skeleton(short, long)


def _skeleton(short: str, long: str) -> bool:
    """Whether a word is another one with letters left out, vowels above all: `dept`, `qty`."""
    rest = iter(long)
    if not all(letter in rest for letter in short):
        return False
    return sum(letter in "aeiou" for letter in short) <= 1 and len(short) * 3 >= len(long)


def affinity(
    column: Sequence[str], table: Sequence[str], key: Sequence[str], *, itself: bool = False
) -> float:
    """Return how surely a column's words name a table whose key has the words `key`.

    1 where it says just that, 0.85 where it adds a role (`billing_customer`), 0.7 where a
    role alone points there (`manager`), 0 where nothing does. `itself`: it is the column's
    own table.
    """
    said, named = core(column), core(key)
    if not said:
        return 0.0
    best = max(_whole(said, table), _last(said, table))
    if named and not itself:
        own = _whole(named, table) or _last(named, table)
        best = max(best, _whole(said, named) * (1.0 if own else 0.9), 0.85 * _last(said, named))
    if best < 0.7 and itself and any(word in _SELVES for word in said):
        return 0.7
    if best < 0.7 and set(table) & _PEOPLE and any(word in _OFFICES for word in said):
        return 0.7
    return best


def means(said: Sequence[str], label: Sequence[str]) -> bool:
    """Whether a column's words say a label and nothing else."""
    return not core(said) or _whole(core(said), label) >= 0.75


def _whole(said: Sequence[str], meant: Sequence[str]) -> float:
    """Return the likeness of two equally long names, word by word."""
    if len(said) != len(meant):
        return 1.0 if "".join(said) == "".join(meant) else 0.0
    return min(map(likeness, said, meant), default=0.0)


def _last(said: Sequence[str], meant: Sequence[str]) -> float:
    """Return how surely a name ends with another one, or another one's main word."""
    if not meant or not said:
        return 0.0
    if len(said) > len(meant):
        ending = _whole(said[-len(meant) :], meant)
        if ending:
            return 0.85 * ending
        beginning = _whole(said[: len(meant)], meant)
        return 0.65 * beginning
    return 0.65 * likeness(said[-1], meant[-1])
