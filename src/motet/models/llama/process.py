"""Our side of a model's process: started when first asked, shared by all who ask."""

from __future__ import annotations

import asyncio
import contextlib
import json
import subprocess
import sys
import threading
import weakref
from collections.abc import AsyncGenerator, Mapping
from itertools import count
from pathlib import Path
from typing import Any

from motet.core.errors import ProviderError, UsageError
from motet.models.llama.asking import Ask, End

Message = Mapping[str, Any]
_ENDED: Message = {"ended": True}


class _Listener:
    """Who waits for an answer of a process: a queue of an event loop."""

    def __init__(self, popen: subprocess.Popen[str]) -> None:
        self.popen = popen
        self._loop = asyncio.get_running_loop()
        self.queue: asyncio.Queue[Message] = asyncio.Queue()

    def hear(self, message: Message) -> None:
        """Put a message into the queue, from any thread; nobody may listen any more."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self.queue.put_nowait, message)


class Process:
    """A GGUF file in a process of its own. Safe to use from several threads and loops."""

    def __init__(self, path: Path, context: int, where: str) -> None:
        self._words = [sys.executable, "-m", "motet.models.llama.worker", str(path), str(context)]
        self._where = where
        self._lock = threading.Lock()
        self._ids = count(1)
        self._popen: subprocess.Popen[str] | None = None
        self._listeners: dict[int, _Listener] = {}

    async def answer(self, ask: Ask) -> AsyncGenerator[str | End, None]:
        """Yield the answer's texts, then how it ended; closing it stops the model at once.

        Raises `ProviderError` where the file cannot be loaded or the model fails,
        `UsageError` for a prompt that is too long.
        """
        id, listener = self._begin(ask)
        ended = False
        try:
            while not ended:
                message = await listener.queue.get()
                ended = "text" not in message
                yield message["text"] if not ended else self._end(message)
        finally:
            self._forget(id, stop=not ended)

    def close(self) -> None:
        """End the process; whoever waits for an answer gets an error."""
        with self._lock:
            popen, self._popen = self._popen, None
        if popen is not None:
            _quit(popen)

    def _end(self, message: Message) -> End:
        if "end" in message:
            end: End = message["end"]
            return end
        if "error" not in message:
            raise ProviderError(
                "the model's process ended", where=self._where, hint="is there enough memory?"
            )
        error = str(message["error"])
        if message["code"] == "long":
            raise UsageError(error, where=self._where, hint="declare a larger `context`")
        if message["code"] == "load":
            hint = "is it a whole GGUF file of a chat model, and is there memory for it?"
            raise ProviderError(f"cannot load it: {error}", where=self._where, hint=hint)
        raise ProviderError(f"llama.cpp failed: {error}", where=self._where)

    def _begin(self, ask: Ask) -> tuple[int, _Listener]:
        with self._lock:
            popen = self._popen = self._popen or self._start()
            id, listener = next(self._ids), _Listener(popen)
            self._listeners[id] = listener
        _tell(popen, {"id": id, "ask": ask})
        return id, listener

    def _forget(self, id: int, *, stop: bool) -> None:
        with self._lock:
            listener = self._listeners.pop(id)
        if stop:
            _tell(listener.popen, {"id": id, "stop": True})

    def _start(self) -> subprocess.Popen[str]:
        popen = subprocess.Popen(
            self._words,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
        )
        weakref.finalize(self, _quit, popen)
        threading.Thread(
            target=_listen, args=(weakref.ref(self), popen), daemon=True, name=self._where
        ).start()
        return popen

    def hear(self, popen: subprocess.Popen[str], message: Message) -> None:
        """Give a message to who waits for it; one about the process itself goes to all."""
        id = message.get("id")
        with self._lock:
            ends = message is _ENDED or message.get("code") == "load"
            if ends and self._popen is popen:
                self._popen = None  # who asks next starts another
            if id:
                heard = [self._listeners[id]] if id in self._listeners else []
            else:
                heard = [each for each in self._listeners.values() if each.popen is popen]
        if not id and "end" in message:
            return  # the model is loaded
        for each in heard:
            each.hear(message)


def _listen(process: weakref.ref[Process], popen: subprocess.Popen[str]) -> None:
    """Read what the model's process says until it ends."""
    assert popen.stdout is not None
    with popen.stdout as said:
        for line in said:
            if (owner := process()) is not None:
                owner.hear(popen, json.loads(line))
                del owner
    if (owner := process()) is not None:
        owner.hear(popen, _ENDED)


def _tell(popen: subprocess.Popen[str], message: Message) -> None:
    assert popen.stdin is not None
    with contextlib.suppress(BrokenPipeError, ValueError):  # that it ended is heard elsewhere
        popen.stdin.write(json.dumps(message) + "\n")
        popen.stdin.flush()


def _quit(popen: subprocess.Popen[str]) -> None:
    """Close the input, at which the process ends by itself, and wait for that."""
    assert popen.stdin is not None
    with contextlib.suppress(BrokenPipeError):  # it may have ended before us
        popen.stdin.close()
    try:
        popen.wait(5)
    except subprocess.TimeoutExpired:
        popen.kill()
        popen.wait()
