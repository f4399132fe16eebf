"""Invented table rows, lists and letters with questions, so that the reader knows their form."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from questions import Group, Passage

ONSETS = "b br c cl d dr f fl g gr h j k kr l m n p pl qu r s sk st t tr v w z".split()
VOWELS = "a e i o u ai ea oo io".split()
CODAS = ["", "n", "r", "l", "s", "x", "nd", "ck", "m", "th"]
MATERIALS = "oak pine steel brass birch walnut glass felt copper rubber linen nylon".split()
THINGS = (
    "hinge bracket panel screw shelf leg handle dowel drawer lamp filter valve cable pump frame "
    "sensor battery kettle desk cabinet motor switch hose lid tray"
).split()
CITIES = "Porto Lyon Graz Turin Bergen Lodz Ghent Malmo Cork Bilbao Linz Vigo Osaka Pune".split()
FIRST = "Anna Marek Lucia Tomas Ines Joon Priya Olga Peter Hana Omar Greta Yusuf Clara".split()
MONTHS = (
    "January February March April May June July August September October November December"
).split()
COLOURS = "black white grey red natural walnut-brown dark green blue".split()

Value = Callable[[random.Random], str]


def _word(rng: random.Random) -> str:
    return "".join(
        rng.choice(ONSETS) + rng.choice(VOWELS) + rng.choice(CODAS)
        for _ in range(rng.choice((1, 2, 2)))
    )


def _company(rng: random.Random) -> str:
    ending = rng.choice(("", " Ltd", " GmbH", " & Sons", " Works", " Supply", " AB", " Timber"))
    return _word(rng).title() + ending


def _thing(rng: random.Random) -> str:
    lead = rng.choice((rng.choice(MATERIALS), _word(rng).title(), f"{rng.randint(4, 90)} mm"))
    return f"{lead} {rng.choice(THINGS)}"


def _person(rng: random.Random) -> str:
    return f"{rng.choice(FIRST)} {_word(rng).title()}"


def _price(rng: random.Random) -> str:
    amount = f"{rng.randint(0, 400)}.{rng.randint(0, 99):02d}"
    return rng.choice(("", "", "€", "$")) + amount + rng.choice(("", "", " EUR"))


def _date(rng: random.Random) -> str:
    day, month, year = rng.randint(1, 28), rng.randint(1, 12), rng.randint(2015, 2027)
    if rng.random() < 0.5:
        return f"{year}-{month:02d}-{day:02d}"
    return f"{day} {MONTHS[month - 1]} {year}"


def _amount(unit: str, low: int, high: int) -> Value:
    return lambda rng: f"{rng.randint(low, high)}{unit}"


def _code(rng: random.Random) -> str:
    letters = "".join(rng.choice("ABCDEFGHKLMNPRSTVWX") for _ in range(rng.randint(1, 3)))
    return f"{letters}-{rng.randint(10, 9999)}"


@dataclass(frozen=True, slots=True)
class Column:
    """A kind of value, the headings it goes by and how people ask for it (`{}`: the row)."""

    headings: tuple[str, ...]
    value: Value
    asks: tuple[str, ...]


COLUMNS = (
    Column(
        ("supplier", "vendor", "made by"),
        _company,
        (
            "Who supplies the {}?",
            "Which company makes the {}?",
            "Where do we buy the {} from?",
            "Who is the supplier of the {}?",
        ),
    ),
    Column(
        ("price", "unit price", "cost", "price_eur"),
        _price,
        ("What does the {} cost?", "How much is the {}?", "What is the price of a {}?"),
    ),
    Column(
        ("stock", "quantity", "in stock", "qty"),
        _amount("", 0, 900),
        (
            "How many {}s are in stock?",
            "How many pieces of the {} do we have?",
            "What is the stock of the {}?",
        ),
    ),
    Column(
        ("lead time", "delivery", "lead_time_days"),
        _amount(" days", 1, 60),
        ("How long does delivery of the {} take?", "What is the lead time of the {}?"),
    ),
    Column(
        ("weight", "mass"),
        _amount(" kg", 1, 80),
        ("How heavy is the {}?", "What does the {} weigh?"),
    ),
    Column(
        ("warranty", "guarantee"),
        _amount(" months", 6, 120),
        ("How long is the warranty of the {}?", "For how many months is the {} guaranteed?"),
    ),
    Column(
        ("part number", "sku", "part", "article no"),
        _code,
        ("What is the part number of the {}?", "Which number does the {} have?"),
    ),
    Column(
        ("city", "warehouse", "location"),
        lambda rng: rng.choice(CITIES),
        ("In which city is the {} kept?", "Where is the {} stored?", "Where is the {}?"),
    ),
    Column(
        ("contact", "responsible", "owner"),
        _person,
        ("Who is responsible for the {}?", "Whom do I ask about the {}?"),
    ),
    Column(
        ("date", "updated", "valid from", "delivered"),
        _date,
        ("When was the {} delivered?", "What is the date of the {}?"),
    ),
    Column(
        ("colour", "color", "finish"),
        lambda rng: rng.choice(COLOURS),
        ("What colour is the {}?", "In which finish does the {} come?"),
    ),
    Column(
        ("torque", "load", "max load"),
        _amount(" Nm", 2, 60),
        ("How tight should the {} be?", "What is the torque for the {}?"),
    ),
)
NAMES = ("name", "item", "product", "description", "article")


def _rows(rng: random.Random) -> tuple[str, list[tuple[str, dict[Column, tuple[int, int]]]]]:
    """Return a table's text, and for each row its name and the range of each value."""
    columns = rng.sample(COLUMNS, rng.randint(2, 6))
    headings = [rng.choice(column.headings) for column in columns]
    named = rng.choice(NAMES)
    between = rng.choice(("; ", "; ", "; ", " | ", ", "))
    text = rng.choice(("", "", f"{_word(rng).title()} > {rng.choice(('Parts', 'List'))}\n"))
    rows = []
    for _ in range(rng.choice((1, 1, 2, 3, 5))):
        name = _thing(rng)
        text += f"{named}: {name}"
        places = {}
        for column, heading in zip(columns, headings, strict=True):
            text += f"{between}{heading}: "
            value = column.value(rng)
            places[column] = (len(text), len(text) + len(value))
            text += value
        text += "\n"
        rows.append((name, places))
    return text.rstrip("\n"), rows


