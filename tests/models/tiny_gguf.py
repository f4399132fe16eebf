"""Writes a GGUF file of a tiny Llama with random weights: its words mean nothing.

The format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

WIDTH, HEADS, INNER, LAYERS = 32, 2, 64, 2
CONTEXT = 256
TEMPLATE = (
    "{{ bos_token }}{% for message in messages %}<|{{ message.role }}|>{{ message.content }}\n"
    "{% endfor %}{% if add_generation_prompt %}<|assistant|>{% endif %}"
)
_U32, _I32, _F32, _TEXT, _LIST = 4, 5, 6, 8, 9
_NORMAL, _UNKNOWN, _CONTROL, _BYTE = 1, 2, 3, 6
Value = int | float | str | list[int] | list[float] | list[str]


def vocabulary() -> list[tuple[str, float, int]]:
    """Return the tokens: three special ones, all bytes, letters."""
    special = [("<unk>", _UNKNOWN), ("<s>", _CONTROL), ("</s>", _CONTROL)]
    tokens = [(text, 0.0, kind) for text, kind in special]
    tokens += [(f"<0x{byte:02X}>", 0.0, _BYTE) for byte in range(256)]
    letters = ["▁", *"abcdefghijklmnopqrstuvwxyz"]
    return tokens + [(text, -float(place), _NORMAL) for place, text in enumerate(letters)]


def write(path: Path, *, template: str | None = TEMPLATE, seed: int = 0) -> Path:
    """Write the file; without `template` it cannot chat."""
    tokens = vocabulary()
    described: dict[str, Value] = {
        "general.architecture": "llama",
        "general.name": "tiny and random",
        "llama.context_length": CONTEXT,
        "llama.embedding_length": WIDTH,
        "llama.block_count": LAYERS,
        "llama.feed_forward_length": INNER,
        "llama.attention.head_count": HEADS,
        "llama.attention.layer_norm_rms_epsilon": 1e-5,
        "llama.rope.dimension_count": WIDTH // HEADS,
        "llama.vocab_size": len(tokens),
        "tokenizer.ggml.model": "llama",
        "tokenizer.ggml.tokens": [text for text, _, _ in tokens],
        "tokenizer.ggml.scores": [score for _, score, _ in tokens],
        "tokenizer.ggml.token_type": [kind for _, _, kind in tokens],
        "tokenizer.ggml.bos_token_id": 1,
        "tokenizer.ggml.eos_token_id": 2,
        "tokenizer.ggml.unknown_token_id": 0,
    }
    if template is not None:
        described["tokenizer.chat_template"] = template
    path.write_bytes(_file(described, _weights(len(tokens), seed)))
    return path


def _weights(words: int, seed: int) -> dict[str, np.ndarray]:
    """Return tensors by name, of shape (rows, columns)."""
    rng = np.random.default_rng(seed)
    shapes: dict[str, tuple[int, ...]] = {
        "token_embd.weight": (words, WIDTH),
        "output_norm.weight": (WIDTH,),
        "output.weight": (words, WIDTH),
    }
    for layer in range(LAYERS):
        shapes |= {f"blk.{layer}.{name}.weight": (WIDTH,) for name in ("attn_norm", "ffn_norm")}
        for name in ("attn_q", "attn_k", "attn_v", "attn_output"):
            shapes[f"blk.{layer}.{name}.weight"] = (WIDTH, WIDTH)
        shapes |= {f"blk.{layer}.{n}.weight": (INNER, WIDTH) for n in ("ffn_gate", "ffn_up")}
        shapes[f"blk.{layer}.ffn_down.weight"] = (WIDTH, INNER)
    return {
        name: np.ones(shape, np.float32)
        if len(shape) == 1
        else rng.normal(0, 0.5, shape).astype(np.float32)
        for name, shape in shapes.items()
    }


def _file(described: Mapping[str, Value], tensors: Mapping[str, np.ndarray]) -> bytes:
    parts = [b"GGUF", struct.pack("<IQQ", 3, len(tensors), len(described))]
    parts += [_text(name) + _value(value) for name, value in described.items()]
    offset = 0
    for name, tensor in tensors.items():
        sizes = tensor.shape[::-1]
        parts.append(_text(name) + struct.pack(f"<I{len(sizes)}Q", len(sizes), *sizes))
        parts.append(struct.pack("<IQ", 0, offset))
        offset += _padded(tensor.nbytes)
    head = b"".join(parts)
    data = b"".join(each.tobytes().ljust(_padded(each.nbytes), b"\0") for each in tensors.values())
    return head.ljust(_padded(len(head)), b"\0") + data


def _padded(size: int) -> int:
    return (size + 31) // 32 * 32


def _text(text: str) -> bytes:
    data = text.encode()
    return struct.pack("<Q", len(data)) + data


def _value(value: Value) -> bytes:
    if isinstance(value, list):
        return struct.pack("<I", _LIST) + _list(value)
    kind, data = _one(value)
    return struct.pack("<I", kind) + data


def _list(values: Sequence[int | float | str]) -> bytes:
    pairs = [_one(each) for each in values]
    if isinstance(values[0], int):
        pairs = [(_I32, data) for _, data in pairs]
    return struct.pack("<IQ", pairs[0][0], len(pairs)) + b"".join(data for _, data in pairs)


def _one(value: int | float | str) -> tuple[int, bytes]:
    if isinstance(value, str):
        return _TEXT, _text(value)
    if isinstance(value, int):
        return _U32, struct.pack("<I", value)
    return _F32, struct.pack("<f", value)
