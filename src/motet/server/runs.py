"""`/api/runs`: runs as people look at them, answer them and go on with them."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from motet.core.errors import PlanError, RunOwned, UsageError
from motet.core.json import JSON, dumps
from motet.gateway.denial import Denial
from motet.runtime.decisions import Decision, cancelled, decide, given
from motet.runtime.journal import Journal
from motet.runtime.overview import is_active, summary, title, whole
from motet.runtime.records import FINAL, Record
from motet.server.parameters import number
from motet.server.requests import read_object, served, systems
from motet.server.resumes import Resumes
from motet.system import System

STATUSES = ("running", "paused", "done", "failed", "cancelled")
_POLICY = re.compile(r'http-equiv="Content-Security-Policy" content="([^"]*)"')


@dataclass(frozen=True, slots=True)
class Found:
    """A run; `system` is None for that of a written plan."""

    journal: Journal
    record: Record
    system: System | None


async def list_runs(request: Request) -> Response:
    """List the latest runs of a system, or of all, and of written plans in their folders."""
    asked = request.query_params
    status = asked.get("status")
    if status is not None and status not in STATUSES:
        raise Denial(400, f"status must be one of {', '.join(STATUSES)}", param="status")
    chosen = [served(request, asked["system"])] if "system" in asked else _all(request)
    limit = max(1, min(200, number(request, "limit", 20)))
    found = await asyncio.to_thread(_listed, chosen, status, limit)
    return JSONResponse({"runs": found})


def _all(request: Request) -> Iterable[System]:
    return systems(request).values()


def _listed(chosen: Iterable[System], status: str | None, limit: int) -> list[JSON]:
    found: dict[str, tuple[Journal, Record]] = {}
    for system in chosen:
        journal = system.journal
        for name in (system.name, ""):  # the runs of written plans name no system
            for record in journal.recent(name, limit, status):
                found[record.id] = (journal, record)
    latest = sorted(found.values(), key=lambda each: each[1].started, reverse=True)
    return [summary(journal, record) for journal, record in latest[:limit]]


async def _found(request: Request) -> Found:
    """Return the run that the path names. Raises `Denial` 404."""
    found = await asyncio.to_thread(_find, _all(request), request.path_params["run"])
    if found is None:
        raise Denial(404, "no such run", param="run")
    return found


def _find(known: Iterable[System], run: str) -> Found | None:
    for system in known:
        if system.journal.has(run):
            record = system.journal.get(run)
            if record.kind == "plan":
                return Found(system.journal, record, None)
            if record.system == system.name:
                return Found(system.journal, record, system)
    return None


async def show_run(request: Request) -> Response:
    """Return a run with its plan, its spans and what it waits for."""
    found = await _found(request)
    # Written there too: a run may have very many nodes.
    return await asyncio.to_thread(lambda: JSONResponse(_shown(found)))


def _shown(found: Found) -> dict[str, JSON]:
    return {**whole(found.journal, found.record), "marked": _marked(found.record)}


def _marked(record: Record) -> JSON:
    """Return the text of a system's answer with its markers, None where there is none."""
    if record.kind != "system" or record.status != "done":
        return None
    output = record.physical().output
    value = next((span.value for span in record.nodes if span.node == output), None)
    return value.get("text") if isinstance(value, Mapping) else None


async def explain_run(request: Request) -> Response:
    """Return a run's plan with what happened beside it, also as text."""
    found = await _found(request)
    record = found.record

    def explained() -> Response:
        return JSONResponse({"run": record.id, "text": record.explained(), **_shown(found)})

    return await asyncio.to_thread(explained)


