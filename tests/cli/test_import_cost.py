"""`import motet` and `motet version` stay light."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = "numpy onnxruntime aiohttp starlette yaml lxml uvicorn pydantic kreuzberg apsw".split()


@pytest.mark.parametrize("start", ["motet", "motet.cli"])
def test_nothing_heavy_is_imported(start: str) -> None:
    code = f"import sys, {start}; print([each for each in {HEAVY} if each in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_every_public_name_exists() -> None:
    import motet

    for name in motet.__all__:
        assert getattr(motet, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        motet.nothing  # noqa: B018
