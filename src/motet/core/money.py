"""Money: whole pico-dollars (1e-12 USD), so that sums are exact and order does not matter."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

PICO = 10**12
"""Pico-dollars in a dollar."""
MOST = 9_000_000 * PICO
"""What an amount may be at most: stores keep 63 bits."""
_CENT = Decimal("0.01")


def dollars(pico: int) -> float:
    """Return an amount in dollars, as near as a float comes."""
    return pico / PICO


def pico(usd: str | float | Decimal) -> int:
    """Return dollars as pico-dollars, to the nearest. Raises ValueError for what is no amount."""
    try:
        value = Decimal(str(usd))
        if not value.is_finite() or abs(value) * PICO > MOST:
            raise ValueError(f"not an amount of money: {usd}")
    except InvalidOperation as error:
        raise ValueError(f"not an amount of money: {usd}") from error
    return int((value * PICO).to_integral_value())


def shown(pico: int) -> str:
    """Return an amount for people: cents from a dollar on, three digits that count below."""
    value = Decimal(abs(pico)) / PICO
    if value >= 1 or not value:
        text = f"{value.quantize(_CENT):,}"
    else:
        places = max(2, 2 - value.adjusted())
        text = f"{value:.{places}f}"
    return f"-${text}" if pico < 0 else f"${text}"
