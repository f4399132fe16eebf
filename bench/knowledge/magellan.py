"""The record pairs of ER-Magellan, as the matching benches read them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from motet.knowledge.resolve.records import Record

SETS = ("Beer", "Fodors-Zagats", "iTunes-Amazon", "Amazon-Google", "DBLP-ACM")
SPLITS = ("train", "valid", "test")
ANSWERS = {"Fodors-Zagats": "class"}
"""A column that numbers the matches themselves, which no matcher may read."""
_FIELD = re.compile(r"COL (\S+) VAL ?(.*?)(?=COL \S+ VAL|$)", re.DOTALL)

Labelled = tuple[Record, Record, bool]


@dataclass(frozen=True)
class Pairs:
    """A set's labelled pairs by split, and all records of either side."""

    name: str
    splits: dict[str, list[Labelled]]
    left: list[Record]
    right: list[Record]


def load(folder: Path, name: str) -> Pairs:
    """Read a set from `folder/NAME/{train,valid,test}.txt`."""
    sides: tuple[dict[str, Record], dict[str, Record]] = ({}, {})
    splits = {}
    for split in SPLITS:
        lines = (folder / name / f"{split}.txt").read_text(encoding="utf-8").splitlines()
        splits[split] = [_pair(name, line, sides) for line in lines]
    return Pairs(name, splits, list(sides[0].values()), list(sides[1].values()))


def _pair(name: str, line: str, sides: tuple[dict[str, Record], dict[str, Record]]) -> Labelled:
    left, right, same = line.split("\t")
    return _record(name, left, "a", sides[0]), _record(name, right, "b", sides[1]), same == "1"


def _record(name: str, text: str, side: str, known: dict[str, Record]) -> Record:
    """Return the one record of a side with this text."""
    if text not in known:
        fields = {field: value.strip() for field, value in _FIELD.findall(text)}
        fields.pop(ANSWERS.get(name, ""), None)
        known[text] = Record(f"{side}{len(known)}", name, fields)
    return known[text]
