"""The one place that opens SQLite: connections, transactions, migrations, clear errors."""

from motet.core.store.database import Database, Migration, Row, row, rows

__all__ = ["Database", "Migration", "Row", "row", "rows"]
