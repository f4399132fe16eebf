"""A GGUF file as a chat model: llama-cpp-python in a process of its own, an extra."""

from motet.models.llama.chat import LlamaChat

__all__ = ["LlamaChat"]
