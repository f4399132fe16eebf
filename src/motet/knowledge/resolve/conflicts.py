"""What keeps two records apart however alike they look, unless a person says otherwise."""

from __future__ import annotations

from motet.knowledge.resolve.labels import compatible
from motet.knowledge.resolve.rarity import Fixed
from motet.knowledge.resolve.records import Record, content
from motet.knowledge.resolve.similarity import align
from motet.knowledge.resolve.surroundings import first

IDENTIFYING = frozenset(
    """id key code sku isbn issn ean gtin upc doi orcid iban vat email e-mail mail phone telephone
    born birthday birth_date date_of_birth passport serial serial_number number""".split()
)
"""Properties of which a thing has one value at most."""
KEYED = "#key"
"""The field that says which tables hold the record as a row, one a line, and its key after `=`.

Fields whose names begin with `#` are not compared as text.
"""


def conflict(left: Record, right: Record) -> str | None:
    """Return why two records cannot be one thing; None where nothing speaks against it."""
    if not compatible(left.label, right.label):
        return f"one is a {left.label}, the other a {right.label}"
    return _keys(left, right) or _properties(left, right) or _names(left, right)


def _keys(left: Record, right: Record) -> str | None:
    (one, key), (two, other) = (_place(record) for record in (left, right))
    shared = sorted(one & two)
    if shared and key != other:
        return f"different rows of {shared[0]}: {key} and {other}"
    return None


def _place(record: Record) -> tuple[set[str], str]:
    tables, _, key = record.fields.get(KEYED, "").rpartition("=")
    return set(tables.split("\n")) - {""}, key


def _properties(left: Record, right: Record) -> str | None:
    for name in sorted(left.fields.keys() & right.fields.keys()):
        if name.lower().replace(" ", "_") not in IDENTIFYING:
            continue
        one, two = (_bare(record.fields[name]) for record in (left, right))
        if one and two and one.isdisjoint(two):
            return f"{name} differs: {left.fields[name]} and {right.fields[name]}"
    return None


def _bare(text: str) -> set[str]:
    """Return the values of a property, several being parted by semicolons."""
    parts = ("".join(c for c in each if c.isalnum() or c == "@") for each in text.split(";"))
    return {each.lower() for each in parts if each}


def _names(left: Record, right: Record) -> str | None:
    one, two = first(left), first(right)
    a, b = content(one), content(two)
    for mine, theirs, what in ((a.numbers, b.numbers, "numbers"), (a.codes, b.codes, "codes")):
        if mine - theirs and theirs - mine:
            return f"{what} in the names differ: {one} and {two}"
    if "person" in (left.label, right.label):
        rarity = Fixed()
        weights = {each: rarity.weight("name", each) for each in (*a.tokens, *b.tokens)}
        found = align(a.tokens, b.tokens, weights, soft=True)
        if found.shared and found.alone_left and found.alone_right:
            return f"names of different people: {one} and {two}"
    return None
