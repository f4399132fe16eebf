"""A growing conversation in Motet: steps that return all of it, or the new message only."""

from __future__ import annotations

from messages import Message, message

import motet


@motet.operator(effect="read")
async def rewrite(seed: int, known: list[Message]) -> list[Message]:
    """Return the conversation with one message more."""
    return [*known, message(seed, len(known))]


@motet.operator(effect="read")
async def add(seed: int, index: int) -> Message:
    """Return one message."""
    return message(seed, index)


@motet.workflow
async def conversation(seed: int, steps: int) -> list[Message]:
    """Rewrite the conversation at every step."""
    known: list[Message] = []
    for _ in range(steps):
        known = await rewrite(seed, known)
    return known


def rewritten(seed: int, steps: int) -> list[Message]:
    """Run a plan whose steps each take and return the whole conversation."""
    plan = motet.Plan()
    known = plan.add(rewrite, seed, [])
    for _ in range(steps - 1):
        known = plan.add(rewrite, seed, known)
    return motet.run(plan, want=known).result()


def looped(seed: int, steps: int) -> list[Message]:
    """Run the workflow, which returns the conversation once more."""
    plan = motet.Plan()
    return motet.run(plan, want=plan.add(conversation, seed, steps)).result()


def added(seed: int, steps: int) -> list[Message]:
    """Run a plan whose steps return the new message only."""
    plan = motet.Plan()
    messages = [plan.add(add, seed, index) for index in range(steps)]
    return motet.run(plan, want=messages).result()
