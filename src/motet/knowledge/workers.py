"""Reading documents in processes of their own, each watched and replaced when it dies."""

from __future__ import annotations

import io
import os
import pickle
import queue
import selectors
import signal
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass
from typing import IO, cast

from motet.core.clock import tick
from motet.core.errors import ExtractionError, MotetBug
from motet.core.ids import sha256
from motet.knowledge.discover import Found
from motet.knowledge.prepare import Prepared
from motet.knowledge.worker import HEADER

BASE_SECONDS = 60
"""Seconds one document may take, plus `SECONDS_PER_MB` for each megabyte."""
SECONDS_PER_MB = 4
MAX_BYTES = 512 << 20


@dataclass(frozen=True, slots=True)
class Reading:
    """A file that was read: `outcome` is None where its content is what is already known."""

    file: Found
    version: str
    size: int
    outcome: Prepared | ExtractionError | None


class Workers:
    """A few worker processes, started when they are first needed."""

    def __init__(self, count: int | None = None) -> None:
        self.count = count or max(1, min(4, len(os.sched_getaffinity(0))))
        self._all = [_Worker() for _ in range(self.count)]
        self._idle: queue.LifoQueue[_Worker] = queue.LifoQueue()
        for worker in self._all:
            self._idle.put(worker)

    def read(
        self, files: Sequence[Found], same: Callable[[Found, str], bool]
    ) -> Generator[Reading, None, None]:
        """Yield what each file holds or why not, as they finish.

        `same` tells from a file's SHA-256 whether it need not be read. At most a few files
        ahead of the consumer are held in memory.
        """
        waiting = iter(files)
        pool = ThreadPoolExecutor(self.count, thread_name_prefix="motet-read")
        try:
            running: set[Future[Reading]] = set()
            while True:
                for file in waiting:
                    running.add(pool.submit(self._one, file, same))
                    if len(running) >= 2 * self.count:
                        break
                if not running:
                    return
                done, running = wait(running, return_when=FIRST_COMPLETED)
                for future in done:
                    yield future.result()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)

    def close(self) -> None:
        """End the processes, also those that are reading."""
        for worker in self._all:
            worker.close()

    def _one(self, file: Found, same: Callable[[Found, str], bool]) -> Reading:
        if file.size > MAX_BYTES:
            return _unread(file, f"the file is larger than {MAX_BYTES >> 20} MB")
        try:
            if not stat.S_ISREG(file.path.stat().st_mode):
                return _unread(file, "it is no ordinary file")
            data = file.path.read_bytes()
        except OSError as failure:
            return _unread(file, f"the file cannot be read: {failure.strerror}")
        version = sha256(data)
        if same(file, version):
            return Reading(file, version, len(data), None)
        worker = self._idle.get()
        try:
            answer = worker.prepare(data, file.source.rpartition("/")[2])
        finally:
            self._idle.put(worker)
        if isinstance(answer, str):
            error = ExtractionError(answer, where=file.source)
            return Reading(file, version, len(data), error)
        return Reading(file, version, len(data), answer)


def _unread(file: Found, reason: str) -> Reading:
    return Reading(file, "", file.size, ExtractionError(reason, where=file.source))


class _Worker:
    """A process that one thread at a time gives documents to, and any thread may close."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._starting = threading.Lock()
        self._reading = threading.Lock()
        self._closed = False

    def prepare(self, data: bytes, name: str) -> Prepared | str:
        """Return what the document holds, or the reason why it cannot be read."""
        with self._reading:
            return self._prepare(data, name)

    def close(self) -> None:
        """End the process for good; a document it reads now is given up."""
        with self._starting:
            self._closed = True
            process = self._process
        if process is not None:
            process.kill()
        with self._reading:
            self._stop()

    def _prepare(self, data: bytes, name: str) -> Prepared | str:
        seconds = BASE_SECONDS + SECONDS_PER_MB * (len(data) >> 20)
        process = self._started()
        if process is None:
            return "reading was given up"
        assert process.stdin is not None and process.stdout is not None
        job = pickle.dumps((data, name, seconds + 5), protocol=5)
        try:
            process.stdin.write(HEADER.pack(len(job)) + job)
            process.stdin.flush()
            answer = _receive(process.stdout, tick() + seconds)
        except TimeoutError:
            self._stop()
            return f"reading it took more than {seconds} s"
        except (EOFError, BrokenPipeError, pickle.UnpicklingError):
            self._stop()
            return f"its reader ended unexpectedly ({_cause(process)}); the file may be damaged"
        if not isinstance(answer, Prepared | str):
            raise MotetBug(f"a reader answered {type(answer).__name__}", where=name)
        return answer

    def _stop(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            with suppress(BrokenPipeError):  # what was left unsent is of no use to the dead
                cast(IO[bytes], pipe).close()

    def _started(self) -> subprocess.Popen[bytes] | None:
        with self._starting:
            if self._closed:
                return None
            if self._process is None or self._process.poll() is not None:
                self._stop()
                self._process = subprocess.Popen(
                    # -P: what lies in the working folder is no module of ours.
                    [sys.executable, "-P", "-m", "motet.knowledge.worker"],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                )
            return self._process


def _receive(pipe: IO[bytes], deadline: float) -> object:
    size = HEADER.unpack(_exactly(pipe, HEADER.size, deadline))[0]
    return _Unpickler(io.BytesIO(_exactly(pipe, size, deadline))).load()


def _exactly(pipe: IO[bytes], size: int, deadline: float) -> bytes:
    """Read `size` bytes. Raises TimeoutError at the deadline, EOFError when the pipe ends."""
    parts = bytearray()
    with selectors.DefaultSelector() as selector:
        selector.register(pipe, selectors.EVENT_READ)
        while len(parts) < size:
            if not selector.select(max(0.0, deadline - tick())):
                raise TimeoutError
            got = os.read(pipe.fileno(), min(1 << 20, size - len(parts)))
            if not got:
                raise EOFError
            parts += got
    return bytes(parts)


class _Unpickler(pickle.Unpickler):
    """Accepts the classes of a result and nothing else: the sender read untrusted data."""

    _ALLOWED = frozenset(
        {
            ("motet.knowledge.prepare", "Prepared"),
            ("motet.knowledge.prepare", "PageWords"),
            ("motet.knowledge.chunks", "Chunk"),
            ("motet.core.passages", "Segment"),
            ("motet.core.documents", "Region"),
            ("motet.core.documents", "Table"),
            ("motet.core.documents", "Cell"),
        }
    )

    def find_class(self, module: str, name: str) -> object:
        if (module, name) not in self._ALLOWED:
            raise MotetBug(f"a reader sent {module}.{name}")
        return super().find_class(module, name)


def _cause(process: subprocess.Popen[bytes]) -> str:
    code = process.returncode
    if code is None or code >= 0:
        return f"exit {code}"
    try:
        return signal.Signals(-code).name
    except ValueError:
        return f"signal {-code}"
