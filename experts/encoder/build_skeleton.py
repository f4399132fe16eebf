"""Write the encoder's graph without weights: `python experts/encoder/build_skeleton.py`.

Needs the `onnx` package, which only this script uses. The weights are external initializers
that `motet.models.encoder.session` injects. Inputs: `ids` and `segments`, int64 of shape
(batch, tokens), without padding. Output: `hidden`, float32 of shape (batch, tokens, 384).

A matrix product is computed in integers. Its activations are divided by their own token's
largest magnitude, which makes a token's result independent of all other rows, hence of the
batch; `DynamicQuantizeLinear` would take one scale from the whole batch.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from onnx import ModelProto, NodeProto, TensorProto, helper, numpy_helper

from motet.models.encoder.shape import (
    EPSILON,
    FEED_FORWARD,
    HEADS,
    HIDDEN,
    LAYERS,
    POSITIONS,
    SEGMENTS,
    VOCABULARY,
)

ROOT = Path(__file__).resolve().parents[2]
TARGET = ROOT / "src/motet/models/encoder/skeleton.onnx"
FUSED = "com.microsoft"
ACTIVATION_RANGE = 127
ACTIVATION_ZERO = 128


class Graph:
    """Collects nodes and initializers; values are named after what they are."""

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


def normalise(graph: Graph, name: str, new: str, old: str, output: str, bias: str = "") -> str:
    """Layer normalisation of new + old (+ bias)."""
    inputs = [new, old]
    inputs += [graph.weight(f"{name}.gain", (HIDDEN,)), graph.weight(f"{name}.bias", (HIDDEN,))]
    if bias:
        inputs.append(graph.weight(bias, (HIDDEN,)))
    return graph.add("SkipLayerNormalization", inputs, output, FUSED, epsilon=EPSILON)


def quantise(graph: Graph, name: str, value: str) -> tuple[str, str]:
    """Return unsigned bytes and the scale of every token."""
    magnitude = graph.add("Abs", [value], f"{name}.magnitude")
    largest = graph.add("ReduceMax", [magnitude, "last"], f"{name}.largest", keepdims=1)
    scale = graph.add(
        "Max", [graph.add("Mul", [largest, "step"], f"{name}.step"), "tiny"], f"{name}.row_scale"
    )
    ratio = graph.add("Div", [value, scale], f"{name}.ratio")
    return graph.add("QuantizeLinear", [ratio, "one", "zero"], f"{name}.bytes"), scale


def multiply(graph: Graph, name: str, operand: tuple[str, str], inner: int, outer: int) -> str:
    """Integer matrix product of quantised activations with the weight `name`, as floats."""
    bytes_, scale = operand
    weight = graph.weight(name, (inner, outer), TensorProto.INT8)
    columns = graph.weight(f"{name}.scale", (outer,))
    product = graph.add(
        "MatMulIntegerToFloat", [bytes_, weight, "one", columns, "zero"], f"{name}.product", FUSED
    )
    return graph.add("Mul", [product, scale], f"{name}.result")


def embed(graph: Graph) -> str:
    """Sum of word, position and segment embeddings, normalised."""
    graph.weight("word", (VOCABULARY, HIDDEN), TensorProto.INT8)
    graph.weight("word.scale", (VOCABULARY, 1))
    graph.weight("position", (POSITIONS, HIDDEN))
    graph.weight("segment", (SEGMENTS, HIDDEN))
    rows = graph.add(
        "Cast", [graph.add("Gather", ["word", "ids"], "rows")], "floats", to=TensorProto.FLOAT
    )
    words = graph.add("Mul", [rows, graph.add("Gather", ["word.scale", "ids"], "scales")], "words")
    length = graph.add("Shape", ["ids"], "length", start=1, end=2)
    positions = graph.add("Slice", ["position", "first", length], "positions")
    segments = graph.add("Gather", ["segment", "segments"], "kinds")
    places = graph.add("Add", [segments, positions], "places")
    return normalise(graph, "norm", words, places, "embedded")


def layer(graph: Graph, index: int, value: str) -> str:
    """One transformer layer."""
    here = f"layer.{index}."
    operand = quantise(graph, f"{here}input", value)
    heads = [
        multiply(graph, here + part, operand, HIDDEN, HIDDEN) for part in ("query", "key", "value")
    ]
    bias = graph.weight(f"{here}attention.bias", (3 * HIDDEN,))
    mixed = graph.add("MultiHeadAttention", [*heads, bias], f"{here}heads", FUSED, num_heads=HEADS)
    attended = multiply(graph, f"{here}mix", quantise(graph, f"{here}mix", mixed), HIDDEN, HIDDEN)
    middle = normalise(
        graph, f"{here}mix.norm", attended, value, f"{here}middle", f"{here}mix.bias"
    )
    wide = multiply(
        graph, f"{here}widen", quantise(graph, f"{here}widen", middle), HIDDEN, FEED_FORWARD
    )
    bent = graph.add(
        "BiasGelu", [wide, graph.weight(f"{here}widen.bias", (FEED_FORWARD,))], f"{here}bent", FUSED
    )
    narrow = multiply(
        graph, f"{here}narrow", quantise(graph, f"{here}narrow", bent), FEED_FORWARD, HIDDEN
    )
    output = "hidden" if index == LAYERS - 1 else f"{here}output"
    return normalise(graph, f"{here}narrow.norm", narrow, middle, output, f"{here}narrow.bias")


def build() -> ModelProto:
    """Return the skeleton."""
    graph = Graph()
    graph.constant("first", np.array([0], np.int64))
    graph.constant("last", np.array([-1], np.int64))
    graph.constant("one", np.array(1, np.float32))
    graph.constant("zero", np.array(ACTIVATION_ZERO, np.uint8))
    graph.constant("step", np.array(1 / ACTIVATION_RANGE, np.float32))
    graph.constant("tiny", np.array(1e-12, np.float32))
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
    return helper.make_model(body, opset_imports=opsets, ir_version=9, producer_name="motet")


if __name__ == "__main__":
    data = build().SerializeToString(deterministic=True)
    TARGET.write_bytes(data)
    print(f"{TARGET.relative_to(ROOT)}: {len(data)} bytes")
