"""Train the reader: artificial questions first, then questions by people.

    python experts/reader/train.py --data DIR --base DIR --out DIR

`--base` holds the base encoder's `model.safetensors` and `tokenizer.json`. Checkpoints go to
`--out` every few hundred steps; the same command continues after an interruption.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import corpus
import mixture
import torch
from groups import Group, Rows, batches, collate, load_tokenizer
from measure import auroc, exact, f1
from model import Reader
from objective import Optimiser, loss

SEED = 20261121
SAVE_EVERY = 250


@dataclass(frozen=True, slots=True)
class Stage:
    """One pass of training; the rate falls linearly over all its epochs."""

    name: str
    epochs: int
    rate: float
    layer_decay: float
    shared: float
    budget: int
    groups: Callable[[Path, int], list[Group]]
    ema: float = 0.995


STAGES = (
    Stage("artificial", 1, 2e-4, 0.95, 0.25, 4096, mixture.artificial),
    Stage("human", 3, 1.5e-4, 0.9, 0.5, 4096, mixture.human),
)


def run(stage: Stage, model: Reader, rows: Rows, data: Path, out: Path) -> None:
    """Train one stage, continuing from its checkpoint when there is one."""
    checkpoint, done = out / f"{stage.name}.checkpoint", out / f"{stage.name}.pt"
    epochs = [stage.groups(data, SEED + epoch) for epoch in range(stage.epochs)]
    total = sum(map(len, epochs))
    steps = sum(sum(len(g.passages) for g in groups) for groups in epochs) * 180 // stage.budget
    optimiser = Optimiser(model, stage.rate, stage.layer_decay, steps, stage.ema)
    first, skip, seen = 0, 0, 0
    if checkpoint.exists():
        state = torch.load(checkpoint, weights_only=True)
        optimiser.restore(state["optimiser"])
        first, skip, seen = state["epoch"], state["batch"], state["seen"]
    began, started_at = time.monotonic(), seen
    for epoch in range(first, stage.epochs):
        stream = batches(epochs[epoch], rows, stage.budget, random.Random(SEED + epoch))
        torch.manual_seed(SEED + epoch)
        running = 0.0
        for index, batch in enumerate(stream):
            if epoch == first and index < skip:
                continue
            with torch.autocast("cpu", dtype=torch.bfloat16):
                logits = model(batch.tokens, batch.types, batch.lengths)
            value = loss(logits, batch, stage.shared)
            value.backward()  # type: ignore[no-untyped-call]
            seen += int(batch.group.max()) + 1
            optimiser.step(seen / total)
            running = 0.97 * running + 0.03 * value.item() if running else value.item()
            if index % 50 == 49:
                rate = (seen - started_at) / (time.monotonic() - began)
                print(
                    f"{stage.name} {epoch} {seen}/{total} loss {running:.3f} {rate:.1f}/s",
                    flush=True,
                )
            if index % SAVE_EVERY == SAVE_EVERY - 1:
                place = {"epoch": epoch, "batch": index + 1, "seen": seen}
                save({"optimiser": optimiser.state(), **place}, checkpoint)
        report(stage, epoch, optimiser, model, rows, data, out)
    save(optimiser.averaged(), done)


def save(state: object, path: Path) -> None:
    """Write a file whole or not at all."""
    half = path.with_suffix(".half")
    torch.save(state, half)
    half.replace(path)


def report(
    stage: Stage, epoch: int, optimiser: Optimiser, model: Reader, rows: Rows, data: Path, out: Path
) -> None:
    """Score the averaged weights on the tuning titles and keep them."""
    live = {name: value.clone() for name, value in model.state_dict().items()}
    averaged = optimiser.averaged()
    model.load_state_dict(averaged, strict=False)
    save(averaged, out / f"{stage.name}-{epoch}.pt")
    scores = validate(model, rows, mixture.tuning(data))
    print(json.dumps({"stage": stage.name, "epoch": epoch, **scores}), flush=True)
    model.load_state_dict(live)


@torch.no_grad()
def validate(
    model: Reader, rows: Rows, asked: Sequence[tuple[Group, Sequence[str]]]
) -> dict[str, float]:
    """Return F1, EM and the AUROC of "is there an answer" on questions in their paragraphs."""
    model.eval()
    hits: list[tuple[float, float]] = []
    margins: tuple[list[float], list[float]] = ([], [])
    pairs = [(rows.pair(g.question, g.passages[0].text), g, answers) for g, answers in asked]
    pairs.sort(key=lambda pair: len(pair[0][0].tokens))
    for begin in range(0, len(pairs), 24):
        part = pairs[begin : begin + 24]
        batch = collate([[row] for (row, _), _, _ in part])
        with torch.autocast("cpu", dtype=torch.bfloat16):
            logits = model(batch.tokens, batch.types, batch.lengths)
        for i, ((row, offsets), group, answers) in enumerate(part):
            words = logits[i, row.first : len(row.tokens) - 1]
            table = words[:, None, 0] + words[None, :, 1]
            table = table.masked_fill(
                ~torch.ones_like(table, dtype=torch.bool).triu().tril(29), -1e4
            )
            a, b = divmod(int(table.argmax()), table.shape[1])
            margins[0 if answers else 1].append(float(table[a, b] - logits[i, 0].sum()))
            if answers:
                text = group.passages[0].text[offsets[a][0] : offsets[b][1]]
                hits.append((f1(text, answers), exact(text, answers)))
    model.train()
    return {
        "f1": sum(hit[0] for hit in hits) / len(hits),
        "em": sum(hit[1] for hit in hits) / len(hits),
        "auroc": auroc(*margins),
    }


def main() -> None:
    """Run the stages in order."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--base", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    arguments.out.mkdir(parents=True, exist_ok=True)
    random.seed(SEED)
    torch.manual_seed(SEED)
    rows = Rows(load_tokenizer(arguments.base / "tokenizer.json"), limit=288)
    model = Reader(arguments.base / "model.safetensors")
    model.layers.bfloat16()
    model.train()
    facts = {"seed": SEED, "data": corpus.digest(arguments.data), "torch": torch.__version__}
    stages = [{k: v for k, v in asdict(stage).items() if k != "groups"} for stage in STAGES]
    (arguments.out / "run.json").write_text(json.dumps({**facts, "stages": stages}, indent=1))
    for stage in STAGES:
        done = arguments.out / f"{stage.name}.pt"
        if not done.exists():
            run(stage, model, rows, arguments.data, arguments.out)
        model.load_state_dict(torch.load(done, weights_only=True), strict=False)


if __name__ == "__main__":
    sys.exit(main())
