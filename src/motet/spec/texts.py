"""The kinds of text a declaration holds: names, paths, addresses, commands, places in code."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from motet.core.json import JSON
from motet.spec.kinds import Secret, Text, or_environment, read_text
from motet.spec.nodes import Listing, Scalar, Value
from motet.spec.references import CREDENTIALS, escape
from motet.spec.sites import Site
from motet.spec.types import Code

NAME = "[A-Za-z0-9][A-Za-z0-9._-]{0,63}"
RESERVED = frozenset({"auto"})
TABLES = (".csv", ".tsv", ".xlsx", ".parquet", ".json", ".jsonl", ".ndjson")
DATABASES = (".db", ".sqlite", ".sqlite3")


def suggest_name(text: str) -> str | None:
    """Return the system name nearest to any text, or None when nothing is left of it."""
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", text.strip())
    name = re.sub(r"^[^A-Za-z0-9]+", "", name)[:64].rstrip("-.")
    return f"{name}-system" if name in RESERVED else name or None


def _name(text: str) -> str | None:
    return "a name other than auto, which chooses among systems" if text in RESERVED else None


def _path(text: str) -> str | None:
    if not text.strip() or "\n" in text:
        return "a path"
    return "a path, not an address" if "://" in text else None


def _table(text: str) -> str | None:
    if PurePosixPath(text).suffix.lower() in DATABASES:
        return "a table; for a database write database: instead of table:"
    if PurePosixPath(text).suffix.lower() not in TABLES:
        return f"a table: {', '.join(TABLES)}"
    return _path(text)


def _url(text: str) -> str | None:
    if CREDENTIALS.search(text):
        return "an address without a password"
    return None


def _pattern(text: str) -> str | None:
    rest = re.sub(r"\[!?[^\[\]]+\]", "", text)
    return "a pattern whose brackets close" if "[" in rest or "]" in rest else None


def _skill(text: str) -> str | None:
    return "another name than answer, which always exists" if text == "answer" else None


SYSTEM_NAME = Text(
    "a name of 1 to 64 letters, digits, . _ and -, beginning with a letter or digit",
    NAME,
    check=_name,
    near=suggest_name,
)
LABEL = Text("a name of 1 to 64 letters, digits, . _ and -", NAME, near=suggest_name)
SKILL_NAME = Text(
    "a skill's name: a letter, then letters, digits, _ and -",
    "[A-Za-z][A-Za-z0-9_-]{0,63}",
    check=_skill,
)
MODEL_NAME = Text("a model as provider/name", r"[A-Za-z0-9][A-Za-z0-9_.-]*/\S+")
PATH = Text("a path", check=_path)
TABLE_PATH = Text("the path of a table", check=_table)
URL = Text("an address: http://… or https://…", r"(?i:https?)://[^\s/?#]+\S*", check=_url)
DATABASE = Secret(
    "postgresql://… with ${NAME} for its password, ${NAME} for all of it, or a file: "
    f"{', '.join(DATABASES)}",
    pattern=r"postgres(ql)?://\S+|(?!\w+://).+\.(db|sqlite3?)|\$\{\w+\}",
)
KEY = Secret("${NAME}, never a secret in the file", sole=True)
GUARDED = Secret("text, with ${NAME} for secrets")
REGISTRY = Text(
    "a name in the registry, {command: …} or {url: …}",
    r"[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9._-]+)?",
)
TOOL_PATTERN = Text(
    "a pattern of tool names, such as *.write: letters, digits, _ . : / - * ? [ ]",
    r"[A-Za-z0-9_.:/*?\[\]!-]+",
    check=_pattern,
)
VARIABLE = Text("the name of a variable", "[A-Za-z_][A-Za-z0-9_]*")
HEADER = Text("the name of a header", "[A-Za-z0-9!#$%&'*+.^_`|~-]+")
OPERATOR = Text("the name of an operator", "[A-Za-z_][A-Za-z0-9_.]*")
WORD = Text("the name of an alternative", r"\S+")
ALTERNATIVE = Text("the name of an alternative", r"\S+(?: \S+)*")


@dataclass(frozen=True, slots=True)
class Command:
    """A command line, as one text or a list of words; never passed to a shell."""

    expected: str = "a command, as text or a list of words"

    def read(self, site: Site) -> tuple[str, ...]:
        """Read the words of the command."""
        if isinstance(site.node, Listing):
            words = tuple(
                read_text(site.item(index, node), "a word of the command")
                for index, node in enumerate(site.node.items)
            )
        else:
            try:
                words = tuple(shlex.split(read_text(site, self.expected)))
            except ValueError:
                raise site.wrong("a command whose quotes close") from None
        if not words or not words[0]:
            raise site.wrong(self.expected, "no words")
        return words

    def write(self, value: tuple[str, ...]) -> JSON:
        """Write the words as a list, or as text where that reads the same."""
        joined = " ".join(value)
        plain = all(re.fullmatch(r"[\w@%+=:,./-]+", word, re.ASCII) for word in value)
        return escape(joined) if plain else [escape(word) for word in value]

    def schema(self) -> dict[str, JSON]:
        """A string or an array of strings."""
        text: dict[str, JSON] = {"type": "string"}
        return {"anyOf": [text, {"type": "array", "items": text, "minItems": 1}]}


@dataclass(frozen=True, slots=True)
class CodePlace:
    """A place in Python code: `file.py:name`, where `whole` admits `file.py` alone."""

    whole: bool = False

    @property
    def expected(self) -> str:
        """How to write it."""
        return "file.py or file.py:name" if self.whole else "file.py:function"

    @property
    def _pattern(self) -> str:
        name = r":([A-Za-z_][\w.]*)"
        return rf"([^:\n]+\.py)(?:{name}){'?' if self.whole else ''}"

    def read(self, site: Site) -> Code:
        """Read the place."""
        if isinstance(site.node, Value) and isinstance(site.node.value, Code):
            site = replace(site, node=Scalar(escape(str(site.node.value))))
        text = read_text(site, self.expected)
        match = re.fullmatch(self._pattern, text)
        if match is None:
            raise site.wrong(self.expected)
        return Code(match[1], match[2])

    def write(self, value: Code) -> JSON:
        """Write the place."""
        return escape(str(value))

    def schema(self) -> dict[str, JSON]:
        """A string of the pattern."""
        return or_environment({"type": "string", "pattern": f"^{self._pattern}$"})
