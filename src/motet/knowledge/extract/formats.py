"""Which formats are read, and how a file's format is told from its first bytes and its name."""

from __future__ import annotations

from pathlib import PurePosixPath

HEAD_BYTES = 8192

TEXT = "text/plain"
MARKDOWN = "text/markdown"
CSV = "text/csv"
TSV = "text/tab-separated-values"
JSON = "application/json"
JSON_LINES = "application/x-ndjson"
NOTEBOOK = "application/x-ipynb"
PARQUET = "application/vnd.apache.parquet"
HTML = "text/html"
MAIL = "message/rfc822"
PDF = "application/pdf"
RTF = "application/rtf"
EPUB = "application/epub+zip"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
PPTX = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ODT = "application/vnd.oasis.opendocument.text"
ODS = "application/vnd.oasis.opendocument.spreadsheet"
ODP = "application/vnd.oasis.opendocument.presentation"
DOC = "application/msword"
XLS = "application/vnd.ms-excel"
PPT = "application/vnd.ms-powerpoint"
OUTLOOK = "application/vnd.ms-outlook"

ZIPPED = frozenset({DOCX, PPTX, XLSX, ODT, ODS, ODP, EPUB})
COMPOUND = frozenset({DOC, XLS, PPT, OUTLOOK})
_BINARY = ZIPPED | COMPOUND | {PDF, RTF, PARQUET}

_TEXT_SUFFIXES = (
    *(".txt", ".text", ".log", ".rst", ".adoc", ".asciidoc", ".org", ".tex", ".srt", ".vtt"),
    *(".xml", ".yaml", ".yml", ".toml", ".ini", ".cfg", ".conf", ".sql", ".css", ".diff"),
    *(".py", ".js", ".ts", ".tsx", ".jsx", ".java", ".c", ".h", ".cc", ".cpp", ".hpp", ".cs"),
    *(".go", ".rs", ".rb", ".php", ".swift", ".kt", ".scala", ".sh", ".r", ".m", ".lua", ".pl"),
)
_BY_SUFFIX: dict[str, str] = {
    ".csv": CSV,
    ".tsv": TSV,
    ".tab": TSV,
    ".json": JSON,
    ".ipynb": NOTEBOOK,
    ".jsonl": JSON_LINES,
    ".parquet": PARQUET,
    ".ndjson": JSON_LINES,
    ".eml": MAIL,
    ".pdf": PDF,
    ".rtf": RTF,
    ".epub": EPUB,
    ".doc": DOC,
    ".xls": XLS,
    ".ppt": PPT,
    ".msg": OUTLOOK,
    ".odt": ODT,
    ".ott": ODT,
    ".ods": ODS,
    ".odp": ODP,
    **dict.fromkeys((".docx", ".docm", ".dotx", ".dotm"), DOCX),
    **dict.fromkeys((".pptx", ".pptm", ".ppsx", ".ppsm", ".potx"), PPTX),
    **dict.fromkeys((".xlsx", ".xlsm", ".xltx", ".xltm"), XLSX),
    **dict.fromkeys((".md", ".markdown", ".mdown", ".mkd", ".qmd", ".rmd"), MARKDOWN),
    **dict.fromkeys((".html", ".htm", ".xhtml", ".shtml"), HTML),
    **dict.fromkeys(_TEXT_SUFFIXES, TEXT),
}

SUFFIXES: frozenset[str] = frozenset(_BY_SUFFIX)

_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"II*\x00", "a TIFF image"),
    (b"MM\x00*", "a TIFF image"),
    (b"BM", "a bitmap image"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ\x00", "an xz archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"Rar!", "a RAR archive"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
    (b"SQLite format 3\x00", "an SQLite database"),
    (b"OggS", "an audio file"),
    (b"ID3", "an audio file"),
    (b"RIFF", "a media file"),
)


def media_type(name: str, head: bytes) -> str | None:
    """Return the media type under which a file is read, or None for one we do not read.

    `head` is the beginning of the file (8 KiB are enough). Magic bytes win over the suffix of
    `name`; a suffix decides between formats that look alike (all text files, old Office files).
    """
    suffix = PurePosixPath(name).suffix.lower()
    claimed = _BY_SUFFIX.get(suffix)
    if not head:
        return claimed or (TEXT if not suffix else None)
    sniffed = _sniff(head[:HEAD_BYTES], claimed)
    if sniffed is not None:
        return sniffed
    if not is_textual(head):
        return claimed
    if claimed in _BINARY:
        return _sniff_text(head) or claimed
    return claimed or _sniff_text(head) or TEXT


def describe(head: bytes) -> str | None:
    """Name the kind of a binary file that is not a document ("a PNG image"), if it is known."""
    if is_textual(head):
        return None
    return next((label for magic, label in _MAGIC if head.startswith(magic)), None)


def is_textual(head: bytes) -> bool:
    """Tell whether the beginning of a file can be text: hardly any control bytes but in UTF-16."""
    sample = head[:HEAD_BYTES]
    if sample.startswith((b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")):
        return True
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    if max(even, odd) > len(sample) // 5 and min(even, odd) * 20 < max(even, odd):
        return True
    controls = sum(sample.count(code) for code in range(32) if code not in (9, 10, 12, 13, 27))
    return controls * 100 <= len(sample)


def _sniff(head: bytes, claimed: str | None) -> str | None:
    if b"%PDF-" in head[:1024] and (claimed == PDF or head.lstrip().startswith(b"%PDF-")):
        return PDF
    if head.startswith(b"PK\x03\x04"):
        return _sniff_zip(head, claimed)
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return claimed if claimed in COMPOUND | ZIPPED else DOC
    if head.startswith(b"{\\rtf"):
        return RTF
    if head.startswith(b"PAR1"):
        return PARQUET
    return None


def _sniff_zip(head: bytes, claimed: str | None) -> str | None:
    for kind in (EPUB, ODT, ODS, ODP):
        if b"mimetype" + kind.encode() in head[:200]:
            return kind
    for folder, kind in ((b"word/", DOCX), (b"ppt/", PPTX), (b"xl/", XLSX)):
        if folder in head:
            return kind
    return claimed if claimed in ZIPPED else None


def _sniff_text(head: bytes) -> str | None:
    start = head[:2048].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<!doctype html", b"<html")):
        return HTML
    if start.startswith((b"<?xml",)) and b"<html" in start:
        return HTML
    if start.startswith((b"from:", b"received:", b"return-path:", b"delivered-to:")):
        return MAIL if b"\nsubject:" in start or b"\nmime-version:" in start else None
    return None
