"""SQL over the tables of the store, read-only, alike on every database."""

from motet.knowledge.tables.catalogue import TableView
from motet.knowledge.tables.tables import Column, Result, RowPlace, Tables

__all__ = ["Column", "Result", "RowPlace", "TableView", "Tables"]
