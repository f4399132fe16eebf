"""Check digits and value ranges by which numbers are told from their likes."""

from __future__ import annotations

import math
from collections import Counter
from datetime import date
from ipaddress import AddressValueError, IPv4Address, IPv6Address

_IBAN_LENGTHS = {
    code[:2]: int(code[2:])
    for code in (
        "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 "
        "DJ27 DK18 DO28 EE20 EG29 ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 "
        "HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 "
        "MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 "
        "RO24 RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 "
        "VA22 VG24 XK20 YE30"
    ).split()
}
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def _if(right: bool, text: str) -> int:
    return len(text) if right else 0


def card(text: str) -> int:
    """Check a payment card's number by its first digit and Luhn's (ISO/IEC 7812-1, annex B)."""
    digits = [int(char) for char in text if char.isdigit()]
    if not 13 <= len(digits) <= 19 or digits[0] not in (2, 3, 4, 5, 6) or len(set(digits)) < 2:
        return 0
    doubled = (sum(divmod(2 * digit, 10)) for digit in digits[-2::-2])
    return _if((sum(digits[-1::-2]) + sum(doubled)) % 10 == 0, text)


def iban(text: str) -> int:
    """Check an account's number by its country's length and modulo 97 (ISO 13616)."""
    length = _IBAN_LENGTHS.get(text[:2], 0)
    places = [place for place, char in enumerate(text, 1) if char != " "]
    if not length or len(places) < length:
        return 0
    taken = places[length - 1]
    plain = text[:taken].replace(" ", "")
    if text[taken : taken + 1] not in ("", " "):
        return 0
    turned = plain[4:] + plain[:4]
    return taken if int("".join(str(int(char, 36)) for char in turned)) % 97 == 1 else 0


def ssn(text: str) -> int:
    """Check a number of the US Social Security by the ranges that are never given out."""
    area, group, serial = text.split("-")
    never = area in ("000", "666") or area[0] == "9" or group == "00" or serial == "0000"
    return _if(not never, text)


def resident_id(text: str) -> int:
    """Check a Chinese resident's number by its date and check digit (GB 11643-1999)."""
    total = sum(int(digit) * weight for digit, weight in zip(text, _WEIGHTS, strict=False))
    right = "10X98765432"[total % 11] == text[17].upper()
    return _if(right and _is_date(int(text[6:10]), text[10:14]), text)


def resident_registration(text: str) -> int:
    """Check a Korean resident's number by its date; newer ones have no check digit."""
    century = {"1": 1900, "2": 1900, "5": 1900, "6": 1900}.get(text[7], 2000)
    return _if(_is_date(century + int(text[:2]), text[2:6]), text)


def _is_date(year: int, month_and_day: str) -> bool:
    try:
        found = date(year, int(month_and_day[:2]), int(month_and_day[2:]))
    except ValueError:
        return False
    return date(1900, 1, 1) <= found <= date.today()


def national_insurance(text: str) -> int:
    """Check a British National Insurance number by the prefixes that are never given out."""
    return _if(text[:2] not in ("BG", "GB", "KN", "NK", "NT", "TN", "ZZ"), text)


def public_address(text: str) -> int:
    """Check an IP address: those of private networks and for examples tell of nobody."""
    try:
        found = IPv6Address(text) if ":" in text else IPv4Address(text)
    except AddressValueError:
        return 0
    return _if(found.is_global and not found.is_multicast, text)


def entropy(text: str) -> float:
    """Return Shannon's entropy of a text's characters, in bits per character."""
    size = len(text)
    return -sum(n / size * math.log2(n / size) for n in Counter(text).values())


def random_key(text: str) -> int:
    """Check the beginning of a key: digits among letters, hardly one of them twice."""
    tail = text[-20:]
    mixed = any(char.isdigit() for char in tail) and any(char.isalpha() for char in tail)
    return _if(mixed and entropy(tail) >= 2.8, text)


def secret_value(text: str) -> int:
    """Check a value that something assigns to a password or key: is it one, or code, or a name."""
    kinds = (
        any(char.isdigit() for char in text),
        any(char.isupper() for char in text),
        any(char.islower() for char in text),
        any(not char.isalnum() for char in text),
    )
    mixed = (kinds[0] and sum(kinds) >= 2) or (sum(kinds) >= 3 and kinds[3])
    stands_for_it = text[0] in "$%*[<{" or "..." in text or "***" in text or "xxxx" in text.lower()
    return _if(mixed and not stands_for_it and entropy(text) >= 2.5, text)
