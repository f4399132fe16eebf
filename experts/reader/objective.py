"""The reader's loss."""

from __future__ import annotations

import torch
from groups import Batch
from torch import Tensor

NEVER = -1e4


def loss(logits: Tensor, batch: Batch, shared: float) -> Tensor:
    """Return the mean loss of a batch for logits of shape (rows, length, 2).

    Each row: negative log marginal likelihood of the gold starts and ends, with `[CLS]` for
    "no answer here" (Devlin et al. 2019). Each question with an answer, weighted by `shared`:
    the same over the words of all its passages at once, so that scores compare across
    passages (shared-norm, Clark & Gardner 2018).
    """
    allowed = batch.inside.clone()
    allowed[:, 0] = True
    total = logits.new_zeros(())
    for side, gold in ((0, batch.starts), (1, batch.ends)):
        scores = logits[..., side]
        everywhere = scores.masked_fill(~allowed, NEVER).logsumexp(1)
        total = total + (everywhere - scores.masked_fill(~gold, NEVER).logsumexp(1)).mean()
        if shared:
            words = scores.masked_fill(~batch.inside, NEVER).logsumexp(1)
            right = scores.masked_fill(~(gold & batch.inside), NEVER).logsumexp(1)
            total = total + shared * _across(words, right, batch.group)
    return total / 2


def _across(words: Tensor, right: Tensor, group: Tensor) -> Tensor:
    """Return the loss over questions of one side, given each row's log sums."""
    count = int(group.max()) + 1
    mine = group[None, :] == torch.arange(count)[:, None]
    whole = words[None, :].masked_fill(~mine, NEVER).logsumexp(1)
    gold = right[None, :].masked_fill(~mine, NEVER).logsumexp(1)
    answered = gold > NEVER / 2
    return (whole - gold)[answered].sum() / max(1, int(answered.sum()))
