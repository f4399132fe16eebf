"""The code behind the operators, by the method name that physical plans carry."""

from collections.abc import Mapping

from motet.runtime.context import Method, Restore
from motet.runtime.methods.aggregate import aggregate, best, judge, vote
from motet.runtime.methods.cascade import cascade
from motet.runtime.methods.cite import check
from motet.runtime.methods.dag import dag
from motet.runtime.methods.drafts import restored
from motet.runtime.methods.extract import extract
from motet.runtime.methods.generate import generate
from motet.runtime.methods.quote import quote
from motet.runtime.methods.read import read
from motet.runtime.methods.recollect import (
    gather,
    gathered_again,
    recall,
    recalled_again,
    remember,
)
from motet.runtime.methods.retrieve import nothing, recalled, search
from motet.runtime.methods.turns import turns
from motet.runtime.methods.verdicts import verdict_from_record
from motet.runtime.methods.verify import answerable, ask, support
from motet.runtime.methods.written import written

METHODS: Mapping[str, Method] = {
    "retrieve.search": search,
    "retrieve.nothing": nothing,
    "recall.search": recall,
    "gather.merge": gather,
    "remember.write": remember,
    "answer.read": read,
    "answer.quote": quote,
    "answer.generate": generate,
    "answer.turns": turns,
    "answer.dag": dag,
    "answer.cascade": cascade,
    "answer.aggregate": aggregate,
    "aggregate.vote": vote,
    "aggregate.best": best,
    "aggregate.judge": judge,
    "extract.generate": extract,
    "verify.support": support,
    "verify.answerable": answerable,
    "verify.ask": ask,
    "cite.check": check,
    "operator.run": written,
}

RESTORE: Mapping[str, Restore] = {
    "retrieve.search": recalled,
    "retrieve.nothing": lambda context, record: (),
    "recall.search": recalled_again,
    "gather.merge": gathered_again,
    "remember.write": restored,
    "answer.read": restored,
    "answer.quote": restored,
    "answer.generate": restored,
    "answer.turns": restored,
    "answer.dag": restored,
    "answer.cascade": restored,
    "answer.aggregate": restored,
    "aggregate.vote": restored,
    "aggregate.best": restored,
    "aggregate.judge": restored,
    "extract.generate": restored,
    "verify.support": verdict_from_record,
    "verify.answerable": verdict_from_record,
    "verify.ask": verdict_from_record,
    "cite.check": restored,
    "operator.run": restored,
}
"""What turns a method's record back into its value, when a run is resumed."""

__all__ = ["METHODS", "RESTORE"]