def _table(rng: random.Random) -> Group:
    text, rows = _rows(rng)
    name, places = rng.choice(rows)
    missing = [column for column in COLUMNS if column not in places]
    if rng.random() < 0.15:
        return _group(rng.choice(rng.choice(missing).asks).format(name), text, ())
    if rng.random() < 0.1:
        absent = _thing(rng)
        if absent not in text:
            return _group(rng.choice(rng.choice(list(places)).asks).format(absent), text, ())
    if rng.random() < 0.25:
        column = rng.choice(list(places))
        heading = rng.choice(column.headings)
        question = rng.choice((f"What is the {heading} of the {name}?", f"{heading} of {name}"))
        return _group(question, text, (places[column],))
    column = rng.choice(list(places))
    return _group(rng.choice(column.asks).format(name), text, (places[column],))


def _list(rng: random.Random) -> Group:
    """Return bullet points of one kind of value."""
    column = rng.choice(COLUMNS)
    text = rng.choice(("", f"{rng.choice(column.headings).title()}\n"))
    places = {}
    for _ in range(rng.randint(2, 6)):
        name, value = _thing(rng), column.value(rng)
        text += f"{rng.choice(('- ', '- ', '* '))}{name}{rng.choice((': ', ' – ', ' - '))}"
        places[name] = (len(text), len(text) + len(value))
        text += value + "\n"
    name = rng.choice(list(places))
    return _group(rng.choice(column.asks).format(name), text.rstrip("\n"), (places[name],))


def _letter(rng: random.Random) -> Group:
    """Return a short e-mail with several facts, one of them asked for."""
    sender, receiver, thing = _person(rng), _person(rng), _thing(rng)
    facts = {
        "amount": str(rng.randint(3, 400)),
        "date": _date(rng),
        "city": rng.choice(CITIES),
        "price": _price(rng),
        "company": _company(rng),
    }
    lines = [
        (
            f"The {{amount}} {thing}s leave {{city}} on {{date}}.",
            {
                "amount": f"How many {thing}s are sent?",
                "city": f"From where are the {thing}s sent?",
                "date": f"When are the {thing}s sent?",
            },
        ),
        (
            f"{{company}} now asks {{price}} for each {thing}.",
            {
                "company": f"Who sells the {thing}?",
                "price": f"What is the new price of the {thing}?",
            },
        ),
        (
            f"We ordered {{amount}} pieces of the {thing} from {{company}} on {{date}}.",
            {
                "amount": f"How many {thing}s did we order?",
                "company": f"From whom did we order the {thing}?",
                "date": f"When was the {thing} ordered?",
            },
        ),
        (
            f"Please meet {{company}} in {{city}} on {{date}} about the {thing}.",
            {
                "city": f"Where is the meeting about the {thing}?",
                "date": f"When is the meeting about the {thing}?",
            },
        ),
    ]
    line, asks = rng.choice(lines)
    head = rng.choice(
        (
            f"From: {sender}\nTo: {receiver}\nSubject: {thing}\n\nHi {receiver.split()[0]},\n",
            f"Dear {receiver.split()[0]},\n",
            "",
        )
    )
    text, places = head, {}
    for part in line.replace("}", "{").split("{"):
        if part in facts:
            places[part] = (len(text), len(text) + len(facts[part]))
            text += facts[part]
        else:
            text += part
    text += rng.choice(("", f"\nBest regards,\n{sender}", " Thank you for your help.\n" + sender))
    if head.startswith("From") and rng.random() < 0.2:
        start = text.index(sender)
        question = rng.choice((f"Who wrote about the {thing}?", "Who sent the e-mail?"))
        return _group(question, text, ((start, start + len(sender)),))
    wanted = rng.choice(list(asks))
    return _group(asks[wanted], text, (places[wanted],))


def _group(question: str, text: str, places: Sequence[tuple[int, int]]) -> Group:
    return Group(question, (Passage(text, (tuple(places),) if places else ()),))


def questions(count: int, rng: random.Random) -> list[Group]:
    """Return `count` invented questions: three fifths on rows, the rest on lists and letters."""
    kinds = (_table, _table, _table, _list, _letter)
    return [rng.choice(kinds)(rng) for _ in range(count)]
