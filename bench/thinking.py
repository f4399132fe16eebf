"""What deep thinking gains over one attempt, at equal and at higher budget.

    python bench/thinking.py [DATA] [--questions N] [--calibrate]

DATA (or MOTET_DATA) holds the files that `bench/answer_quality.py` names. Its nine held-out
articles become the knowledge of one system; every question goes through `System.ask`, journal
and all. The reader, retrieval, verifiers, votes and the planner's estimates are the real ones.
The chat models are **simulated**: a server on this machine that holds the accepted answers,
gives them where the sources of the prompt hold them and chance lets it, and else says another
sentence of the sources. A question is hard for both models alike, and its wrong answers repeat:
the two things that limit what several attempts can gain. So the figures say what the machinery
makes of such models, not how good any model is.

`--calibrate` prints what the reader's confidence tells on the three tuning articles instead.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "experts/reader"), str(ROOT / "bench"), str(ROOT / "tests/servers")]

import corpus  # noqa: E402
from chat_scripts import Messages, Reply, Tools, read_prompt  # noqa: E402
from chat_server import ChatServer  # noqa: E402
from first_citation import write  # noqa: E402
from measure import f1  # noqa: E402

from motet.core.answers import Answer  # noqa: E402
from motet.runtime.methods.verify import ANSWERABLE  # noqa: E402
from motet.system import System, load  # noqa: E402

SKILL = {"small": 0.62, "large": 0.85}
"""How often a simulated model is right where its sources hold the answer, on average."""
SPREAD = 0.45
"""How differently hard questions are: 0 all alike, 1 each is certain or hopeless."""
REPEATED = 0.5
"""How often a wrong answer is the one that this question tempts to, rather than any."""
PRICES = {"small": 0.2, "large": 1.0}
"""USD per million tokens, in and out."""

DECLARATION = """\
system: thinking
knowledge: [./articles]
think: {{attempts: 9, aggregate: {aggregate}, verify: {verify}}}
models:
  - expert/reader
"""
WAYS = (
    ("vote", "large", "expert/reader"),
    ("vote", "large", "small"),
    ("vote", "large", "3 x small (vote)"),
    ("vote", "large", "5 x small (vote)"),
    ("vote", "large", "9 x small (vote)"),
    ("best", "small", "5 x small (best by small)"),
    ("judge", "large", "5 x small (judged by large)"),
    ("vote", "large", "large"),
    ("vote", "large", "expert/reader > large"),
    ("vote", "large", "small > large (checked by large)"),
    ("vote", "large", "3 x large (vote)"),
    ("vote", "large", "5 x large (vote)"),
    ("judge", "large", "5 x large (judged by large)"),
)
"""Aggregation and verifier as declared, and the choice that is pinned."""


class Simulator:
    """Chat models that know the answers and err by chance; the same seed errs the same way."""

    def __init__(self, questions: Sequence[corpus.Question]) -> None:
        self._answers = {each.text: each.answers for each in questions}
        self._chance = random.Random(7)

    def script(self, name: str, messages: Messages, tools: Tools) -> Reply:
        """Answer, mark or choose, whatever the prompt asks for."""
        sources, question = read_prompt(messages)
        system, prompt = str(messages[0]["content"]), str(messages[-1]["content"])
        if "You judge" in system:
            proposed = prompt.rpartition("Proposed answer:\n")[2]
            question = re.findall(r"^Question: (.*)$", prompt, re.MULTILINE)[-1]
            return Reply("9" if self._sees(name, question, proposed) else "2")
        if "You choose" in system:
            question = re.findall(r"^Question: (.*)$", prompt, re.MULTILINE)[-1]
            answers = re.findall(r"^Answer (\d+): (.*)$", prompt, re.MULTILINE)
            good = [number for number, text in answers if self._sees(name, question, text)]
            return Reply(good[0] if good else "1")
        return Reply(self._answer(name, question, sources))

    def _sees(self, name: str, question: str, text: str) -> bool:
        """Tell right from wrong as often as the model would have been right itself."""
        right = any(corpus.occurrences(text, each) for each in self._answers[question])
        return right == (self._chance.random() < self._skill(name, question))

    def _answer(self, name: str, question: str, sources: Sequence[tuple[int, str]]) -> str:
        held = [
            (number, answer)
            for number, text in sources
            for answer in self._answers[question]
            if corpus.occurrences(text, answer)
        ]
        if held and self._chance.random() < self._skill(name, question):
            number, answer = held[0]
            return f"{answer} [{number}]"
        wrong = [(n, t) for n, t in sources if not any(n == number for number, _ in held)]
        if not wrong:
            return "NOT_IN_SOURCES"
        tempting = random.Random(question).randrange(len(wrong))
        tempted = self._chance.random() < REPEATED
        number, text = sorted(wrong, key=lambda each: each[1])[
            tempting if tempted else self._chance.randrange(len(wrong))
        ]
        return f"{' '.join(text.split()[:12])} [{number}]"

    def _skill(self, name: str, question: str) -> float:
        """Return the chance to be right: the model's average, bent by how hard the question is."""
        easy = random.Random(f"hard {question}").random()
        bent = SKILL[name] + SPREAD * (easy - 0.5) * 2 * min(SKILL[name], 1 - SKILL[name]) * 2
        return min(1.0, max(0.0, bent))


