"""One row of the ledger: one attempt at one upstream, or what was answered without any."""

from __future__ import annotations

from typing import Literal, NamedTuple

Status = Literal["done", "failed", "aborted", "refused", "cached"]


# A named tuple: it is made on the hot path, and its fields in their order are the row.
class Entry(NamedTuple):
    """What one attempt asked, used and cost.

    Attempts of one request share its `id` and are numbered from 1; 0 is what no upstream was
    asked for (a refusal, a cached answer). `started` is in epoch seconds, `first` the seconds
    to the first byte. `tenant` is the id of a key. `model` is what was asked for, `used` what
    answered. Token counts mean what they mean in `motet.core.chat.Usage`; `units` counts
    what is no token (images, seconds, characters) and `story` says what happened on the way,
    both as JSON text. `cost` is in pico-dollars, None where no price is known; `estimated`
    where it is not the upstream's own count.
    """

    id: str
    attempt: int
    started: float
    status: Status
    trace_id: str = ""
    seconds: float = 0.0
    first: float | None = None
    tenant: str = "local"
    team: str = ""
    user: str = ""
    system: str = ""
    run: str = ""
    node: str = ""
    endpoint: str = ""
    dialect: str = ""
    provider: str = ""
    model: str = ""
    used: str = ""
    upstream_id: str = ""
    stream: bool = False
    http: int = 0
    reason: str = ""
    input_tokens: int = 0
    output_tokens: int = 0
    cached_tokens: int = 0
    cache_write_tokens: int = 0
    reasoning_tokens: int = 0
    audio_input_tokens: int = 0
    audio_output_tokens: int = 0
    units: str = ""
    cost: int | None = None
    estimated: bool = False
    error: str = ""
    story: str = ""


COLUMNS = ", ".join(f'"{each}"' for each in Entry._fields)
