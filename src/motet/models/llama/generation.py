"""Generating with llama-cpp-python: the chat template, sampling, text as it becomes whole.

Runs in the model's own process only.
"""

from __future__ import annotations

import codecs
import json
import random
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from motet.models.llama.asking import Ask, End

if TYPE_CHECKING:
    from llama_cpp import LlamaGrammar

USUAL_CONTEXT = 8192
"""Tokens of context where nothing is declared, or what the model was trained with if less."""
TEMPLATE = "tokenizer.chat_template"


class TooLong(ValueError):
    """The prompt does not fit into the context."""


class Model:
    """A loaded GGUF file. Raises ValueError where it cannot be used."""

    def __init__(self, path: str, context: int) -> None:
        import llama_cpp
        from llama_cpp.llama_chat_format import Jinja2ChatFormatter

        self._library = llama_cpp
        self.llama = llama_cpp.Llama(path, n_ctx=context or _fitting(path), verbose=False)
        self.context: int = self.llama.n_ctx()
        self.vocabulary = llama_cpp.llama_model_get_vocab(self.llama.model)
        template = self.llama.metadata.get(TEMPLATE)
        if template is None:
            raise ValueError("the file has no chat template")
        self._format = Jinja2ChatFormatter(
            template=template,
            eos_token=self._text(self.llama.token_eos()),
            bos_token=self._text(self.llama.token_bos()),
        )
        self._stopped: Callable[[], bool] = lambda: False
        self._abort = llama_cpp.ggml_abort_callback(lambda _: self._stopped())
        llama_cpp.llama_set_abort_callback(self.llama.ctx, self._abort, None)

    def watch(self, stopped: Callable[[], bool]) -> None:
        """Give up at once what is computed when `stopped` says so."""
        self._stopped = stopped

    def tokens(self, ask: Ask) -> tuple[list[int], list[str]]:
        """Return the prompt's tokens, and what of the template ends an answer."""
        formatted = self._format(messages=ask["messages"])
        begins = self._text(self.llama.token_bos())
        add = not (begins and formatted.prompt.startswith(begins))
        stop = formatted.stop
        ends = [stop] if isinstance(stop, str) else list(stop or ())
        return self.llama.tokenize(formatted.prompt.encode(), add_bos=add, special=True), ends

    def is_end(self, token: int) -> bool:
        """Whether a token ends the answer."""
        return bool(self._library.llama_vocab_is_eog(self.vocabulary, token))

    def grammar(self, ask: Ask) -> LlamaGrammar | None:
        """Return the grammar that keeps to the schema, None where there is none."""
        if "schema" not in ask:
            return None
        schema = json.dumps(ask["schema"])
        return self._library.LlamaGrammar.from_json_schema(schema, verbose=False)

    def _text(self, token: int) -> str:
        if token < 0:
            return ""
        found: bytes = self._library.llama_vocab_get_text(self.vocabulary, token)
        return found.decode("utf-8", "replace")


def _fitting(path: str) -> int:
    """Return how much context to take where nothing is declared."""
    import llama_cpp

    words = llama_cpp.Llama(path, vocab_only=True, verbose=False)
    try:
        kind = words.metadata.get("general.architecture", "")
        trained = int(words.metadata.get(f"{kind}.context_length", USUAL_CONTEXT))
    finally:
        words.close()
    return min(trained, USUAL_CONTEXT)


class Generation:
    """One answer. `end` says how it ended once all texts were taken."""

    def __init__(self, model: Model, ask: Ask, stopped: Callable[[], bool]) -> None:
        self._model = model
        self._ask = ask
        self._stopped = stopped
        self.end: End = {"reason": "stop", "stop": None, "input_tokens": 0, "output_tokens": 0}

    def texts(self) -> Iterator[str]:
        """Yield the answer's text as it becomes whole characters; ends when stopped.

        Raises `TooLong`, and ValueError or RuntimeError where llama.cpp fails.
        """
        prompt, ends = self._model.tokens(self._ask)
        room = self._model.context - len(prompt)
        self.end["input_tokens"] = len(prompt)
        if room < 1:
            context = self._model.context
            raise TooLong(f"the prompt has {len(prompt)} tokens, the context holds {context}")
        limit = min(room, self._ask.get("max_tokens", room))
        held = _Held([*self._ask["stop"], *ends])
        for piece in self._pieces(prompt, limit):
            yield from held.taken(piece)
            if held.met is not None:
                self.end["reason"] = "stop"
                self.end["stop"] = held.met if held.met in self._ask["stop"] else None
                return
        yield from held.rest()

    def _pieces(self, prompt: list[int], limit: int) -> Iterator[str]:
        decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        self.end["reason"] = "length"
        if limit < 1:
            return
        try:
            for token in self._sampled(prompt):
                if self._model.is_end(token):
                    self.end["reason"] = "stop"
                    break
                self.end["output_tokens"] += 1
                yield decode(self._model.llama.detokenize([token]))
                if self.end["output_tokens"] >= limit or self._stopped():
                    break
        except RuntimeError:
            if not self._stopped():
                raise
        yield decode(b"", True)

    def _sampled(self, prompt: list[int]) -> Iterator[int]:
        llama = self._model.llama
        self._model.watch(self._stopped)
        # Drawn anew for each answer: llama-cpp-python would go on with the last seed.
        llama.set_seed(self._ask.get("seed", random.getrandbits(31)))
        yield from llama.generate(
            prompt, grammar=self._model.grammar(self._ask), **self._ask["sampling"]
        )


class _Held:
    """Holds text back while it may be the beginning of a stop sequence."""

    def __init__(self, stops: list[str]) -> None:
        self._stops = [each for each in stops if each]
        self._text = ""
        self.met: str | None = None

    def taken(self, piece: str) -> Iterator[str]:
        """Take more text; yield what cannot belong to a stop sequence. `met` is the one met."""
        self._text += piece
        found = [(self._text.find(each), each) for each in self._stops if each in self._text]
        if found:
            place, self.met = min(found)
            keep, self._text = place, self._text[:place]
        else:
            keep = len(self._text) - self._overlap()
        if keep:
            yield self._text[:keep]
            self._text = self._text[keep:]

    def rest(self) -> Iterator[str]:
        """Yield what was held back."""
        if self._text:
            yield self._text

    def _overlap(self) -> int:
        """Return how many characters at the end may begin a stop sequence."""
        longest = max((len(each) - 1 for each in self._stops), default=0)
        for size in range(min(longest, len(self._text)), 0, -1):
            if any(each.startswith(self._text[-size:]) for each in self._stops):
                return size
        return 0
