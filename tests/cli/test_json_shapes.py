"""`docs/json.md` shows what the commands print: the same members of the same types."""

from __future__ import annotations

import json
import re
import shutil
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from chat_server import ChatServer
from motet_process import Served, motet
from paying import payer, start_flow

PAGE = Path(__file__).resolve().parents[2] / "docs" / "json.md"
QUESTION = "How much is a membership?"
ANYTHING = "…"


def documented() -> dict[str, Any]:
    """Return the example of each section by its heading."""
    sections = PAGE.read_text(encoding="utf-8").split("\n## ")[1:]
    found = {}
    for section in sections:
        heading, _, rest = section.partition("\n")
        [block] = re.findall(r"```json\n(.*?)```", rest, re.DOTALL)
        found[heading.strip("`").removeprefix("motet ")] = json.loads(block)
    return found


EXAMPLES = documented()


def check(got: Any, example: Any, where: str = "") -> None:
    """Check that two values have the same members and types; null and … stand for any."""
    if example == ANYTHING or example is None or got is None:
        return
    numbers = (int, float)
    same = type(got) is type(example) or (type(got) in numbers and type(example) in numbers)
    assert same, f"{where}: {type(got).__name__} where {type(example).__name__} is documented"
    if isinstance(example, dict):
        assert set(got) == set(example), where
        for name, value in example.items():
            check(got[name], value, f"{where}.{name}")
    if isinstance(example, list) and example:
        for place, each in enumerate(got):
            check(each, example[0], f"{where}[{place}]")


