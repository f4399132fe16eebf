"""Money: exact in whole pico-dollars, shown to people."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from motet.core.money import MOST, PICO, dollars, pico, shown


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (0, "$0.00"),
        (PICO, "$1.00"),
        (1234 * PICO + PICO // 2, "$1,234.50"),
        (PICO // 10, "$0.100"),
        (12_345_678_901, "$0.0123"),
        (1_500_000, "$0.00000150"),
        (1, "$0.00000000000100"),
        (-PICO // 2, "-$0.500"),
        (PICO - 1, "$1.000"),
    ],
)
def test_amounts_are_shown(amount: int, text: str) -> None:
    assert shown(amount) == text


@pytest.mark.parametrize(
    ("usd", "amount"),
    [
        ("0.1", PICO // 10),
        (0.1, PICO // 10),
        (Decimal("1e-12"), 1),
        ("12.50", 125 * PICO // 10),
        (-1, -PICO),
    ],
)
def test_dollars_are_read_exactly(usd: str | float | Decimal, amount: int) -> None:
    assert pico(usd) == amount


@pytest.mark.parametrize("usd", ["", "much", "nan", "inf", "1e300", float("nan"), "9000001"])
def test_what_is_no_amount_is_said(usd: str | float) -> None:
    with pytest.raises(ValueError, match="not an amount of money"):
        pico(usd)


@given(st.integers(0, MOST))
def test_an_amount_comes_back_from_its_decimal(amount: int) -> None:
    assert pico(Decimal(amount) / PICO) == amount
    assert dollars(amount) == pytest.approx(amount / 1e12)
