"""Write the encoder's graph without weights: `python experts/encoder/build_skeleton.py`.

Needs the `onnx` package, which only this script uses. The weights are external initializers
that `motet.models.encoder.session` injects. Inputs: `ids` and `segments`, int64 of shape
(batch, tokens), without padding. Output: `hidden`, float32 of shape (batch, tokens, 384).

A matrix product is computed in integers. Its activations are divided by their own token's
largest magnitude, which makes a token's result independent of all other rows, hence of the
batch; `DynamicQuantizeLinear` would take one scale from the whole batch.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path
from typing import NamedTuple

import numpy as np
from onnx import NodeProto, TensorProto, helper, numpy_helper

from motet.models.encoder.shape import (
    EPSILON,
    FEED_FORWARD,
    HEADS,
    HIDDEN,
    KINDS,
    LAYERS,
    POSITIONS,
    SEGMENTS,
    VOCABULARY,
)

ROOT = Path(__file__).resolve().parents[2]
TARGET = ROOT / "src/motet/models/encoder/skeleton.onnx"
FUSED = "com.microsoft"
LOWEST_GELU = 0.17
GELU_ZERO = 32
SIGNED_ZERO = 128
TINY = 1e-12


class Operand(NamedTuple):
    """What enters a matrix product: a value and, if it is quantised, its scale and zero."""

    value: str
    scale: str
    zero: str


class Graph(ABC):
    """Collects nodes and initializers; values are named after what they are."""

    segments = SEGMENTS

    def __init__(self) -> None:
        self.nodes: list[NodeProto] = []
        self.initializers: list[TensorProto] = []

    def add(
        self, kind: str, inputs: list[str], output: str, domain: str = "", **more: object
    ) -> str:
        """Add a node with one output and return the output's name."""
        self.nodes.append(helper.make_node(kind, inputs, [output], domain=domain, **more))
        return output

    def constant(self, name: str, value: np.ndarray) -> str:
        """Add a small value that is part of the skeleton."""
        self.initializers.append(numpy_helper.from_array(value, name))
        return name

    def weight(self, name: str, shape: tuple[int, ...], kind: int = TensorProto.FLOAT) -> str:
        """Declare a weight that is injected when the session opens."""
        tensor = TensorProto(
            name=name, data_type=kind, dims=shape, data_location=TensorProto.EXTERNAL
        )
        tensor.external_data.add(key="location", value="injected")
        self.initializers.append(tensor)
        return name

    @abstractmethod
    def words(self) -> str:
        """Return the word embeddings of `ids`."""

    @abstractmethod
    def operand(self, value: str, kind: str = "signed") -> Operand:
        """Prepare a value for products. `kind` tells its range: `signed` or `gelu`."""

    @abstractmethod
    def multiply(self, name: str, operand: Operand, inner: int, outer: int) -> str:
        """Return the product of an operand with the weight `name`."""


class QuantisedGraph(Graph):
    """Computes matrix products in integers; leaves room for experts' kinds of tokens."""

    segments = KINDS

    def __init__(self) -> None:
        super().__init__()
        self.constant("last", np.array([-1], np.int64))
        self.constant("one", np.array(1, np.float32))
        self.constant("signed.zero", np.array(SIGNED_ZERO, np.uint8))
        self.constant("signed.step", np.array(1 / (255 - SIGNED_ZERO), np.float32))
        self.constant("signed.least", np.array(TINY, np.float32))
        # GELU never falls below -0.17, so that few of the 256 values need to be negative.
        self.constant("gelu.zero", np.array(GELU_ZERO, np.uint8))
        self.constant("gelu.step", np.array(1 / (255 - GELU_ZERO), np.float32))
        self.constant("gelu.least", np.array(LOWEST_GELU / GELU_ZERO, np.float32))

    def words(self) -> str:
        """Return the word embeddings of `ids`."""
        self.weight("word", (VOCABULARY, HIDDEN), TensorProto.INT8)
        self.weight("word.scale", (VOCABULARY, 1))
        rows = self.add("Gather", ["word", "ids"], "rows")
        scales = self.add("Gather", ["word.scale", "ids"], "scales")
        floats = self.add("Cast", [rows], "floats", to=TensorProto.FLOAT)
        return self.add("Mul", [floats, scales], "words")

    def operand(self, value: str, kind: str = "signed") -> Operand:
        """Return a value as unsigned bytes, with one scale per token."""
        bound = self.add("Abs", [value], f"{value}.bound") if kind == "signed" else value
        largest = self.add("ReduceMax", [bound, "last"], f"{value}.largest", keepdims=1)
        step = self.add("Mul", [largest, f"{kind}.step"], f"{value}.step")
        scale = self.add("Max", [step, f"{kind}.least"], f"{value}.scale")
        ratio = self.add("Div", [value, scale], f"{value}.ratio")
        zero = f"{kind}.zero"
        bytes_ = self.add("QuantizeLinear", [ratio, "one", zero], f"{value}.bytes")
        return Operand(bytes_, scale, zero)

    def multiply(self, name: str, operand: Operand, inner: int, outer: int) -> str:
        """Return the product of an operand with the weight `name`, as floats."""
        weight = self.weight(name, (inner, outer), TensorProto.INT8)
        columns = self.weight(f"{name}.scale", (outer,))
        inputs = [operand.value, weight, "one", columns, operand.zero]
        product = self.add("MatMulIntegerToFloat", inputs, f"{name}.product", FUSED)
        return self.add("Mul", [product, operand.scale], f"{name}.result")


