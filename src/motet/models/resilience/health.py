"""What this process knows of its providers: who answers, how fast, who must be left alone."""

from __future__ import annotations

from collections.abc import Callable

from motet.core.clock import tick
from motet.core.errors import ProviderError
from motet.core.json import JSON
from motet.models.resilience.breaker import Breaker, BreakerRules
from motet.models.resilience.calls import CallHealth, CallOutcome
from motet.models.resilience.latency import Latency
from motet.models.resilience.verdict import Verdict, verdict

BARRED = 60.0
"""Seconds for which a provider that denied us is asked after all others."""
_BUSY = 1.0
_LONGEST_BUSY = 60.0


class _Record:
    """What is known of one target."""

    __slots__ = (
        "answers",
        "barred",
        "breaker",
        "busy",
        "busy_row",
        "calls",
        "error",
        "failures",
        "first",
        "seconds",
        "speed",
    )

    def __init__(self, rules: BreakerRules) -> None:
        self.breaker = Breaker(rules)
        self.first = Latency()
        self.seconds = Latency()
        self.speed = Latency()  # seconds a token
        self.calls = CallHealth()
        self.answers = 0
        self.failures: dict[Verdict, int] = dict.fromkeys(Verdict, 0)
        self.busy = 0.0
        self.busy_row = 0
        self.barred = 0.0
        self.error = ""


class Health:
    """The health of targets by name, for one process and to be used from its event loop.

    `clock` gives seconds and never jumps back. A call is noted in this order: `began`, then
    `answered` with its first event, then `succeeded`; or `failed`, or `abandoned` where it was
    given up by us, at any point.
    """

    def __init__(
        self, *, rules: BreakerRules | None = None, clock: Callable[[], float] = tick
    ) -> None:
        self.clock = clock
        self._rules = rules or BreakerRules()
        self._records: dict[str, _Record] = {}

    # Whom to ask

    def allows(self, name: str) -> bool:
        """Whether its breaker lets a call begin; asking changes nothing."""
        record = self._records.get(name)
        return record is None or record.breaker.allows(self.clock())

    def rests(self, name: str) -> float:
        """Return the seconds until its breaker allows a probe, 0 where it is not open."""
        record = self._records.get(name)
        return record.breaker.remaining(self.clock()) if record else 0.0

    def busy(self, name: str) -> float:
        """Return the seconds for which it asked to be left alone."""
        record = self._records.get(name)
        return max(record.busy - self.clock(), 0.0) if record and record.busy else 0.0

    def barred(self, name: str) -> bool:
        """Whether it denied us lately: a wrong key, an unknown model, no money."""
        record = self._records.get(name)
        return record is not None and record.barred > self.clock()

    def ready(self, name: str) -> bool:
        """Whether it may be asked at once: it is allowed, neither busy nor barred."""
        record = self._records.get(name)
        if record is None:
            return True
        now = self.clock()
        return record.breaker.allows(now) and record.busy <= now and record.barred <= now

    def first_seconds(self, name: str, share: float | None = None) -> float | None:
        """Return the seconds to its first event: the mean, or the quantile `share`.

        None where nothing, or too little for a quantile, was measured.
        """
        record = self._records.get(name)
        if record is None:
            return None
        return record.first.mean if share is None else record.first.quantile(share)

    def whole_seconds(self, name: str, share: float | None = None) -> float | None:
        """Return the seconds to the end of an answer, as `first_seconds` does."""
        record = self._records.get(name)
        if record is None:
            return None
        return record.seconds.mean if share is None else record.seconds.quantile(share)

    def token_seconds(self, name: str) -> float | None:
        """Return the mean seconds that one further token of output takes, None if unmeasured."""
        record = self._records.get(name)
        return record.speed.mean if record else None

    def call_failure_rate(self, name: str) -> float:
        """Return the expected share of its tool calls that are bad, with a prior of 2%."""
        record = self._records.get(name)
        return (record.calls if record else CallHealth()).failure_rate

    # What happened

    def began(self, name: str) -> None:
        """Note that a call begins."""
        self._record(name).breaker.begin(self.clock())

    def answered(self, name: str, first: float | None) -> None:
        """Note that the first event came after `first` seconds; None for a whole answer."""
        record = self._record(name)
        record.breaker.answered()
        if first is not None:
            record.first.add(first)
        record.busy_row = 0
        record.busy = record.barred = 0.0

    def succeeded(self, name: str, first: float, seconds: float, tokens: int) -> None:
        """Note the end of an answer of so many output tokens, `seconds` after the call began."""
        record = self._record(name)
        record.answers += 1
        record.breaker.succeed(self.clock())
        record.seconds.add(seconds)
        if tokens > 1 and seconds > first:
            record.speed.add((seconds - first) / (tokens - 1))

    def failed(self, name: str, error: ProviderError) -> None:
        """Note a failure; only those of the provider count for its breaker."""
        record, found = self._record(name), verdict(error)
        now = self.clock()
        record.failures[found] += 1
        if found not in (Verdict.CALLER, Verdict.UNFIT):
            record.error = str(error)
        if found.counts:
            record.breaker.fail(now)
        else:
            record.breaker.abandon()
        if found is Verdict.BUSY:
            wait = error.retry_after
            wait = _BUSY * 2.0 ** min(record.busy_row, 6) if wait is None else wait
            record.busy_row += 1
            record.busy = max(record.busy, now + min(wait, _LONGEST_BUSY))
        elif found is Verdict.DENIED:
            record.barred = now + BARRED
        elif found.counts and error.retry_after:
            record.busy = max(record.busy, now + min(error.retry_after, _LONGEST_BUSY))

    def abandoned(self, name: str) -> None:
        """Note that a call was given up by us: it says nothing about the provider."""
        self._record(name).breaker.abandon()

    def called(self, name: str, outcome: CallOutcome) -> None:
        """Note how a tool call that it wrote turned out."""
        self._record(name).calls.add(outcome)

    # For pages

    def snapshot(self) -> dict[str, JSON]:
        """Return all that is known, by name, in seconds and counts."""
        return {name: self._shown(name) for name in list(self._records)}

    def _shown(self, name: str) -> JSON:
        record = self._records[name]
        return {
            "state": record.breaker.state(self.clock()),
            "rests": round(self.rests(name), 3),
            "busy": round(self.busy(name), 3),
            "barred": self.barred(name),
            "answers": record.answers,
            "failures": {str(kind): count for kind, count in record.failures.items() if count},
            "first": _shown(record.first),
            "seconds": _shown(record.seconds),
            "tokens_per_second": round(1 / record.speed.mean, 2) if record.speed.mean else None,
            "tool_calls": {outcome: round(n, 1) for outcome, n in record.calls.counts.items() if n},
            "tool_call_failure_rate": round(record.calls.failure_rate, 4),
            "last_error": record.error or None,
        }

    def _record(self, name: str) -> _Record:
        record = self._records.get(name)
        if record is None:
            record = self._records[name] = _Record(self._rules)
        return record


def _shown(latency: Latency) -> dict[str, JSON]:
    values = {
        "mean": latency.mean,
        "p50": latency.quantile(0.5),
        "p95": latency.quantile(0.95),
    }
    shown: dict[str, JSON] = {"count": latency.count}
    return shown | {
        key: None if value is None else round(value, 4) for key, value in values.items()
    }
