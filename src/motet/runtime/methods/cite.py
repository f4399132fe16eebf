"""Checking citations and applying the guard's policy on answers without any."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import cast

from motet.core.answers import Draft
from motet.core.errors import MotetBug
from motet.core.json import JSON
from motet.runtime.context import Context, Outcome
from motet.runtime.methods.drafts import abstention, record
from motet.runtime.records import Usage


async def check(
    context: Context, inputs: Sequence[object], arguments: Mapping[str, JSON]
) -> Outcome:
    """Return the draft with its citations checked, or an abstention where one is required.

    Raises `MotetBug` when markers and citations disagree: the engine made both.
    """
    draft = cast(Draft, inputs[0])
    loose = [each.id for each in draft.citations if f"[{each.id}]" not in draft.marked]
    if loose:
        raise MotetBug(f"citations without a marker: {loose}", where="cite")
    policy = arguments["policy"]
    note = ""
    if policy == "none":
        draft = replace(draft, marked=draft.text, citations=())
    elif policy == "required" and not draft.citations and not draft.abstained:
        draft = abstention(context.question, draft.model, draft.confidence)
        note = "no statement could be cited, and the guard requires it"
    usage = Usage(rows=len(draft.citations), note=note)
    return Outcome(draft, usage, record(draft))
