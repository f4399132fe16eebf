"""A cheap answer first, kept where its check passes; a dear one otherwise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

from motet.core.answers import Draft
from motet.core.errors import MotetError
from motet.core.json import JSON
from motet.runtime.context import Context, Outcome
from motet.runtime.methods.drafts import record
from motet.runtime.methods.parts import ENDS_RUN, parts_by_id, quiet, run_part
from motet.runtime.methods.verdicts import Verdict
from motet.runtime.records import Usage


async def cascade(
    context: Context, inputs: Sequence[object], arguments: Mapping[str, JSON]
) -> Outcome:
    """Return the cheap part's draft, or the dear part's where the check does not pass.

    A cheap part or a check that fails is no answer: the dear one is asked.
    Raises what the dear part raises.
    """
    parts = parts_by_id(arguments)
    policy = {"policy": arguments["policy"]}
    silent = quiet(context)
    try:
        draft = cast(Draft, await run_part(silent, parts["cheap"], inputs, policy))
        verdict = cast(Verdict, await run_part(silent, parts["verify"], (draft, *inputs), policy))
    except ENDS_RUN:
        raise
    except MotetError as error:
        verdict = Verdict(0.0, False, error.message)
    if verdict.passed:
        note = f"kept {parts['cheap'].choice}: {verdict.reason}"
    else:
        draft = cast(Draft, await run_part(context, parts["dear"], inputs, policy))
        note = f"asked {parts['dear'].choice}: {verdict.reason}"
    return Outcome(draft, Usage(rows=len(draft.citations), note=note), record(draft))
