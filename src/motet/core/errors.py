"""The one error tree, grouped by who must act.

A message says what happened, where, and what to do; the command line prints it as one
line and exits with `exit_code`, the HTTP API returns it in the provider's error shape.
"""

from __future__ import annotations


class MotetError(Exception):
    """Base of every error a user can meet.

    `where` is a place a person can go to (`file:line`, a declaration path, a tool name);
    `hint` says what to do next.
    """

    exit_code = 1
    code = "error"

    def __init__(self, message: str, *, where: str | None = None, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.where = where
        self.hint = hint

    def __str__(self) -> str:
        text = f"{self.where}: {self.message}" if self.where else self.message
        return f"{text} ({self.hint})" if self.hint else text


class UsageError(MotetError):
    """The caller used a command or an API wrongly."""

    exit_code = 2
    code = "usage"


class ContentPolicy(UsageError):
    """A guard stops what was asked or answered: it holds what the declaration lets nobody send."""

    code = "content_policy"


class PlanError(UsageError):
    """A plan that a person wrote cannot be run: a cycle, a missing input, types that differ."""

    code = "plan"


class DeclarationError(MotetError):
    """The author of the system must act: the declaration cannot be used as written."""

    exit_code = 2
    code = "declaration"


class ObjectiveError(DeclarationError):
    """A constraint of the objective cannot be met, as measurements say."""

    code = "objective"


class ProviderError(MotetError):
    """Something outside failed: a provider, a server, a tool.

    `status` is the HTTP status where there was one; `retry_after` is in seconds.
    """

    exit_code = 3
    code = "provider"

    def __init__(
        self,
        message: str,
        *,
        where: str | None = None,
        hint: str | None = None,
        status: int | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message, where=where, hint=hint)
        self.status = status
        self.retry_after = retry_after


class StoreError(MotetError):
    """The store is locked, damaged, full or of a version we cannot read."""

    exit_code = 3
    code = "store"


class SetupNeeded(MotetError):
    """A part that `motet setup` or an extra supplies is not installed."""

    exit_code = 3
    code = "setup"


class ExtractionError(MotetError):
    """A document cannot be read; the reason is shown beside the source."""

    code = "extraction"


class RunError(MotetError):
    """The run must end: a node failed, a budget or a time limit is spent, or it was cancelled."""

    code = "run"


class ApprovalNeeded(RunError):
    """A human must act before the run can go on."""

    code = "approval"


class Refused(RunError):
    """A person refused what was put before them; `reason` is in their words."""

    code = "refused"

    def __init__(self, reason: str, *, where: str | None = None) -> None:
        super().__init__(f"refused: {reason}" if reason else "refused", where=where)
        self.reason = reason


class BudgetSpent(RunError):
    """What the run may spend does not suffice for what comes next."""

    code = "budget"


class TimedOut(RunError):
    """An operator or a run took longer than it may."""

    code = "timeout"


class RunOwned(RunError):
    """Somebody is running the run already."""

    code = "owned"


class MotetBug(MotetError):
    """We must act: an invariant of our own was broken."""

    code = "bug"
