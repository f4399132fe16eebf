"""The whole product on articles that nothing was trained or tuned on.

    python bench/first_citation.py [DATA] [--every N]

DATA (or MOTET_DATA) holds the files that `bench/answer_quality.py` names. The nine held-out
articles become Markdown files of one system; each question that has an answer is asked through
`System.ask`, journal and all. Printed: how often the first citation's own excerpt holds an
accepted answer, how often the answer is one (EM), their overlap (F1), and how many questions
are wrongly refused. Every third question by default, since each takes a quarter of a second.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "experts/reader"))

import corpus  # noqa: E402
from measure import exact, f1  # noqa: E402

from motet.system import System  # noqa: E402


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", nargs="?", default=os.environ.get("MOTET_DATA"))
    parser.add_argument("--every", type=int, default=3)
    options = parser.parse_args()
    if options.data is None:
        parser.error("name the data folder, or set MOTET_DATA")
    paragraphs = [p for p in corpus.paragraphs(Path(options.data)) if p.title in corpus.HELD_OUT]
    questions = [q for p in paragraphs for q in p.questions if q.answers][:: options.every]
    with tempfile.TemporaryDirectory() as folder:
        os.environ["MOTET_HOME"] = str(Path(folder) / "state")
        write(paragraphs, Path(folder) / "articles")
        with System("held-out", knowledge=[str(Path(folder) / "articles")]) as system:
            system.ingest()
            tallies: dict[str, float] = defaultdict(float)
            for question in questions:
                answer = system.ask(question.text, ingest=False)
                first = answer.citations[0].text if answer.citations else ""
                held = any(corpus.occurrences(first, each) for each in question.answers)
                tallies["first citation holds the answer"] += held
                tallies["exact match"] += exact(answer.text, question.answers)
                tallies["F1"] += f1(answer.text, question.answers)
                tallies["refused"] += answer.abstained
    print(f"{len(questions)} questions, {len(paragraphs)} paragraphs, 9 articles")
    for name, total in tallies.items():
        print(f"{name:32} {total / len(questions):.3f}")


def write(paragraphs: list[corpus.Paragraph], folder: Path) -> None:
    """Write each article as a Markdown file."""
    folder.mkdir(parents=True)
    articles: dict[str, list[str]] = defaultdict(list)
    for paragraph in paragraphs:
        articles[paragraph.title].append(paragraph.text)
    for title, texts in articles.items():
        body = "\n\n".join([f"# {title.replace('_', ' ')}", *texts])
        (folder / f"{title}.md").write_text(body + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
