"""Routing beside the best single model, chance, prompt length and an oracle.

    python bench/routing.py [DATA]

DATA (or the environment's MOTET_DATA) holds `routing/clinc150_train_val.json`. Needs the base
encoder. No language model takes part: the answerers are five real classifiers that name the
intent of a request (CLINC150, 150 intents). Three are naive Bayes on words, each trained on
the intents of some domains only; two know all intents, from five examples of each: nearest
centroid of letter trigrams (cheap) and of the base encoder's vectors (dear). A score is 1
where the intent is right; a cost is the CPU that an answer took, priced at $0.001 a millisecond
so that the router weighs it as it would a provider's price.

Rows of CLINC150's `train`, by intent: 60 train the specialists, 5 others the generalists, 20
others are answered by all and evaluated, which is what routers learn from. `val` is the test:
nobody learned from it, nor did the router's domain expert.
"""

from __future__ import annotations

import json
import os
import random
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Protocol
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "experts/domain"))

from sources import DOMAIN_OF  # noqa: E402

from motet.core.chat import ChatRequest, Message, Usage  # noqa: E402
from motet.core.money import pico  # noqa: E402
from motet.models.encoder import load_encoder  # noqa: E402
from motet.models.routing.candidate import Candidate  # noqa: E402
from motet.models.routing.goal import Goal  # noqa: E402
from motet.models.routing.router import Router  # noqa: E402
from motet.models.routing.signals import Signals, signals  # noqa: E402

SEED = 7
SIZE = 1 << 15
DOLLARS_A_MILLISECOND = 0.001
SPECIALTIES: Mapping[str, frozenset[str]] = {
    "words, money and work": frozenset({"finance", "work"}),
    "words, everyday": frozenset({"food", "home", "cars", "travel"}),
    "words, talk and tools": frozenset({"chat", "tools", "translation", "maths", "knowledge"}),
}
RESAMPLES = 2000

Rows = Sequence[tuple[str, str]]
Table = NDArray[np.float64]


class Answerer(Protocol):
    """Names the intent of a request."""

    def answer(self, text: str) -> str:
        """Return an intent."""
        ...


class Words:
    """Multinomial naive Bayes on words and word pairs."""

    def __init__(self, rows: Rows) -> None:
        self._intents = sorted({intent for _, intent in rows})
        counts = np.full((SIZE, len(self._intents)), 0.02)
        for text, intent in rows:
            np.add.at(counts[:, self._intents.index(intent)], self._buckets(text), 1)
        self._logs = np.log(counts / counts.sum(0))

    def answer(self, text: str) -> str:
        return self._intents[int(self._logs[self._buckets(text)].sum(0).argmax())]

    def _buckets(self, text: str) -> list[int]:
        words = text.lower().split()
        pairs = [f"{a} {b}" for a, b in pairwise(words)]
        return [crc32(each.encode()) % SIZE for each in (*words, *pairs)]


class Centroids:
    """The intent whose examples' mean vector is nearest; vectors have length 1."""

    def __init__(self, rows: Rows, vector: Callable[[str], Table]) -> None:
        self._vector = vector
        groups: dict[str, list[Table]] = defaultdict(list)
        for text, intent in rows:
            groups[intent].append(vector(text))
        self._intents = sorted(groups)
        means = np.stack([np.mean(groups[intent], 0) for intent in self._intents])
        self._means = means / np.linalg.norm(means, axis=1, keepdims=True)

    def answer(self, text: str) -> str:
        return self._intents[int((self._means @ self._vector(text)).argmax())]


def trigrams(text: str) -> Table:
    """Return the text's letter trigrams as a vector of length 1."""
    padded = f"  {text.lower()} "
    vector = np.zeros(4096)
    for place in range(len(padded) - 2):
        vector[crc32(padded[place : place + 3].encode()) % 4096] += 1
    length: float = float(np.linalg.norm(vector))
    return vector / length


