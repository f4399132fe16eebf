"""A GGUF file without the extra that runs it."""

from __future__ import annotations

import asyncio
from importlib.util import find_spec
from pathlib import Path

import pytest

from motet.core.chat import ChatRequest, Message
from motet.core.errors import SetupNeeded
from motet.models.llama import LlamaChat


@pytest.mark.skipif(find_spec("llama_cpp") is not None, reason="the extra is installed")
def test_the_error_names_the_extra(tmp_path: Path) -> None:
    chat = LlamaChat(tmp_path / "model.gguf", name="llama/model.gguf")
    with pytest.raises(SetupNeeded, match=r"pip install 'motet\[llama\]'"):
        asyncio.run(chat.complete(ChatRequest((Message("user", "Hello"),))))
    assert chat.unavailable() == "running a GGUF file needs llama-cpp-python"
