"""The declaration: what a system is, read, checked and written back."""

from motet.spec.load import FILE_NAME, declare, dump, find, load, parse
from motet.spec.problems import InvalidDeclaration, Problem
from motet.spec.references import SecretRef
from motet.spec.schema import schema
from motet.spec.starter import starter
from motet.spec.texts import suggest_name
from motet.spec.types import Declaration

__all__ = [
    "FILE_NAME",
    "Declaration",
    "InvalidDeclaration",
    "Problem",
    "SecretRef",
    "declare",
    "dump",
    "find",
    "load",
    "parse",
    "schema",
    "starter",
    "suggest_name",
]
