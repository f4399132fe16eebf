"""Page images of PDFs as PNG, for showing a citation where it stands."""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING

from motet.core.errors import ExtractionError
from motet.knowledge.extract.pdf.document import LOCK, open_pdf

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray

_MAX_WIDTH = 4096
_MAX_HEIGHT = 16_384


def page_size(data: bytes, page: int) -> tuple[float, float]:
    """Return width and height of a page (1-based), in points. Raises ExtractionError."""
    with LOCK, open_pdf(data) as pdf:
        if not 1 <= page <= len(pdf):
            raise ExtractionError(f"the PDF has pages 1 to {len(pdf)}, not {page}")
        sheet = pdf[page - 1]
        width, height = sheet.get_size()
        sheet.close()
    return float(width), float(height)


def render_page(data: bytes, page: int, width: int) -> bytes:
    """Return page `page` (1-based) of a PDF as a PNG image `width` pixels wide.

    Raises ExtractionError for a page that does not exist, a width outside 1 to 4096, and all
    that keeps the file from being opened.
    """
    if not 1 <= width <= _MAX_WIDTH:
        raise ExtractionError(f"width must be 1 to {_MAX_WIDTH} pixels, got {width}")
    with LOCK, open_pdf(data) as pdf:
        if not 1 <= page <= len(pdf):
            raise ExtractionError(f"the PDF has pages 1 to {len(pdf)}, not {page}")
        sheet = pdf[page - 1]
        across, along = sheet.get_size()
        scale = min(width / max(across, 1.0), _MAX_HEIGHT / max(along, 1.0))
        bitmap = sheet.render(scale=scale, rev_byteorder=True)
        pixels = bitmap.to_numpy().copy()
        bitmap.close()
        sheet.close()
    return encode_png(pixels)


def encode_png(pixels: NDArray[numpy.uint8]) -> bytes:
    """Encode 8-bit pixels, shape (height, width) or (height, width, 1, 3 or 4), as PNG."""
    import numpy

    height, width = pixels.shape[:2]
    channels = pixels.shape[2] if pixels.ndim == 3 else 1
    color = {1: 0, 3: 2, 4: 6}[channels]
    rows = numpy.zeros((height, 1 + width * channels), dtype=numpy.uint8)
    rows[:, 1:] = pixels.reshape(height, width * channels)
    header = struct.pack(">IIBBBBB", width, height, 8, color, 0, 0, 0)
    chunks = (
        (b"IHDR", header),
        (b"IDAT", zlib.compress(rows.tobytes(), 6)),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, body) for kind, body in chunks)


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
