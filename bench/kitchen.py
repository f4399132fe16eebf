"""The questions about the sample documents: how many are answered rightly, cited and refused.

`python bench/kitchen.py [--verbose]`. An answer is right when it holds an expected string, a
citation when the first one does or its source is named. The questions were written beside the
documents by the same people: a check that the product works, no measure of quality.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
from collections import defaultdict
from pathlib import Path

from motet.system import load

KITCHEN = Path(__file__).resolve().parent.parent / "examples" / "kitchen"


def main() -> None:
    """Print a row per kind of question."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--verbose", action="store_true", help="print every answer")
    verbose = parser.parse_args().verbose
    lines = (KITCHEN / "evals" / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    tallies: dict[str, list[tuple[bool, bool, bool]]] = defaultdict(list)
    with tempfile.TemporaryDirectory() as home:
        os.environ["MOTET_HOME"] = home
        with load(KITCHEN) as system:
            system.ingest()
            for line in lines:
                asked = json.loads(line)
                answer = system.ask(asked["question"], ingest=False)
                kind = asked["kind"] if asked["answer"] else f"{asked['kind']}, no answer"
                first = " ".join(answer.citations[0].text.split()) if answer.citations else ""
                right = any(each in answer.text for each in asked["answer"])
                cited = any(each in first for each in asked["answer"])
                tallies[kind].append((right, cited, answer.abstained))
                if verbose:
                    mark = "abstains" if answer.abstained else "right" if right else "wrong"
                    print(f"{mark:8} {kind:12} {asked['question']}  ->  {answer.text[:90]}")
    print(f"{'kind':24} {'n':>4} {'answer':>8} {'cited':>8} {'abstains':>9}")
    for kind, found in tallies.items():
        shares = [sum(each) / len(found) for each in zip(*found, strict=True)]
        print(f"{kind:24} {len(found):4d} " + " ".join(f"{share:8.2f}" for share in shares))


if __name__ == "__main__":
    main()
