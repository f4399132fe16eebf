"""The reader: finds the words of a passage that answer a question, without a language model."""

from motet.models.experts.reader.reader import Reader, load_reader

__all__ = ["Reader", "load_reader"]
