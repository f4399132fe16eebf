"""The base encoder: all-MiniLM-L6-v2 on onnxruntime, in eight bits, with its own tokenizer."""

from motet.models.encoder.encoder import Encoder
from motet.models.encoder.install import SetupReport, install, is_installed, load_encoder

__all__ = ["Encoder", "SetupReport", "install", "is_installed", "load_encoder"]
