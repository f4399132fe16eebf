"""Tools of a declaration: loaded from files beside it, with errors that name the place."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from motet import spec
from motet.core.errors import DeclarationError
from motet.tools.toolbox import Toolbox

TOOLS = '''\
from math import sqrt


def price(company: str) -> float:
    """Return a price."""
    return len(company) / 2


def order(company: str) -> str:
    return "ordered"


def _hidden(x: int) -> int:
    return x
'''

Declare = Callable[..., Toolbox]


@pytest.fixture
def declare(tmp_path: Path) -> Declare:
    """Write files and a declaration of tools."""

    def declared(*tools: str, **files: str) -> Toolbox:
        for name, text in files.items():
            (tmp_path / f"{name}.py").write_text(text)
        lines = "\n".join(f"  - {tool}" for tool in tools)
        (tmp_path / "motet.yaml").write_text(f"system: s\ntools:\n{lines}\n")
        return Toolbox(spec.load(tmp_path))

    return declared


def test_a_declared_function_is_a_tool(declare: Declare) -> None:
    tools = declare("python: tools.py:price", tools=TOOLS).tools()
    assert list(tools) == ["price"]
    assert tools["price"].description == "Return a price."
    assert tools["price"].effect == "once"
    assert asyncio.run(tools["price"].call({"company": "AB"})) == 1.0


def test_the_declaration_says_how_it_is_called(declare: Declare) -> None:
    said = "{python: 'tools.py:price', as: quote, effect: read, timeout: 2s, concurrency: 3}"
    tool = declare(said, tools=TOOLS).tools()["quote"]
    assert (tool.effect, tool.timeout, tool.concurrency) == ("read", 2.0, 3)


def test_a_whole_file_gives_its_public_functions(tmp_path: Path) -> None:
    (tmp_path / "tools.py").write_text(TOOLS)
    whole = spec.types.Tool(python=spec.types.Code("tools.py"), effect="read")
    declaration = spec.types.Declaration("s", tools=(whole,), file=tmp_path / "motet.yaml")
    assert list(Toolbox(declaration).tools()) == ["price", "order"]


def test_nothing_is_loaded_before_it_is_needed(declare: Declare) -> None:
    box = declare("python: tools.py:price", tools="raise RuntimeError('loaded')\n")
    with pytest.raises(DeclarationError, match="RuntimeError: loaded"):
        box.tools()


@pytest.mark.parametrize(
    ("tool", "source", "words"),
    [
        ("python: tool.py:price", TOOLS, ["tool.py", "No such file", "did you mean tools.py?"]),
        ("python: tools.py:prise", TOOLS, ["no 'prise'", "there is: price", "tools[0]"]),
        ("python: tools.py:sqrt", TOOLS, ["no type"]),
        ("python: tools.py:price", "x = 1\ndef price(:\n", ["tools.py:2", "SyntaxError"]),
        ("python: tools.py:price", "x = 1\nx.y\n", ["tools.py:2", "AttributeError"]),
        ("python: tools.py:price", "import nothere\n", ["tools.py:1", "install nothere"]),
        ("python: tools.py:price", "import motet_helper\n", ["write `from . import motet_helper`"]),
        ("python: tools.py:price", "def price(a): ...\n", ["tools.py:1", "'a' of price"]),
        ("python: tools.py:price", "price = 3\n", ["price", "not a function"]),
        ("python: tools.py:price", "raise SystemExit(1)\n", ["tools.py:1", "SystemExit"]),
    ],
)
def test_mistakes_name_their_place(
    declare: Declare, tool: str, source: str, words: list[str]
) -> None:
    box = declare(tool, tools=source, motet_helper="")
    with pytest.raises(DeclarationError) as caught:
        box.tools()
    for each in words:
        assert each in str(caught.value)


def test_two_tools_of_one_name_are_refused(declare: Declare) -> None:
    box = declare("python: tools.py:price", "python: other.py:price", tools=TOOLS, other=TOOLS)
    with pytest.raises(DeclarationError, match=r"tools\[1\]: two tools are named 'price'"):
        box.tools()


def test_files_of_one_name_do_not_meet(declare: Declare, tmp_path: Path) -> None:
    ours = declare("python: tools.py:price", tools=TOOLS)
    other = tmp_path / "other"
    other.mkdir()
    (other / "tools.py").write_text(TOOLS.replace("len(company) / 2", "99.0"))
    (other / "motet.yaml").write_text("system: s\ntools:\n  - python: tools.py:price\n")
    theirs = Toolbox(spec.load(other))
    prices = [asyncio.run(box.tools()["price"].call({"company": "AB"})) for box in (ours, theirs)]
    assert prices == [1.0, 99.0]


def test_files_beside_it_are_imported_relatively(declare: Declare) -> None:
    source = "from .parts import rate\ndef price(company: str) -> float:\n    return rate()\n"
    parts = "def rate() -> float:\n    return 7.0\n"
    tool = declare("python: tools.py:price", tools=source, parts=parts).tools()["price"]
    assert asyncio.run(tool.call({"company": "A"})) == 7.0
