from __future__ import annotations

from pathlib import Path

from motet.core.folders import cache_folder, home_folder


def test_the_cache_follows_its_own_variable_first(monkeypatch, tmp_path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "x"))
    monkeypatch.setenv("MOTET_CACHE", str(tmp_path / "m"))
    assert cache_folder() == tmp_path / "m"
    monkeypatch.delenv("MOTET_CACHE")
    assert cache_folder() == tmp_path / "x" / "motet"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert cache_folder() == tmp_path / ".cache" / "motet"


def test_state_lives_beside_the_declaration(monkeypatch, tmp_path) -> None:
    monkeypatch.delenv("MOTET_HOME", raising=False)
    monkeypatch.chdir(tmp_path)
    assert home_folder(tmp_path / "a" / "motet.yaml") == tmp_path / "a" / ".motet"
    assert home_folder(Path("motet.yaml")) == tmp_path / ".motet"
    assert home_folder() == tmp_path / ".motet"
    monkeypatch.setenv("MOTET_HOME", str(tmp_path / "home"))
    assert home_folder(tmp_path / "a" / "motet.yaml") == tmp_path / "home"
