"""What graph-builder does: propose a schema, build what a person approved, answer along paths."""

from __future__ import annotations

import motet
from motet.core.passages import Passage
from motet.core.text import sentences
from motet.knowledge.structure.build import Build
from motet.knowledge.structure.connections import Beginning, Connection, Connections, asked
from motet.knowledge.structure.proposals import Proposals

SILENCE = "NOT_IN_SOURCES"
READER = "expert/reader"
MOST = 3
"""Passages that an answer quotes."""


@motet.operator(effect="idempotent")
def propose() -> dict[str, object]:
    """Look through the tables and keep the plan that follows."""
    system = motet.System.running()
    proposal, _ = Proposals(system.store).propose()
    return {
        "hash": proposal.hash,
        "status": proposal.status,
        "labels": list(proposal.plan.labels),
        "relations": [
            {"from": source, "type": type, "to": target}
            for source, type, target in proposal.plan.relations
        ],
    }


@motet.operator(effect="idempotent")
def construct(hash: str, by: str) -> list[str]:
    """Put the approved plan in force, if the tables still have it, and build it."""
    system = motet.System.running()
    Proposals(system.store).approve(hash, by)
    report = Build(system.store).run()
    system.graph.settle()
    return report.built


@motet.workflow
def schema(question: str) -> dict[str, object]:
    """Return the schema that the tables have now."""
    return propose()


@motet.workflow
def build(question: str) -> dict[str, object]:
    """Propose, wait for a person, build: the approval is of the hash that they saw."""
    proposal = propose()
    allowed = motet.approve(proposal, "build this graph?")
    return {"hash": allowed["hash"], "built": construct(allowed["hash"], "the run's approver")}


@motet.workflow
def answer(question: str, passages: list[Passage]) -> str:
    """Answer along the best path to the kind of thing that the question asks for."""
    system = motet.System.running()
    connections = Connections(system.store)
    label = connections.label_of(question)
    found = connections.find(question, passages, label) if label is not None else []
    if not found:
        return read(question, passages)
    return told(question, passages, found[0])


def told(question: str, passages: list[Passage], found: Connection) -> str:
    """Say what was found and how: where paths to it begin, then the rows on the way."""
    system = motet.System.running()
    rows = [found.row, *(step.chunk for step in found.steps)]
    held = {each.chunk: each for each in system.passages([row for row in rows if row is not None])}
    given = {each.chunk: each for each in passages}
    lines = []
    if found.row in held:
        lines.append(f"{found.target.name} {cited(passages, held[found.row])}.")
    texts = [each for each in found.beginnings if given[each.chunk].kind != "row"]
    for number, begin in enumerate(texts[:MOST]):
        passage = given[begin.chunk]
        said = best(question, passage) if number else around(passage, begin)
        lines.append(f"“{said}” {cited(passages, passage)}")
    for step in found.steps:
        said = f"{step.source.name} ({step.source.key.upper()}): {step.type} {step.target.name}"
        lines.append(f"{said} {cited(passages, held[step.chunk])}." if step.chunk in held else said)
    return "\n".join(lines)


def around(passage: Passage, begin: Beginning) -> str:
    """Return the sentence of a passage in which a mention stands."""
    at = begin.start - passage.start
    spans = sentences(passage.text) or [(0, len(passage.text))]
    start, end = next((span for span in spans if span[0] <= at < span[1]), spans[0])
    return " ".join(passage.text[start:end].split())


def read(question: str, passages: list[Passage]) -> str:
    """Answer by reading alone, where no path leads to an answer."""
    answer = motet.System.running().ask(question, model=READER, ingest=False)
    if answer.abstained:
        return SILENCE
    text = answer.marked
    for number, each in reversed([*enumerate(answer.citations, 1)]):
        home = [p for p in passages if p.source == each.source and p.start <= each.start < p.end]
        text = text.replace(f"[{number}]", cited(passages, home[0]) if home else "")
    return text


def cited(passages: list[Passage], passage: Passage) -> str:
    """Return a passage's marker, giving it a number if it has none."""
    chunks = [each.chunk for each in passages]
    if passage.chunk not in chunks:
        passages.append(passage)
        chunks.append(passage.chunk)
    return f"[{chunks.index(passage.chunk) + 1}]"


def best(question: str, passage: Passage) -> str:
    """Return the first of the sentences that share most words with the question."""
    wanted = set(asked(question))
    spans = sentences(passage.text) or [(0, len(passage.text))]
    texts = [" ".join(passage.text[start:end].split()) for start, end in spans]
    return max(texts, key=lambda text: len(wanted & set(asked(text))))
