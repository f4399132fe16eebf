"""A GGUF file behind the canonical chat request."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from importlib.util import find_spec
from pathlib import Path

from motet.core.chat import ChatEvent, ChatRequest, ChatResponse, Finished, TextDelta, Usage
from motet.core.errors import MotetError, ProviderError, SetupNeeded, UsageError
from motet.models.assembly import Assembly
from motet.models.llama.asking import End, ask
from motet.models.llama.process import Process

EXTRA = "llama"
_MAGIC = b"GGUF"


class LlamaChat:
    """Runs a GGUF file with llama-cpp-python, loaded when first asked.

    `context` is how many tokens it holds; without it what the model was trained with, at
    most 8192. Answers follow one another; closing a stream stops the model in the midst of
    a token. It takes text and JSON schemas, no tools.
    """

    def __init__(self, path: Path, *, name: str, context: int | None = None) -> None:
        self.name = name
        self._path = path
        self._process = Process(path, context or 0, name)

    def unavailable(self) -> str | None:
        """Return why it cannot answer now, None where nothing speaks against it."""
        try:
            self._check()
        except MotetError as error:
            return error.message
        return None

    async def stream(self, request: ChatRequest) -> AsyncGenerator[ChatEvent, None]:
        """Stream the answer; closing the generator stops the model.

        Raises `SetupNeeded` without the extra, `UsageError` for a missing file and for what
        the model cannot take, `ProviderError` where it fails.
        """
        self._check()
        asked = ask(request, self.name)
        async with aclosing(self._process.answer(asked)) as answer:
            async for each in answer:
                yield TextDelta(each) if isinstance(each, str) else self._finished(each)

    async def complete(self, request: ChatRequest) -> ChatResponse:
        """Return the whole answer. Raises as `stream` does."""
        assembly = Assembly()
        async with aclosing(self.stream(request)) as events:
            async for event in events:
                if (answer := assembly.feed(event)) is not None:
                    return answer
        raise ProviderError("the answer has no end", where=self.name)

    def close(self) -> None:
        """End the model's process and free its memory."""
        self._process.close()

    def _finished(self, end: End) -> Finished:
        return Finished(
            "stop" if end["reason"] == "stop" else "length",
            Usage(end["input_tokens"], end["output_tokens"]),
            model=self._path.name,
            detail="stop_sequence" if end["stop"] else "",
            stop=end["stop"],
        )

    def _check(self) -> None:
        if find_spec("llama_cpp") is None:
            raise SetupNeeded(
                "running a GGUF file needs llama-cpp-python",
                where=self.name,
                hint=f"pip install 'motet[{EXTRA}]', which builds it from source",
            )
        try:
            with self._path.open("rb") as file:
                magic = file.read(len(_MAGIC))
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise UsageError(f"cannot read {self._path}: {reason}", where=self.name) from error
        if magic != _MAGIC:
            raise UsageError(f"{self._path} is no GGUF file", where=self.name)
