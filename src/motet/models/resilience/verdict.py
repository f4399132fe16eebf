"""Whose fault a failure is, and therefore what may help."""

from __future__ import annotations

import re
from enum import StrEnum

from motet.core.errors import ProviderError

_SPENT = re.compile(
    r"insufficient[ _](quota|balance|credit|funds)|exceeded your current quota"
    r"|credit balance is too low|billing",
    re.IGNORECASE,
)
_UNFIT = re.compile(
    # too long for the model's context: OpenAI and vLLM, Anthropic, Gemini, llama.cpp
    r"context[ _](length|window|size)|prompt is too long|token count.{0,40}exceeds"
    r"|too many (input )?tokens|input length"
    # something the model takes no input of, or no tools
    r"|(does|do|is|are)(n't| not) support|not supported (by|in|for|with) th(is|e) model"
    r"|only supported (by|in|with) certain models|unsupported (media|content|modality|input)",
    re.IGNORECASE | re.DOTALL,
)


class Verdict(StrEnum):
    """What a failure says about its provider and about asking again."""

    FAULT = "fault"
    """The provider failed: no connection, garbage, 5xx. Asking again may help."""
    SLOW = "slow"
    """A time limit passed. Another provider helps sooner than asking again."""
    BUSY = "busy"
    """The provider asks to wait (429)."""
    DENIED = "denied"
    """The key, the account or the model's name is wrong there (401, 402, 403, 404)."""
    UNFIT = "unfit"
    """This model cannot take the request (too long, a modality, tools); another may."""
    CALLER = "caller"
    """The request itself is wrong; nobody will take it."""

    @property
    def counts(self) -> bool:
        """Whether it counts against the provider's health."""
        return self in (Verdict.FAULT, Verdict.SLOW)

    @property
    def may_pass(self) -> bool:
        """Whether asking the same provider again can help."""
        return self in (Verdict.FAULT, Verdict.SLOW, Verdict.BUSY)


def verdict(error: ProviderError) -> Verdict:
    """Judge a failure by its HTTP status (RFC 9110, section 15), then by what was said.

    529 is Anthropic's "overloaded". Providers answer 429 also where an account has no money
    left, which no waiting cures.
    """
    status = error.status
    if status is None:
        return Verdict.SLOW if isinstance(error.__cause__, TimeoutError) else Verdict.FAULT
    if status == 429:
        return Verdict.DENIED if _SPENT.search(error.message) else Verdict.BUSY
    if status in (408, 504):
        return Verdict.SLOW
    if status in (409, 425):
        return Verdict.FAULT
    if status in (501, 505) or status < 400 or status in (401, 402, 403, 404, 405, 407, 410):
        return Verdict.DENIED
    if status >= 500:
        return Verdict.FAULT
    return Verdict.UNFIT if _UNFIT.search(error.message) else Verdict.CALLER
