"""From raw records to things: blocking recall, pairs compared, B-cubed F1 of the groups.

    python bench/knowledge/clusters.py --data DIR [--learned]

`--data` holds `entities/er_magellan/Structured`. All records of the test pairs are taken without
their pairing, blocked, scored, and grouped; a side lists nothing twice. The matcher without
labels is fitted on the other four sets; with `--learned`, one learns from the set's train and
valid splits instead. The truth are the matches of all splits between these records, and
B-cubed is of all of them, those that match nothing too (Bagga and Baldwin 1998).
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Collection, Sequence
from pathlib import Path

from magellan import SETS, Pairs, load

from motet.knowledge.resolve.blocking import Blocks, worthwhile
from motet.knowledge.resolve.clusters import Links, clusters, components, ordered
from motet.knowledge.resolve.learned import Learned
from motet.knowledge.resolve.matcher import Generic
from motet.knowledge.resolve.measuring import Measuring
from motet.knowledge.resolve.records import Record

sys.path.insert(0, str(Path(__file__).parents[2] / "experts/matcher"))

Groups = Collection[frozenset[str]]
Scores = dict[tuple[str, str], float]


def truth(pairs: Pairs, records: dict[str, Record]) -> Scores:
    """Return the labelled matches between the records."""
    labelled = (each for split in pairs.splits.values() for each in split)
    same = (ordered(a.uid, b.uid) for a, b, match in labelled if match)
    return {pair: 1.0 for pair in same if records.keys() >= {*pair}}


def blocked(records: dict[str, Record], limit: int) -> list[tuple[str, str]]:
    """Return the pairs of records of different sides that are worth comparing."""
    blocks = Blocks(limit)
    for record in records.values():
        blocks.add(record)
    return [
        (one, two)
        for one, two in blocks.pairs()
        if one[0] != two[0] and worthwhile(records[one], records[two])
    ]


def scored(
    pairs: Pairs, sets: Sequence[Pairs], due: list[tuple[str, str]], records: dict[str, Record]
) -> tuple[Scores, float]:
    """Return the score of each pair without labels, and where matches begin."""
    from train import fit_both

    matcher = Generic(fit_both([each for each in sets if each is not pairs]))
    said = {(one, two): matcher.score(records[one], records[two]).probability for one, two in due}
    return said, 0.5


def learned(
    pairs: Pairs, due: list[tuple[str, str]], records: dict[str, Record]
) -> tuple[Scores, float]:
    """Return the score of each pair as learned from train and valid, and its threshold."""
    seen = [*pairs.splits["train"], *pairs.splits["valid"]]
    measuring = Measuring(pairs.left, pairs.right)
    matcher = Learned(measuring, [(a, b) for a, b, _ in seen], [same for *_, same in seen])
    chances = matcher.probabilities([(records[one], records[two]) for one, two in due])
    return dict(zip(due, map(float, chances), strict=True)), matcher.threshold


def grouped(records: dict[str, Record], scores: Scores, threshold: float) -> list[frozenset[str]]:
    """Group records; two of one side are never one."""
    links = Links(scores)

    def score(one: str, two: str) -> float:
        return 0.0 if one[0] == two[0] else 0.3

    found = components(links, records, threshold)
    return [group for each in found for group in clusters(each, links, score, threshold)]


def b_cubed(found: Groups, wanted: Groups) -> tuple[float, float, float]:
    """Return precision, recall and F1, averaged over records."""
    ours = {uid: group for group in found for uid in group}
    theirs = {uid: group for group in wanted for uid in group}
    shared = {uid: len(ours[uid] & theirs[uid]) for uid in theirs}
    precision = sum(shared[uid] / len(ours[uid]) for uid in theirs) / len(theirs)
    recall = sum(shared[uid] / len(theirs[uid]) for uid in theirs) / len(theirs)
    return precision, recall, 2 * precision * recall / (precision + recall)


def main() -> None:
    """Print one line per set."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--learned", action="store_true")
    parser.add_argument("--limit", type=int, default=96, help="records in a block at most")
    parser.add_argument("--sets", nargs="*", default=SETS)
    asked = parser.parse_args()
    folder = asked.data / "entities/er_magellan/Structured"
    sets = [load(folder, name) for name in SETS]
    print("| set | records | matches | blocking recall | pairs (of all) | pairs/s | B³ P, R, F1 |")
    print("|---|---|---|---|---|---|---|")
    for pairs in (each for each in sets if each.name in asked.sets):
        records = {each.uid: each for a, b, _ in pairs.splits["test"] for each in (a, b)}
        same = truth(pairs, records)
        due = blocked(records, asked.limit)
        recall = len(same.keys() & {*due}) / len(same)
        began = time.perf_counter()
        if asked.learned:
            scores, threshold = learned(pairs, due, records)
        else:
            scores, threshold = scored(pairs, sets, due, records)
        speed = len(due) / (time.perf_counter() - began)
        figures = b_cubed(grouped(records, scores, threshold), components(Links(same), records))
        left = sum(1 for uid in records if uid[0] == "a")
        share = len(due) / (left * (len(records) - left))
        b3 = ", ".join(f"{100 * each:.1f}" for each in figures)
        print(f"| {pairs.name} | {len(records)} | {len(same)} | {100 * recall:.1f}% "
              f"| {len(due)} ({100 * share:.1f}%) | {speed:.0f} | {b3} |", flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
