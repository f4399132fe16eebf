"""Keys and passwords by their form: those of providers, private keys, and what is assigned."""

from __future__ import annotations

import re
from collections.abc import Iterator

from motet.gateway.guards import checks
from motet.gateway.guards.finding import Detector, Family, Looked, Rest, every
from motet.gateway.guards.shapes import (
    Shape,
    chars,
    either,
    maybe,
    not_after,
    not_before,
    seq,
    text,
    words,
)

_WORD = "A-Za-z0-9"
_TOKEN = "A-Za-z0-9_-"
_BEFORE = not_after(_WORD)
_TOKEN_CHARS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-."
_TOKEN_BYTES = bytes(chr(byte) in _TOKEN_CHARS for byte in range(256))
_RUN = 16
_FORMS: tuple[tuple[str, str, int, str], ...] = (
    # kind, beginnings, characters of the key at least, their class
    ("anthropic-key", "sk-ant-", 20, _TOKEN),
    ("openrouter-key", "sk-or-v1-", 20, _TOKEN),
    ("openai-key", "sk-proj-,sk-svcacct-,sk-admin-,sk-", 20, _TOKEN),
    ("google-key", "GOCSPX-,ya29.", 20, _TOKEN),
    ("github-token", "ghp_,gho_,ghu_,ghs_,ghr_", 36, _WORD),
    ("github-token", "github_pat_", 22, _WORD + "_"),
    ("gitlab-token", "glpat-,gldt-,glrt-", 20, _TOKEN),
    ("slack-token", "xoxa-,xoxb-,xoxe-,xoxo-,xoxp-,xoxr-,xoxs-,xapp-", 14, _WORD + "-"),
    ("stripe-key", "sk_live_,sk_test_,rk_live_,rk_test_,whsec_", 16, _WORD),
    ("huggingface-token", "hf_", 30, _WORD),
    ("npm-token", "npm_", 36, _WORD),
    ("pypi-token", "pypi-AgE", 20, _TOKEN),
    ("groq-key", "gsk_", 40, _WORD),
    ("xai-key", "xai-", 40, _WORD),
    ("sendgrid-key", "SG.", 20, _TOKEN),
    ("digitalocean-token", "dop_v1_,doo_v1_", 40, _WORD),
    ("docker-token", "dckr_pat_", 20, _TOKEN),
)


def _key(kind: str, beginnings: str, least: int, kinds: str) -> Detector:
    shape = seq(_BEFORE, words(beginnings), chars(kinds, least, least))
    return Detector(kind, "secrets", shape, checks.random_key, Rest(kinds))


def _fixed(kind: str, beginnings: str, size: int, kinds: str, after: str) -> Detector:
    shape = seq(_BEFORE, words(beginnings), chars(kinds, size, size), not_before(after))
    return Detector(kind, "secrets", shape, checks.random_key)


_PART = f"{_WORD}_-"
_JWT = Detector(
    "jwt",
    "secrets",
    seq(_BEFORE, text("eyJ"), chars(_PART, 10, 180), text(".eyJ"), chars(_PART, 8, 8)),
    rest=Rest("." + _PART),
)


def _runs(looked: Looked, start: int) -> Iterator[int]:
    """Yield where keys may begin: where 16 characters and more are of their kind.

    All at once: the characters as one number, in which each byte says whether it may be;
    shifted and put together four times, each says it of those behind it too.
    """
    marks = int.from_bytes(looked.plain[start:].translate(_TOKEN_BYTES), "little")
    for distance in (1, 2, 4, 8):
        marks &= marks >> (8 * distance)
    found = marks.to_bytes(len(looked.plain) - start, "little")
    place = found.find(1)
    while place >= 0:
        end = found.find(0, place)
        end = len(found) if end < 0 else end
        for match in _FIRST.finditer(looked.text, start + place, start + end + 3):
            yield match.start()
        place = found.find(1, end)


_FIRST = re.compile("sk|GO|ya|gh|gi|gl|x[oa]|rk|wh|hf|np|py|gs|SG|do|dc|eyJ|A[KSI]|A[BC]")
KEYS = Family(
    (
        _JWT,
        *(_key(*each) for each in _FORMS),
        _fixed("google-key", "AIza", 35, _TOKEN, _TOKEN),
        _fixed("aws-key", "AKIA,ASIA,ABIA,ACCA", 16, "A-Z2-7", _WORD),
    ),
    _runs,
    _TOKEN_CHARS,
    240,
)

_NAMES = "passwd,password,passphrase,pwd,secret,token,key"
_SPACE = chars(" ", 0, 2)
_QUOTE = seq(maybe(text("\\")), maybe(chars("\"'`", 1, 1)))
_VALUE = chars(r"!#-&*+\-./0-9:<=>?@A-Z\[\]^_a-z{}~|$%", 8, 120)


def _value(shape: Shape) -> Shape:
    return Shape(f"(?P<it>{shape.whole})", shape.begun)


_STEMS = (b"pass", b"pwd", b"secret", b"token", b"key")


def _named(looked: Looked, start: int) -> Iterator[int]:
    """Yield where words stand to which a password or key may be assigned."""
    yield from sorted(place for word in _STEMS for place in every(looked.folded, word, start))


ASSIGNED = Family(
    (
        Detector(
            "password",
            "secrets",
            seq(
                words(_NAMES),
                _QUOTE,
                _SPACE,
                either(text(":="), text("=>"), chars(":=", 1, 1)),
                _SPACE,
                _QUOTE,
                _value(_VALUE),
                not_before(r"!#-&*+\-./0-9:<=>?@A-Z\[\]^_a-z{}~|$%("),
            ),
            checks.secret_value,
            flags=re.IGNORECASE,
        ),
    ),
    _named,
    "",
    150,
)


def _headers(looked: Looked, start: int) -> Iterator[int]:
    return every(looked.plain, b"-----BEGIN ", start)


PRIVATE = Family(
    (
        Detector(
            "private-key",
            "secrets",
            seq(
                text("-----BEGIN "),
                chars("A-Z ", 0, 24),
                text("PRIVATE KEY"),
                chars("A-Z ", 0, 8),
                text("-----"),
                chars(r"\s\\nr", 0, 6),
                chars("A-Za-z0-9+/=", 16, 16),
            ),
            rest=Rest(r"A-Za-z0-9+/=\s:,\\-", "KEY-----"),
        ),
    ),
    _headers,
    "",
    100,
)


def _hooks(looked: Looked, start: int) -> Iterator[int]:
    return every(looked.plain, b"hooks.slack.com/", start)


HOOKS = Family(
    (
        Detector(
            "slack-webhook",
            "secrets",
            seq(text("hooks.slack.com/services/T"), chars(_WORD + "/", 20, 20)),
            rest=Rest("/" + _WORD),
        ),
    ),
    _hooks,
    "",
    50,
)
SECRETS = (PRIVATE, KEYS, HOOKS, ASSIGNED)
