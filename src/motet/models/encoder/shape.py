"""The base encoder's dimensions: BERT with six small layers."""

from __future__ import annotations

LAYERS = 6
HIDDEN = 384
HEADS = 12
FEED_FORWARD = 1536
VOCABULARY = 30_522
POSITIONS = 512
SEGMENTS = 2
KINDS = 64
"""Rows of the graph's segment table: the base fills two, an expert may fill more."""

EPSILON = 1e-12

MAX_TOKENS = 256
"""Tokens of one text that the sentence encoder was trained to read, [CLS] and [SEP] included."""
