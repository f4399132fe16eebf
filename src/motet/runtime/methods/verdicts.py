"""What a verifier says of a draft."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

from motet.core.json import JSON
from motet.runtime.context import Context, Outcome
from motet.runtime.records import Usage


@dataclass(frozen=True, slots=True)
class Verdict:
    """How good a draft looks, 0 to 1, whether that is enough, and why."""

    score: float
    passed: bool
    reason: str

    def outcome(self, usage: Usage | None = None) -> Outcome:
        """Return the verdict as a method gives it."""
        spent = usage or Usage()
        note = f"{'passed' if self.passed else 'failed'}: {self.reason}"
        record: JSON = {"score": self.score, "passed": self.passed, "reason": self.reason}
        return Outcome(
            self, Usage(spent.input_tokens, spent.output_tokens, spent.cost_usd, None, note), record
        )


def verdict_from_record(context: Context, record: JSON) -> object:
    """Return the verdict of a record."""
    return Verdict(**cast("dict[str, Any]", record))