def answerers(train: Mapping[str, list[str]]) -> dict[str, Answerer]:
    """Train the five; the first 60 rows of an intent for specialists, 5 more for generalists."""
    found: dict[str, Answerer] = {}
    for name, domains in SPECIALTIES.items():
        mine = [intent for intent in train if DOMAIN_OF[intent] in domains]
        found[name] = Words([(text, intent) for intent in mine for text in train[intent][:60]])
    few = [(text, intent) for intent in train for text in train[intent][60:65]]
    encoder = load_encoder(threads=1)
    found["letters, all"] = Centroids(few, trigrams)
    found["encoder, all"] = Centroids(few, lambda text: encoder.embed([text])[0].astype(float))
    return found


@dataclass(frozen=True)
class Results:
    """Scores and milliseconds of CPU of every answerer (columns) on every request (rows)."""

    names: tuple[str, ...]
    needs: list[Signals]
    lengths: Table
    scores: Table
    milliseconds: Table


def answered(models: Mapping[str, Answerer], rows: Rows) -> Results:
    """Let every answerer answer every request."""
    scores, taken = np.zeros((len(rows), len(models))), np.zeros((len(rows), len(models)))
    for column, model in enumerate(models.values()):
        for row, (text, intent) in enumerate(rows):
            began = time.process_time()
            scores[row, column] = model.answer(text) == intent
            taken[row, column] = 1000 * (time.process_time() - began)
    needs = [signals(ChatRequest((Message("user", text),))) for text, _ in rows]
    return Results(
        tuple(models), needs, np.array([len(text) for text, _ in rows], float), scores, taken
    )


@dataclass(frozen=True)
class Record:
    """An evaluated answer."""

    model: str
    domain: str
    score: float


@dataclass(frozen=True)
class PerAnswer:
    """The same price for every answer."""

    pico: int

    def cost(self, usage: Usage) -> int:
        return self.pico


def routed(learned: Results, test: Results, goal: Goal, number: int | None = None) -> list[int]:
    """Return the answerer our router chooses for each test request.

    `number` limits the evaluated requests that it learns from; each was answered by all.
    """
    order = random.Random(SEED).sample(range(len(learned.needs)), len(learned.needs))[:number]
    router = Router(
        records=[
            Record(name, learned.needs[row].domain, float(learned.scores[row, column]))
            for row in order
            for column, name in enumerate(learned.names)
        ]
    )
    means = learned.milliseconds.mean(0)
    candidates = [
        Candidate(name, pricing=PerAnswer(pico(DOLLARS_A_MILLISECOND * float(mean))))
        for name, mean in zip(learned.names, means, strict=True)
    ]
    chosen = [router.choose(candidates, need, goal).names[0] for need in test.needs]
    return [learned.names.index(name) for name in chosen]


def by_length(learned: Results, test: Results) -> list[int]:
    """Short requests to one answerer, long ones to another: the best rule of the learned rows."""
    best, rule = -1.0, (0.0, 0, 0)
    columns = range(len(learned.names))
    for cut in np.quantile(learned.lengths, np.linspace(0, 1, 11)):
        short = learned.lengths <= cut
        for below in columns:
            for above in columns:
                score = np.where(short, learned.scores[:, below], learned.scores[:, above]).mean()
                if score > best:
                    best, rule = float(score), (float(cut), below, above)
    cut, below, above = rule
    return [below if length <= cut else above for length in test.lengths]


def oracle(test: Results) -> list[int]:
    """The cheapest answerer that is right, the cheapest of all where none is."""
    means = test.milliseconds.mean(0)
    return [
        min(range(len(test.names)), key=lambda column: (-row[column], means[column]))
        for row in test.scores
    ]


def picked(table: Table, chosen: Sequence[int]) -> Table:
    """Return each row's value in its chosen column."""
    return table[np.arange(len(chosen)), np.array(chosen)]


def interval(values: Table) -> tuple[float, float]:
    """Return the 95% bootstrap interval of the mean."""
    noise = np.random.default_rng(SEED)
    means = [values[noise.integers(0, len(values), len(values))].mean() for _ in range(RESAMPLES)]
    low, high = np.quantile(means, [0.025, 0.975])
    return float(low), float(high)


