"""The process that reads documents: `python -m motet.knowledge.worker`.

Documents are untrusted and their parsers native code. Here a crash, a hang or a memory
bomb costs one document. Frames on both pipes: 8 bytes of length, then a pickle; the
parent unpickles only the classes of `prepare`'s result.
"""

from __future__ import annotations

import os
import pickle
import resource
import signal
import struct
import sys
from typing import BinaryIO

from motet.core.errors import ExtractionError
from motet.knowledge.prepare import Prepared, prepare

MEMORY = 6 << 30
"""Bytes of address space a worker may take."""
HEADER = struct.Struct(">Q")


def main() -> None:
    """Answer jobs (data, name, seconds) until the input ends."""
    jobs, answers = _pipes()
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    while header := jobs.read(HEADER.size):
        data, name, seconds = pickle.loads(jobs.read(HEADER.unpack(header)[0]))
        signal.alarm(seconds)  # ends this process should the parent no longer watch
        answer = pickle.dumps(_answer(data, name), protocol=5)
        signal.alarm(0)
        answers.write(HEADER.pack(len(answer)) + answer)
        answers.flush()


def _pipes() -> tuple[BinaryIO, BinaryIO]:
    """Keep the pipes to ourselves: whatever a library prints goes nowhere."""
    answers = os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    return sys.stdin.buffer, answers


def _answer(data: bytes, name: str) -> Prepared | str:
    try:
        return prepare(data, name)
    except ExtractionError as error:
        return error.message
    except MemoryError:
        return "reading it takes more memory than is allowed"
    except RecursionError:
        return "its structure is nested too deeply"


if __name__ == "__main__":
    main()
