"""Write the shipped weights from a trained checkpoint.

    python experts/ner/export.py CHECKPOINT --data DIR --base DIR [--corpus uner]

Needs torch to read the checkpoint and the installed base encoder (`motet setup`). The head is
the shared one with the correction of the collection given. What the scores say about a name
being right is fitted on GUM's development part, which is not trained on, with GUM's own head.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import corpora
import numpy as np
import torch
from corpora import Sentence
from fitting import logistic
from model import CORPORA, Tagger
from numpy.typing import NDArray
from shipped import differences
from train import split

import motet.models.experts.ner.weights as names_weights
from motet.core.tensors import write_tensors
from motet.models.experts.ner.finder import Finder, load_names

TARGET = Path(names_weights.__file__).with_name(names_weights.FILE)


def head(model: Tagger, corpus: str) -> dict[str, NDArray[Any]]:
    """Return the tensors above the layers, for one collection's idea of names."""
    place = CORPORA.index(corpus)
    links, first = model.links()
    tensors = {
        "shapes": model.kinds(),
        "head": (model.head.weight + model.own[place]).T,
        "bias": model.head.bias + model.own_bias[place],
        "shaped": model.shaped,
        "transitions": links,
        "first": first,
    }
    return {name: np.ascontiguousarray(each.detach().numpy()) for name, each in tensors.items()}


def fitted(finder: Finder, sentences: list[Sentence]) -> NDArray[np.float32]:
    """Return slope and constant for a finder whose scores are plain logistic functions."""
    odds, right = list[float](), list[bool]()
    for sentence, names in zip(
        sentences, finder.find([each.text for each in sentences]), strict=True
    ):
        for name in names:
            if any(name.start < end and start < name.end for start, end in sentence.unsure):
                continue
            odds.append(float(np.log(name.score) - np.log1p(-name.score)))
            right.append((name.start, name.end, name.label) in sentence.spans)
    labels = np.array(right, np.float64)
    return logistic(np.array(odds)[:, None], labels, prior=float(labels.mean()))


def main() -> None:
    """Export, then fit the probabilities and export again."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--base", type=Path, required=True)
    parser.add_argument("--corpus", default="uner", choices=CORPORA)
    arguments = parser.parse_args()
    trained = torch.load(arguments.checkpoint, weights_only=True)
    model = Tagger(arguments.base / "model.safetensors")
    model.load_state_dict(trained, strict=False)
    layers = differences(trained)
    _, watched = split(corpora.training(arguments.data), arguments.data, tune=False)
    write_tensors(TARGET, layers | head(model, "gum") | {"sure": np.array([1, 0], np.float32)})
    sure = fitted(load_names(), watched["gum"])
    write_tensors(TARGET, layers | head(model, arguments.corpus) | {"sure": sure})
    print(f"slope and constant {sure}; {TARGET}: {TARGET.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
