"""Values from the environment: `${NAME}`, `${NAME:-default}`, and `$${` for a literal `${`."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from motet.core.errors import DeclarationError
from motet.spec.problems import shown

REFERENCE = re.compile(r"\$\$\{|\$\{(?P<inner>[^}]*)(?P<end>\}?)")
INNER = re.compile(r"(?P<name>[A-Za-z_][A-Za-z0-9_]*)(:-(?P<default>.*))?", re.DOTALL)
# What providers' keys look like; the file must hold none of them, wherever they stand.
SECRET = re.compile(
    r"\b(sk-[A-Za-z0-9_-]{16,}|gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|xox[abprs]-[\w-]{10,}"
    r"|AKIA[0-9A-Z]{16}|AIza[\w-]{30,}|hf_[A-Za-z0-9]{20,}|glpat-[\w-]{16,})"
)
CREDENTIALS = re.compile(r"^[a-z][a-z0-9+.-]*://[^/@\s:]*:(?P<password>[^/@\s]+)@", re.IGNORECASE)


class BadReference(ValueError):
    """A reference that is not written as `${NAME}` or `${NAME:-default}`, or is not set.

    `expected` and `got` complete the message.
    """

    def __init__(self, expected: str, got: str) -> None:
        super().__init__(f"expected {expected}, got {got}")
        self.expected = expected
        self.got = got


@dataclass(frozen=True, slots=True)
class Reference:
    """One `${NAME}` or `${NAME:-default}`."""

    name: str
    default: str | None

    def value(self, environ: Mapping[str, str]) -> str:
        """Look the value up; an empty variable counts as unset, as in a shell. Raises."""
        found = environ.get(self.name)
        if found or (found is not None and self.default is None):
            return found
        if self.default is None:
            raise BadReference(f"the environment variable {self.name} to be set", "no value")
        return self.default


def parts(text: str) -> Iterator[str | Reference]:
    """Split text into literal stretches and references. Raises `BadReference`."""
    last = 0
    for match in REFERENCE.finditer(text):
        yield text[last : match.start()]
        last = match.end()
        if match.group() == "$${":
            yield "${"
            continue
        inner = INNER.fullmatch(match.group("inner"))
        if inner is None or not match.group("end"):
            raise BadReference("${NAME} or ${NAME:-default}", shown(match.group()))
        yield Reference(inner.group("name"), inner.group("default"))
    yield text[last:]


def resolve(text: str, environ: Mapping[str, str]) -> str:
    """Replace every reference by its value. Raises `BadReference`."""
    return "".join(part if isinstance(part, str) else part.value(environ) for part in parts(text))


def has_reference(text: str) -> bool:
    """Whether text mentions the environment."""
    return any(match.group() != "$${" for match in REFERENCE.finditer(text))


def escape(text: str) -> str:
    """Write text so that `resolve` gives it back unchanged."""
    return text.replace("${", "$${")


def holds_secret(text: str) -> bool:
    """Whether text contains what looks like a key, or a URL with a literal password."""
    if SECRET.search(text):
        return True
    found = CREDENTIALS.search(text)
    return found is not None and not has_reference(found.group("password"))


@dataclass(frozen=True, slots=True)
class SecretRef:
    """Text with references that is resolved only where it is used, so nothing stores the value.

    `where` is the place in the declaration, for the error message.
    """

    text: str
    where: str | None = field(default=None, compare=False)

    @property
    def names(self) -> tuple[str, ...]:
        """The environment variables it mentions."""
        return tuple(part.name for part in parts(self.text) if isinstance(part, Reference))

    def resolve(self, environ: Mapping[str, str] | None = None) -> str:
        """Return the value. Raises `DeclarationError` when a variable is not set."""
        try:
            return resolve(self.text, os.environ if environ is None else environ)
        except BadReference as error:
            raise DeclarationError(str(error), where=self.where) from None
