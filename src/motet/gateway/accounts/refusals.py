"""Refusals in words: what is left, and when there is more."""

from __future__ import annotations

from motet.core.clock import iso
from motet.core.money import shown
from motet.gateway.accounts.asking import Refusal
from motet.gateway.accounts.leases import MINUTE, Short
from motet.gateway.ledger.periods import Period, end


def unpriced(model: str, who: str) -> Refusal:
    """Return why a model without a price is not for whoever has a budget."""
    text = f"no price is known for {model}, and {who} has a budget: declare its `price`"
    return Refusal(403, "unpriced", text)


def refusal(
    short: Short, who: str, period: Period, bound: int, tokens: int, seconds: float
) -> Refusal:
    """Return why a call is refused that would cost up to `bound` and take up to `tokens`."""
    if short.what == "budget":
        return _over_budget(short, who, period, bound, seconds)
    wait = MINUTE - seconds % MINUTE
    if short.what == "requests":
        text = f"{who} may make {short.limit} requests per minute"
        return Refusal(429, "rate_limit_exceeded", _again(text, wait), wait)
    if tokens > short.limit:
        text = f"this may take {tokens} tokens, {who} may use {short.limit} per minute"
        return Refusal(429, "rate_limit_exceeded", text)
    text = f"{who} may use {short.limit} tokens per minute, this may take {tokens}"
    return Refusal(429, "rate_limit_exceeded", _again(text, wait), wait)


def _again(text: str, wait: float) -> str:
    return f"{text}; try again in {wait:.0f} s"


def _over_budget(short: Short, who: str, period: Period, bound: int, seconds: float) -> Refusal:
    per = "" if period == "total" else f" per {period}"
    held = short.own + short.others
    left = max(0, short.limit - short.used - held)
    text = f"{who} has {shown(left)} left of {shown(short.limit)}{per}"
    if held:
        text += f", {shown(held)} more is held for calls under way"
    text += f"; this may cost up to {shown(bound)}"
    over = end(period, seconds)
    if over is not None:
        text += f"; the budget begins anew at {iso(over)}"
    return Refusal(429, "insufficient_quota", text)
