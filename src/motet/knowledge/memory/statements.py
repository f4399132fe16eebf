"""Facts found in what people say, by a few patterns and no model.

What is understood, in English (`X` is a name or "the ..."; the value ends with its clause):

| said | fact |
|---|---|
| my name is V, call me V, I am called V | I, name, V |
| my P is V, X's P is V, the P of X is V | I or X, P, V |
| I prefer V, X prefers V (likes, loves, hates, uses, owns, has) | ..., prefers, V |
| I live in V, X works at V | ..., lives in, V |
| I am a V, X is V | ..., is, V |
| ... no longer ..., ... any more | the same fact, ended |

Questions say nothing. A language model as another finder of facts has the same signature.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TypeAlias

from motet.core.text import sentences, trim
from motet.knowledge.memory.facts import LONGEST, Fact
from motet.knowledge.memory.moments import held

FactFinder: TypeAlias = Callable[[str], list[Fact]]
"""Returns the facts that a text states, in their order."""

_VERBS = {
    "prefer": "prefers", "like": "likes", "love": "loves", "dislike": "dislikes",
    "hate": "hates", "use": "uses", "own": "owns", "have": "has",
}  # fmt: skip
_PLACES = {"live": "lives", "work": "works", "study": "studies"}
_THIRD = {third: third for third in (*_VERBS.values(), *_PLACES.values())}
_FORMS = {**_VERBS, **_PLACES, **_THIRD}
_OPPOSITE = {"likes": "dislikes", "loves": "dislikes", "prefers": "does not prefer"}
_BASE = "|".join(_VERBS)
_THIRDS = "|".join(_VERBS.values())
_NAME = (
    r"(?:[Tt]he [\w'’-]+(?: [\w'’-]+){0,3}?|[^\W\d_a-z][\w.'’&-]*(?: [^\W\d_a-z][\w.'’&-]*){0,3})"
)
_PROPERTY = r"[^\W\d_][\w-]*(?: [\w-]+){0,2}?"
_V = r"(?P<value>.+)"
_NOT = r"(?P<ends>no longer )?"
_HOW = r"(?:really |now |still |also |always |usually |much |currently )*"
_PATTERNS = tuple(
    re.compile(pattern, re.IGNORECASE if "(?P<subject>" not in pattern else 0)
    for pattern in (
        rf"(?:and )?(?:my name is|my name's|(?:please )?call me|i am called|i'm called) {_V}",
        rf"(?:and )?my (?P<property>{_PROPERTY}) (?:is|are) {_NOT}{_V}",
        rf"(?:and )?i {_HOW}{_NOT}{_HOW}(?P<verb>{_BASE}) {_V}",
        rf"(?:and )?i (?P<negated>don't|do not) {_HOW}(?P<verb>{_BASE}) {_V}",
        rf"(?:and )?i {_HOW}{_NOT}(?P<verb>live|work|study) (?P<place>in|at|for|as|with) {_V}",
        rf"(?:and )?(?:i am|i'm) {_HOW}{_NOT}(?P<be>(?:an?|the|from|allergic to) .+)",
        rf"(?P<subject>{_NAME})['’]s (?P<property>{_PROPERTY}) is {_NOT}{_V}",
        rf"[Tt]he (?P<property>{_PROPERTY}) of (?P<subject>{_NAME}) is {_NOT}{_V}",
        rf"(?P<subject>{_NAME}) {_HOW}{_NOT}{_HOW}(?P<verb>{_THIRDS}) {_V}",
        rf"(?P<subject>{_NAME}) (?P<negated>doesn't|does not) {_HOW}(?P<verb>{_BASE}) {_V}",
        rf"(?P<subject>{_NAME}) {_HOW}{_NOT}(?P<verb>lives|works|studies) "
        rf"(?P<place>in|at|for|as|with) {_V}",
        rf"(?P<subject>{_NAME}) is {_HOW}{_NOT}(?P<be>.+)",
    )
)
_LEAD = re.compile(
    r"(?:(?:please )?(?:remember|note|know)(?: that|:)?|by the way,?|btw,?|fyi,?|so,?|well,?|ok,?"
    r"|hi,?|hello,?|thanks,?|yes,?|no,) ",
    re.IGNORECASE,
)
_QUESTION = re.compile(
    r"(?:who|what|which|when|where|why|how|whose|is|are|am|was|were|do|does|did|can|could|will|"
    r"would|should|may|has|have|had|tell|show|list|give|find|explain)\b",
    re.IGNORECASE,
)
_CLAUSE = re.compile(
    r"[,;:()\[\]—]|\s[-–]\s| (?:because|but|although|though|when|if|since|until|so that)\b"
    r"| and (?=(?:i|my|he|she|we|they|it|please|call)\b)",
    re.IGNORECASE,
)
_JOINT = re.compile(
    r"(?:[,;]| and| but) (?:and |but |please )*(?=(?:i|i'm|my|call me)\b)", re.IGNORECASE
)
_ANY_MORE = re.compile(r" (?:any ?more|any longer)$", re.IGNORECASE)
_EDGES = " \t\r\n.!?…\"'“”‘’«»*_"
_PASSING = re.compile(r"(?:an? |some |no )?(?:question|problem|issue|idea|look|doubt)s?\b", re.I)
"""What people have for the length of a conversation."""
_NOBODY = frozenset(("it", "this", "that", "there", "he", "she", "they", "we", "you", "i"))


def facts_in(text: str) -> list[Fact]:
    """Return the facts that a text states, in their order."""
    found: dict[tuple[str | None, str, str, bool], Fact] = {}
    for start, end in sentences(text):
        for low, high in _clauses(text, start, end):
            fact = _fact(text, low, high, end)
            if fact is not None:
                found.setdefault((fact.subject, fact.property, fact.value, fact.ends), fact)
    return list(found.values())


def is_question(text: str) -> bool:
    """Whether a text asks and says nothing beside: its last sentence is a question, all are."""
    return all(_asks(text[start:end]) for start, end in sentences(text))


def _asks(sentence: str) -> bool:
    return sentence.endswith(("?", "？")) or _QUESTION.match(sentence) is not None


def _clauses(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield the ranges of a sentence's statements: it may say several, joined by "and"."""
    if _asks(text[start:end]):
        return
    while lead := _LEAD.match(text, start, end):
        start = lead.end()
    for joint in _JOINT.finditer(text, start, end):
        yield start, joint.start()
        start = joint.end()
    yield start, end


