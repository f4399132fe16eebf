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
from itertools import islice
from pathlib import Path

import corpus
import mixture
import torch
from groups import Batch, Rows, batches, collate, load_tokenizer
from measure import auroc, exact, f1
from model import Reader
from objective import loss
from optimiser import Optimiser, by_depth
from questions import Group

SEED = 20261121
SAVE_EVERY = 125
LONGEST = 512
TYPICAL_TOKENS = 180


@dataclass(frozen=True, slots=True)
class Stage:
    """A part of training; the rate falls linearly over all its epochs.

    `limits` are the tokens of the longest pair, one an epoch: pieces of passages first, since
    they cost less. `batches` ends epochs early (None: not).
    """

    name: str
    limits: tuple[int, ...]
    rate: float
    layer_decay: float
    shared: float
    budget: int
    groups: Callable[[Path, int, int], list[Group]]
    batches: tuple[int | None, ...]
    ema: float = 0.995


STAGES = (
    Stage("artificial", (288,), 2e-4, 0.95, 0.25, 4096, mixture.artificial, batches=(250,)),
    Stage(
        "human", (96, 144, 224), 1.5e-4, 0.9, 0.5, 4096, mixture.human, batches=(None, None, 375)
    ),
)


@dataclass(slots=True)
class Place:
    """How far a stage has come: epoch, batches done in it, questions seen in all."""

    epoch: int = 0
    batch: int = 0
    seen: int = 0


class Training:
    """One stage being trained, from its checkpoint when there is one."""

    def __init__(self, stage: Stage, model: Reader, rows: Rows, data: Path, out: Path) -> None:
        self._stage, self._model, self._rows = stage, model, rows
        self._data, self._out = data, out
        self._epochs = [stage.groups(data, SEED, epoch) for epoch in range(len(stage.limits))]
        self._total = sum(map(len, self._epochs))
        pairs = sum(len(group.passages) for groups in self._epochs for group in groups)
        steps = pairs * TYPICAL_TOKENS // stage.budget
        head = (2.0, list(model.head.parameters()))
        groups = [*by_depth(list(model.layers), stage.layer_decay), head]
        self._optimiser = Optimiser(model, groups, stage.rate, steps, stage.ema)
        self._checkpoint = out / f"{stage.name}.checkpoint"
        self._place = Place()
        if self._checkpoint.exists():
            state = torch.load(self._checkpoint, weights_only=True)
            self._optimiser.restore(state["optimiser"])
            self._place = Place(state["epoch"], state["batch"], state["seen"])

    def run(self) -> None:
        """Train what is left of the stage and write the averaged weights."""
        for epoch in range(self._place.epoch, len(self._stage.limits)):
            skip = self._place.batch if epoch == self._place.epoch else 0
            self._place.epoch, self._place.batch = epoch, skip
            self._epoch(epoch, skip)
            report(
                self._stage, epoch, self._optimiser, self._model, self._rows, self._data, self._out
            )
        save(self._optimiser.averaged(), self._out / f"{self._stage.name}.pt")

    def _epoch(self, epoch: int, skip: int) -> None:
        self._rows.limit = self._stage.limits[epoch]
        torch.manual_seed(SEED + epoch)
        order = random.Random(SEED + epoch)
        stream = batches(self._epochs[epoch], self._rows, self._stage.budget, order)
        began, before, running = time.monotonic(), self._place.seen, 0.0
        for index, batch in enumerate(islice(stream, self._stage.batches[epoch])):
            if index < skip:
                continue
            value = self._step(batch)
            running = 0.97 * running + 0.03 * value if running else value
            self._place.batch = index + 1
            if index % 50 == 49:
                rate = (self._place.seen - before) / (time.monotonic() - began)
                done = f"{self._stage.name} {epoch} {self._place.seen}/{self._total}"
                print(f"{done} loss {running:.3f} {rate:.1f}/s", flush=True)
            if index % SAVE_EVERY == SAVE_EVERY - 1:
                save(
                    {"optimiser": self._optimiser.state(), **asdict(self._place)}, self._checkpoint
                )

    def _step(self, batch: Batch) -> float:
        with torch.autocast("cpu", dtype=torch.bfloat16):
            logits = self._model(batch.tokens, batch.types, batch.lengths)
        value = loss(logits, batch, self._stage.shared)
        value.backward()  # type: ignore[no-untyped-call]
        self._place.seen += int(batch.group.max()) + 1
        self._optimiser.step(self._place.seen / self._total)
        return value.item()


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
    rows.limit = LONGEST
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
    rows = Rows(load_tokenizer(arguments.base / "tokenizer.json"), limit=LONGEST)
    model = Reader(arguments.base / "model.safetensors")
    model.layers.bfloat16()
    model.train()
    facts = {"seed": SEED, "data": corpus.digest(arguments.data), "torch": torch.__version__}
    stages = [{k: v for k, v in asdict(stage).items() if k != "groups"} for stage in STAGES]
    (arguments.out / "run.json").write_text(json.dumps({**facts, "stages": stages}, indent=1))
    for stage in STAGES:
        done = arguments.out / f"{stage.name}.pt"
        if not done.exists():
            Training(stage, model, rows, arguments.data, arguments.out).run()
        model.load_state_dict(torch.load(done, weights_only=True), strict=False)


if __name__ == "__main__":
    sys.exit(main())
