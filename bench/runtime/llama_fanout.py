"""A fan-out in LlamaIndex's workflows: an event for every item, collected at the end."""

from __future__ import annotations

from chains import advance
from workflows import Context, Workflow, step
from workflows.events import Event, StartEvent, StopEvent


class Item(Event):
    """What one task gets."""

    value: int
    index: int


class Done(Event):
    """What one task gives."""

    value: int


class SentFanOut(Workflow):
    """Send the events by hand and wait until as many came back."""

    @step
    async def send(self, context: Context, event: StartEvent) -> Item | None:
        """Send an event for every number."""
        await context.store.set("count", len(event.numbers))
        for index, value in enumerate(event.numbers):
            context.send_event(Item(value=value, index=index))
        return None

    @step
    async def work(self, event: Item) -> Done:
        """Do one task."""
        return Done(value=advance(event.value, event.index))

    @step
    async def collect(self, context: Context, event: Done) -> StopEvent | None:
        """Stop with the values once all are there."""
        count = await context.store.get("count")
        found = context.collect_events(event, [Done] * count)
        return StopEvent(result=[each.value for each in found]) if found else None


class ListedFanOut(Workflow):
    """Return a list of events and take one, with 64 tasks at once instead of the usual 4."""

    @step
    async def send(self, event: StartEvent) -> list[Item]:
        """Return an event for every number."""
        return [Item(value=value, index=index) for index, value in enumerate(event.numbers)]

    @step(num_workers=64)
    async def work(self, event: Item) -> Done:
        """Do one task."""
        return Done(value=advance(event.value, event.index))

    @step
    async def collect(self, events: list[Done]) -> StopEvent:
        """Stop with the values."""
        return StopEvent(result=[each.value for each in events])
