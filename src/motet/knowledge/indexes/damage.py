"""Telling a damaged index from an error of ours: such an index is deleted and built anew."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class Damaged(Exception):
    """A file of an index is missing, cut short or not what it should be."""


@contextmanager
def watched(folder: Path) -> Iterator[None]:
    """Turn what the libraries raise over a folder's files into `Damaged`.

    Tantivy raises ValueError and, where Rust panics, an exception that is no `Exception`;
    faiss raises RuntimeError.
    """
    try:
        yield
    except (ValueError, RuntimeError, OSError, EOFError) as error:
        raise Damaged(f"{folder}: {str(error).splitlines()[0][:200]}") from error
    except BaseException as error:
        if type(error).__name__ == "PanicException":
            raise Damaged(f"{folder}: {str(error)[:200]}") from error
        raise
