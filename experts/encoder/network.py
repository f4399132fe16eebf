"""The base encoder in PyTorch, for experts that train its layers."""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional

HIDDEN = 384
HEADS = 12
LAYERS = 6
INNER = 1536
EPSILON = 1e-12
MASKED = -1e4

NAMES = {
    "query": "attention.self.query",
    "key": "attention.self.key",
    "value": "attention.self.value",
    "attended": "attention.output.dense",
    "attended_norm": "attention.output.LayerNorm",
    "inner": "intermediate.dense",
    "outer": "output.dense",
    "outer_norm": "output.LayerNorm",
}
"""Names of a layer's parts here and in the base's file."""


class Layer(nn.Module):
    """One transformer layer with the parameter names of the base's file."""

    def __init__(self, dropout: float) -> None:
        super().__init__()
        self.query = nn.Linear(HIDDEN, HIDDEN)
        self.key = nn.Linear(HIDDEN, HIDDEN)
        self.value = nn.Linear(HIDDEN, HIDDEN)
        self.attended = nn.Linear(HIDDEN, HIDDEN)
        self.attended_norm = nn.LayerNorm(HIDDEN, eps=EPSILON)
        self.inner = nn.Linear(HIDDEN, INNER)
        self.outer = nn.Linear(INNER, HIDDEN)
        self.outer_norm = nn.LayerNorm(HIDDEN, eps=EPSILON)
        self.dropout = nn.Dropout(dropout)

    def forward(self, hidden: Tensor, bias: Tensor) -> Tensor:
        """Return states of the same shape, (batch, length, 384)."""
        batch, length, _ = hidden.shape

        def split(states: Tensor) -> Tensor:
            return states.view(batch, length, HEADS, HIDDEN // HEADS).transpose(1, 2)

        attended = functional.scaled_dot_product_attention(
            split(self.query(hidden)), split(self.key(hidden)), split(self.value(hidden)), bias
        )
        merged = attended.transpose(1, 2).reshape(batch, length, HIDDEN)
        hidden = self.attended_norm(hidden + self.dropout(self.attended(merged)))
        grown = functional.gelu(self.inner(hidden))
        normed: Tensor = self.outer_norm(hidden + self.dropout(self.outer(grown)))
        return normed


class Trunk(nn.Module):
    """The encoder with frozen embeddings and trained layers."""

    def __init__(self, base: Path, dropout: float = 0.1) -> None:
        super().__init__()
        weights = load_file(base)
        self.words = nn.Embedding.from_pretrained(weights["embeddings.word_embeddings.weight"])
        self.places = nn.Embedding.from_pretrained(weights["embeddings.position_embeddings.weight"])
        self.types = nn.Embedding.from_pretrained(
            weights["embeddings.token_type_embeddings.weight"]
        )
        self.norm = nn.LayerNorm(HIDDEN, eps=EPSILON)
        self.norm.weight.data.copy_(weights["embeddings.LayerNorm.weight"])
        self.norm.bias.data.copy_(weights["embeddings.LayerNorm.bias"])
        self.norm.requires_grad_(requires_grad=False)
        self.layers = nn.ModuleList(Layer(dropout) for _ in range(LAYERS))
        for index, layer in enumerate(self.layers):
            for ours, theirs in NAMES.items():
                for part in ("weight", "bias"):
                    source = weights[f"encoder.layer.{index}.{theirs}.{part}"]
                    layer.get_submodule(ours).get_parameter(part).data.copy_(source)
        self.dropout = nn.Dropout(dropout)

    def states(self, tokens: Tensor, kinds: Tensor, lengths: Tensor) -> Tensor:
        """Return float32 states (batch, length, 384) after dropout.

        `kinds` are the vectors of the tokens' types, (batch, length, 384).
        """
        length = tokens.shape[1]
        embedded = self.words(tokens) + kinds + self.places.weight[:length]
        hidden = self.dropout(self.norm(embedded))
        live = torch.arange(length)[None, :] < lengths[:, None]
        bias = torch.zeros(live.shape).masked_fill(~live, MASKED)[:, None, None, :]
        if torch.is_autocast_enabled("cpu"):
            hidden, bias = hidden.bfloat16(), bias.bfloat16()
        for layer in self.layers:
            hidden = layer(hidden, bias)
        dropped: Tensor = self.dropout(hidden.float())
        return dropped
