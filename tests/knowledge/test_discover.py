"""Which files are meant: folders, globs, links, and what is passed over."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from motet.core.errors import UsageError
from motet.knowledge.discover import Root, discover


def readable(name: str) -> bool:
    return name.endswith((".md", ".txt"))


def make(base: Path, *names: str) -> None:
    for name in names:
        (base / name).parent.mkdir(parents=True, exist_ok=True)
        (base / name).write_text(name)


def found(base: Path, *roots: Root | str, skip: tuple[Path, ...] = ()) -> list[str]:
    wanted = [root if isinstance(root, Root) else Root(root) for root in roots]
    return [each.source for each in discover(base, wanted, readable, skip)]


def test_a_folder_means_its_files_at_any_depth(tmp_path: Path) -> None:
    make(tmp_path, "docs/b.md", "docs/a.txt", "docs/deep/er/c.md", "docs/d.exe", "other.md")
    assert found(tmp_path, "docs") == ["docs/a.txt", "docs/b.md", "docs/deep/er/c.md"]
    assert found(tmp_path, "./docs/") == found(tmp_path, "docs", "docs/b.md", "./docs")


def test_hidden_and_tools_folders_are_passed_over(tmp_path: Path) -> None:
    make(tmp_path, "a.md", ".b.md", ".git/c.md", "node_modules/d.md", "x/__pycache__/e.md")
    assert found(tmp_path, ".") == ["a.md"]
    assert found(tmp_path, "*") == ["a.md"]
    assert found(tmp_path, "**/*.md") == ["a.md"]
    assert found(tmp_path, ".b.md", ".git") == [".b.md", ".git/c.md"]


def test_a_file_named_itself_is_always_meant(tmp_path: Path) -> None:
    make(tmp_path, "a.exe", "we[i]rd*.md")
    assert found(tmp_path, "a.exe", "we[i]rd*.md") == ["a.exe", "we[i]rd*.md"]


def test_globs(tmp_path: Path) -> None:
    make(tmp_path, "a.md", "b.txt", "x/c.md", "x/y/d.md")
    assert found(tmp_path, "*.md") == ["a.md"]
    assert found(tmp_path, "**/*.md") == ["a.md", "x/c.md", "x/y/d.md"]
    assert found(tmp_path, "[ab].*") == ["a.md", "b.txt"]
    assert found(tmp_path, "?") == ["x/c.md", "x/y/d.md"]
    assert found(tmp_path / "x", "../*.md") == ["../a.md"]
    assert found(tmp_path, str(tmp_path / "x" / "*.md")) == ["x/c.md"]
    assert found(tmp_path, "x/*.pdf") == []


@pytest.mark.parametrize("root", ["nothing", "nothing/*.md", "a.md/b", "**a/*.md", "x" * 300])
def test_a_root_that_is_not_there_is_an_error(tmp_path: Path, root: str) -> None:
    make(tmp_path, "a.md")
    with pytest.raises(UsageError, match="nothing was removed") as caught:
        found(tmp_path, "a.md", root)
    assert root in str(caught.value)


def test_links_are_followed_once(tmp_path: Path) -> None:
    make(tmp_path, "docs/a.md", "away/b.md")
    (tmp_path / "docs" / "up").symlink_to("..")
    (tmp_path / "docs" / "self").symlink_to("self")
    (tmp_path / "docs" / "self.md").symlink_to("self.md")
    (tmp_path / "docs" / "gone.md").symlink_to("nowhere")
    (tmp_path / "docs" / "away").symlink_to("../away")
    names = found(tmp_path, "docs")
    assert [name for name in names if name.endswith("a.md")] == ["docs/a.md"]
    assert [name for name in names if name.endswith("b.md")] == ["docs/away/b.md"]
    # What cannot be opened is returned, so that reading it shows the reason.
    assert {"docs/self.md", "docs/gone.md"} <= set(names)


def test_skipped_paths_are_never_knowledge(tmp_path: Path) -> None:
    make(tmp_path, "a.md", "state/b.md", "motet.md")
    (tmp_path / "link").symlink_to("state")
    skip = (tmp_path / "state", tmp_path / "motet.md")
    assert found(tmp_path, ".", skip=skip) == ["a.md"]
    assert found(tmp_path, "**/*.md", skip=skip) == ["a.md"]


@pytest.mark.parametrize(
    ("root", "names"),
    [
        (Root("d", only=("*.md",)), ["d/a.md", "d/old/c.md"]),
        (Root("d", exclude=("*.txt",)), ["d/a.md", "d/old/c.md"]),
        (Root("d", exclude=("old",)), ["d/a.md", "d/b.txt"]),
        (Root("d", exclude=("./d/old/",)), ["d/a.md", "d/b.txt"]),
        (Root("d", exclude=("old/*",)), ["d/a.md", "d/b.txt"]),
        (Root("d", exclude=("**/c.md",)), ["d/a.md", "d/b.txt"]),
        (Root("d", exclude=("d",)), []),
        (Root("d", only=("old", "b.*"), exclude=("c.md",)), ["d/b.txt"]),
        (Root("d", exclude=("ld",)), ["d/a.md", "d/b.txt", "d/old/c.md"]),
    ],
)
def test_only_and_exclude(tmp_path: Path, root: Root, names: list[str]) -> None:
    make(tmp_path, "d/a.md", "d/b.txt", "d/old/c.md")
    assert found(tmp_path, root) == names


def test_what_one_root_excludes_another_may_name(tmp_path: Path) -> None:
    make(tmp_path, "d/a.md", "d/b.md")
    assert found(tmp_path, Root("d", exclude=("b.md",)), "d/b.md") == ["d/a.md", "d/b.md"]


def test_names_that_are_no_text(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"caf\xe9.md")).write_text("x")
    (tmp_path / "日本 語.md").write_text("x")
    names = found(tmp_path, ".")
    assert names == ["caf\\udce9.md", "日本 語.md"]
    assert all(name.encode() for name in names)


def test_the_fingerprint_changes_with_the_file(tmp_path: Path) -> None:
    make(tmp_path, "a.md")

    def fingerprint() -> str:
        return discover(tmp_path, [Root("a.md")], readable)[0].fingerprint

    first = fingerprint()
    assert fingerprint() == first
    (tmp_path / "a.md").write_text("more than before")
    assert fingerprint() != first
