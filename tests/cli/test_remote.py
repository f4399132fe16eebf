"""`motet ask -s NAME`: a system that a server serves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from chat_server import ChatServer
from motet_process import Served, motet

QUESTION = "How much is a membership?"


@pytest.fixture(scope="module")
def server(workshop: Path) -> Iterator[Served]:
    with Served(workshop) as server:
        yield server


def test_the_same_object_as_at_home(server: Served, workshop: Path, tmp_path: Path) -> None:
    env = {"MOTET_SERVER": server.url}
    for question in (QUESTION, "Who painted the Mona Lisa?"):
        here = motet("ask", question, "--json", at=workshop).json
        there = motet("ask", question, "--json", "-s", "workshop", at=tmp_path, env=env).json
        for name in ("run", "latency_ms"):
            assert type(there.pop(name)) is type(here.pop(name))
        assert there == here
    assert list(tmp_path.iterdir()) == []


def test_the_same_text_as_at_home(server: Served, workshop: Path, tmp_path: Path) -> None:
    env = {"MOTET_SERVER": server.url + "/"}
    there = motet("ask", QUESTION, "-s", "workshop", at=tmp_path, env=env)
    assert there.out == motet("ask", QUESTION, at=workshop).out


def test_a_file_comes_before_a_served_name(server: Served, shop: Path) -> None:
    env = {"MOTET_SERVER": server.url}
    assert (
        motet("ask", "a", "--json", "-s", "shop", at=shop.parent, env=env).json["system"] == "shop"
    )


def test_a_name_it_does_not_serve(server: Served, tmp_path: Path) -> None:
    done = motet(
        "ask", QUESTION, "--json", "-s", "workshp", at=tmp_path, env={"MOTET_SERVER": server.url}
    )
    assert done.code == 2
    assert "nearest: workshop" in done.json["error"]["message"]


def test_no_server(tmp_path: Path) -> None:
    env = {"MOTET_SERVER": "http://127.0.0.1:1"}
    done = motet("ask", QUESTION, "--json", "-s", "workshop", at=tmp_path, env=env)
    assert (done.code, done.json["error"]["code"]) == (3, "provider")
    assert "start `motet serve`" in done.err
    assert len(done.err.splitlines()) == 1


@pytest.mark.parametrize("address", ["127.0.0.1:8400", "file:///etc", "nonsense", "http://"])
def test_an_address_that_is_none(tmp_path: Path, address: str) -> None:
    done = motet("ask", "a", "-s", "workshop", at=tmp_path, env={"MOTET_SERVER": address})
    assert done.code in (2, 3)
    assert done.err.startswith("motet: ")
    assert len(done.err.splitlines()) == 1
    assert "bug" not in done.err


def test_a_server_that_is_another(chat_server: ChatServer, tmp_path: Path) -> None:
    address = chat_server.base_url.removesuffix("/v1")
    done = motet("ask", "a", "-s", "echo", at=tmp_path, env={"MOTET_SERVER": address})
    assert (done.code, "this is no Motet server" in done.err) == (3, True)


def test_errors_of_the_system_come_through(talking: Callable[..., Path], tmp_path: Path) -> None:
    with Served(talking("failing")) as server:
        env = {"MOTET_SERVER": server.url}
        done = motet("ask", QUESTION, "--json", "-s", "talk", at=tmp_path, env=env)
    assert (done.code, done.json["error"]["code"]) == (3, "provider")
    assert "answered 500" in done.err


@pytest.mark.parametrize("option", ["--trace", "--model=a"])
def test_options_that_need_the_declaration(tmp_path: Path, option: str) -> None:
    assert motet("ask", "a", "-s", "workshop", option, at=tmp_path).code == 2
