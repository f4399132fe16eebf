"""Artificial questions from plain paragraphs: a sentence with its answer taken out.

After Lewis et al. 2019 (noisy cloze translation) and Ram et al. 2021 (recurring spans).
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from itertools import pairwise

from corpus import Paragraph, occurrences
from questions import Group, Passage

SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z\"'(])")
MONTH = "January|February|March|April|May|June|July|August|September|October|November|December"
PATTERNS = (
    (
        "date",
        re.compile(
            rf"\b(?:\d{{1,2}} (?:{MONTH})(?: \d{{4}})?|(?:{MONTH}) \d{{1,2}}(?:, \d{{4}})?"
            rf"|(?:{MONTH}) \d{{4}})\b"
        ),
    ),
    ("year", re.compile(r"\b(?:1\d{3}|20[012]\d)s?\b")),
    (
        "number",
        re.compile(
            r"(?<![\w.,])[$£€]?\d[\d,.]*\d?(?: (?:percent|million|billion|thousand"
            r"|%|km|miles|metres|feet|years|people|kg))?(?![\w])"
        ),
    ),
    ("name", re.compile(r"(?:[A-Z][\w'’.-]+)(?: (?:of |the |de |and )?[A-Z][\w'’-]+)*")),
    ("phrase", re.compile(r"\b[a-z]{3,}(?: [a-z]{3,}){0,3}\b")),
)
STOP = frozenset(
    "the a an of in on at to for by with from and or but as is are was were be been being has "
    "have had that this these those it its he she his her they their them who which what when "
    "where while after before during into over under between also not no more most than then "
    "there such other some many both all only one two can may would could will about against "
    "through however although because".split()
)
WHICH = {
    "date": ("When", "On what date", "When", "What date"),
    "year": ("When", "What year", "In what year", "In which year"),
    "number": ("How many", "How much", "What number of", "How many"),
    "name": ("Who", "What", "Which", "Who", "What"),
    "place": ("Where", "In what place", "What city", "What country", "Where"),
    "phrase": ("What", "What", "What", "How", "What kind of", "Why"),
}
PLACES = re.compile(r"\b(?:in|at|from|to|near)$")


def sentences(text: str) -> list[tuple[int, int]]:
    """Return the ranges of the text's sentences."""
    cuts = [0, *(match.end() for match in SENTENCE_END.finditer(text)), len(text)]
    return [(start, end) for start, end in pairwise(cuts) if end - start > 1]


def candidates(sentence: str) -> list[tuple[str, int, int]]:
    """Return (kind, start, end) of names, numbers, dates and phrases worth asking for."""
    found: list[tuple[str, int, int]] = []
    for kind, pattern in PATTERNS:
        for match in pattern.finditer(sentence):
            start, end = match.span()
            words = match.group().lower().split()
            if words[0] in STOP and start == 0 and len(words) > 1:
                start += len(words[0]) + 1
                words = words[1:]
            if kind == "phrase":
                while words and words[0] in STOP:
                    start += len(words.pop(0)) + 1
                while words and words[-1] in STOP:
                    end -= len(words.pop()) + 1
            if not words or all(word in STOP for word in words):
                continue
            if any(start < other_end and other < end for _, other, other_end in found):
                continue
            found.append((kind, start, end))
    return found


def ask(sentence: str, kind: str, start: int, end: int, rng: random.Random) -> str:
    """Turn the clause around the answer into a noisy question without the answer."""
    left, right = sentence[:start], sentence[end:]
    if rng.random() < 0.6:
        left = re.split(r"[;:,(] ", left)[-1] if len(left.split()) > 5 else left
        right = re.split(r"[;:,)] ", right)[0] if len(right.split()) > 5 else right
    if kind == "name" and PLACES.search(left.rstrip()):
        kind = "place"
    word = rng.choice(WHICH[kind])
    before, after = left.split()[-14:], right.strip(" .!?").split()[:14]
    if kind in {"date", "year", "place"} and before and rng.random() < 0.8:
        before = before[:-1]
    if rng.random() < 0.65:
        parts = [word, *noisy(before + after, rng)]
    else:
        parts = [*noisy(before, rng), word.lower(), *noisy(after, rng)]
    return " ".join(parts).strip(" ,;:.") + "?"


def noisy(words: list[str], rng: random.Random) -> list[str]:
    """Drop some words and shuffle the rest locally."""
    kept = [word for word in words if rng.random() > (0.3 if word in STOP else 0.12)]
    spread = rng.choice((0.0, 1.5, 3.0))
    order = sorted(range(len(kept)), key=lambda i: i + rng.random() * spread)
    return [kept[i].strip('"()') for i in order]


def questions(paragraph: Paragraph, count: int, rng: random.Random) -> Iterator[Group]:
    """Yield up to `count` artificial questions about the paragraph."""
    text = paragraph.text
    pool = [
        (begin, stop, kind, begin + start, begin + end)
        for begin, stop in sentences(text)
        for kind, start, end in candidates(text[begin:stop])
        if stop - begin > 30
    ]
    weights = [0.35 if kind == "phrase" else 1.0 for _, _, kind, _, _ in pool]
    for _ in range(min(count, len(pool))):
        begin, stop, kind, start, end = rng.choices(pool, weights)[0]
        question = ask(text[begin:stop], kind, start - begin, end - begin, rng)
        if len(question.split()) < 4:
            continue
        answer = text[start:end]
        rest = text[:begin] + text[stop:]
        elsewhere = occurrences(rest, answer)
        if elsewhere and rng.random() < 0.5:
            yield Group(question, (Passage(rest, (tuple(elsewhere),)),))
        elif rng.random() < 0.2 and len(rest) > 150 and not elsewhere:
            yield Group(question, (Passage(rest, ()),))
        else:
            everywhere = tuple(occurrences(text, answer)) or ((start, end),)
            yield Group(question, (Passage(text, (everywhere,)),))
