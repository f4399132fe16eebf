"""The name finder's network for training: encoder, shapes of units, tag scores."""

from __future__ import annotations

import sys
from pathlib import Path

import torch
from torch import Tensor, nn

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "encoder"))

from network import HIDDEN, Trunk

from motet.models.experts.ner.tags import COUNT, IMPOSSIBLE, follows
from motet.models.experts.ner.units import FORMS, SHAPES

CORPORA = ("uner", "gum", "wikigold", "wnut", "btc", "sec")


class Tagger(Trunk):
    """Scores of tags for the units of texts of one collection.

    A shape's vector is the sum of what its form, its place at the start and its touching the
    unit before contribute. Collections differ in what they call a name: each has its own small
    correction of the shared head.
    """

    def __init__(self, base: Path, dropout: float = 0.1) -> None:
        super().__init__(base, dropout)
        self.forms = nn.Parameter(torch.zeros(len(FORMS), HIDDEN))
        self.traits = nn.Parameter(torch.zeros(2, HIDDEN))
        nn.init.normal_(self.forms, std=0.02)
        nn.init.normal_(self.traits, std=0.02)
        self.head = nn.Linear(HIDDEN, COUNT)
        nn.init.normal_(self.head.weight, std=0.02)
        nn.init.zeros_(self.head.bias)
        self.own = nn.Parameter(torch.zeros(len(CORPORA), COUNT, HIDDEN))
        self.own_bias = nn.Parameter(torch.zeros(len(CORPORA), COUNT))
        self.shaped = nn.Parameter(torch.zeros(SHAPES, COUNT))
        self.transitions = nn.Parameter(torch.zeros(COUNT, COUNT))
        self.first = nn.Parameter(torch.zeros(COUNT))
        legal = [[follows(tag, before) for tag in range(COUNT)] for before in range(COUNT)]
        begins = [follows(tag, None) for tag in range(COUNT)]
        self.register_buffer("_illegal", ~torch.tensor(legal), persistent=False)
        self.register_buffer("_never_first", ~torch.tensor(begins), persistent=False)

    def kinds(self) -> Tensor:
        """Return the vectors of all shapes, (shapes, 384), the base's segment included."""
        none = self.forms.new_zeros(1, HIDDEN)
        glued, opens = self.traits[0], self.traits[1]
        traits = torch.stack([none[0], opens, glued, glued + opens])
        every = (self.forms[:, None] + traits[None]).reshape(-1, HIDDEN)
        return torch.cat([none, every]) + self.types.weight[0]

    def emissions(
        self, tokens: Tensor, shapes: Tensor, lengths: Tensor, first: Tensor, corpus: Tensor
    ) -> Tensor:
        """Return float32 scores (batch, units, tags).

        `tokens` and their `shapes` have shape (batch, length), `first` (batch, units) holds the
        places of units' first pieces, 0 where a text has no more units, `corpus` (batch,) the
        places of the collections in `CORPORA`.
        """
        states = self.states(tokens, self.kinds()[shapes], lengths)
        with torch.autocast("cpu", enabled=False):
            picked = states.gather(1, first[..., None].expand(-1, -1, HIDDEN))
            scores = self.head(picked) + self.shaped[shapes.gather(1, first)]
            own: Tensor = picked @ self.own[corpus].transpose(1, 2)
            return scores + own + self.own_bias[corpus][:, None]

    def links(self) -> tuple[Tensor, Tensor]:
        """Return the scores of a tag after another, (tags, tags), and of a tag first."""
        return (
            self.transitions.masked_fill(self.get_buffer("_illegal"), IMPOSSIBLE),
            self.first.masked_fill(self.get_buffer("_never_first"), IMPOSSIBLE),
        )


def loss(model: Tagger, scores: Tensor, allowed: Tensor, counts: Tensor) -> Tensor:
    """Return the mean negative log probability that each unit has one of its allowed tags.

    A linear-chain conditional random field (Lafferty et al. 2001) with partial labels
    (Tsuboi et al. 2008). `allowed` has the shape of `scores`, `counts` (batch,) tells units.
    """
    free = scores
    bound = scores.masked_fill(~allowed, IMPOSSIBLE)
    sums = _log_sums(model, torch.cat([free, bound]), torch.cat([counts, counts]))
    everything, right = sums.chunk(2)
    return (everything - right).sum() / counts.sum()


def _log_sums(model: Tagger, scores: Tensor, counts: Tensor) -> Tensor:
    links, first = model.links()
    total = first + scores[:, 0]
    for place in range(1, scores.shape[1]):
        longer = (total[:, :, None] + links).logsumexp(1) + scores[:, place]
        total = torch.where((place < counts)[:, None], longer, total)
    return total.logsumexp(1)
