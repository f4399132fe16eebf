"""The graph of the store: Cypher, traversal, and passages found along relations."""

from motet.knowledge.graph.cypher.execution import Answer
from motet.knowledge.graph.graph import Graph
from motet.knowledge.graph.neighbours import Neighbour
from motet.knowledge.graph.signal import MentionWalk

__all__ = ["Answer", "Graph", "MentionWalk", "Neighbour"]
