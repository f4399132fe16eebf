"""A system whose model calls a tool that a person must allow, and a plan that asks one too."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from chat_scripts import Call, Messages, Reply, Tools
from chat_server import ChatServer
from motet_process import environment

TOOLS = '''
from pathlib import Path
import motet

@motet.operator(effect="once")
def pay(amount: int) -> str:
    """Pay an invoice."""
    with (Path(__file__).parent / "paid.txt").open("a") as file:
        file.write(f"{amount}\\n")
    return f"paid {amount}"
'''

FLOW = """
import sys
from dataclasses import dataclass
from pathlib import Path
import motet

@dataclass
class Quote:
    company: str
    price: float

@motet.operator(effect="read")
async def quote(company: str) -> Quote:
    with (Path(__file__).parent / "asked.txt").open("a") as file:
        file.write(f"{company}\\n")
    return Quote(company, 1.5)

@motet.operator(effect="once")
def order(quote: Quote) -> str:
    return f"ordered from {quote.company} for {quote.price}"

def main() -> None:
    plan = motet.Plan("order")
    allowed = plan.add(motet.approve, plan.add(quote, "Acme"), "Order this?")
    run = motet.run(plan, want=plan.add(order, allowed), wait="wait" in sys.argv)
    print(run.id, run.status, run.value)

if __name__ == "__main__":
    main()
"""


def pays(messages: Messages, tools: Tools) -> Reply | str:
    """Call `pay` for each amount in the question, then say what came of it."""
    results = [each["content"] for each in messages if each.get("role") == "tool"]
    if results:
        return f"Outcome: {'; '.join(results)}"
    question = str(messages[-1]["content"])
    amounts = [word for word in question.split() if word.isdigit()]
    if not amounts:
        return "There is nothing to pay."
    return Reply(calls=tuple(Call("pay", f'{{"amount": {each}}}') for each in amounts))


def payer(folder: Path, server: ChatServer, script: Callable[..., Reply | str] = pays) -> Path:
    """Write the system `payer` and the script `flow.py` to a folder; return it."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "tools.py").write_text(TOOLS)
    (folder / "flow.py").write_text(FLOW)
    (folder / "motet.yaml").write_text(
        "system: payer\n"
        "tools: [{python: tools.py:pay}]\n"
        "guard: {approve: [pay]}\n"
        "models:\n"
        f"  - {{use: openai/{server.add_script(script)}, base_url: '{server.base_url}', as: m}}\n"
    )
    return folder


def paid(folder: Path) -> list[str]:
    """Return the amounts that were paid."""
    file = folder / "paid.txt"
    return file.read_text().split() if file.exists() else []


def start_flow(folder: Path, *words: str) -> str:
    """Run the plan until it ends or pauses; return its run's id."""
    done = subprocess.run(
        [sys.executable, "flow.py", *words],
        cwd=folder,
        env=environment(PATH=os.environ["PATH"]),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return done.stdout.split()[0]
