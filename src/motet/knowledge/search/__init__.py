"""Search: one query over text, vectors, graph, tables, provenance and time."""

from motet.knowledge.search.query import Filters, GraphSignal, Kind, Query, Reached
from motet.knowledge.search.retriever import HybridRetriever

__all__ = ["Filters", "GraphSignal", "HybridRetriever", "Kind", "Query", "Reached"]
