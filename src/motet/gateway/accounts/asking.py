"""What is asked of an account before a call, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass

from motet.gateway.accounts.meter import Meter


@dataclass(slots=True)
class Ask:
    """A call that is to be made.

    `bound` is the most it can cost in pico-dollars, None where no price is known; `tokens`
    the most it can take, input and output. `started` is in epoch seconds. `user`, `system`
    and `run` are for its row, should this process not live to write another.
    """

    id: str
    attempt: int
    model: str
    provider: str
    endpoint: str
    bound: int | None
    tokens: int
    started: float
    user: str = ""
    system: str = ""
    run: str = ""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a call must not be made. `retry_after` is in seconds, None where waiting is no help."""

    status: int
    code: str
    message: str
    retry_after: float | None = None


@dataclass(slots=True, eq=False)
class Hold:
    """What a call may use; to be settled, or released where the call was never made.

    `from_key` and `from_team` are what it holds of the leases of its key and its team.
    """

    ask: Ask
    minute: int
    key: Meter | None
    team: Meter | None
    from_key: int
    from_team: int
    ended: bool = False

    def give_back(self, key: int = 0, team: int = 0, tokens: int = 0) -> None:
        """Give back what is held but for what was used."""
        spare = max(0, self.ask.tokens - tokens)
        if self.key is not None:
            self.key.give_back(self.from_key - key, spare, self.minute)
        if self.team is not None:
            self.team.give_back(self.from_team - team, spare, self.minute)
