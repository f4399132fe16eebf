"""The code blocks of README and docs run as they stand."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from motet import spec

ROOT = Path(__file__).resolve().parents[2]
MOTET = Path(sys.executable).with_name("motet")
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(language: str) -> list[tuple[str, str]]:
    """Return (place, text) of every block in a language."""
    found = []
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for match in _BLOCK.finditer(text):
            if match.group(1) == language:
                line = text.count("\n", 0, match.start()) + 2
                found.append((f"{page.relative_to(ROOT)}:{line}", match.group(2)))
    return found


def ids(found: list[tuple[str, str]]) -> list[str]:
    return [place for place, _ in found]


YAML = [each for each in blocks("yaml") if re.search(r"^system:", each[1], re.MULTILINE)]
PYTHON = blocks("python")


@pytest.mark.parametrize(("place", "text"), YAML, ids=ids(YAML))
def test_declarations_parse(place: str, text: str) -> None:
    assert spec.parse(text, file=place, environ={"MY_KEY": "x", "PLACE": "Leeds"}).system


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder as `motet init` leaves it."""
    subprocess.run([MOTET, "init", str(tmp_path / "shop")], check=True, capture_output=True)
    monkeypatch.chdir(tmp_path / "shop")
    monkeypatch.delenv("MOTET_HOME", raising=False)
    return tmp_path / "shop"


@pytest.mark.encoder
@pytest.mark.parametrize(("place", "text"), PYTHON, ids=ids(PYTHON))
def test_python_blocks_run(place: str, text: str, shop: Path) -> None:
    text = text.replace("Who supplies the hinge?", "How much is a membership?")
    done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.encoder
def test_readme_commands_run(tmp_path: Path) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    commands = re.findall(r"^motet .*?(?=\s{2,}|$)", readme, re.MULTILINE)
    assert len(commands) >= 4
    script = [
        command.replace('"..."', '"How much is a membership?"')
        for command in commands
        if not command.startswith(("motet serve", "motet gateway"))
    ]
    path = f"{MOTET.parent}:/usr/bin:/bin"
    done = subprocess.run(
        ["bash", "-euc", "\n".join(script)],
        cwd=tmp_path,
        env={"PATH": path, "HOME": str(Path.home())},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert "38 euros [1]" in done.stdout


def test_links_lead_somewhere() -> None:
    for page in PAGES:
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"
