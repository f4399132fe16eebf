"""Answer quality on nine articles that nothing was trained or tuned on.

    python bench/answer_quality.py [DATA]

DATA (or the environment's MOTET_DATA) holds `qa/squad_v1.1_dev_36_articles.json` and
`qa/squad_v2.0_dev_give.json`. Needs the base encoder (`motet setup`). Beside the reader stand
BM25 alone, the base encoder alone (all-MiniLM-L6-v2; it has seen SQuAD 2's training pairs)
and their reciprocal rank fusion, in the same run.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "experts/reader"))

import corpus  # noqa: E402
from quality import (  # noqa: E402
    READ,
    Collection,
    Remembering,
    RememberingEmbedder,
    adversarial,
    first_citation,
    in_paragraph,
    removed,
)

from motet.models.encoder import load_encoder  # noqa: E402
from motet.models.experts.reader import load_reader  # noqa: E402

Table = dict[str, dict[str, float]]


def measure(data: Path) -> Table:
    """Return all figures on the held-out titles."""
    encoder = RememberingEmbedder(load_encoder())
    reader = Remembering(load_reader(encoder))
    held_out = [p for p in corpus.paragraphs(data) if p.title in corpus.HELD_OUT]
    collection = Collection(held_out, encoder)
    return {
        "span": in_paragraph(reader, collection),
        "first citation": first_citation(reader, collection),
        "removed": removed(reader, collection),
        "adversarial": adversarial(reader, encoder, collection),
        "seconds": speed(collection),
    }


def speed(collection: Collection) -> dict[str, float]:
    """Return the median seconds to read 16 passages of the collection."""
    reader = load_reader()
    texts = [paragraph.text for paragraph in collection.paragraphs[:16]]
    seconds = []
    for paragraph in collection.paragraphs[:12]:
        began = time.perf_counter()
        reader.read(paragraph.questions[0].text, texts)
        seconds.append(time.perf_counter() - began)
    words = sum(len(text.split()) for text in texts) / len(texts)
    return {"median": sorted(seconds)[len(seconds) // 2], "words a passage": words}


def show(table: Table) -> None:
    """Print the figures, one system a column."""
    span, cited = table["span"], table["first citation"]
    print(f"held-out titles: {len(corpus.HELD_OUT)}, answerable questions: {span['questions']:.0f}")
    print(f"{'':44}{'BM25':>8}{'MiniLM':>8}{'fused':>8}{'reader':>8}{'goal':>8}")
    lines: tuple[tuple[str, tuple[float | None, ...], float], ...] = (
        ("span F1 in the gold paragraph", (None, None, None, span["f1"]), 0.72),
        ("span exact match in the gold paragraph", (None, None, None, span["em"]), 0.60),
        (
            "first citation (paragraph) holds the answer",
            (cited["bm25"], cited["minilm"], cited["fused"], cited["reader"]),
            0.85,
        ),
        ("AUROC, article removed", _row(table["removed"]), 0.995),
        ("AUROC, adversarial questions", _row(table["adversarial"]), 0.80),
    )
    for name, figures, goal in lines:
        cells = "".join(f"{'' if value is None else f'{value:.3f}':>8}" for value in figures)
        print(f"{name:44}{cells}{goal:8.3f}")
    print(f"the cited sentence holds the answer: {cited['sentence']:.3f}")
    print(f"one of the {READ} passages read holds it: {cited['ceiling']:.3f}")
    seconds = table["seconds"]
    print(
        f"reading 16 passages of {seconds['words a passage']:.0f} words: "
        f"{seconds['median'] * 1000:.0f} ms"
    )


def _row(figures: dict[str, float]) -> tuple[float | None, ...]:
    return figures["bm25"], figures["minilm"], None, figures["reader"]


def main() -> None:
    """Measure and print, then the same as one line of JSON."""
    place = sys.argv[1] if len(sys.argv) > 1 else os.environ.get("MOTET_DATA")
    if not place:
        sys.exit("answer_quality: give the data folder as argument or in MOTET_DATA")
    table = measure(Path(place))
    show(table)
    print(json.dumps(table))


if __name__ == "__main__":
    main()