async def show_waterfall(request: Request) -> Response:
    """Return a run as a page of its own, with bars over time."""
    from motet.planner.waterfall import to_html

    record = (await _found(request)).record
    name = f"{title(record)} · {record.id}"
    html = await asyncio.to_thread(to_html, record.physical(), record.actual(), name)
    own = _POLICY.search(html)
    # The page brings its own style and script; whatever else were in it could do nothing.
    policy = f"{own[1] if own else 'default-src'}; frame-ancestors 'none'; sandbox allow-scripts"
    return HTMLResponse(html, headers={"content-security-policy": policy})


async def answer_run(request: Request) -> Response:
    """Take what a person decided, and go on with the run where nobody else does."""
    body = await read_object(request)
    found = await _found(request)
    node = body.get("node")
    if not isinstance(node, str):
        raise Denial(400, "node must name what is answered", param="node")
    decision = _decision(body)
    await asyncio.to_thread(decide, found.journal, found.record, node, decision)
    active = await asyncio.to_thread(is_active, found.journal, found.record)
    then: str | None = None
    if found.system is not None:
        _resumes(request).go_on(found.system, found.record.id)
    elif not active:
        then = f"motet runs resume {found.record.id} --operators FILE"
    shown = await asyncio.to_thread(summary, found.journal, found.record)
    return JSONResponse(
        {**shown, "node": node, "decision": decision.kind, "goes_on": then is None, "next": then}
    )


def _decision(body: Mapping[str, JSON]) -> Decision:
    approve, refuse, retry = body.get("approve"), body.get("refuse"), body.get("retry")
    for name, each in (("approve", approve), ("retry", retry)):
        if each not in (None, True, False):
            raise Denial(400, f"{name} must be true or false", param=name)
    if refuse is not None and not isinstance(refuse, str):
        raise Denial(400, "refuse must be the reason, a text", param="refuse")
    if bool(approve) + (refuse is not None) + bool(retry) != 1:
        raise Denial(400, "give one of approve, refuse and retry", param="approve")
    if "value" in body and not approve:
        raise Denial(400, "a value goes with approve", param="value")
    if refuse is not None:
        return Decision("refuse", reason=refuse)
    if retry:
        return Decision("retry")
    try:
        return Decision(
            "approve", given(dumps(body["value"]), "value") if "value" in body else None
        )
    except ValueError as error:
        raise Denial(400, f"this is no value: {error}", param="value") from error


def _resumes(request: Request) -> Resumes:
    found: Resumes = request.app.state.resumes
    return found


async def resume_run(request: Request) -> Response:
    """Go on with a run of a system, in the background."""
    found = await _found(request)
    run = found.record.id
    if found.system is None:
        hint = f"run its script again, or `motet runs resume {run} --operators FILE`"
        text = "a written plan goes on in a process that has its operators"
        raise PlanError(text, where=run, hint=hint)
    if found.record.status == "done":
        return JSONResponse(await asyncio.to_thread(summary, found.journal, found.record))
    if await asyncio.to_thread(is_active, found.journal, found.record):
        raise RunOwned("it is running already", where=run)
    _resumes(request).go_on(found.system, run)
    shown = await asyncio.to_thread(summary, found.journal, found.record)
    return JSONResponse(shown, 202)


async def cancel_run(request: Request) -> Response:
    """Cancel a run; `ended` says whether it is over, or its process is yet to notice."""
    body = await read_object(request)
    reason = body.get("reason", "")
    if not isinstance(reason, str):
        raise Denial(400, "reason must be a text", param="reason")
    found = await _found(request)
    if found.record.status in FINAL:
        raise UsageError(f"the run is {found.record.status} already", where=found.record.id)
    over = await asyncio.to_thread(cancelled, found.journal, found.record.id, reason)
    record = await asyncio.to_thread(found.journal.get, found.record.id)
    shown = await asyncio.to_thread(summary, found.journal, record)
    return JSONResponse({**shown, "ended": over}, 200 if over else 202)


async def show_export(request: Request) -> Response:
    """Tell how the export of finished runs to a collector goes."""
    export = request.app.state.export
    return JSONResponse({"export": export.state() if export is not None else None})
