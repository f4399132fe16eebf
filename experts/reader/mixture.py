"""What each stage of training reads."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

import cloze
import corpus
import tables
from lexical import Lexical
from questions import Group, Passage

ARTIFICIAL_ARTICLES = 7000
ARTIFICIAL_PLAIN = 2500
NEGATIVES = 8
ADVERSARIAL_SHARE = 0.6
NEGATIVE_SHARE = 0.4
HEADED = 0.12


def _training(data: Path) -> list[corpus.Paragraph]:
    apart = {*corpus.HELD_OUT, *corpus.TUNING}
    return [p for p in corpus.paragraphs(data) if p.title not in apart]


def artificial(data: Path, seed: int, epoch: int) -> list[Group]:
    """Return cloze questions on the training articles and on other encyclopaedia passages."""
    rng = random.Random(seed + epoch)
    articles = _training(data)
    plain = [p for p in corpus.plain_passages(data) if len(p.text) > 250]
    groups = tables.questions(1300, rng)
    each = ARTIFICIAL_ARTICLES // len(articles) + 1
    for paragraph in articles:
        groups += cloze.questions(paragraph, each, rng)
    for paragraph in rng.sample(plain, min(len(plain), ARTIFICIAL_PLAIN)):
        groups += cloze.questions(paragraph, 1, rng)
    return [_headed(group, rng) for group in groups]


def human(data: Path, seed: int, epoch: int) -> list[Group]:
    """Return people's questions; after the first epoch some with a hard negative passage,
    and those that their paragraph does not answer.
    """
    rng = random.Random(seed + epoch)
    articles = _training(data)
    index = Lexical([p.text for p in articles])
    groups = tables.questions(900, rng)
    for place, paragraph in enumerate(articles):
        for question in paragraph.questions:
            answers = spans(paragraph.text, question.answers)
            if answers:
                passages = [Passage(paragraph.text, answers)]
                if epoch and rng.random() < NEGATIVE_SHARE:
                    passages += _negative(question, place, articles, index, rng)
                groups.append(Group(question.text, tuple(passages)))
            elif epoch and not question.answers and rng.random() < ADVERSARIAL_SHARE:
                groups.append(Group(question.text, (Passage(paragraph.text, ()),)))
    return [_headed(group, rng) for group in groups]


def spans(text: str, answers: Sequence[str]) -> tuple[tuple[tuple[int, int], ...], ...]:
    """Return for each annotator where the answer stands in the text."""
    found = (tuple(corpus.occurrences(text, answer)) for answer in answers)
    return tuple(places for places in found if places)


def _negative(
    question: corpus.Question,
    gold: int,
    articles: Sequence[corpus.Paragraph],
    index: Lexical,
    rng: random.Random,
) -> list[Passage]:
    """Return one lexically close paragraph that does not hold the answer, if there is one."""
    near = index.search(question.text, NEGATIVES + 4)
    wrong = [
        place
        for place in near
        if place != gold and not spans(articles[place].text, question.answers)
    ][:NEGATIVES]
    if not wrong:
        return []
    chosen = wrong[min(int(rng.expovariate(0.5)), len(wrong) - 1)]
    return [Passage(articles[chosen].text, ())]


def _headed(group: Group, rng: random.Random) -> Group:
    """Sometimes put a heading path before the passages, as the product's passages have."""
    if rng.random() > HEADED:
        return group
    passages = []
    for passage in group.passages:
        words = passage.text.split()
        at = rng.randrange(max(1, len(words) - 3))
        title = " ".join(words[at : at + rng.randint(1, 3)]).strip('.,;:()"').title()
        other = rng.choice(("Overview", "Details", "History", "Notes", "Part 2", "Terms"))
        head = rng.choice((f"{title} > {other}\n", f"{title}\n", f"{other} > {title}\n"))
        moved = tuple(
            tuple((a + len(head), b + len(head)) for a, b in answer) for answer in passage.answers
        )
        passages.append(Passage(head + passage.text, moved))
    return Group(group.question, tuple(passages))


def tuning(data: Path) -> list[tuple[Group, Sequence[str]]]:
    """Return the tuning titles' questions in their paragraphs, with the accepted answers."""
    return [
        (Group(question.text, (Passage(paragraph.text, ()),)), question.answers)
        for paragraph in corpus.paragraphs(data)
        if paragraph.title in corpus.TUNING
        for question in paragraph.questions
    ]
