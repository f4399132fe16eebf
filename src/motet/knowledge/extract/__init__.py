"""Documents to text: `extract(data, name)` for every format that is read."""

from motet.knowledge.extract.dispatch import extract
from motet.knowledge.extract.formats import SUFFIXES, media_type

__all__ = ["SUFFIXES", "extract", "media_type"]
