"""What tests of methods with several models share: a shop, and models that say what they must."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from chat_scripts import Messages, Reply, Tools, content_text
from chat_server import ChatServer

from motet.runtime.records import Record
from motet.system import System, load

QUESTION = "Who delivers the oak table?"
RIGHT = "Nordlicht delivers the oak table to Oslo."
DOCUMENTS = {
    "oak.md": f"# Oak\n\nThe oak table costs 480 euro. {RIGHT}\n",
    "pine.md": "# Pine\n\nThe pine shelf is soft. Fjord delivers the pine shelf to Bergen.\n",
    "parts.csv": "part,supplier\nhinge,Blum\n",
}
Script = Callable[[Messages, Tools], Reply | str]


class Shop:
    """Opens systems over the same documents; each model is a script on the simulator."""

    def __init__(self, folder: Path, server: ChatServer) -> None:
        self.folder = folder
        self.server = server
        self.systems: list[System] = []
        (folder / "docs").mkdir()
        for name, text in DOCUMENTS.items():
            (folder / "docs" / name).write_text(text)

    def open(self, rest: str = "", **models: Script | str) -> System:
        """Open a system whose models, by name, are scripts; `rest` is more of the declaration.

        The price of a model rises with its place.
        """
        lines = ["system: shop", "knowledge: [./docs]", rest, "models:"]
        for place, (name, script) in enumerate(models.items()):
            served = script if isinstance(script, str) else self.server.add_script(script)
            if served.startswith("expert/"):
                lines.append(f"  - {served}")
                continue
            lines.append(
                f"  - {{use: test/{served}, as: {name}, base_url: '{self.server.base_url}',"
                f" timeout: 5s, price: {{input: {10**place}, output: {10**place}}}}}"
            )
        path = self.folder / f"{len(self.systems)}.yaml"
        path.write_text("\n".join([*lines, ""]))
        self.systems.append(load(path))
        return self.systems[-1]

    def asked(self) -> list[dict[str, Any]]:
        """Return the bodies of the requests so far."""
        return [each.body for each in self.server.exchanges]


def shops(folder: Path, server: ChatServer) -> Iterator[Shop]:
    """Yield a shop and close its systems."""
    shop = Shop(folder, server)
    yield shop
    for system in shop.systems:
        system.close()


def citing(words: str) -> Script:
    """Return a script that says words, citing the source that holds most of them."""

    def script(messages: Messages, tools: Tools) -> Reply:
        return Reply(f"{words} [{number_of(content_text(messages[-1]), words)}]")

    return script


def number_of(prompt: str, words: str) -> str:
    """Return the number of the source in a prompt that shares most words with a text."""
    wanted = set(words.lower().split())
    lines = [line for line in prompt.splitlines() if re.match(r"\[\d+\]", line)]
    best = max(lines, key=lambda line: len(wanted & set(line.lower().split())))
    return best[1 : best.index("]")]


def saying(*replies: str) -> Script:
    """Return a script that says these things, one a request, the last one for ever."""
    left = list(replies)
    return lambda messages, tools: Reply(left.pop(0) if len(left) > 1 else left[0], formatted=False)


def last_run(system: System) -> Record:
    """Return the newest run with its nodes."""
    return system.journal.get(system.journal.recent(system.name, 1)[0].id)


def methods(record: Record) -> dict[str, str]:
    """Return the method of every node of a run, by its id."""
    return {span.node: span.method for span in record.nodes}
