"""Search: one query over text, vectors, graph, tables, provenance and time."""

from motet.knowledge.search.query import Filters, GraphSignal, Query, Reached
from motet.knowledge.search.retriever import HybridRetriever

__all__ = ["Filters", "GraphSignal", "HybridRetriever", "Query", "Reached"]
