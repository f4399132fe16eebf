"""Tensor files in the safetensors format: eight bytes of length, a JSON header, raw arrays.

Reading maps the file into memory, so that opening costs nothing and processes share pages.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from motet.core.errors import StoreError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Tensors = dict[str, NDArray[Any]]

_LENGTH = 8
_ALIGNMENT = 64
_HEADER_LIMIT = 100_000_000
_TYPES = {
    "F64": "<f8",
    "F32": "<f4",
    "F16": "<f2",
    "I64": "<i8",
    "I32": "<i4",
    "I16": "<i2",
    "I8": "|i1",
    "U8": "|u1",
    "BOOL": "|b1",
}


def read_tensors(path: Path) -> Tensors:
    """Return the file's arrays by name, read-only views of the mapped file.

    Raises `StoreError` if the file is missing, cut short or not of this format.
    """
    import numpy as np

    try:
        data = np.memmap(path, dtype=np.uint8, mode="r")
        start, header = _header(data)
        return {
            name: _view(data, start, entry)
            for name, entry in header.items()
            if name != "__metadata__"
        }
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StoreError(f"not a readable tensor file: {error}", where=str(path)) from error


def write_tensors(path: Path, tensors: Mapping[str, NDArray[Any]]) -> None:
    """Write the arrays; the file appears whole or not at all. Raises `OSError`."""
    import numpy as np

    codes = {code: name for name, code in _TYPES.items()}
    header: dict[str, object] = {}
    arrays = [(name, np.asarray(tensors[name], order="C")) for name in sorted(tensors)]
    end = 0
    for name, array in arrays:
        begin, end = end, end + array.nbytes
        header[name] = {
            "dtype": codes[array.dtype.newbyteorder("<").str],
            "shape": list(array.shape),
            "data_offsets": [begin, end],
        }
    text = json.dumps(header, separators=(",", ":"), sort_keys=True).encode()
    text += b" " * (-(_LENGTH + len(text)) % _ALIGNMENT)
    temporary = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        with temporary.open("wb") as file:
            file.write(len(text).to_bytes(_LENGTH, "little"))
            file.write(text)
            for _, array in arrays:
                file.write(array.astype(array.dtype.newbyteorder("<"), copy=False).tobytes())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _header(data: NDArray[np.uint8]) -> tuple[int, dict[str, Any]]:
    length = int.from_bytes(data[:_LENGTH].tobytes(), "little")
    start = _LENGTH + length
    if length > _HEADER_LIMIT or start > len(data):
        raise ValueError("the header is longer than the file")
    header = json.loads(data[_LENGTH:start].tobytes())
    if not isinstance(header, dict):
        raise ValueError("the header is not a JSON object")
    return start, header


def _view(data: NDArray[np.uint8], start: int, entry: dict[str, Any]) -> NDArray[Any]:
    import numpy as np

    begin, end = (start + int(offset) for offset in entry["data_offsets"])
    if end > len(data):
        raise ValueError("the file is cut short")
    kind = np.dtype(_TYPES[entry["dtype"]])
    return np.ndarray(entry["shape"], kind, data[begin:end].data)
