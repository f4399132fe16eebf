"""The chain as a workflow of LlamaIndex: one step, which sends itself the next event."""

from __future__ import annotations

from chains import advance
from workflows import Workflow, step
from workflows.events import Event, StartEvent, StopEvent


class Link(Event):
    """A value on its way to the next step."""

    value: int
    index: int
    steps: int


class Chain(Workflow):
    """Start, then `steps` steps."""

    @step
    async def begin(self, event: StartEvent) -> Link:
        """Send the first event."""
        return Link(value=event.value, index=0, steps=event.steps)

    @step
    async def advance(self, event: Link) -> Link | StopEvent:
        """Compute one value."""
        value = advance(event.value, event.index)
        if event.index + 1 == event.steps:
            return StopEvent(result=value)
        return Link(value=value, index=event.index + 1, steps=event.steps)
