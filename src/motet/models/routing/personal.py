"""Kinds of personal data that a text seems to hold: a hint by form alone."""

from __future__ import annotations

import re

_EMAIL = re.compile(r"[\w.+-]@[\w-]+\.\w")
# Both begin with a plain set of characters, which is what makes the search for them fast.
_NUMBER = re.compile(r"[0-9](?:[ ()./-]{0,2}[0-9]){7,18}(?![\w,])")
_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?(?!\w)")
_FEWEST_DIGITS = 8
_NO_DIGITS = bytes(byte for byte in range(256) if byte not in b"0123456789")
_SSN = re.compile(r"\d{3}-\d{2}-\d{4}")
_DATE = re.compile(r"\d{1,4}[./-]\d{1,2}[./-]\d{1,4}")


def personal(text: str) -> tuple[str, ...]:
    """Return the kinds found, sorted: card, email, iban, phone, ssn.

    A card number has Luhn's check digit (ISO/IEC 7812-1), an IBAN its own (ISO 13616); a
    phone number begins with + or is written in groups. A hint, which proves no absence.
    """
    found = {"email"} if "@" in text and _EMAIL.search(text) else set()
    # Counting digits is an order of magnitude faster than looking for numbers.
    if len(text.encode("utf-8", "replace").translate(None, _NO_DIGITS)) >= _FEWEST_DIGITS:
        for match in _NUMBER.finditer(text):
            found.update(_kind(match.group(), text[max(match.start() - 2, 0) : match.start()]))
        if any(_is_iban(match.group()) for match in _IBAN.finditer(text)):
            found.add("iban")
    return tuple(sorted(found))


def _kind(number: str, before: str) -> tuple[str, ...]:
    if before[-1:].isalnum() or before[-1:] in (".", ","):
        return ()  # the rest of something longer
    if _SSN.fullmatch(number):
        return ("ssn",)
    digits = [int(char) for char in number if char.isdigit()]
    if len(digits) >= 13:
        return ("card",) if _luhn(digits) else ()
    grouped = not number.isdigit() and not _DATE.match(number)
    return ("phone",) if "+" in before or grouped else ()


def _luhn(digits: list[int]) -> bool:
    doubled = (sum(divmod(2 * digit, 10)) for digit in digits[-2::-2])
    return (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0


def _is_iban(text: str) -> bool:
    plain = text.replace(" ", "")
    turned = plain[4:] + plain[:4]
    return int("".join(str(int(char, 36)) for char in turned)) % 97 == 1
