"""Office files and e-books with the same bytes every time: fixed dates, sorted entries."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path

_EPOCH = (2025, 6, 2, 8, 0, 0)
_STAMP = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*(<)")
_NESTED = (".xlsx",)


def freeze(data: bytes, first: str | None = None) -> bytes:
    """Return the zip archive with fixed time stamps, also inside embedded workbooks.

    `first` names the entry that must come first and uncompressed (`mimetype` of an e-book).
    """
    target = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as old,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as new,
    ):
        names = [name for name in old.namelist() if name != first]
        for name in ([first] if first else []) + names:
            content = _STAMP.sub(rb"\g<1>2025-06-02T08:00:00Z\g<2>", old.read(name))
            if name.endswith(_NESTED):
                content = freeze(content)
            info = zipfile.ZipInfo(name, _EPOCH)
            info.compress_type = zipfile.ZIP_STORED if name == first else zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            new.writestr(info, content)
    return target.getvalue()


def write_frozen(path: Path, data: bytes, first: str | None = None) -> None:
    """Write the archive to `path` after `freeze`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(freeze(data, first))