@pytest.fixture(scope="module")
def asked(workshop: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the workshop with a broken file; one question was asked there."""
    folder = Path(shutil.copytree(workshop, tmp_path_factory.mktemp("json") / "workshop"))
    (folder / "documents" / "broken.pdf").write_bytes(b"%PDF-1.4\nbroken")
    assert motet("ask", QUESTION, at=folder).code == 0
    return folder


@pytest.fixture
def paused(tmp_path: Path, chat_server: ChatServer) -> Path:
    """A system that asks people."""
    return payer(tmp_path / "payer", chat_server)


def test_every_command_is_documented() -> None:
    from motet.cli.main import COMMANDS

    words = {heading.split()[0] for heading in EXAMPLES}
    # `motet schema` prints a JSON Schema; docs/models.md has the shapes of the other two.
    assert set(COMMANDS) - words == {"schema", "models", "compare"}


@pytest.mark.parametrize(
    "words",
    [
        ["ask", QUESTION],
        ["search", "membership", "-k", "2"],
        ["knowledge", "list"],
        ["knowledge", "text", "documents/notice.txt"],
        ["trace", "list"],
        ["doctor"],
        ["version"],
        ["init", "another"],
        pytest.param(["setup"], marks=pytest.mark.encoder),
    ],
    ids=lambda words: " ".join(words[:2]),
)
def test_commands(asked: Path, words: list[str]) -> None:
    done = motet(*words, "--json", at=asked)
    heading = " ".join(words[:2]) if " ".join(words[:2]) in EXAMPLES else words[0]
    assert done.code == 0, done.err
    check(done.json, EXAMPLES[heading])


@pytest.mark.parametrize(
    "words",
    [
        ["entities", "--limit", "1"],
        ["entity", "laser cutter"],
        ["merges"],
        ["cypher", "MATCH (m:machine) RETURN m.name"],
        ["sql", "SELECT * FROM machines LIMIT 1"],
        ["lineage", "claim:1"],
        ["memory", "list"],
        ["schema", "propose"],
        ["backfill", "--dry-run"],
        ["index", "status"],
    ],
    ids=lambda words: words[0],
)
def test_knowledge(asked: Path, words: list[str]) -> None:
    done = motet("knowledge", *words, "--json", at=asked)
    [heading] = [
        each for each in EXAMPLES if f"{' '.join(('knowledge', *words))} ".startswith(f"{each} ")
    ]
    assert done.code == 0, done.err
    check(done.json, EXAMPLES[heading])


def test_ingest(shop: Path) -> None:
    (shop / "documents" / "broken.pdf").write_bytes(b"%PDF-1.4\nbroken")
    done = motet("ingest", "--json", at=shop).json
    assert done["added"]
    assert done["failed"]
    check(done, EXAMPLES["ingest"])


def test_explain(asked: Path) -> None:
    done = motet("explain", QUESTION, "--analyze", "--json", at=asked).json
    example = EXAMPLES["explain --analyze"]
    check(done, example)
    check(done["answer"], EXAMPLES["ask"])
    planned = motet("explain", QUESTION, "--json", at=asked).json
    assert set(planned) == set(example) - {"run", "answer"}
    [node, *_] = planned["plan"]["nodes"]
    assert set(node) == set(example["plan"]["nodes"][0]) - {"actual"}


def test_trace(asked: Path) -> None:
    answer = motet("ask", QUESTION, "--trace", "--json", at=asked).json
    shown = motet("trace", "show", answer["run"], "--json", at=asked).json
    check(shown, EXAMPLES["trace show"])
    check(shown["answer"], EXAMPLES["ask"])
    check(shown["plan"], EXAMPLES["explain --analyze"]["plan"])
    assert answer.pop("trace") == {k: v for k, v in shown.items() if k != "schema_version"}
    check(answer, EXAMPLES["ask"])
    spans = motet("trace", "show", answer["run"], "--otlp", at=asked).json["resourceSpans"]
    assert spans


def test_runs(paused: Path) -> None:
    asked = motet("ask", "Pay 7", "--json", at=paused)
    check(asked.json, EXAMPLES["A run that waits for a person"])
    run, flow = asked.json["run"], start_flow(paused)
    check(motet("runs", "list", "-s", ".", "--json", at=paused).json, EXAMPLES["runs list"])
    check(motet("runs", "show", run, "--json", at=paused).json, EXAMPLES["runs show"])
    for words, example in (
        (["answer", run, "--approve"], "runs answer"),
        (["cancel", run], "runs cancel"),
        (["answer", flow, "--approve"], "runs answer"),
        (["resume", flow, "--operators", "flow.py"], "runs resume"),
    ):
        done = motet("runs", *words, "--json", at=paused)
        assert done.code == 0, done.err
        check(done.json, EXAMPLES[example])


def test_runs_over_http(paused: Path) -> None:
    flow = start_flow(paused)
    with Served(paused) as server:

        def post(path: str, body: object) -> Any:
            request = urllib.request.Request(server.url + path, json.dumps(body).encode())
            try:
                with urllib.request.urlopen(request) as response:
                    return json.load(response)
            except urllib.error.HTTPError as error:
                with error:
                    return json.load(error)

        asked = {"model": "payer", "messages": [{"role": "user", "content": "Pay 7"}]}
        waits = post("/v1/chat/completions", asked)
        check(waits, EXAMPLES["A chat that waits for a person"])
        said = post(f"/api/runs/{flow}/answers", {"node": "approve", "approve": True})
        check(said, EXAMPLES["Runs over HTTP"])
        with urllib.request.urlopen(f"{server.url}/api/runs/{flow}") as response:
            shown = json.load(response)
        assert shown.pop("marked") is None
        check({"schema_version": 1, **shown}, EXAMPLES["runs show"])


def test_errors(asked: Path) -> None:
    done = motet("trace", "show", "run_0", "--json", at=asked)
    check(done.json, EXAMPLES["Errors"])


def test_over_http(talking: Callable[..., Path]) -> None:
    with Served(talking("quoting")) as server:
        check(server.announced, EXAMPLES["serve"])
        asked = {"model": "talk", "messages": [{"role": "user", "content": QUESTION}]}
        address = f"{server.url}/v1/chat/completions"
        request = urllib.request.Request(address, json.dumps(asked).encode())
        with urllib.request.urlopen(request) as response:
            check(json.load(response), EXAMPLES["Over the OpenAI API"])


def test_the_schema_is_json(tmp_path: Path) -> None:
    assert motet("schema", "--json", at=tmp_path).json["title"] == "Motet declaration"
