"""Text for benchmarks: sentences made of a seeded vocabulary with Zipf's frequencies."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import accumulate

WORDS = 30_000
SYLLABLES = "ba ce di fo gu ha je ki lo mu na pe qui ro su ta ve wi xo zu an en il or un".split()


class Corpus:
    """Paragraphs without meaning whose word frequencies are those of real text."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        maker = random.Random(7)
        self.words = [
            "".join(maker.choices(SYLLABLES, k=maker.randint(1, 4))) for _ in range(WORDS)
        ]
        self._weights = list(accumulate(1 / (rank + 2.7) for rank in range(WORDS)))

    def sentence(self) -> str:
        """Return a sentence of 8 to 24 words."""
        count = self._random.randint(8, 24)
        words = self._random.choices(self.words, cum_weights=self._weights, k=count)
        return " ".join(words).capitalize() + "."

    def paragraph(self) -> str:
        """Return a paragraph of about 600 characters."""
        text = ""
        while len(text) < 550:
            text += self.sentence() + " "
        return text.strip()

    def question(self) -> str:
        """Return a question of a few words, common and rare, after a question word."""
        rare = self._random.choices(self.words[200:], k=3)
        common = self._random.choices(self.words[:200], k=4)
        words = [*rare, *common]
        self._random.shuffle(words)
        return f"What is the {' '.join(words)}?"

    def documents(self, count: int, paragraphs: int) -> Iterator[str]:
        """Yield Markdown documents."""
        for number in range(count):
            body = "\n\n".join(self.paragraph() for _ in range(paragraphs))
            yield f"# Document {number}\n\n{body}\n"
