"""Personal data by its form: addresses, and numbers of accounts, cards, phones and people."""

from __future__ import annotations

from collections.abc import Iterator

from motet.gateway.guards import checks
from motet.gateway.guards.finding import Detector, Family, Looked, every
from motet.gateway.guards.shapes import (
    Shape,
    chars,
    either,
    maybe,
    not_after,
    not_before,
    seq,
    several,
    text,
)

_DIGIT = "0-9"
_BEFORE = not_after("A-Za-z0-9_.,-")
_AFTER = not_before("A-Za-z0-9_", then=".,-", after="0-9")
_LOCAL = "A-Za-z0-9._%+-"
_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
_LOCAL_CHARS = f"{_LETTERS}0123456789._%+-"
_DIGITS = bytes(48 <= byte < 58 for byte in range(256))


def _digits(least: int, most: int | None = None) -> Shape:
    return chars(_DIGIT, least, most or least)


def _number(*parts: Shape) -> Shape:
    return seq(_BEFORE, *parts, _AFTER)


_SEP = chars(" -", 1, 1)
_MARK = maybe(chars(" ./-", 1, 1))
_CARD = either(
    seq(several(seq(_digits(4), _SEP), 3, 3), _digits(1, 7)),
    seq(_digits(4), _SEP, _digits(6), _SEP, _digits(4, 5)),
    _digits(13, 19),
)
_AREA = seq(text("("), _digits(2, 5), text(")"), maybe(chars(" ", 1, 1)))
_PHONE = either(
    # international (ITU-T E.123), as +49 (0)30 123-456
    seq(
        text("+"),
        chars("1-9", 1, 1),
        _digits(0, 2),
        _MARK,
        maybe(seq(text("("), _digits(1, 5), text(")"), _MARK)),
        several(seq(_digits(1, 1), _MARK), 5, 13),
        _digits(1, 1),
    ),
    # (555) 123-4567, 555-123-4567, 555.123.4567
    seq(_AREA, _digits(3, 4), _SEP, _digits(3, 6)),
    seq(_digits(3), _SEP, _digits(3), _SEP, _digits(4)),
    seq(_digits(3), text("."), _digits(3), text("."), _digits(4)),
    # 01 23 45 67 89
    seq(text("0"), chars("1-9", 1, 1), several(seq(chars(" .", 1, 1), _digits(2)), 4, 4)),
    # 010-1234-5678, 02-123-4567, 020 7946 0958, 138 0013 8000
    seq(text("0"), _digits(1, 4), _SEP, _digits(3, 4), _SEP, _digits(4)),
    seq(text("1"), chars("3-9", 1, 1), _digits(1), _SEP, _digits(4), _SEP, _digits(4)),
    # 0170 1234567, 030/1234567
    seq(text("0"), chars("1-9", 1, 1), _digits(1, 3), chars(" /-", 1, 1), _digits(6, 8)),
    # 13800138000, 01012345678
    seq(text("1"), chars("3-9", 1, 1), _digits(9)),
    seq(text("010"), _digits(8)),
)
_IBAN = seq(
    chars("A-Z", 2, 2),
    _digits(2),
    several(seq(maybe(text(" ")), chars("A-Z0-9", 4, 4)), 2, 7),
    maybe(seq(maybe(text(" ")), chars("A-Z0-9", 1, 3))),
)
_SPACE = maybe(text(" "))
_INSURANCE = seq(
    chars("A-CEGHJ-PR-TW-Z", 1, 1),
    chars("A-CEGHJ-NPR-TW-Z", 1, 1),
    several(seq(_SPACE, _digits(2)), 3, 3),
    _SPACE,
    chars("A-D", 1, 1),
)
_IPV4 = seq(several(seq(_digits(1, 3), text(".")), 3, 3), _digits(1, 3))
_IPV6 = seq(several(seq(chars("0-9A-Fa-f", 0, 4), text(":")), 2, 7), chars("0-9A-Fa-f", 0, 4))
_DOMAIN = seq(
    several(seq(chars("A-Za-z0-9-", 1, 40), text(".")), 1, 4),
    chars("A-Za-z", 2, 24),
)


def _numbers(looked: Looked, start: int) -> Iterator[int]:
    """Yield where numbers begin that are long enough, with the letters or sign that lead them."""
    plain = looked.plain
    digits = plain.translate(_DIGITS)
    place = digits.find(1, start)
    while place >= 0:
        if digits.count(1, place, place + 30) > 5 or plain.count(b".", place, place + 12) > 2:
            for first in (place - 3, place - 2, place - 1):
                if first >= start and _may_lead(plain[first:place]):
                    yield first
            yield place
        end = digits.find(0, place)
        place = digits.find(1, end) if end >= 0 else -1


def _may_lead(lead: bytes) -> bool:
    return lead in (b"+", b"(") or (lead[:2].isupper() and lead[:2].isalpha() and len(lead) > 1)


def _addresses(looked: Looked, start: int) -> Iterator[int]:
    """Yield where e-mail addresses begin: what stands before an @ is a local part."""
    text = looked.text
    for place in every(looked.plain, b"@", start):
        low = max(start, place - 64)
        first = low + len(text[low:place].rstrip(_LOCAL_CHARS))
        yield first
        yield first + 1  # where that is the letter of an escape


def _colons(looked: Looked, start: int) -> Iterator[int]:
    """Yield where IPv6 addresses may begin: before two colons with at most 4 digits between."""
    plain = looked.plain
    for place in every(plain, b":", start):
        if b":" in plain[place + 1 : place + 6] and plain[place + 1 : place + 3] != b"::":
            yield from range(max(start, place - 4), place + 1)


def _pii(kind: str, *parts: Shape, check: str = "") -> Detector:
    found = getattr(checks, check) if check else len
    return Detector(kind, "pii", _number(*parts), found)


NUMBERS = Family(
    (
        _pii("iban", _IBAN, check="iban"),
        _pii("resident-id", _digits(17), chars("0-9Xx", 1, 1), check="resident_id"),
        _pii("card", _CARD, check="card"),
        _pii("ssn", _digits(3), text("-"), _digits(2), text("-"), _digits(4), check="ssn"),
        _pii(
            "resident-registration",
            _digits(6),
            text("-"),
            chars("1-8", 1, 1),
            _digits(6),
            check="resident_registration",
        ),
        _pii("national-insurance", _INSURANCE, check="national_insurance"),
        _pii("ip", _IPV4, check="public_address"),
        _pii("phone", _PHONE),
    ),
    _numbers,
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZXx ()./-+,",
    64,
)
ADDRESSES = Family(
    (
        Detector(
            "email",
            "pii",
            seq(
                not_after(_LOCAL + r"\\"),
                chars(_LOCAL, 1, 64),
                text("@"),
                _DOMAIN,
                not_before("A-Za-z0-9_@-"),
            ),
        ),
    ),
    _addresses,
    _LOCAL_CHARS + "@",
    260,
)
IPV6 = Family(
    (
        Detector(
            "ip",
            "pii",
            seq(not_after("A-Za-z0-9_:."), _IPV6, not_before("A-Za-z0-9_:.")),
            checks.public_address,
        ),
    ),
    _colons,
    "0123456789abcdefABCDEF:.",
    44,
)
PERSONAL = (ADDRESSES, NUMBERS, IPV6)
