"""Train the name finder: all collections at once, with a correction of the head for each.

    python experts/ner/train.py --data DIR --base DIR --out DIR [--tune] [--start CHECKPOINT]

`--base` holds the base encoder's `model.safetensors` and `vocab.txt`, `--data` the folder of
collections. GUM's development part is left out to see how training goes; `--tune` leaves out an
eighth of UNER too, to choose settings with; `--start` goes on from the weights of such a run.
The held-out half of UNER is never trained on.
Checkpoints go to `--out` after every epoch; the same command continues after an interruption.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import corpora
import torch
from corpora import Sentence
from measure import Counts, counts
from model import CORPORA, Tagger, loss
from optimiser import Optimiser, by_depth

import examples
from motet.models.encoder.wordpiece import Tokenizer
from motet.models.experts.ner.chain import Chain
from motet.models.experts.ner.tags import names
from motet.models.experts.ner.units import units

SEED = 20261122
SCORED = (corpora.PERSON, corpora.ORGANISATION, corpora.PLACE)


@dataclass(frozen=True, slots=True)
class Settings:
    """How to train; the rate falls linearly over all epochs."""

    epochs: int = 6
    rate: float = 2e-4
    layer_decay: float = 0.9
    budget: int = 2048
    ema: float = 0.99
    dropout: float = 0.1
    head: float = 5.0
    own: float = 1.0
    links: float = 20.0
    others: float = 1.0


class Training:
    """A run, from its checkpoint when there is one."""

    def __init__(
        self,
        settings: Settings,
        model: Tagger,
        tokenizer: Tokenizer,
        data: dict[str, list[Sentence]],
        out: Path,
    ) -> None:
        self._settings, self._model, self._tokenizer = settings, model, tokenizer
        self._data, self._out = data, out
        self._done = 0
        size = sum(len(each.text) / 4 * examples.SHARES[each.corpus] for each in _all(data))
        steps = int(settings.epochs * size / settings.budget)
        head = [model.head.weight, model.head.bias, model.shaped, model.forms, model.traits]
        groups = [
            *by_depth(list(model.layers), settings.layer_decay),
            (settings.head, head),
            (settings.own, [model.own, model.own_bias]),
            (settings.links, [model.transitions, model.first]),
        ]
        self._optimiser = Optimiser(model, groups, settings.rate, steps, settings.ema)
        self._checkpoint = out / "checkpoint"
        if self._checkpoint.exists():
            state = torch.load(self._checkpoint, weights_only=True)
            self._optimiser.restore(state["optimiser"])
            self._done = state["epoch"]

    def run(self, watched: dict[str, list[Sentence]]) -> None:
        """Train the epochs that are left; score the averaged weights after each."""
        for epoch in range(self._done, self._settings.epochs):
            self._epoch(epoch)
            averaged = self._optimiser.averaged()
            save(averaged, self._out / "names.pt")
            save({"optimiser": self._optimiser.state(), "epoch": epoch + 1}, self._checkpoint)
            self._report(epoch, averaged, watched)

    def _epoch(self, epoch: int) -> None:
        torch.manual_seed(SEED + epoch)
        order = random.Random(SEED + epoch)
        found = examples.epoch(self._data, self._tokenizer, order, self._settings.others)
        batches = list(examples.batches(found, self._settings.budget, order))
        running, pieces, began = 0.0, 0, time.monotonic()
        for index, batch in enumerate(batches):
            progress = (epoch + index / len(batches)) / self._settings.epochs
            value = self._step(batch, progress)
            running = 0.97 * running + 0.03 * value if running else value
            pieces += int(batch.lengths.sum())
            if index % 25 == 24:
                rate = pieces / (time.monotonic() - began)
                done = f"{epoch} {index + 1}/{len(batches)}"
                print(f"{done} loss {running:.4f} {rate:.0f} pieces/s", flush=True)

    def _step(self, batch: examples.Batch, progress: float) -> float:
        with torch.autocast("cpu", dtype=torch.bfloat16):
            scores = self._model.emissions(
                batch.tokens, batch.shapes, batch.lengths, batch.first, batch.corpus
            )
        value = loss(self._model, scores, batch.allowed, batch.counts)
        value.backward()  # type: ignore[no-untyped-call]
        self._optimiser.step(progress)
        return value.item()

    def _report(
        self, epoch: int, averaged: dict[str, torch.Tensor], watched: dict[str, list[Sentence]]
    ) -> None:
        live = {name: value.clone() for name, value in self._model.state_dict().items()}
        self._model.load_state_dict(averaged, strict=False)
        scores = {
            name: f"{total.f1:.4f} ({total.precision:.3f}/{total.recall:.3f})"
            for name, sentences in watched.items()
            for total in [validate(self._model, self._tokenizer, sentences)]
        }
        print(json.dumps({"epoch": epoch, **scores}), flush=True)
        self._model.load_state_dict(live)


def _all(data: dict[str, list[Sentence]]) -> list[Sentence]:
    return [sentence for sentences in data.values() for sentence in sentences]


def save(state: object, path: Path) -> None:
    """Write a file whole or not at all."""
    half = path.with_suffix(".half")
    torch.save(state, half)
    half.replace(path)


@torch.no_grad()
def validate(model: Tagger, tokenizer: Tokenizer, sentences: list[Sentence]) -> Counts:
    """Count right names of people, organisations and places, sentence by sentence."""
    model.eval()
    total = Counts()
    chain = Chain(*(each.numpy() for each in model.links()))
    ordered = sorted(sentences, key=lambda sentence: len(sentence.text))
    for begin in range(0, len(ordered), 32):
        part = ordered[begin : begin + 32]
        batch = examples.collate([examples.example(tokenizer, each) for each in part])
        with torch.autocast("cpu", dtype=torch.bfloat16):
            scores = model.emissions(
                batch.tokens, batch.shapes, batch.lengths, batch.first, batch.corpus
            )
        for row, sentence in enumerate(part):
            found = units(tokenizer, sentence.text)
            tags = chain.best(scores[row, : int(batch.counts[row])].numpy())
            spans = [(found.starts[a], found.ends[b - 1], label) for a, b, label in names(tags)]
            total += counts(spans, sentence.spans, SCORED)
    model.train()
    return total


def split(
    data: dict[str, list[Sentence]], folder: Path, *, tune: bool
) -> tuple[dict[str, list[Sentence]], dict[str, list[Sentence]]]:
    """Return what to train on and what to watch; `tune` watches some of UNER, too."""
    late = {path.stem for path in (folder / "gum/dev").glob("*.conllu")}
    chosen = {"gum": [each for each in data["gum"] if each.document in late]}
    if tune:
        chosen["uner"] = [each for each in data["uner"] if corpora.tuning(each.document)]
    rest = {
        name: [each for each in sentences if each not in chosen.get(name, [])]
        for name, sentences in data.items()
    }
    return rest, chosen


def main() -> None:
    """Train."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--base", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--tune", action="store_true")
    parser.add_argument("--start", type=Path, help="weights to begin with")
    parser.add_argument("--set", nargs="*", default=[], help="settings, as name=value")
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    given = dict(each.split("=") for each in arguments.set)
    settings = Settings(**{name: json.loads(value) for name, value in given.items()})
    torch.set_num_threads(arguments.threads)
    arguments.out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(SEED)
    model = Tagger(arguments.base / "model.safetensors", settings.dropout)
    if arguments.start:
        model.load_state_dict(torch.load(arguments.start, weights_only=True), strict=False)
    model.layers.bfloat16()
    model.train()
    every = corpora.training(arguments.data)
    data, watched = split(every, arguments.data, tune=arguments.tune)
    facts = {"seed": SEED, "data": corpora.digest(arguments.data), "torch": torch.__version__}
    (arguments.out / "run.json").write_text(
        json.dumps({**facts, **asdict(settings), "corpora": CORPORA}, indent=1)
    )
    tokenizer = Tokenizer.load(arguments.base / "vocab.txt")
    Training(settings, model, tokenizer, data, arguments.out).run(watched)


if __name__ == "__main__":
    sys.exit(main())
