"""What stands between the command line and the terminal: encodings, closed streams."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path
from typing import TextIO

from motet.core.errors import UsageError


def prepare() -> None:
    """Make standard output and error writable with any text.

    A terminal keeps its encoding and shows escapes for what it cannot; files and pipes get
    UTF-8 whatever the locale says. A stream that was closed swallows what is written.
    """
    sys.stdout = _usable(sys.stdout)
    sys.stderr = _usable(sys.stderr)


def _usable(stream: TextIO | None) -> TextIO:
    if stream is None:
        return Path(os.devnull).open("w", encoding="utf-8")
    if isinstance(stream, io.TextIOWrapper):
        encoding = stream.encoding if stream.isatty() else "utf-8"
        stream.reconfigure(encoding=encoding, errors="backslashreplace")
    return stream


def abandon() -> None:
    """Write nothing more to standard output: whoever read it left, or it is full."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def arguments() -> list[str]:
    """Return the command line's words, read as UTF-8 where the locale could not."""
    return [_decoded(each) for each in sys.argv[1:]]


def _decoded(word: str) -> str:
    try:
        return os.fsencode(word).decode("utf-8") if is_broken(word) else word
    except UnicodeDecodeError:
        return word  # a path may have such a name; `text` refuses it as a question


def is_broken(text: str) -> bool:
    """Whether a word of the command line holds bytes that are no UTF-8."""
    return any("\ud800" <= char <= "\udfff" for char in text)


def text(word: str, what: str = "the question") -> str:
    """Return a question, query or value as typed; `-` reads it from standard input.

    Raises `UsageError` when there is none or it is no text.
    """
    if word == "-":
        word = _from_stdin(what)
    if is_broken(word):
        raise UsageError(f"{what} is not UTF-8 text")
    if not word.strip():
        raise UsageError(f"{what} is empty")
    return word


def file(path: str) -> str:
    """Return the text of a file. Raises `UsageError` where it is no text, `OSError`."""
    try:
        return Path(path).read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError("this is not UTF-8 text", where=path) from error


def _from_stdin(what: str) -> str:
    if sys.stdin is None:
        raise UsageError("standard input is closed", hint=f"give {what} as an argument")
    try:
        return sys.stdin.buffer.read().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(f"{what} on standard input is not UTF-8 text") from error
