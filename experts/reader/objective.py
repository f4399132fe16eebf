"""The reader's loss and its exponentially averaged optimiser."""

from __future__ import annotations

import math
from collections.abc import Iterable

import torch
from groups import Batch
from model import LAYERS, Reader
from torch import Tensor, nn

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


class Optimiser:
    """AdamW on float32 masters of bfloat16 weights, with layer-wise rates and an average."""

    def __init__(self, model: Reader, rate: float, decay: float, steps: int, ema: float) -> None:
        self._model = model
        self._steps = steps
        self._ema = ema
        self._step = 0
        self._live: list[nn.Parameter] = []
        self._masters: list[Tensor] = []
        groups = []
        for depth, parameters in self._by_depth():
            masters = [parameter.detach().float().clone() for parameter in parameters]
            self._live += parameters
            self._masters += masters
            for matrix in (True, False):
                chosen = [m for m in masters if (m.dim() > 1) is matrix]
                scale = decay ** (LAYERS - depth) * (2.0 if depth == LAYERS else 1.0)
                weight_decay = 0.01 if matrix else 0.0
                groups.append({"params": chosen, "lr": rate * scale, "weight_decay": weight_decay})
        self._adam = torch.optim.AdamW(groups, betas=(0.9, 0.98), foreach=True)
        self._rates = [float(group["lr"]) for group in groups]
        self.average = [master.clone() for master in self._masters]

    def _by_depth(self) -> Iterable[tuple[int, list[nn.Parameter]]]:
        for depth, layer in enumerate(self._model.layers):
            yield depth, list(layer.parameters())
        yield LAYERS, list(self._model.head.parameters())

    def step(self, progress: float) -> None:
        """Apply the gradients; `progress` is how much of the stage is done, 0 to 1."""
        self._step += 1
        factor = min(1.0, self._step / (0.06 * self._steps + 1)) * max(0.02, 1.0 - progress)
        for group, rate in zip(self._adam.param_groups, self._rates, strict=True):
            group["lr"] = rate * factor
        for live, master in zip(self._live, self._masters, strict=True):
            master.grad = None if live.grad is None else live.grad.float()
            live.grad = None
        torch.nn.utils.clip_grad_norm_(self._masters, 1.0)
        self._adam.step()
        keep = min(self._ema, 1.0 - 1.0 / (1.0 + math.sqrt(self._step)))
        with torch.no_grad():
            torch._foreach_lerp_(self.average, self._masters, 1.0 - keep)
            for live, master in zip(self._live, self._masters, strict=True):
                live.copy_(master)

    def averaged(self) -> dict[str, Tensor]:
        """Return the averaged weights under the model's names, float32."""
        names = {id(parameter): name for name, parameter in self._model.named_parameters()}
        return {
            names[id(live)]: average.clone()
            for live, average in zip(self._live, self.average, strict=True)
        }

    def state(self) -> dict[str, object]:
        """Return everything needed to continue."""
        return {
            "masters": self._masters,
            "average": self.average,
            "adam": self._adam.state_dict(),
            "step": self._step,
        }

    def restore(self, state: dict[str, object]) -> None:
        """Continue from `state`."""
        masters, average = state["masters"], state["average"]
        assert isinstance(masters, list) and isinstance(average, list)
        with torch.no_grad():
            for live, mine, theirs in zip(self._live, self._masters, masters, strict=True):
                mine.copy_(theirs)
                live.copy_(theirs)
            for mine, theirs in zip(self.average, average, strict=True):
                mine.copy_(theirs)
        self._adam.load_state_dict(state["adam"])  # type: ignore[arg-type]
        self._step = int(str(state["step"]))
