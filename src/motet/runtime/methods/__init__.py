"""The code behind the operators, by the method name that physical plans carry."""

from collections.abc import Mapping

from motet.runtime.context import Method, Restore
from motet.runtime.methods.cite import check
from motet.runtime.methods.dag import dag
from motet.runtime.methods.drafts import restored
from motet.runtime.methods.generate import generate
from motet.runtime.methods.quote import quote
from motet.runtime.methods.read import read
from motet.runtime.methods.retrieve import nothing, recalled, search
from motet.runtime.methods.turns import turns

METHODS: Mapping[str, Method] = {
    "retrieve.search": search,
    "retrieve.nothing": nothing,
    "answer.read": read,
    "answer.quote": quote,
    "answer.generate": generate,
    "answer.turns": turns,
    "answer.dag": dag,
    "cite.check": check,
}

RESTORE: Mapping[str, Restore] = {
    "retrieve.search": recalled,
    "retrieve.nothing": lambda context, record: (),
    "answer.read": restored,
    "answer.quote": restored,
    "answer.generate": restored,
    "answer.turns": restored,
    "answer.dag": restored,
    "cite.check": restored,
}
"""What turns a method's record back into its value, when a run is resumed."""

__all__ = ["METHODS", "RESTORE"]
