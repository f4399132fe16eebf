"""The process that holds a model: reads asks from standard input, one after the other.

`python -m motet.models.llama.worker FILE CONTEXT`. Nothing else may write to its standard
output, so whatever llama.cpp prints goes to standard error. It ends when its input does.
"""

from __future__ import annotations

import json
import os
import queue
import sys
import threading
from collections.abc import Callable
from typing import TextIO

from motet.models.llama.asking import Ask
from motet.models.llama.generation import Generation, Model, TooLong

Waiting = queue.SimpleQueue[tuple[int, Ask]]


class _Line:
    """Takes in what is asked; tells which asks nobody waits for any more."""

    def __init__(self, source: TextIO) -> None:
        self.waiting: Waiting = queue.SimpleQueue()
        self._stopped: set[int] = set()
        self._source = source
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        for line in self._source:
            message = json.loads(line)
            if "stop" in message:
                self._stopped.add(message["id"])
            else:
                self.waiting.put((message["id"], message["ask"]))
        os._exit(0)  # whoever asked is gone; llama.cpp may be at work in the main thread

    def is_stopped(self, id: int) -> bool:
        """Whether nobody waits for an ask."""
        return id in self._stopped

    def forget(self, id: int) -> None:
        """Drop what is known of an ask that was answered."""
        self._stopped.discard(id)


def main() -> None:
    """Load the model and answer until the input ends."""
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)

    def tell(**message: object) -> None:
        out.write(json.dumps(message) + "\n")
        out.flush()

    line = _Line(os.fdopen(os.dup(0), encoding="utf-8"))
    try:
        model = Model(sys.argv[1], int(sys.argv[2]))
    except (ValueError, RuntimeError, OSError) as error:
        tell(id=0, error=str(error), code="load")
        return
    tell(id=0, end={"context": model.context})
    while True:
        id, ask = line.waiting.get()
        _answer(model, line, id, ask, tell)
        line.forget(id)


def _answer(model: Model, line: _Line, id: int, ask: Ask, tell: Callable[..., None]) -> None:
    generation = Generation(model, ask, lambda: line.is_stopped(id))
    try:
        for text in generation.texts():
            tell(id=id, text=text)
        tell(id=id, end=generation.end)
    except TooLong as error:
        tell(id=id, error=str(error), code="long")
    except (ValueError, RuntimeError) as error:
        tell(id=id, error=str(error), code="generate")


if __name__ == "__main__":
    main()
