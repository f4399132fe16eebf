"""The ways to carry out each node of a logical plan, with what each would take."""

from __future__ import annotations

from collections.abc import Iterator

from motet.core.json import JSON
from motet.planner.deep import aggregates, cascades
from motet.planner.making import ENGINE, Maker
from motet.planner.plan import Alternative, Node
from motet.planner.request import CHAT, Answerer
from motet.planner.toolcalls import with_tools

_ENGINE = {"cite": "cite.check", "gather": "gather.merge", "remember": "remember.write"}
"""The method of what the engine does itself, by operator."""


def alternatives_of(node: Node, maker: Maker) -> list[Alternative]:
    """Return every way to carry out a node, those that cannot run now with the reason."""
    if node.operator == "retrieve":
        return [
            maker.simple("retrieve.search", mode, {"mode": mode}, unavailable=why)
            for mode, why in maker.request.retrieval.items()
        ]
    if node.operator == "nothing":
        return [maker.simple("retrieve.nothing", "nothing")]
    if node.operator == "recall":
        return [maker.simple("recall.search", "memory")]
    if node.operator in _ENGINE:
        return [maker.simple(_ENGINE[node.operator], ENGINE)]
    if node.operator == "extract":
        return [*_written(maker), *(_extractor(maker, each) for each in maker.request.answerers)]
    if node.operator == "answer":
        return _answering(maker)
    return []


def _answering(maker: Maker) -> list[Alternative]:
    simple = [each for one in maker.request.answerers for each in _answerer(maker, one)]
    ready = [each for each in simple if each.unavailable is None]
    return [*_written(maker), *simple, *cascades(maker, ready), *aggregates(maker, ready)]


def _written(maker: Maker) -> list[Alternative]:
    """Return the operators that somebody wrote for this skill."""
    return [maker.simple("operator.run", name, {"model": name}) for name in maker.request.operators]


def _answerer(maker: Maker, each: Answerer) -> Iterator[Alternative]:
    request = maker.request
    unavailable = each.unavailable
    reads = request.has_knowledge or request.recalls
    if unavailable is None and not reads and each.method != CHAT:
        unavailable = "it reads documents, and this system has no knowledge"
    arguments: dict[str, JSON] = {"model": each.name}
    arguments |= {"note": each.note} if each.note else {}
    arguments |= {"limit": each.concurrency} if each.concurrency else {}
    alone = maker.simple(
        each.method, each.name, arguments, charge=each.charge, unavailable=unavailable
    )
    if each.method == CHAT and any(tool.unavailable is None for tool in request.tools):
        yield from with_tools(maker, alone)
    else:
        yield alone


def _extractor(maker: Maker, each: Answerer) -> Alternative:
    unavailable = each.unavailable
    if each.method != CHAT:
        unavailable = "it quotes documents and cannot write values of a type"
    return maker.simple(
        "extract.generate",
        each.name,
        {"model": each.name},
        charge=each.charge,
        unavailable=unavailable,
    )
