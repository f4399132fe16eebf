"""One peer builds its graph from a folder: run by `extraction.py` with the peers' Python.

    python extraction_peer.py lightrag|nano FOLDER WORKING URL

All documents but one go in one call, then the last one; calls of the model and CPU seconds of both
are printed. Both peers count tokens with an encoding that is fetched from the network; a
tokenizer of words stands in.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.request import urlopen

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Insert = Callable[[list[str]], Awaitable[object]]


class Words:
    """A tokenizer of words and what is between them."""

    def __init__(self) -> None:
        self._ids: dict[str, int] = {}
        self._words: list[str] = []

    def encode(self, text: str, **_: object) -> list[int]:
        ids = []
        for word in re.findall(r"\w+|\W", text):
            if word not in self._ids:
                self._ids[word] = len(self._words)
                self._words.append(word)
            ids.append(self._ids[word])
        return ids

    def encode_batch(self, texts: list[str], **_: object) -> list[list[int]]:
        return [self.encode(each) for each in texts]

    def decode(self, ids: list[int]) -> str:
        return "".join(self._words[each] for each in ids)

    def decode_batch(self, batch: list[list[int]]) -> list[str]:
        return [self.decode(each) for each in batch]


async def embed(texts: list[str], **_: object) -> NDArray[np.float32]:
    """Return the same vector for each text, at once."""
    import numpy as np

    return np.ones((len(texts), 64), np.float32)


async def lightrag(folder: str, url: str) -> Insert:
    """Return how LightRAG takes documents, all settings as they come."""
    from lightrag import LightRAG
    from lightrag.llm.openai import openai_complete_if_cache
    from lightrag.utils import EmbeddingFunc, Tokenizer

    async def ask(
        prompt: str,
        system_prompt: str | None = None,
        history_messages: list[dict[str, str]] | None = None,
        **_: object,
    ) -> str:
        return await openai_complete_if_cache(
            "stub", prompt, system_prompt, history_messages, base_url=url, api_key="none"
        )

    rag = LightRAG(
        working_dir=folder,
        llm_model_func=ask,
        embedding_func=EmbeddingFunc(embedding_dim=64, max_token_size=8192, func=embed),
        tokenizer=Tokenizer("words", Words()),
    )
    await rag.initialize_storages()
    return rag.ainsert


async def nano(folder: str, url: str) -> Insert:
    """Return how nano-graphrag takes documents, all settings as they come."""
    import tiktoken

    words = Words()
    tiktoken.encoding_for_model = lambda _: words  # type: ignore[assignment,return-value]
    os.environ.update(OPENAI_BASE_URL=url, OPENAI_API_KEY="none")
    from nano_graphrag import GraphRAG
    from nano_graphrag.base import EmbeddingFunc

    rag = GraphRAG(
        working_dir=folder,
        embedding_func=EmbeddingFunc(embedding_dim=64, max_token_size=8192, func=embed),
    )
    return rag.ainsert


def asked(url: str) -> int:
    """Return how often the model was asked so far."""
    with urlopen(f"{url}/calls") as reply:
        return int(reply.read())


async def build(peer: str, texts: list[str], working: str, url: str) -> None:
    """Insert all but one, then the last one; print calls and seconds of both."""
    insert = await {"lightrag": lightrag, "nano": nano}[peer](working, url)
    calls, seconds = [0], []
    for batch in (texts[:-1], texts[-1:]):
        began = time.process_time()
        await insert(batch)
        seconds.append(time.process_time() - began)
        calls.append(asked(url))
    print(json.dumps({"calls": [calls[1], calls[2] - calls[1]], "seconds": seconds}))


def main() -> None:
    """Read the folder and build."""
    peer, folder, working, url = sys.argv[1:]
    texts = [each.read_text() for each in sorted(Path(folder).glob("*.md"))]
    asyncio.run(build(peer, texts, working, url))


if __name__ == "__main__":
    main()