def _fact(text: str, start: int, end: int, sentence: int) -> Fact | None:
    clause = text[start:end].rstrip(_EDGES)
    for pattern in _PATTERNS:
        match = pattern.fullmatch(clause)
        fact = None if match is None else _read(match)
        if fact is not None:
            since, until, _ = held(text[start:sentence])
            low, high = trim(text, start, start + len(clause))
            return replace(fact, start=low, end=high, valid_from=since, valid_to=until)
    return None


def _read(match: re.Match[str]) -> Fact | None:
    named = match.groupdict()
    value, ended = _value(named.get("value") or named.get("be") or "")
    subject = named.get("subject")
    if named.get("verb") in ("have", "has") and _PASSING.match(value):
        return None
    if not value or (subject is not None and subject.lower() in _NOBODY):
        return None
    ends = ended or bool(named.get("ends"))
    said = _FORMS.get((named.get("verb") or "").lower())
    if named.get("negated") and said is not None and not ended:
        said = _OPPOSITE.get(said, f"does not {match['verb'].lower()}")
    elif named.get("place"):
        said = f"{said} {match['place'].lower()}"
    prop = named.get("property") or said or ("is" if named.get("be") else "name")
    prop = " ".join(prop.lower().split())
    if len(prop) > LONGEST or (subject is not None and len(subject) > LONGEST):
        return None
    return Fact(subject, prop, value, ends=ends)


def _value(text: str) -> tuple[str, bool]:
    """Return a value up to the end of its clause, and whether it is said to hold no more."""
    cut = _CLAUSE.search(text)
    value = (text[: cut.start()] if cut else text).strip(_EDGES)
    _, _, at = held(value)
    value = (value[:at] if at is not None else value).strip(_EDGES)
    bare = _ANY_MORE.sub("", value)
    return (" ".join(bare.split()) if len(bare) <= LONGEST else ""), bare != value
