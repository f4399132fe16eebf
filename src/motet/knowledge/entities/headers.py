"""What a column's name says: an identifier, a name, a kind of thing."""

from __future__ import annotations

import re
from functools import lru_cache

from motet.core.text import normalised

_IDENTIFIER = frozenset(
    "id ids no nr num number code key sku ref reference model article uid guid nummer".split()
)
_NAMES = frozenset("name names title titel nom nombre nome bezeichnung 名称 名前 이름".split())
_KINDS = {
    "person": "person contact reviewer author manager owner employee engineer designer director"
    " editor 姓名 contactperson",
    "place": "city country town place location region state village address ort stadt land"
    " 城市 国家 도시",
    "organisation": "company organisation organization manufacturer vendor brand publisher firma"
    " employer dealer supplier customer bank 公司 회사",
}
_KIND_OF = {word: kind for kind, words in _KINDS.items() for word in words.split()}
_SPLIT = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[\s_\-./#:()\[\]]+")


@lru_cache(maxsize=8192)
def words_of(column: str) -> tuple[str, ...]:
    """Return the words of a column's name, in lower case: `supplierId` is supplier, id."""
    return tuple(normalised(each) for each in _SPLIT.split(column.strip()) if each)


@lru_cache(maxsize=8192)
def is_identifier(column: str) -> bool:
    """Whether the name says that identifiers stand here: `part_id`, `Part no.`, `Model`."""
    words = words_of(column)
    return bool(words) and words[-1] in _IDENTIFIER


def is_name(column: str) -> bool:
    """Whether the name says that names stand here: `name`, `part_name`, `title`."""
    words = words_of(column)
    return bool(words) and words[-1] in _NAMES


@lru_cache(maxsize=8192)
def stem(column: str) -> str:
    """Return what is left of `supplier_id` or `part_name`: `supplier`, `part`; maybe nothing."""
    words = [each for each in words_of(column) if each not in _IDENTIFIER and each not in _NAMES]
    return singular(" ".join(words))


@lru_cache(maxsize=8192)
def kind(column: str) -> str | None:
    """Return the label of the people, places or companies that a column names, else None."""
    for word in reversed(words_of(column)):
        found = _KIND_OF.get(singular(word))
        if found is not None:
            return found
    return None


@lru_cache(maxsize=8192)
def relation(column: str) -> str:
    """Return the type of the relation that a column is: `supplier_id` is `supplier`."""
    return stem(column) or spoken(column)


@lru_cache(maxsize=8192)
def spoken(column: str) -> str:
    """Return a column's name as words: `unit_cost_eur` is unit cost eur."""
    return " ".join(words_of(column)) or "column"


def singular(noun: str) -> str:
    """Return an English plural's singular, and anything else as it is."""
    if noun.endswith("ies") and len(noun) > 4:
        return noun[:-3] + "y"
    if noun.endswith(("sses", "xes", "ches", "shes")):
        return noun[:-2]
    if noun.endswith("s") and not noun.endswith(("ss", "us", "is")) and len(noun) > 3:
        return noun[:-1]
    return noun
