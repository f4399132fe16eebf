"""One call at a time for what is not chat: reserved before, in the ledger after."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count

from motet.core.clock import now, tick
from motet.core.errors import MotetError, ProviderError
from motet.core.ids import new_id
from motet.core.json import dumps
from motet.gateway.accounts import Accounts, Ask, Entry, Hold, Refusal
from motet.gateway.bills import Bill, bill, bound
from motet.gateway.booking import counted
from motet.gateway.denial import Denial
from motet.gateway.ends import Ends
from motet.gateway.jobs import Caller
from motet.gateway.ledger.entry import Status
from motet.models.catalogue import Pricing
from motet.models.http import may_be_charged
from motet.models.modalities.exchange import Spent


@dataclass(frozen=True, slots=True)
class Order:
    """What a client asked for, whose calls share its id and are numbered."""

    endpoint: str
    model: str
    caller: Caller
    user: str = ""
    id: str = field(default_factory=lambda: new_id("req"))
    numbers: Iterator[int] = field(default_factory=lambda: count(1))


@dataclass(frozen=True, slots=True)
class Answering:
    """Who is called: the provider, what it calls the model, and the model's prices."""

    provider: str
    model: str
    pricing: Pricing | None


@dataclass(slots=True)
class Call:
    """A call under way; `first` are the seconds after which its answer began."""

    order: Order
    number: int
    answering: Answering
    most: Spent
    hold: Hold
    started: float
    began: float
    stream: bool
    lost: tuple[str, ...]
    first: float | None = None

    def heard(self) -> None:
        """Note that the answer begins."""
        if self.first is None:
            self.first = tick() - self.began


class Calls:
    """Reserves and books calls."""

    def __init__(self, accounts: Accounts, ends: Ends) -> None:
        self._accounts = accounts
        self._ends = ends

    async def begin(
        self,
        order: Order,
        answering: Answering,
        most: Spent,
        *,
        stream: bool = False,
        lost: tuple[str, ...] = (),
    ) -> Call:
        """Reserve what a call may use. Raises `Denial`."""
        usage = most.usage
        number, started = next(order.numbers), now()
        ask = Ask(
            id=order.id,
            attempt=number,
            model=order.model,
            provider=answering.provider,
            endpoint=order.endpoint,
            bound=bound(answering.pricing, most),
            tokens=0 if usage is None else usage.input_tokens + usage.output_tokens,
            started=started,
            user=order.user,
        )
        hold = await self._accounts.areserve(order.caller.tenant, ask)
        if isinstance(hold, Refusal):
            raise Denial(hold.status, hold.message, code=hold.code, retry_after=hold.retry_after)
        return Call(order, number, answering, most, hold, started, tick(), stream, lost)

    def done(self, call: Call, spent: Spent) -> Entry:
        """Book an answer."""
        return self._book(call, "done", bill(call.answering.pricing, spent, call.most), None)

    def failed(self, call: Call, error: MotetError, spent: Spent | None = None) -> None:
        """Book a failure; what reached the provider and was not refused may be charged."""
        charged = call.first is not None
        if isinstance(error, ProviderError) and not charged:
            charged = may_be_charged(error)
        found = bill(call.answering.pricing, spent or Spent(), call.most) if charged else Bill()
        self._book(call, "failed", found, error)

    def aborted(self, call: Call, spent: Spent | None = None) -> None:
        """Book what nobody waited for."""
        found = bill(call.answering.pricing, spent or Spent(), call.most)
        self._book(call, "aborted", found, None)

    def _book(self, call: Call, status: Status, found: Bill, error: MotetError | None) -> Entry:
        order, caller = call.order, call.order.caller
        refused = error.status if isinstance(error, ProviderError) else None
        entry = Entry(
            id=order.id,
            attempt=call.number,
            started=call.started,
            status=status,
            trace_id=caller.trace,
            seconds=tick() - call.began,
            first=call.first,
            tenant=caller.tenant.id,
            team=caller.tenant.team,
            user=order.user,
            endpoint=order.endpoint,
            provider=call.answering.provider,
            model=order.model,
            used=call.answering.model,
            stream=call.stream,
            http=200 if error is None else refused or 0,
            cost=found.cost,
            estimated=found.estimated,
            error="" if error is None else error.message,
            story=dumps({"lost": list(call.lost)}) if call.lost else "",
        )
        units = dumps(found.units) if found.units else ""
        entry = counted(entry, found.usage)._replace(units=units)
        self._accounts.settle(call.hold, entry)
        self._ends.tell(entry)
        return entry
