"""Names written in another way, and names of others that look alike, to learn the difference."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

import numpy as np

from motet.knowledge.resolve.records import Record

FIELDS = ("authors", "Brew_Factory_Name", "name", "Artist_Name", "manufacturer")
"""Fields that hold names of people and organisations."""
MOST = 400
"""Names of one set."""
_FORMS = ("Inc", "Ltd", "GmbH", "Company", "Co", "Corp", "LLC", "Group")


def renamed(
    records: Sequence[Record], rng: np.random.Generator
) -> Iterator[tuple[Record, Record, bool]]:
    """Yield (record, record, same): variants of each name, and the most alike other names."""
    names = sorted({" ".join(each.split()) for record in records for each in _names(record)})
    if len(names) > MOST:
        names = [names[i] for i in sorted(rng.choice(len(names), MOST, replace=False))]
    holders: defaultdict[str, list[str]] = defaultdict(list)
    for name in names:
        for word in name.split():
            holders[word].append(name)
    for name in names:
        for variant in _variants(name, rng):
            yield _record(name), _record(variant), True
        near = sorted({each for word in name.split() for each in holders[word]} - {name})
        near += [names[int(rng.integers(len(names)))] for _ in range(3)]
        for other in near[:6]:
            if other != name:
                yield _record(name), _record(other), False
        yield _record(name), _record(_other(name, names, rng)), False


def _names(record: Record) -> Iterator[str]:
    for field in FIELDS:
        for name in record.fields.get(field, "").split(" , "):
            bare = name.strip("`' ").replace("\\", "")
            if 3 < len(bare) < 60 and "," not in bare:
                yield bare


def _record(name: str) -> Record:
    return Record(name, "thing", {"name": name})


def _variants(name: str, rng: np.random.Generator) -> Iterator[str]:
    words = name.split()
    yield _misspelt(name, rng)
    yield name.upper()
    form = _FORMS[int(rng.integers(len(_FORMS)))]
    yield f"{name} {form}"
    if len(words) == 2:
        yield f"{words[0][0]}. {words[1]}"
        yield f"{words[1]}, {words[0]}"
    if len(words) >= 3:
        yield "".join(each[0] for each in words).upper()
        yield " ".join([words[0], *words[2:]])


def _misspelt(name: str, rng: np.random.Generator) -> str:
    """Swap, drop or double a letter after the first."""
    place = int(rng.integers(1, len(name) - 1))
    kind = int(rng.integers(3))
    if kind == 0:
        return name[:place] + name[place + 1] + name[place] + name[place + 2 :]
    return name[:place] + (name[place + 1 :] if kind == 1 else name[place] + name[place:])


def _other(name: str, names: Sequence[str], rng: np.random.Generator) -> str:
    """Return the name with one word of another name in place of one of its own, or a number."""
    words = name.split()
    strange = names[int(rng.integers(len(names)))].split()[0]
    if len(words) == 1:
        return f"{name} {strange}" if strange != name else f"{name} 2"
    words[int(rng.integers(len(words)))] = strange if strange not in words else "other"
    return " ".join(words)
