"""The code behind the operators, by the method name that physical plans carry."""

from collections.abc import Mapping

from motet.runtime.context import Method
from motet.runtime.methods.cite import check
from motet.runtime.methods.generate import generate
from motet.runtime.methods.quote import quote
from motet.runtime.methods.read import read
from motet.runtime.methods.retrieve import nothing, search

METHODS: Mapping[str, Method] = {
    "retrieve.search": search,
    "retrieve.nothing": nothing,
    "answer.read": read,
    "answer.quote": quote,
    "answer.generate": generate,
    "cite.check": check,
}

__all__ = ["METHODS"]
