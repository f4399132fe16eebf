"""The reader's network for training: the base encoder in PyTorch and a span head."""

from __future__ import annotations

import sys
from pathlib import Path

import torch
from torch import Tensor, nn

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "encoder"))

from network import HIDDEN, Trunk


class Reader(Trunk):
    """The encoder with frozen embeddings, and logits for where an answer starts and ends."""

    def __init__(self, base: Path, dropout: float = 0.1) -> None:
        super().__init__(base, dropout)
        self.head = nn.Linear(HIDDEN, 2)
        nn.init.normal_(self.head.weight, std=0.02)
        nn.init.zeros_(self.head.bias)

    def forward(self, tokens: Tensor, types: Tensor, lengths: Tensor) -> Tensor:
        """Return float32 logits (batch, length, 2) for tokens and types (batch, length)."""
        states = self.states(tokens, self.types(types), lengths)
        with torch.autocast("cpu", enabled=False):
            logits: Tensor = self.head(states)
        return logits
