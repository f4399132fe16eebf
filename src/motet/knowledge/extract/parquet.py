"""Parquet files: their rows as text, a line each."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import TYPE_CHECKING

from motet.core.documents import Extracted
from motet.core.errors import ExtractionError
from motet.knowledge.extract.formats import PARQUET
from motet.knowledge.extract.grid import MOST_CELLS, write_grid

if TYPE_CHECKING:
    from pyarrow.parquet import ParquetFile

_BATCH = 10_000


def extract_parquet(data: bytes) -> Extracted:
    """Return a Parquet file's rows; nested values are written as JSON.

    Raises ExtractionError where pyarrow is missing, and for damaged and empty files.
    """
    try:
        from pyarrow import ArrowException
        from pyarrow.parquet import ParquetFile
    except ImportError:
        raise ExtractionError("Parquet needs pyarrow: pip install 'motet[parquet]'") from None
    try:
        file = ParquetFile(io.BytesIO(data))
        cells = file.metadata.num_rows * max(1, file.metadata.num_columns)
        if cells > MOST_CELLS:
            raise ExtractionError(f"the table has more than {MOST_CELLS // 10**6} million cells")
        if not file.metadata.num_rows:
            raise ExtractionError("the table has no rows")
        return write_grid(PARQUET, "", file.schema_arrow.names, _rows(file))
    except (ArrowException, OSError, ValueError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise ExtractionError(f"the Parquet file is damaged: {reason}") from None


def _rows(file: ParquetFile) -> Iterator[tuple[object, ...]]:
    for batch in file.iter_batches(_BATCH):
        columns = [column.to_pylist() for column in batch.columns]
        yield from zip(*columns, strict=True)