def line(name: str, test: Results, chosen: Sequence[int], single: Sequence[int]) -> str:
    """Return a table row: quality, cost, and the difference to the best single answerer."""
    scores = picked(test.scores, chosen)
    low, high = interval(scores)
    worse, better = interval(scores - picked(test.scores, single))
    cost = float(test.milliseconds.mean(0)[np.array(chosen)].mean())
    difference = (
        f"{(scores - picked(test.scores, single)).mean():+.3f} [{worse:+.3f}, {better:+.3f}]"
    )
    return f"| {name} | {scores.mean():.3f} [{low:.3f}, {high:.3f}] | {difference} | {cost:.3f} |"


def table(title: str, learned: Results, test: Results) -> None:
    """Print all ways of choosing among these answerers."""
    columns = range(len(test.names))
    best = max(columns, key=lambda column: learned.scores[:, column].mean())
    single = [best] * len(test.needs)
    noise = random.Random(SEED)
    print(f"\n{title}\n")
    print("| choice | right | difference to best single | CPU ms a request |\n|---|---|---|---|")
    for column in columns:
        print(line(f"always *{test.names[column]}*", test, [column] * len(single), single))
    print(line(f"best single: *{test.names[best]}*", test, single, single))
    print(line("random", test, [noise.choice(columns) for _ in single], single))
    print(line("prompt length", test, by_length(learned, test), single))
    goals: tuple[Goal, ...] = ("best", "balanced", "cheap")
    for goal in goals:
        print(line(f"ours, auto:{goal}", test, routed(learned, test, goal), single))
    print(line("oracle", test, oracle(test), single))


def learning(learned: Results, test: Results) -> None:
    """Print what our router reaches from how many evaluated requests."""
    print("\n| evaluated requests | ours, auto:best | CPU ms a request |\n|---|---|---|")
    for number in (0, 10, 30, 100, 300, 1000, len(learned.needs)):
        chosen = routed(learned, test, "best", number)
        low, high = interval(picked(test.scores, chosen))
        mean = picked(test.scores, chosen).mean()
        cost = float(test.milliseconds.mean(0)[np.array(chosen)].mean())
        print(f"| {number} | {mean:.3f} [{low:.3f}, {high:.3f}] | {cost:.3f} |")


def overhead(rows: Rows) -> None:
    """Print what reading the signals costs, for requests as they are and for one of 1 KB."""
    texts = [text for text, _ in rows[:500]]
    long = (" ".join(texts) * 2)[:1024]
    for name, sample in (("the test's requests", texts), ("requests of 1 KB", [long] * 500)):
        requests = [ChatRequest((Message("user", text),)) for text in sample]
        best = min(_each(requests) for _ in range(10))
        print(f"signals of {name}: {best:.0f} µs CPU")


def _each(requests: Sequence[ChatRequest]) -> float:
    began = time.process_time()
    for request in requests:
        signals(request)
    return 1e6 * (time.process_time() - began) / len(requests)


def only(results: Results, names: Sequence[str]) -> Results:
    """Return the results of some answerers."""
    columns = [results.names.index(name) for name in names]
    return Results(
        tuple(names),
        results.needs,
        results.lengths,
        results.scores[:, columns],
        results.milliseconds[:, columns],
    )


def main() -> None:
    """Train, answer, print."""
    data = Path(sys.argv[1] if len(sys.argv) > 1 else os.environ["MOTET_DATA"])
    found = json.loads((data / "routing/clinc150_train_val.json").read_text(encoding="utf-8"))
    train: dict[str, list[str]] = defaultdict(list)
    for text, intent in found["train"]:
        train[intent].append(text)
    models = answerers(train)
    learned = answered(
        models, [(text, intent) for intent in train for text in train[intent][65:85]]
    )
    test = answered(models, found["val"])
    print(f"{len(learned.needs)} evaluated requests to learn from, {len(test.needs)} to test on")
    table("Specialists and generalists", learned, test)
    learning(learned, test)
    generalists = ("letters, all", "encoder, all")
    table("Generalists alone", only(learned, generalists), only(test, generalists))
    print()
    overhead(found["val"])


if __name__ == "__main__":
    main()
