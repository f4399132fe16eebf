"""AdamW on float32 masters of bfloat16 weights, with scaled rates and an average of weights."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import torch
from torch import Tensor, nn

Scaled = tuple[float, list[nn.Parameter]]


def by_depth(layers: Sequence[nn.Module], decay: float) -> Iterable[Scaled]:
    """Yield each layer's parameters, the rate of a lower layer being smaller by `decay`."""
    for depth, layer in enumerate(layers):
        yield decay ** (len(layers) - depth), list(layer.parameters())


class Optimiser:
    """Trains the given parameters of a model, each group at its share of the rate."""

    def __init__(
        self, model: nn.Module, groups: Iterable[Scaled], rate: float, steps: int, ema: float
    ) -> None:
        self._names = {id(parameter): name for name, parameter in model.named_parameters()}
        self._steps = steps
        self._ema = ema
        self._step = 0
        self._live: list[nn.Parameter] = []
        self._masters: list[Tensor] = []
        adam = []
        for scale, parameters in groups:
            masters = [parameter.detach().float().clone() for parameter in parameters]
            self._live += parameters
            self._masters += masters
            for matrix in (True, False):
                chosen = [m for m in masters if (m.dim() > 1) is matrix]
                weight_decay = 0.01 if matrix else 0.0
                adam.append({"params": chosen, "lr": rate * scale, "weight_decay": weight_decay})
        self._adam = torch.optim.AdamW(adam, betas=(0.9, 0.98), foreach=True)
        self._rates = [float(group["lr"]) for group in adam]
        self.average = [master.clone() for master in self._masters]

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
        return {
            self._names[id(live)]: average.clone()
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
