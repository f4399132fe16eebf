"""The embedded experts of one system: loaded on first use, once, by whichever thread needs them."""

from __future__ import annotations

import threading
from functools import cached_property
from typing import TYPE_CHECKING

from motet.core.errors import SetupNeeded

if TYPE_CHECKING:
    from motet.core.protocols import Embedder, SpanReader
    from motet.knowledge.entities.extraction import Extractor


class Experts:
    """The base encoder and what was trained on top of it. Safe to use from several threads."""

    def __init__(self) -> None:
        self._loading = threading.Lock()

    @cached_property
    def _encoder(self) -> Embedder:
        from motet.models.encoder import load_encoder

        return load_encoder()

    def encoder(self) -> Embedder:
        """Return the base encoder. Raises `SetupNeeded`."""
        with self._loading:
            return self._encoder

    def encoder_or_none(self) -> Embedder | None:
        """Return the base encoder, None where it is not set up."""
        try:
            return self.encoder()
        except SetupNeeded:
            return None

    @cached_property
    def _reading(self) -> SpanReader:
        from motet.models.experts.reader import load_reader

        return load_reader(self._encoder)

    def reader(self) -> SpanReader:
        """Return the reader. Raises `SetupNeeded`."""
        with self._loading:
            return self._reading

    @cached_property
    def _extractor(self) -> Extractor:
        from motet.knowledge.entities.extraction import Extractor
        from motet.models.experts.ner import load_names

        try:
            return Extractor(load_names(self._encoder))
        except SetupNeeded:
            return Extractor()

    def extractor(self) -> Extractor:
        """Return what finds names and values in texts; by patterns alone without the encoder."""
        with self._loading:
            return self._extractor