@dataclass(frozen=True, slots=True)
class Result:
    """What one way of answering came to, a question."""

    right: float
    f1: float
    cost: float
    seconds: float
    estimated: float


def main() -> None:
    """Print a row per way of answering."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", nargs="?", default=os.environ.get("MOTET_DATA"))
    parser.add_argument("--questions", type=int, default=150)
    parser.add_argument("--calibrate", action="store_true")
    options = parser.parse_args()
    if options.data is None:
        parser.error("name the data folder, or set MOTET_DATA")
    titles = corpus.TUNING if options.calibrate else corpus.HELD_OUT
    paragraphs = [p for p in corpus.paragraphs(Path(options.data)) if p.title in titles]
    asked = [q for p in paragraphs for q in p.questions if q.answers]
    with tempfile.TemporaryDirectory() as folder:
        os.environ["MOTET_HOME"] = str(Path(folder) / "state")
        write(paragraphs, Path(folder) / "articles")
        if options.calibrate:
            calibrate(Path(folder), asked[:: max(1, len(asked) // options.questions)])
        else:
            compare(Path(folder), random.Random(1).sample(asked, options.questions))


def compare(folder: Path, questions: Sequence[corpus.Question]) -> None:
    """Ask every question in every way; print quality beside money and time."""
    simulator = Simulator(questions)
    found: dict[str, Result] = {}
    with ChatServer() as server:
        for aggregate, verify, choice in WAYS:
            with opened(folder, server, simulator, aggregate, verify) as system:
                found[choice] = measured(system, questions, choice)
    show(found, len(questions))


def show(found: dict[str, Result], count: int) -> None:
    """Print a row per way: what it gains over one attempt of each model, and for what money."""
    small, large = found["small"], found["large"]
    print(f"{count} questions; chat models are simulated, see the head of this file")
    print(
        f"{'':32}{'right':>7}{'F1':>7}{'planned':>9}{'seconds':>9}{'money':>7}{'small':>8}{'large':>8}"
    )
    for choice, each in sorted(found.items(), key=lambda item: item[1].cost):
        print(
            f"{choice:32}{each.right:7.3f}{each.f1:7.3f}{each.estimated:9.3f}{each.seconds:9.2f}"
            f"{each.cost / large.cost:7.2f}{each.right - small.right:+8.3f}"
            f"{each.right - large.right:+8.3f}"
        )
    print("money: times one attempt of large; small, large: more right than one attempt of it")


@contextmanager
def opened(
    folder: Path, server: ChatServer, simulator: Simulator, aggregate: str, verify: str
) -> Iterator[System]:
    """Open the system with its simulated models."""
    lines = [DECLARATION.format(aggregate=aggregate, verify=verify)]
    for name, price in PRICES.items():
        served = server.add_script(
            lambda messages, tools, name=name: simulator.script(name, messages, tools)
        )
        lines.append(
            f"  - {{use: test/{served}, as: {name}, base_url: '{server.base_url}', local: false,"
            f" price: {{input: {price}, output: {price}}}}}\n"
        )
    path = folder / "motet.yaml"
    path.write_text("".join(lines))
    with load(path) as system:
        system.ingest()
        yield system


def measured(system: System, questions: Sequence[corpus.Question], choice: str) -> Result:
    """Ask all questions, with the answer pinned to a choice."""
    estimated = system.plan(questions[0].text, pins={"answer": choice}).estimate.quality
    answers = [system.ask(each.text, model=choice, ingest=False) for each in questions]
    count = len(questions)
    pairs = list(zip(answers, questions, strict=True))
    return Result(
        right=sum(right(answer, question) for answer, question in pairs) / count,
        f1=sum(f1(answer.text, question.answers) for answer, question in pairs) / count,
        cost=sum(answer.usage.cost_usd for answer in answers) / count,
        seconds=sum(answer.usage.seconds for answer in answers) / count,
        estimated=estimated,
    )


def right(answer: Answer, question: corpus.Question) -> bool:
    """Whether the answer holds an accepted one, or half of its words."""
    held = any(corpus.occurrences(answer.text, each) for each in question.answers)
    return not answer.abstained and (held or f1(answer.text, question.answers) >= 0.5)


def calibrate(folder: Path, questions: Sequence[corpus.Question]) -> None:
    """Print what a threshold on the reader's confidence keeps of right and of wrong answers."""
    found: list[tuple[float, bool]] = []
    with System("tuning", knowledge=[str(folder / "articles")]) as system:
        system.ingest()
        for question in questions:
            answer = system.ask(question.text, ingest=False)
            spans = {span.node: span for span in system.journal.get(answer.run).nodes}
            value = spans["answer"].value
            sure = 0.0 if answer.abstained else float(value["confidence"])  # type: ignore
            found.append((sure, right(answer, question)))
    good = [sure for sure, is_right in found if is_right]
    bad = [sure for sure, is_right in found if not is_right]
    print(f"{len(found)} questions, the reader alone is right on {len(good) / len(found):.3f}")
    for least in (0.45, 0.5, 0.6, 0.7, ANSWERABLE, 0.8, 0.85, 0.9, 0.95):
        kept = [sum(each >= least for each in group) / len(group) for group in (good, bad)]
        print(f"from {least:.2f} on: keeps {kept[0]:.3f} of the right, {kept[1]:.3f} of the wrong")


if __name__ == "__main__":
    main()
