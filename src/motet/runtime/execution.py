"""The scheduler of one run: a node starts the moment its inputs exist; no barriers."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import hashlib
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from motet.core.errors import BudgetSpent, MotetBug, PlanError, RunError
from motet.core.finishing import finished
from motet.core.json import dumps
from motet.core.running import CALLER
from motet.core.threads import THREADS
from motet.core.values import ValueTypeError, encode
from motet.planner.operator import Operator
from motet.planner.written import Call, Plan, references, resolved
from motet.runtime.attempts import GRACE, abandon
from motet.runtime.budget import Budget
from motet.runtime.carrying import Carrier, Recorded
from motet.runtime.hands import Hands
from motet.runtime.journal import Journal
from motet.runtime.node import Label, Node
from motet.runtime.people import People
from motet.runtime.records import FINAL, Span

AT_ONCE = 1000
"""Nodes of one run that run at once at most; the others wait, so that memory is bounded."""
DEEPEST = 200
"""How deep operators may call operators: more is a call without an end."""
LOOK_AFTER = 0.5
"""Seconds from which on a run looks whether a person wants it to end."""
_CHEAP = (str, int, float, bool, type(None))


class Execution(Carrier):
    """Runs the nodes of one run in this event loop.

    `recorded` are the spans of an earlier process: what is done there is not done again.
    Without a journal nothing is recorded. `hands` call functions elsewhere. After `run`,
    `error` says what failed, `paused` whether it waits for people.
    """

    def __init__(
        self,
        run: str,
        journal: Journal | None,
        *,
        recorded: Mapping[str, Span] | None = None,
        budget: Budget | None = None,
        wait_for_people: bool = False,
        hands: Hands | None = None,
    ) -> None:
        super().__init__(run, journal, recorded or {}, budget, hands)
        self.plan: Plan | None = None
        self.error: BaseException | None = None
        self.cancelled = False
        self.took = 0.0
        """Seconds that the run took in earlier processes."""
        self.people = People(self, wait=wait_for_people)
        self._recorded = recorded or {}
        self._ready: deque[Node] = deque()
        self._started = 0
        self._left = 0
        self._context = contextvars.Context()
        self._blocked: dict[str, list[Node]] = {}
        self._done: asyncio.Future[None] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._added = 0
        self._timers: list[asyncio.TimerHandle] = []
        self.labels: dict[str, Label] = {}
        self.decoders: dict[str, Callable[[str], object]] = {}

    async def run(self, calls: Iterable[Call]) -> None:
        """Run nodes, inputs first, and those they add, until all are done or one fails.

        Cancelling this call cancels every node; each is recorded.
        """
        self._loop = asyncio.get_running_loop()
        self._done = self._loop.create_future()
        self._context = contextvars.copy_context()
        self._left += 1  # the admitting itself: nothing ends before all are known
        if self.purse is not None and self.purse.budget.seconds is not None:
            limit = self.purse.budget.seconds
            spent = BudgetSpent(f"the budget of {limit:g} s is spent", where=self.id)
            left = max(0.0, limit - self.took)
            self._timers.append(self._loop.call_later(left, self.fail, spent))
        if self.journal is not None:
            self._timers.append(self._loop.call_later(LOOK_AFTER, self.people.look))
        for call in calls:
            self.admit(call)
        self._settled()
        try:
            if self.error is None:  # people may have ended it before it began
                await self._done
        except asyncio.CancelledError:
            self.error = self.error or RunError("cancelled")
            raise
        finally:
            for timer in self._timers:
                timer.cancel()
            await finished(self._stop())
            self.people.close()
            self._closed = True

    # Nodes

    def admit(self, call: Call) -> None:
        """Take a node in; it starts when what it needs is done."""
        if call.id in self.nodes:
            raise PlanError("the id is taken", where=call.id)
        span = self._recorded.get(call.id)
        node = self.nodes[call.id] = Node(call, self, span)
        node.label, node.decode = self.labels.get(call.id), self.decoders.get(call.id)
        if span is not None and span.call is not None:
            node.live = dumps(span.call)  # it has to be found again in the next process too
        self._left += 1
        if call.id in self._blocked:
            node.dependents.extend(self._blocked.pop(call.id))
        if span is not None and span.status == "done":
            node.status = "done"
            node.value = Recorded(span.text)
            self._settle(node)
            return
        for needed in call.needs:
            before = self.nodes.get(needed)
            if before is None or before.status != "done":
                node.missing += 1
                if before is None:
                    self._blocked.setdefault(needed, []).append(node)
                else:
                    before.dependents.append(node)
        if node.missing == 0:
            self._make_ready(node)

    def current(self) -> Node | None:
        """Return the node of this run that is running here, None outside of it."""
        caller = CALLER.get()
        return caller if isinstance(caller, Node) and caller.execution is self else None

    def add(
        self,
        operator: Operator[Any, Any],
        args: tuple[object, ...],
        kwargs: Mapping[str, object],
        needs: tuple[str, ...],
    ) -> str:
        """Take in a node that is added while the plan runs, from any thread; return its id."""
        assert self._loop is not None
        parent = self.current()
        name = operator.settings.id or operator.name
        if parent is None:
            self._added += 1
            node_id = f"added/{name}.{self._added}"
        else:
            node_id = parent.child_id(name, _key((list(args), needs), dict(kwargs)))
            parent.adds = True
        call = Call(node_id, operator, args, kwargs, needs, parent.id if parent else None)
        recorded = "" if self.journal is None else dumps(call.to_json())
        if _in_loop(self._loop):
            self._admit_live(call, recorded)
        else:
            self._loop.call_soon_threadsafe(self._admit_live, call, recorded)
        return node_id

    def _admit_live(self, call: Call, recorded: str) -> None:
        if self._over:
            return
        self.admit(call)
        node = self.nodes[call.id]
        node.live = recorded
        if node.status != "done":
            self.note(node)

    def _make_ready(self, node: Node) -> None:
        if self._started < AT_ONCE:
            self._start(node)
        else:
            self._ready.append(node)

    def _start(self, node: Node) -> None:
        if self._over:
            return
        self._started += 1
        self.people.busy()
        assert self._loop is not None
        # Not the context of the node that ended last: what it set is its own.
        context = self._context.copy()
        node.task = self._loop.create_task(self._top(node), context=context)

    @property
    def _over(self) -> bool:
        """Whether nothing starts any more."""
        return self.error is not None or self._done is None or self._done.done()

    async def _top(self, node: Node) -> None:
        """Run a node of the plan itself: its failure ends the run."""
        try:
            await self._execute(node)
        except asyncio.CancelledError:
            self.fail(RunError("its task was cancelled from within", where=node.id))
        except BaseException as error:
            self.fail(error)
            if not isinstance(error, Exception):
                raise
        finally:
            self.people.idle()
            self._leave()
        if node.status == "done":
            self._settle(node)

    def _leave(self) -> None:
        """Let another node have the place of one that ended, or waits for others."""
        self._started -= 1
        while self._ready and self._started < AT_ONCE and not self._over:
            self._start(self._ready.popleft())

    def _settle(self, node: Node) -> None:
        if node.waiters is not None:
            for waiter in node.waiters:
                if not waiter.done():
                    waiter.set_result(None)
        dependents, node.dependents = node.dependents, []
        for each in dependents:
            each.missing -= 1
            if each.missing == 0:
                self._make_ready(each)
        self._settled()

    def _settled(self) -> None:
        self._left -= 1
        if self._left == 0 and self._done is not None and not self._done.done():
            self._done.set_result(None)

    def fail(self, error: BaseException) -> None:
        """End the run with an error, the first one; nothing once it has ended."""
        if self._done is not None and self._done.done():
            return
        if self.error is None:
            self.error = error
        if self._done is not None:
            self._done.set_result(None)

    def cancel(self, reason: str) -> None:
        """End the run because somebody wants it to end."""
        if self._done is not None and self._done.done():
            return
        self.cancelled = True
        self.fail(RunError(f"cancelled: {reason}" if reason else "cancelled"))

    def give_up(self) -> None:
        """End the run because what is left of it waits for what never comes."""
        for missing, blocked in self._blocked.items():
            self.fail(PlanError(f"there is no node '{missing}'", where=blocked[0].id))
        left = [each.id for each in self.nodes.values() if each.status in ("running", "waiting")]
        self.fail(PlanError(f"these nodes wait for each other: {', '.join(left[:5])}"))

    def spans(self) -> list[Span]:
        """Return the nodes as spans: what there is to see of a run without a journal."""
        return [each.span() for each in self.nodes.values()]

    def pause(self) -> None:
        """End for now: what runs is given up and runs again when the run resumes."""
        if self._done is not None and not self._done.done():
            self.paused = True
            self._done.set_result(None)

    async def _stop(self) -> None:
        """Cancel what still runs, and wait for its end within reason."""
        tasks = [each.task for each in self.nodes.values() if each.task and not each.task.done()]
        for task in tasks:
            task.cancel()
        if tasks:
            _, stubborn = await asyncio.wait(tasks, timeout=GRACE)
            for task in stubborn:
                abandon(task)
            for node in self.nodes.values():
                if node.task in stubborn:
                    self._ended(node, "cancelled", "it ignored its cancellation")

    async def _promised(self, value: Any) -> Any:
        """Wait for the nodes that a value refers to, and return it with theirs."""
        await asyncio.sleep(0)  # what a thread added is admitted by now
        waiting: list[asyncio.Future[None]] = []
        for node in [self.nodes[each] for each in references(value)]:
            if node.status != "done":
                if node.waiters is None:
                    node.waiters = []
                waiting.append(asyncio.get_running_loop().create_future())
                node.waiters.append(waiting[-1])
        if waiting:
            self.people.idle()
            self._leave()
            try:
                await asyncio.gather(*waiting)
            finally:
                self._started += 1
                self.people.busy()
        return resolved(value, self.value_of)

    # Children

    def child(
        self,
        parent: Node,
        operator: Operator[Any, Any],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
    ) -> object:
        """Run an operator as a child node: an awaitable on the loop, its value elsewhere."""
        assert self._loop is not None
        if _in_loop(self._loop):
            return self.spawn(parent, self._child_call(parent, operator, args, kwargs))

        async def there() -> object:
            call = self._child_call(parent, operator, args, kwargs)
            return await self.spawn(parent, call)

        with THREADS.waiting():
            return asyncio.run_coroutine_threadsafe(there(), self._loop).result()

    def _child_call(
        self,
        parent: Node,
        operator: Operator[Any, Any],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
    ) -> Call:
        node_id = parent.child_id(operator.settings.id or operator.name, _key(args, kwargs))
        return Call(node_id, operator, args, kwargs, (), parent.id)

    def spawn(
        self,
        parent: Node,
        call: Call,
        label: Label | None = None,
        decoding: Callable[[str], object] | None = None,
    ) -> asyncio.Future[Any]:
        """Start a child node, or give what it gave before a crash."""
        assert self._loop is not None
        if self._over or parent.status in FINAL:
            over: asyncio.Future[Any] = self._loop.create_future()
            over.cancel()
            return over
        if call.id in self.nodes:
            raise MotetBug("the id of a child is taken", where=call.id)
        if call.operator.effect == "once":
            _check_once(parent, call)
        if call.id.count("/") > DEEPEST:
            raise RunError(f"operators call each other {DEEPEST} deep", where=call.id[:200])
        span = self._recorded.get(call.id)
        node = self.nodes[call.id] = Node(call, self, span)
        node.parent, node.label, node.decode = parent, label, decoding
        if span is not None and span.status == "done":
            node.status = "done"
            future: asyncio.Future[Any] = self._loop.create_future()
            try:
                node.value = self._decoded(node, span.text)
            except RunError as error:
                future.set_exception(error)
            else:
                future.set_result(node.value)
            return future
        if parent.children is None:
            parent.children = set()
        task = node.task = self._loop.create_task(self._execute(node))
        parent.children.add(task)
        if len(parent.children) > 1:
            self.people.busy()  # the parent's own turn went to its first child

        def ended(task: asyncio.Task[Any]) -> None:
            assert parent.children is not None
            parent.children.discard(task)
            if not task.cancelled():
                task.exception()  # its parent sees it, or has failed for another reason
            if parent.children:
                self.people.idle()
            if self.journal is not None:
                del self.nodes[call.id]  # nothing refers to it, and there may be very many

        task.add_done_callback(ended)
        return task


def _check_once(parent: Node | None, call: Call) -> None:
    """Raise `PlanError` where a call that happens once is made by what may be tried again."""
    while parent is not None:
        settings = parent.call_.operator.settings
        if settings.retries or settings.hedge is not None:
            raise PlanError(
                f"it happens once, and '{parent.id}' may be tried again",
                where=call.id,
                hint="drop the `retries` and `hedge` of what calls it",
            )
        parent = parent.parent


def _in_loop(loop: asyncio.AbstractEventLoop) -> bool:
    with contextlib.suppress(RuntimeError):
        return asyncio.get_running_loop() is loop
    return False


def _key(args: tuple[Any, ...], kwargs: dict[str, Any]) -> str:
    """Return what tells these arguments from others, empty where they cannot be written."""
    if len(args) == 1 and not kwargs and type(args[0]) in _CHEAP:
        text = repr(args[0])
    elif args or kwargs:
        try:
            text = encode([list(args), kwargs])
        except ValueTypeError:
            return ""
    else:
        return ""
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
