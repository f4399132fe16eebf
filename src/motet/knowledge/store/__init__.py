"""The truth of the knowledge: sources, and everything derived from them, in one database."""

from motet.knowledge.store.sources import Given, Known, Source, Text, Written
from motet.knowledge.store.store import Store

__all__ = ["Given", "Known", "Source", "Store", "Text", "Written"]
