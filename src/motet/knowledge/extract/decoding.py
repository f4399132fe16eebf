"""Bytes to characters: which encoding a text file is in, decided the same way every time."""

from __future__ import annotations

import codecs
import re
import unicodedata
from dataclasses import dataclass

from motet.core.errors import ExtractionError
from motet.knowledge.extract.formats import describe, is_textual

_SAMPLE = 200_000
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_SINGLE_BYTE = (
    *("cp1252", "cp1250", "cp1251", "koi8_r", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257"),
    *("tis_620", "cp1258", "cp437", "cp850", "cp866", "mac_roman"),
)


@dataclass(frozen=True, slots=True)
class Decoded:
    """Characters, the encoding that gave them, and what had to be replaced."""

    text: str
    encoding: str
    replaced: int = 0

    @property
    def notes(self) -> tuple[str, ...]:
        """Remarks for a person: empty for clean UTF-8."""
        if self.replaced:
            return (f"{self.replaced} damaged characters are shown as \ufffd",)
        if not self.encoding.startswith("utf"):
            return (f"read as {self.encoding}",)
        return ()


def decode(data: bytes) -> Decoded:
    """Decode a text file exactly: line ends and byte-order mark stay.

    Order: byte-order mark, strict UTF-8, UTF-16 without a mark, almost-clean UTF-8,
    East Asian encodings, Western European, what charset-normalizer says.
    Raises ExtractionError for binary data.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _decode_lossy(data, encoding)
    if not is_textual(data):
        kind = describe(data)
        raise ExtractionError(f"not a text file: {kind or 'it holds binary data'}")
    wide = _wide_encoding(data)
    if wide is not None:
        return _decode_lossy(data, wide)
    try:
        return Decoded(data.decode("utf-8"), "utf-8")
    except UnicodeDecodeError:
        return _decode_legacy(data)


def _decode_lossy(data: bytes, encoding: str) -> Decoded:
    try:
        return Decoded(data.decode(encoding), encoding)
    except UnicodeDecodeError:
        text = data.decode(encoding, "replace")
        return Decoded(text, encoding, text.count("\ufffd"))


def _wide_encoding(data: bytes) -> str | None:
    sample = data[:4096]
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    if max(even, odd) <= len(sample) // 5:
        return None
    return "utf-16-be" if even > odd else "utf-16-le"


def _decode_legacy(data: bytes) -> Decoded:
    lossy = data.decode("utf-8", "replace")
    bad = lossy.count("\ufffd")
    good = sum(1 for char in lossy if char > "\x7f") - bad
    if good > 10 * bad:
        return Decoded(lossy, "utf-8", bad)
    encoding = _east_asian(data) or _western(data) or _normalizer(data)
    return _decode_lossy(data, encoding)


def _east_asian(data: bytes) -> str | None:
    """Choose by how many characters fall into the everyday part of each character set."""
    best, best_share = None, 0.9
    for encoding in ("euc_kr", "euc_jp", "shift_jis", "big5", "gb18030"):
        share = _everyday_share(data, encoding)
        if share > best_share:
            best, best_share = encoding, share
    return best


def _everyday_share(data: bytes, encoding: str) -> float:
    sample = data[:_SAMPLE]
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        text = decoder.decode(sample, final=len(sample) == len(data))
    except UnicodeDecodeError:
        return 0.0
    wide = [char for char in text if char > "\x7f"]
    pairs = sum(1 for char in wide if ord(char) >= 0x1100)
    if pairs * 2 < len(wide) or not _runs_of_wide(text):
        return 0.0
    return sum(1 for char in wide if _everyday(char, encoding)) / len(wide)


def _runs_of_wide(text: str) -> bool:
    """East Asian words are several wide characters in a row; accents stand alone."""
    runs = re.findall(r"[^\x00-\x7f]+", text[:20_000])
    return bool(runs) and sum(map(len, runs)) >= 1.5 * len(runs)


def _everyday(char: str, encoding: str) -> bool:
    code = ord(char)
    if 0x3000 <= code <= 0x303F or 0xFF00 <= code <= 0xFF60 or 0x2010 <= code <= 0x2026:
        return True
    kana = 0x3040 <= code <= 0x30FF
    if encoding == "euc_kr":
        return 0xAC00 <= code <= 0xD7A3
    lead = char.encode(encoding, "replace")[0]
    if encoding == "gb18030":
        raw = char.encode(encoding, "replace")
        return len(raw) == 2 and 0xB0 <= lead <= 0xD7 and raw[1] >= 0xA1
    if encoding == "big5":
        return 0xA4 <= lead <= 0xC6
    if encoding == "euc_jp":
        return kana or 0xB0 <= lead <= 0xCF
    return kana or 0x88 <= lead <= 0x98


def _western(data: bytes) -> str | None:
    """Accept cp1252 where the accented letters stand inside words of plain letters."""
    try:
        text = data[:_SAMPLE].decode("cp1252")
    except UnicodeDecodeError:
        return None
    high = [(at, char) for at, char in enumerate(text) if char > "\x7f"]
    letters = sum(1 for char in text if char.isalpha())
    common = sum(1 for _, char in high if char in "’‘“”–—…€•°§«»·©®" or _latin_letter(char))
    if common < 0.95 * len(high) or len(high) > 0.2 * max(letters, 1):
        return None
    return "cp1252"


def _latin_letter(char: str) -> bool:
    return char in "äöüÄÖÜßéèêëàâáãåæçîïíìñôóòõøœùúûýÿÉÈÊÀÂÁÅÆÇÎÍÑÔÓØŒÚ"


def _normalizer(data: bytes) -> str:
    from charset_normalizer import from_bytes

    best = from_bytes(data[:_SAMPLE], cp_isolation=list(_SINGLE_BYTE)).best()
    if best is not None:
        return best.encoding
    return "cp1252" if b"\x81" not in data else "latin-1"


def printable(text: str) -> str:
    """Drop characters no store or reader can use: controls, lone surrogates, noncharacters."""
    if text.isprintable():
        return text
    return "".join(
        char for char in text if char in "\n\t" or unicodedata.category(char) not in ("Cc", "Cs")
    )
