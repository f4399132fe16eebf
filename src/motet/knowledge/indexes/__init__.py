"""Disposable indexes of the knowledge: text (tantivy) and vectors (faiss).

Each knows the number of the change it absorbed last. Deleting them loses nothing.
"""

from motet.knowledge.indexes.indexes import Indexes, Status, scope_folder

__all__ = ["Indexes", "Status", "scope_folder"]