class ExactGraph(Graph):
    """Computes matrix products in 32-bit floats: the reference for benchmarks."""

    def words(self) -> str:
        """Return the word embeddings of `ids`."""
        return self.add("Gather", [self.weight("word", (VOCABULARY, HIDDEN)), "ids"], "words")

    def operand(self, value: str, kind: str = "signed") -> Operand:
        """Return the value itself."""
        return Operand(value, "", "")

    def multiply(self, name: str, operand: Operand, inner: int, outer: int) -> str:
        """Return the product of an operand with the weight `name`."""
        weight = self.weight(name, (inner, outer))
        return self.add("MatMul", [operand.value, weight], f"{name}.result")


def normalise(graph: Graph, name: str, new: str, old: str, output: str, bias: str = "") -> str:
    """Layer normalisation of new + old (+ bias)."""
    inputs = [new, old]
    inputs += [graph.weight(f"{name}.gain", (HIDDEN,)), graph.weight(f"{name}.bias", (HIDDEN,))]
    if bias:
        inputs.append(graph.weight(bias, (HIDDEN,)))
    return graph.add("SkipLayerNormalization", inputs, output, FUSED, epsilon=EPSILON)


def embed(graph: Graph) -> str:
    """Sum of word, position and segment embeddings, normalised."""
    graph.constant("first", np.array([0], np.int64))
    length = graph.add("Shape", ["ids"], "length", start=1, end=2)
    position = graph.weight("position", (POSITIONS, HIDDEN))
    positions = graph.add("Slice", [position, "first", length], "positions")
    segment = graph.weight("segment", (graph.segments, HIDDEN))
    kinds = graph.add("Gather", [segment, "segments"], "kinds")
    places = graph.add("Add", [kinds, positions], "places")
    return normalise(graph, "norm", graph.words(), places, "embedded")


def layer(graph: Graph, index: int, value: str) -> str:
    """One transformer layer."""
    here = f"layer.{index}."
    operand = graph.operand(value)
    heads = [
        graph.multiply(here + part, operand, HIDDEN, HIDDEN) for part in ("query", "key", "value")
    ]
    heads.append(graph.weight(f"{here}attention.bias", (3 * HIDDEN,)))
    joined = graph.add("MultiHeadAttention", heads, f"{here}joined", FUSED, num_heads=HEADS)
    mixed = graph.multiply(f"{here}mix", graph.operand(joined), HIDDEN, HIDDEN)
    middle = normalise(graph, f"{here}mix.norm", mixed, value, f"{here}middle", f"{here}mix.bias")
    wide = graph.multiply(f"{here}widen", graph.operand(middle), HIDDEN, FEED_FORWARD)
    bias = graph.weight(f"{here}widen.bias", (FEED_FORWARD,))
    bent = graph.add("BiasGelu", [wide, bias], f"{here}bent", FUSED)
    narrow = graph.multiply(f"{here}narrow", graph.operand(bent, "gelu"), FEED_FORWARD, HIDDEN)
    output = "hidden" if index == LAYERS - 1 else f"{here}output"
    return normalise(graph, f"{here}narrow.norm", narrow, middle, output, f"{here}narrow.bias")


def build(graph: Graph) -> bytes:
    """Fill an empty graph and return it as the bytes of an ONNX file."""
    value = embed(graph)
    for index in range(LAYERS):
        value = layer(graph, index, value)
    tokens = ["batch", "tokens"]
    body = helper.make_graph(
        graph.nodes,
        "encoder",
        [
            helper.make_tensor_value_info(name, TensorProto.INT64, tokens)
            for name in ("ids", "segments")
        ],
        [helper.make_tensor_value_info("hidden", TensorProto.FLOAT, [*tokens, HIDDEN])],
        graph.initializers,
    )
    opsets = [helper.make_opsetid("", 18), helper.make_opsetid(FUSED, 1)]
    model = helper.make_model(body, opset_imports=opsets, ir_version=9, producer_name="motet")
    return model.SerializeToString(deterministic=True)


if __name__ == "__main__":
    data = build(QuantisedGraph())
    TARGET.write_bytes(data)
    print(f"{TARGET.relative_to(ROOT)}: {len(data)} bytes")
