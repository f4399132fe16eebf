"""LightRAG for `deletion.py`: ingest a folder, ask, delete `target.txt` when told to.

    PYTHON deletion_peer.py FOLDER HOME default|cache

PYTHON has lightrag-hku installed. Its models are stubs: one repeats what it was sent and names
capitalised words as entities, the other gives random vectors by content. `cache` has LightRAG
delete the answers that it keeps of its model, too, which it does not by default.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from lightrag import LightRAG, QueryParam
from lightrag.utils import EmbeddingFunc, Tokenizer

LETTERS = frozenset("bcdfghjklmnpqrstvwxz")
"""What the random words of `deletion.py` are made of."""


class Characters:
    """Counts characters as tokens: the usual tokenizer is fetched from the network."""

    def encode(self, text: str) -> list[int]:
        """Return the code points."""
        return [ord(each) for each in text]

    def decode(self, tokens: list[int]) -> str:
        """Return the text of code points."""
        return "".join(map(chr, tokens))


async def embed(texts: list[str]) -> Any:  # noqa: ANN401
    """Return random vectors, equal for equal texts."""
    seeds = [int(hashlib.sha256(text.encode()).hexdigest()[:8], 16) for text in texts]
    rows = [np.random.default_rng(seed).normal(size=64) for seed in seeds]
    return np.array(rows, np.float32)


async def answer(prompt: str, system_prompt: str | None = None, **_: object) -> str:
    """Extract capitalised words where entities are asked for, else repeat."""
    sent = f"{system_prompt or ''} {prompt}"
    words = sent.split()
    if "<|COMPLETE|>" not in sent:
        return f"It says: {' '.join(words[-120:])}"
    named = [each for each in words if each[:1].isupper() and set(each.lower()) <= LETTERS][-6:]
    about = " ".join(words[-60:-20])
    lines = [f"entity<|#|>{name}<|#|>concept<|#|>{name} as in: {about}" for name in named]
    lines += [f"relation<|#|>{a}<|#|>{b}<|#|>near<|#|>{a} is near {b}" for a, b in pairwise(named)]
    return "\n".join([*lines, "<|COMPLETE|>"])


async def main(files: list[Path], home: str, how: str) -> None:
    """Do what the benchmark does, a line of output for each stage."""
    embedding = EmbeddingFunc(embedding_dim=64, max_token_size=8192, func=embed)
    tokenizer = Tokenizer("characters", Characters())
    rag = LightRAG(
        working_dir=home, llm_model_func=answer, embedding_func=embedding, tokenizer=tokenizer
    )
    await rag.initialize_storages()
    texts = [each.read_text() for each in files]
    await rag.ainsert(texts, ids=[e.name for e in files], file_paths=[str(e) for e in files])
    target = texts[[each.name for each in files].index("target.txt")]
    for start in (0, 200, 400):
        question = f"What of {target[start : start + 60]}?"
        await rag.aquery(question, param=QueryParam(mode="naive"))
    print(json.dumps("ready"), flush=True)
    sys.stdin.readline()
    await rag.adelete_by_doc_id("target.txt", delete_llm_cache=how == "cache")
    await rag.finalize_storages()
    print(json.dumps("deleted"), flush=True)


if __name__ == "__main__":
    asyncio.run(main(sorted(Path(sys.argv[1]).iterdir()), *sys.argv[2:]))
