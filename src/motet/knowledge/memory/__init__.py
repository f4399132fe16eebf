"""What was said and done, remembered per user, session and system."""

from motet.knowledge.memory.episodes import Episode
from motet.knowledge.memory.facts import Fact
from motet.knowledge.memory.memory import Memory
from motet.knowledge.memory.recollection import RunMemory

__all__ = ["Episode", "Fact", "Memory", "RunMemory"]
