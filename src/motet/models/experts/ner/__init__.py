"""The name finder: people, organisations, places and other names in a text."""

from motet.models.experts.ner.finder import Finder, load_names

__all__ = ["Finder", "load_names"]
