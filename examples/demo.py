"""The demonstration behind `make demo`: the sample system, from documents to answers.

It runs the same commands that a person would type and checks what they say. Exit code 0
means that all of it worked.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
KITCHEN = HERE / "kitchen"
MOTET = Path(sys.executable).with_name("motet")

ANSWERED = (
    "How much oak must Nordholz order from Carpathia every year?",
    "餐桌多久上一次油？",
    "타른 아일랜드의 설치비는 얼마인가요?",
)
REFUSED = "What is the salary of the managing director?"


def main() -> int:
    """Run the demonstration; return its exit code."""
    show("ingest", "--progress")
    run("ingest", "--progress", stdout=None)
    for question in ANSWERED:
        show("ask", question)
        run("ask", question, stdout=None)
        check(question, abstained=False)
    show("ask", REFUSED)
    run("ask", REFUSED, stdout=None)
    check(REFUSED, abstained=True)
    show("explain", ANSWERED[0], "--analyze")
    run("explain", ANSWERED[0], "--analyze", stdout=None)
    print("\nIt works. Serve it as one model, and open the page in a browser:")
    print(f"  {relative(MOTET)} serve {relative(KITCHEN)}")
    return 0


def run(*arguments: str, stdout: int | None = subprocess.PIPE) -> str:
    """Run a command on the sample system; end here with its exit code when it fails."""
    command = [str(MOTET), *arguments, "-s", str(KITCHEN)]
    done = subprocess.run(command, stdout=stdout, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"demo: motet {arguments[0]} ended with exit code {done.returncode}")
    return done.stdout or ""


def check(question: str, *, abstained: bool) -> None:
    """Ask again as a machine would, and verify each citation against the stored text."""
    answer = json.loads(run("ask", question, "--json"))
    if answer["abstained"] is not abstained:
        sys.exit(f"demo: expected abstained={abstained} for {question!r}: {answer['answer']}")
    if not abstained and not answer["citations"]:
        sys.exit(f"demo: no citation for {question!r}")
    for cited in answer["citations"]:
        text = run("knowledge", "text", cited["source"], "--version", cited["version"], "--json")
        if json.loads(text)["text"][cited["start"] : cited["end"]] != cited["text"]:
            sys.exit(f"demo: the citation of {cited['source']} does not match its text")


def show(*arguments: str) -> None:
    """Print the command a person would type."""
    words = [f'"{each}"' if " " in each or not each.isascii() else each for each in arguments]
    print(f"\n$ motet {' '.join(words)}", flush=True)


def relative(path: Path) -> str:
    """Return a path as seen from the checkout."""
    return str(path.relative_to(HERE.parent)) if path.is_relative_to(HERE.parent) else str(path)


if __name__ == "__main__":
    sys.exit(main())
