"""The ledger after a mixed load: what providers count, to the last digit, or a bound of it."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from gateway_shop import DIALECTS, Model, gateway, request, rows
from motet_process import motet
from provider_server import ProviderServer, Served

from motet.core.chat import Usage

REQUESTS = 400
"""Each so short that its answer is within what is booked for one of which nothing was seen."""
MANNERS = ("well", "well-5", "status-500", "busy-9", "dies-3", "stops-3", "errs-3", "stalls-3")
COUNTS = ("input_tokens", "output_tokens", "cached_tokens", "reasoning_tokens")


@pytest.fixture(scope="module")
def provider() -> Iterator[ProviderServer]:
    with ProviderServer() as server:
        yield server


def price(usage: Usage) -> int:
    """Return what a provider charges, in pico-dollars, at 3, 0.3 and 15 USD a million tokens."""
    fresh = usage.input_tokens - usage.cached_tokens
    return 3_000_000 * fresh + 300_000 * usage.cached_tokens + 15_000_000 * usage.output_tokens


def load(url: str, models: list[Model], seed: int) -> None:
    """Ask at random: any model in any dialect, streamed or not; some leave early."""
    chance = random.Random(seed)
    with httpx.Client(timeout=20) as http:
        for number in range(REQUESTS // 8):
            model = chance.choice(models)
            client = chance.choice((model.dialect, *DIALECTS))
            stream = chance.random() < 0.6
            text = f"Request {seed}-{number} " + "with words " * chance.randrange(5)
            path, body = request(client, model.name, text, stream=stream)
            leaves = chance.random() < 0.2 and "-" in model.manner
            try:
                with http.stream(
                    "POST", url + path, json=body, timeout=0.3 if leaves else 20
                ) as answer:
                    for piece in answer.iter_raw():
                        if leaves and piece and chance.random() < 0.5:
                            break
            except httpx.HTTPError:
                assert leaves or "dies" in model.manner or "stalls" in model.manner


@pytest.mark.parametrize("words", [(), ("--no-lane",)], ids=["lane", "ordinary"])
def test_the_ledger_is_what_providers_count(
    words: tuple[str, ...], tmp_path: Path, provider: ProviderServer
) -> None:
    provider.served.clear()
    models = [
        Model(f"{manner}.{dialect}", dialect, manner, ", timeout: 2s")
        for manner in MANNERS
        for dialect in DIALECTS
    ]
    fallbacks = ", ".join(f"'{each}.*': [well.openai]" for each in ("status-500", "busy-9"))
    how = f"{{retries: 1, fallback: {{{fallbacks}}}}}"
    with (
        gateway(tmp_path, provider, models, how, *words) as served,
        ThreadPoolExecutor(8) as pool,
    ):
        list(pool.map(lambda seed: load(served.url, models, seed), range(8)))
    found = rows(tmp_path)
    said = motet("spend", "check", "--json", at=tmp_path)
    assert said.code == 0, said.out
    counted = {(f"sim_{each.number}"): each for each in provider.served}
    assert len(found) >= len(provider.served)
    matched = dict[str, dict[str, Any]]()
    for row in found:
        upstream = counted.get(row["upstream_id"])
        if upstream is None:
            continue
        matched[row["upstream_id"]] = row
        if row["status"] == "done":
            check(row, upstream)
    # The client of a stand-in, or the gateway after its two seconds, may have left when the
    # provider had said all; `bounded` holds for these too.
    complete = {id for id, each in counted.items() if each.told and each.manner == "well"}
    done = {id for id, row in matched.items() if row["status"] == "done"}
    assert len(complete) > REQUESTS / 16
    assert len(complete - done) <= len(complete) / 20
    bounded(found, provider)


def check(row: dict[str, Any], upstream: Served) -> None:
    """Check a row whose provider told what it used."""
    assert row["estimated"] == 0
    for name in COUNTS:
        assert row[name] == getattr(upstream.usage, name), name
    assert row["cost"] == price(upstream.usage)


def bounded(found: list[dict[str, Any]], provider: ProviderServer) -> None:
    """Check that of no model less is booked than its provider can charge for."""
    booked: defaultdict[str, int] = defaultdict(int)
    charged: defaultdict[str, int] = defaultdict(int)
    for row in found:
        booked[row["used"]] += row["cost"]
    for each in provider.served:
        charged[each.model] += price(each.usage)
    for model, amount in charged.items():
        assert booked[model] >= amount, model
