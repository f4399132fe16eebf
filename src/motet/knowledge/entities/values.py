"""Values in texts and cells: dates, money, quantities, addresses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from motet.core.graph import ValueType
from motet.knowledge.entities.dates import dates, whole_date
from motet.knowledge.entities.numbers import NUMBER, SCALE, decimal, scaled

if TYPE_CHECKING:
    from motet.core.json import JSON

_CURRENCIES = {
    "EUR": "€ eur euro euros", "USD": "$ us$ usd dollar dollars", "GBP": "£ gbp pound pounds",
    "JPY": "¥ jpy yen 円", "CNY": "cny rmb yuan 元", "KRW": "₩ krw won 원", "CHF": "chf franken",
    "SEK": "sek", "NOK": "nok", "DKK": "dkk", "PLN": "pln zł", "INR": "₹ inr rupees",
}  # fmt: skip
_CODES = {name: code for code, names in _CURRENCIES.items() for name in names.split()}
_BEFORE = "US\\$|[€$£¥₩₹]|EUR|USD|GBP|JPY|CNY|KRW|CHF"
_AFTER = "|".join(re.escape(each) for each in sorted(_CODES, key=len, reverse=True))
_UNITS = {
    "mm": "mm millimetre millimetres millimeter millimeters", "cm": "cm centimetre centimetres",
    "m": "m metre metres meter meters", "km": "km kilometre kilometres",
    "m²": "m² m2 qm", "m³": "m³ m3 cubic\\smetre cubic\\smetres cubic\\smeters",
    "kg": "kg kilo kilos", "g": "g grams", "t": "tonnes",
    "l": "l litre litres liter liters", "ml": "ml millilitre millilitres",
    "°C": "°C", "°": "° degrees", "%": "% percent per\\scent Prozent", "Nm": "Nm",
    "W": "W watt watts", "kW": "kW", "V": "V volt volts", "A": "A", "Hz": "Hz",
    "s": "seconds second", "min": "min minutes minute", "h": "h hours hour",
    "day": "days day Tage 日 天 일", "week": "weeks week Wochen", "month": "months month Monate",
    "year": "years year Jahre", "piece": "pieces pcs pc Stück", "pair": "pairs pair",
}  # fmt: skip
_UNIT_OF = {
    name.replace("\\s", " "): unit for unit, each in _UNITS.items() for name in each.split()
}
_UNIT = "|".join(
    re.escape(each).replace("\\ ", r"\s") for each in sorted(_UNIT_OF, key=len, reverse=True)
)
_MONEY = re.compile(
    rf"(?<![\w.])(?:(?P<c1>{_BEFORE})\s?(?P<n1>{NUMBER})(?:\s(?P<s1>{SCALE})\b)?"
    rf"|(?P<n2>{NUMBER})\s?(?:(?P<s2>{SCALE})\s|(?P<k2>k(?=€)))?(?P<c2>{_AFTER})(?![a-zA-Z]))",
    re.IGNORECASE,
)
_QUANTITY = re.compile(rf"(?<![\w.,/-])(?P<n>{NUMBER})\s?(?P<u>{_UNIT})(?!\w)")
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_PHONE = re.compile(r"(?<![\w-])(?:\+\d{1,3}[ -]?)?(?:\(?\d{2,5}\)?[ -/]){1,4}\d{3,}(?![\w-])")
_CALL = re.compile(
    r"(?:tel|phone|telephone|fax|mobile|call|ring|line|전화|电话|電話)", re.IGNORECASE
)
_INTEGER = re.compile(r"[+-]?\d{1,18}")
_REAL = re.compile(r"[+-]?\d{1,15}[.,]\d{1,15}")


@dataclass(frozen=True, slots=True)
class Value:
    """`text[start:end]` is a value; `property` names addresses (`email`, `phone`), else None."""

    start: int
    end: int
    type: ValueType
    value: JSON
    property: str | None = None


def values(text: str) -> list[Value]:
    """Return the dates, money, quantities and addresses of a text, by place, none overlapping."""
    found: list[Value] = []
    for each in (*_addresses(text), *_dates(text), *_money(text), *_quantities(text)):
        if all(each.end <= other.start or other.end <= each.start for other in found):
            found.append(each)
    return sorted(found, key=lambda each: each.start)


def cell_value(text: str, column: str = "") -> tuple[ValueType, JSON]:
    """Return what a cell holds, by itself and by what its column's name adds: `unit_cost_eur`."""
    stripped = text.strip()
    found = whole_date(stripped)
    if found is not None:
        return "date", found
    for pattern, build in ((_MONEY, _money_of), (_QUANTITY, _quantity_of)):
        match = pattern.fullmatch(stripped)
        if match is not None:
            return build(match)
    if not (_INTEGER.fullmatch(stripped) or _REAL.fullmatch(stripped)):
        return "text", stripped
    if stripped.lstrip("+-").startswith("0") and stripped.isdigit() and len(stripped) > 1:
        return "text", stripped
    sign = "-" if stripped.startswith("-") else ""
    amount = sign + decimal(stripped.lstrip("+-"))
    measure = _measure(column)
    if measure in _CURRENCIES:
        return "money", {"amount": amount, "currency": measure}
    if measure is not None:
        return "quantity", {"amount": amount, "unit": measure}
    return ("integer", int(amount)) if _INTEGER.fullmatch(amount) else ("real", float(amount))


def _measure(column: str) -> str | None:
    """Return the currency or unit that a column's name ends with."""
    words = re.split(r"[\s_()\[\]/]+", column.strip(" ()[]_"))
    last = words[-1] if words else ""
    if len(words) > 1 or last.lower() in ("euro", "euros", "eur", "usd"):
        return _CODES.get(last.lower()) or (_UNIT_OF.get(last) if len(words) > 1 else None)
    return None


def _dates(text: str) -> Iterator[Value]:
    for start, end, found in dates(text):
        yield Value(start, end, "date", found)


def _money(text: str) -> Iterator[Value]:
    for match in _MONEY.finditer(text):
        yield Value(match.start(), match.end(), *_money_of(match))


def _money_of(match: re.Match[str]) -> tuple[ValueType, JSON]:
    written = match["n1"] or match["n2"]
    scale = match["s1"] or match["s2"] or match["k2"]
    amount = scaled(decimal(written, thousands_dot=True), scale)
    return "money", {"amount": amount, "currency": _CODES[(match["c1"] or match["c2"]).lower()]}


def _quantities(text: str) -> Iterator[Value]:
    for match in _QUANTITY.finditer(text):
        yield Value(match.start(), match.end(), *_quantity_of(match))


def _quantity_of(match: re.Match[str]) -> tuple[ValueType, JSON]:
    unit = _UNIT_OF[" ".join(match["u"].split())]
    return "quantity", {"amount": decimal(match["n"]), "unit": unit}


def _addresses(text: str) -> Iterator[Value]:
    for match in _EMAIL.finditer(text):
        yield Value(match.start(), match.end(), "text", match.group(), "email")
    for match in _PHONE.finditer(text):
        digits = sum(char.isdigit() for char in match.group())
        called = _CALL.search(text, max(0, match.start() - 24), match.start())
        if 7 <= digits <= 15 and (match.group().startswith("+") or called):
            yield Value(match.start(), match.end(), "text", match.group(), "phone")
