"""The chain that every engine runs: each step turns the value of the one before into its own."""

from __future__ import annotations

from collections.abc import Callable

from usage import Meter

WARM_UP = 20


def advance(value: int, index: int) -> int:
    """Return the value of step `index`: no two steps or seeds share one."""
    return (value * 6364136223846793005 + index) % (1 << 61)


def expected(seed: int, steps: int) -> int:
    """Return what a chain of that many steps must end with."""
    value = seed
    for index in range(steps):
        value = advance(value, index)
    return value


def per_step(chain: Callable[[int, int], int], seed: int, steps: int) -> dict[str, float]:
    """Run `chain(seed, steps)` warm, check its result, and return the cost of a step."""
    chain(seed + 1_000_000, WARM_UP)
    with Meter() as used:
        value = chain(seed, steps)
    if value != expected(seed, steps):
        raise ValueError(f"the chain of seed {seed} ended with {value}")
    return used.each(steps)
