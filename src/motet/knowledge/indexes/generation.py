"""The folder of a vector index: growing files of rows, and a state that says what counts.

`state.json` is replaced by renaming and names everything else: rows beyond its count, and
files that it does not name, are left over from a writer that was killed.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from motet.knowledge.indexes.damage import Damaged

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Part = tuple[int, NDArray[np.int64], NDArray[np.float16]]
    """A version's id, the ids of its chunks (n,), and their vectors (n, d)."""

FORMAT = 1
_STATE = "state.json"


@dataclass(frozen=True, slots=True)
class Generation:
    """What counts in the folder.

    There are `rows` of `dimensions`, some of them of `removed` versions; `indexed` of them are
    in the cells, whose centres were learned when there were `trained`.
    """

    number: int
    sequence: int
    embedder: str
    dimensions: int
    rows: int = 0
    removed: int = 0
    indexed: int = 0
    trained: int = 0
    format: int = FORMAT

    @classmethod
    def read(cls, folder: Path) -> Generation | None:
        """Return the state, None where there is none. Raises `Damaged`."""
        try:
            found = json.loads((folder / _STATE).read_bytes())
            return cls(**found) if found.get("format") == FORMAT else None
        except FileNotFoundError:
            return None
        except (ValueError, TypeError, AttributeError) as error:
            raise Damaged(f"{folder / _STATE}: {error}") from error

    def write(self, folder: Path) -> None:
        """Let this be the state from now on, and sweep away what it does not name."""
        draft = folder / f"{_STATE}.new"
        with draft.open("w") as file:
            json.dump(asdict(self), file)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(folder / _STATE)
        for path in folder.glob("[0-9]*"):
            if path != self.folder(folder):
                shutil.rmtree(path)
        for path in self.folder(folder).glob("cells-*"):
            if path != self.cells(folder):
                path.unlink()

    def folder(self, folder: Path) -> Path:
        """Return the folder of the rows."""
        return folder / str(self.number)

    def cells(self, folder: Path) -> Path:
        """Return the file of the cells."""
        return self.folder(folder) / f"cells-{self.indexed}-{self.trained}.faiss"


class Rows:
    """The rows that count: ids of chunks and versions (n,) in memory, vectors (n, d) mapped.

    `live` (n,) says which are of versions that were not removed, None where all are.
    """

    def __init__(self, folder: Path, state: Generation) -> None:
        import numpy as np

        place = state.folder(folder)
        self.chunks = _numbers(place / "chunks", state.rows)
        self.versions = _numbers(place / "versions", state.rows)
        shape = (state.rows, state.dimensions)
        self.data: NDArray[np.float16] = np.memmap(place / "data", np.float16, "r", shape=shape)
        removed = _numbers(place / "removed", state.removed) if state.removed else None
        self.live = None if removed is None else ~np.isin(self.versions, removed)


def _numbers(path: Path, count: int) -> NDArray[np.int64]:
    import numpy as np

    found = np.fromfile(path, np.int64, count)
    if len(found) != count:
        raise Damaged(f"{path}: {count} numbers expected, {len(found)} found")
    return found


def append(
    folder: Path, state: Generation, parts: Iterable[Part], removed: Sequence[int]
) -> Generation:
    """Add rows and removed versions behind those that count; return the new state.

    It counts once it is written.
    """
    import numpy as np

    place = state.folder(folder)
    place.mkdir(parents=True, exist_ok=True)
    rows = 0
    with ExitStack() as files:
        chunks, versions, data, gone = (
            files.enter_context(_extended(place / name, size))
            for name, size in (
                ("chunks", 8 * state.rows),
                ("versions", 8 * state.rows),
                ("data", 2 * state.rows * state.dimensions),
                ("removed", 8 * state.removed),
            )
        )
        for version, ids, vectors in parts:
            chunks.write(ids.astype(np.int64).tobytes())
            versions.write(np.full(len(ids), version, np.int64).tobytes())
            data.write(vectors.astype(np.float16).tobytes())
            rows += len(ids)
        gone.write(np.array(removed, np.int64).tobytes())
    return replace(state, rows=state.rows + rows, removed=state.removed + len(removed))


@contextmanager
def _extended(path: Path, size: int) -> Iterator[BinaryIO]:
    """Open a file for writing behind its first `size` bytes; the disk has it on leaving."""
    with path.open("ab") as file:
        if file.tell() < size:
            raise Damaged(f"{path}: {size} bytes expected, {file.tell()} found")
        file.truncate(size)
        file.seek(size)
        yield file
        file.flush()
        os.fsync(file.fileno())
