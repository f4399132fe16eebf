"""Session: the graph skeleton with weights injected, ready to run on onnxruntime."""

from __future__ import annotations

import os
from collections.abc import Mapping
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from motet.core.errors import MotetBug
from motet.models.encoder.shape import KINDS

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Session:
    """Computes hidden states; safe to call from several threads at once.

    `initializers` are named as `quantisation.quantise` returns them. `threads` defaults to
    the processors this process may use.
    """

    def __init__(
        self, initializers: Mapping[str, NDArray[Any]], *, threads: int | None = None
    ) -> None:
        import onnxruntime as ort  # type: ignore[import-untyped]

        options = ort.SessionOptions()
        options.intra_op_num_threads = threads or available_processors()
        options.inter_op_num_threads = 1
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        # Every length of text is another shape: a remembered memory plan would never fit.
        options.enable_mem_pattern = False
        # Nothing is left to fuse in the skeleton, so that level only costs start-up time.
        options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_BASIC
        given = {**initializers, "segment": _filled(initializers["segment"])}
        values = [ort.OrtValue.ortvalue_from_numpy(array) for array in given.values()]
        options.add_external_initializers(list(given), values)
        skeleton = files(__package__).joinpath("skeleton.onnx").read_bytes()
        try:
            self._session = ort.InferenceSession(
                skeleton, options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:
            raise MotetBug(f"the encoder's weights do not fit its graph: {error}") from error

    def __call__(
        self, ids: NDArray[np.int64], segments: NDArray[np.int64] | None = None
    ) -> NDArray[np.float32]:
        """Return hidden states of shape (batch, tokens, 384) for ids of shape (batch, tokens).

        Rows of a batch have the same length: there is no padding and hence no mask, so a
        row's result does not depend on its neighbours. `segments` are rows of the segment
        table: first (0) and second (1) text, or what an expert makes of them; default all 0.
        """
        import numpy as np

        if segments is None:
            segments = np.zeros_like(ids)
        hidden: NDArray[np.float32] = self._session.run(
            ["hidden"], {"ids": ids, "segments": segments}
        )[0]
        return hidden


def _filled(segment: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return a segment table with as many rows as the graph wants."""
    import numpy as np

    return np.pad(segment, ((0, KINDS - len(segment)), (0, 0)))


def available_processors() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
