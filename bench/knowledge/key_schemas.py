"""Small databases with declared keys, made up with a seed: what keys.py looks for in them."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass

from motet.knowledge.structure.data import TableData, Value

Columns = dict[str, list[Value]]


@dataclass(frozen=True, slots=True)
class Schema:
    """Tables with their declared keys, and references as (table, columns, target, columns)."""

    name: str
    tables: tuple[TableData, ...]
    keys: dict[str, tuple[str, ...]]
    references: frozenset[tuple[str, tuple[str, ...], str, tuple[str, ...]]]


def _table(name: str, columns: Columns) -> TableData:
    return TableData(name, tuple(columns), list(zip(*columns.values(), strict=True)))


def _many(count: int, make: Callable[[int], Value]) -> list[Value]:
    return [make(index) for index in range(count)]


def renamed(rng: random.Random) -> Schema:
    """Names of another house style: prefixes, abbreviations, a manager, a parent."""
    departments = _table(
        "tbl_departments",
        {
            "dept_no": _many(9, lambda i: f"d{i:03}"),
            "dept_name": _many(9, lambda i: f"Department {i}"),
        },
    )
    employees = _table(
        "tbl_employees",
        {
            "emp_no": _many(120, lambda i: 10_001 + i),
            "last_name": _many(120, lambda i: f"Name{i % 80}"),
            "dept": _many(120, lambda i: f"d{rng.randrange(9):03}"),
            "manager": _many(120, lambda i: None if i == 0 else 10_001 + rng.randrange(12)),
            "salary_grade": _many(120, lambda i: rng.randrange(1, 9)),
        },
    )
    salaries = _table(
        "salaries",
        {
            "emp_no": _many(240, lambda i: 10_001 + i // 2),
            "from_date": _many(240, lambda i: f"20{10 + i % 2}-0{1 + i % 9}-01"),
            "amount": _many(240, lambda i: rng.randrange(1, 100)),
        },
    )
    categories = _table(
        "categories",
        {
            "id": _many(15, lambda i: i + 1),
            "parent_id": _many(15, lambda i: None if i < 3 else rng.randrange(1, i + 1)),
            "name": _many(15, lambda i: f"Category {i}"),
        },
    )
    return Schema(
        "renamed",
        (departments, employees, salaries, categories),
        {
            "tbl_departments": ("dept_no",),
            "tbl_employees": ("emp_no",),
            "salaries": ("emp_no", "from_date"),
            "categories": ("id",),
        },
        frozenset(
            {
                ("tbl_employees", ("dept",), "tbl_departments", ("dept_no",)),
                ("tbl_employees", ("manager",), "tbl_employees", ("emp_no",)),
                ("salaries", ("emp_no",), "tbl_employees", ("emp_no",)),
                ("categories", ("parent_id",), "categories", ("id",)),
            }
        ),
    )


def composite(rng: random.Random) -> Schema:
    """Keys of two columns, one-letter prefixes, references to both columns together."""
    parts = _table(
        "part",
        {
            "p_partkey": _many(40, lambda i: i + 1),
            "p_name": _many(40, lambda i: f"part {i}"),
            "p_size": _many(40, lambda i: rng.randrange(1, 40)),
        },
    )
    suppliers = _table(
        "supplier",
        {
            "s_suppkey": _many(20, lambda i: i + 1),
            "s_name": _many(20, lambda i: f"Supplier#{i:09}"),
            "s_nationkey": _many(20, lambda i: rng.randrange(0, 25)),
        },
    )
    nations = _table(
        "nation",
        {
            "n_nationkey": _many(25, lambda i: i),
            "n_name": _many(25, lambda i: f"NATION {i}"),
        },
    )
    pairs = [(1 + i // 3, 1 + (i * 7 + i // 3) % 20) for i in range(120)]
    offers = _table(
        "partsupp",
        {
            "ps_partkey": [part for part, _ in pairs],
            "ps_suppkey": [supplier for _, supplier in pairs],
            "ps_availqty": _many(120, lambda i: rng.randrange(1, 30)),
        },
    )
    taken = [rng.choice(pairs) for _ in range(300)]
    lines = _table(
        "lineitem",
        {
            "l_orderkey": _many(300, lambda i: 1 + i // 4),
            "l_linenumber": _many(300, lambda i: 1 + i % 4),
            "l_partkey": [part for part, _ in taken],
            "l_suppkey": [supplier for _, supplier in taken],
            "l_quantity": _many(300, lambda i: rng.randrange(1, 20)),
        },
    )
    orders = _table(
        "orders",
        {
            "o_orderkey": _many(75, lambda i: i + 1),
            "o_orderdate": _many(75, lambda i: f"2024-0{1 + i % 9}-1{i % 10}"),
            "o_shippriority": _many(75, lambda i: i % 3),
        },
    )
    return Schema(
        "composite",
        (parts, suppliers, nations, offers, lines, orders),
        {
            "part": ("p_partkey",),
            "supplier": ("s_suppkey",),
            "nation": ("n_nationkey",),
            "partsupp": ("ps_partkey", "ps_suppkey"),
            "lineitem": ("l_orderkey", "l_linenumber"),
            "orders": ("o_orderkey",),
        },
        frozenset(
            {
                ("supplier", ("s_nationkey",), "nation", ("n_nationkey",)),
                ("partsupp", ("ps_partkey",), "part", ("p_partkey",)),
                ("partsupp", ("ps_suppkey",), "supplier", ("s_suppkey",)),
                ("lineitem", ("l_orderkey",), "orders", ("o_orderkey",)),
                ("lineitem", ("l_partkey",), "part", ("p_partkey",)),
                ("lineitem", ("l_suppkey",), "supplier", ("s_suppkey",)),
                (
                    "lineitem",
                    ("l_partkey", "l_suppkey"),
                    "partsupp",
                    ("ps_partkey", "ps_suppkey"),
                ),
            }
        ),
    )


def dirty(rng: random.Random) -> Schema:
    """Exports as people send them: strays, missing values, numbers written as texts."""
    plants = _table(
        "plants.csv",
        {
            "Plant Code": _many(12, lambda i: f"PL-{i + 10}"),
            "City": _many(12, lambda i: f"City {i}"),
            "Head count": _many(12, lambda i: str(rng.randrange(1, 60))),
        },
    )
    machines = _table(
        "machines.csv",
        {
            "Machine No.": _many(60, lambda i: str(4000 + 3 * i)),
            "Plant": _many(60, lambda i: "n/a" if i == 7 else f"PL-{rng.randrange(12) + 10}"),
            "Year": _many(60, lambda i: str(rng.randrange(1990, 2024))),
            "Axes": _many(60, lambda i: str(rng.randrange(1, 6))),
        },
    )
    repairs = _table(
        "repairs.csv",
        {
            "Ticket": _many(200, lambda i: f"R{i:05}"),
            "Machine": _many(
                200, lambda i: "unknown" if i % 25 == 3 else str(4000 + 3 * rng.randrange(60))
            ),
            "Hours": _many(200, lambda i: f"{rng.randrange(1, 90) / 10}"),
            "Visits": _many(200, lambda i: str(rng.randrange(1, 10))),
        },
    )
    return Schema(
        "dirty",
        (plants, machines, repairs),
        {
            "plants.csv": ("Plant Code",),
            "machines.csv": ("Machine No.",),
            "repairs.csv": ("Ticket",),
        },
        frozenset(
            {
                ("machines.csv", ("Plant",), "plants.csv", ("Plant Code",)),
                ("repairs.csv", ("Machine",), "machines.csv", ("Machine No.",)),
            }
        ),
    )


def accidental(rng: random.Random) -> Schema:
    """Surrogate keys and small numbers everywhere, which all fall into each other; a cycle."""
    teams = _table(
        "team",
        {
            "id": _many(30, lambda i: i + 1),
            "captain_id": _many(30, lambda i: rng.randrange(1, 201)),
            "rank": _many(30, lambda i: 30 - i),
            "wins": _many(30, lambda i: rng.randrange(0, 20)),
        },
    )
    players = _table(
        "player",
        {
            "id": _many(200, lambda i: i + 1),
            "team_id": _many(200, lambda i: rng.randrange(1, 31)),
            "shirt_number": _many(200, lambda i: rng.randrange(1, 30)),
            "age": _many(200, lambda i: rng.randrange(17, 40)),
            "goals": _many(200, lambda i: rng.randrange(0, 25)),
        },
    )
    seasons = _table(
        "season",
        {
            "id": _many(6, lambda i: i + 1),
            "year": _many(6, lambda i: 2018 + i),
            "rounds": _many(6, lambda i: 30 + i % 3),
        },
    )
    games = _table(
        "game",
        {
            "id": _many(400, lambda i: i + 1),
            "season_id": _many(400, lambda i: rng.randrange(1, 7)),
            "home_team_id": _many(400, lambda i: rng.randrange(1, 31)),
            "away_team_id": _many(400, lambda i: rng.randrange(1, 31)),
            "round": _many(400, lambda i: rng.randrange(1, 31)),
            "home_goals": _many(400, lambda i: rng.randrange(0, 6)),
            "attendance": _many(400, lambda i: rng.randrange(100, 9000)),
        },
    )
    return Schema(
        "accidental",
        (teams, players, seasons, games),
        {"team": ("id",), "player": ("id",), "season": ("id",), "game": ("id",)},
        frozenset(
            {
                ("player", ("team_id",), "team", ("id",)),
                ("game", ("season_id",), "season", ("id",)),
                ("game", ("home_team_id",), "team", ("id",)),
                ("game", ("away_team_id",), "team", ("id",)),
                ("team", ("captain_id",), "player", ("id",)),
            }
        ),
    )


def made(seed: int) -> list[Schema]:
    """Return all schemas with the values of a seed."""
    rng = random.Random(seed)
    return [make(rng) for make in (renamed, composite, dirty, accidental)]
