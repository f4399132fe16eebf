"""The forms a name is found by: as it is written, without its legal form, by its first word."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from motet.core.graph import Entity
from motet.core.text import has_cjk

NameKind = Literal["key", "name", "title", "reference"]
"""What declares a name: a row's key, a row's name, a document's title, or a row that refers."""
RANKS = {"key": 0, "name": 0, "title": 1, "reference": 2, "short": 3, "head": 4, "alias": 5}
"""Which of the entities that share a form is meant: those of the lowest rank.

`short` is a row's name or a title less its legal form or brackets, `head` its first word,
`alias` what is left of a company that only texts name.
"""

_LEGAL = re.compile(
    r"[\s,]+(?:GmbH(?:\s*&\s*Co\.?\s*KG)?|AG|KG|OHG|SE|eG|e\.\s?V\.|mbH|UG|Oyj?|O[ÜU]|AB|ASA?|A/S|ApS"
    r"|B\.?V\.?|N\.?V\.?|S\.?\s?A\.?|S\.?r\.?l\.?|SRL|S\.?p\.?A\.?|SARL|SAS|S\.?L\.?|Lda\.?|Ltda\.?"
    r"|Sp\.\s?z\s?o\.\s?o\.|s\.\s?r\.\s?o\.|d\.\s?o\.\s?o\.|a\.\s?s\.|Kft\.?|Zrt\.?"
    r"|(?:Co\.?,?\s*)?Ltd\.?|LLC|LLP|PLC|Inc\.?|Corp\.?|Corporation|Incorporated|Limited|Pte\.?"
    r"|Pty\.?(?:\s*Ltd\.?)?|K\.K\.)\s*$"
)
_LEGAL_CJK = re.compile(
    r"^(?:株式会社|有限会社|주식회사|\(주\))\s*|\s*(?:株式会社|주식회사|股份有限公司|有限公司|公司)$"
)
_BRACKETS = re.compile(r"\s*[(\[（].{1,40}[)\]）]\s*$")
_DIGIT = re.compile(r"\d")
_LETTER = re.compile(r"[^\W\d_]")
_NUMBER = re.compile(r"[\d\s.,:/+\-]+")
LONGEST = 120
"""Code points of the longest form that is matched."""
HEAD = 5
"""Letters of the shortest first word that may stand for a company."""


@dataclass(frozen=True, slots=True)
class Declared:
    """An entity goes by a name, says a version; `count` is how often."""

    entity: Entity
    form: str
    kind: NameKind
    count: int = 1


@dataclass(frozen=True, slots=True)
class Form:
    """A form that stands for an entity.

    `cased`: the first letter must be written as here, lest a word of the language be taken
    for a name. `code`: letters and digits that must stand alone.
    """

    entity: Entity
    text: str
    rank: int
    cased: bool
    code: bool


def forms(declared: Declared) -> Iterator[Form]:
    """Yield the forms a declared name is found by in texts; none for a bare number."""
    name = " ".join(declared.form.split())
    if not _findable(name):
        return
    rank = RANKS[declared.kind]
    yield _form(declared.entity, name, rank, declared.kind)
    core = _LEGAL_CJK.sub("", _LEGAL.sub("", name)).strip(" ,")
    if core != name and _findable(core):
        short = "alias" if declared.kind == "reference" else "short"
        yield _form(declared.entity, core, RANKS[short], short)
        head = core.split()[0].strip(",")
        named = declared.kind != "reference"
        if named and head != core and len(head) >= HEAD and head[:1].isupper() and head.isalpha():
            yield _form(declared.entity, head, RANKS["head"], "head")
    if declared.kind == "title":
        bare = _BRACKETS.sub("", name)
        if bare != name and _findable(bare):
            yield _form(declared.entity, bare, RANKS["short"], "title")


def has_legal_form(name: str) -> bool:
    """Whether a name ends (in Chinese, Japanese and Korean, or begins) as companies' do."""
    return bool(_LEGAL.search(name) or _LEGAL_CJK.search(name))


def _form(entity: Entity, text: str, rank: int, kind: str) -> Form:
    code = bool(_DIGIT.search(text)) and len(text) <= 24 and " " not in text
    single = " " not in text
    cased = (
        not code and text[0].isupper() and (single or kind in ("title", "short", "head", "alias"))
    )
    return Form(entity, text, rank, cased, code)


def _findable(name: str) -> bool:
    if len(name) > LONGEST or _NUMBER.fullmatch(name) or not _LETTER.search(name):
        return False
    return len(name) >= (2 if has_cjk(name) or _DIGIT.search(name) else 3)
