"""Questions, paragraphs and the fixed split of the reader's training data."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, field
from pathlib import Path

ANSWERABLE = Path("qa/squad_v1.1_dev_36_articles.json")
ADVERSARIAL = Path("qa/squad_v2.0_dev_give.json")
PLAIN = (Path("multihop/2wiki_corpus.json"), Path("multihop/hotpotqa_100_corpus.json"))

# The articles present in both files, in the order of the SHA-256 of their titles: the first
# nine are for the final report only, the next three choose settings and checkpoints.
HELD_OUT = (
    "French_and_Indian_War",
    "Private_school",
    "Jacksonville,_Florida",
    "Amazon_rainforest",
    "Fresno,_California",
    "Sky_(United_Kingdom)",
    "Victoria_(Australia)",
    "Ctenophora",
    "Packet_switching",
)
TUNING = ("Scottish_Parliament", "Civil_disobedience", "Oxygen")

# Passages of other collections that name a held-out article's subject are not read.
FORBIDDEN = re.compile(
    r"French and Indian War|private school|Jacksonville|Amazon rainforest|Fresno|BSkyB|"
    r"Sky (?:UK|plc|Television|Digital|News|Sports|One)|Victoria,? \(?Australia|Ctenophor|"
    r"packet.switch",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Question:
    """A question about one paragraph; no answers means that the paragraph has none."""

    id: str
    text: str
    answers: tuple[str, ...]


@dataclass(slots=True)
class Paragraph:
    """A paragraph of an article with its questions."""

    title: str
    text: str
    questions: list[Question] = field(default_factory=list)


def digest(data: Path) -> str:
    """Return the SHA-256 over the files that training reads, in a fixed order."""
    total = hashlib.sha256()
    for name in (ANSWERABLE, ADVERSARIAL, *PLAIN):
        total.update((data / name).read_bytes())
    return total.hexdigest()


def paragraphs(data: Path) -> list[Paragraph]:
    """Return all paragraphs of both files, each once, each question id once."""
    found: dict[tuple[str, str], Paragraph] = {}
    seen: set[str] = set()
    for name in (ANSWERABLE, ADVERSARIAL):
        for article in json.loads((data / name).read_text("utf-8")):
            for entry in article["paragraphs"]:
                key = (article["title"], entry["context"])
                paragraph = found.setdefault(key, Paragraph(*key))
                for row in entry["qas"]:
                    if row["id"] not in seen:
                        seen.add(row["id"])
                        question = Question(row["id"], row["question"], tuple(row["answers"]))
                        paragraph.questions.append(question)
    return list(found.values())


def plain_passages(data: Path) -> list[Paragraph]:
    """Return Wikipedia passages without questions that name no held-out subject."""
    passages = []
    for entry in json.loads((data / PLAIN[0]).read_text("utf-8")):
        passages.append(Paragraph(entry["title"], entry["text"]))
    for title, sentences in json.loads((data / PLAIN[1]).read_text("utf-8")).items():
        passages.append(Paragraph(title, "".join(sentences)))
    return [p for p in passages if not FORBIDDEN.search(p.title + " " + p.text)]


def occurrences(text: str, answer: str) -> list[tuple[int, int]]:
    """Return where the answer stands in the text as whole words, as code-point ranges."""
    pattern = rf"(?<!\w){re.escape(answer)}(?!\w)"
    return [match.span() for match in re.finditer(pattern, text)]
