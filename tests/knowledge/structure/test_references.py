"""Keys and references are found by evidence: names and values, never inclusion alone."""

from __future__ import annotations

import random

import pytest

from motet.core.errors import UsageError
from motet.knowledge.structure.data import TableData
from motet.knowledge.structure.profiles import profiled
from motet.knowledge.structure.references import Discovered, discover


def table(called: str, /, **columns: list[object]) -> TableData:
    return TableData(called, tuple(columns), list(zip(*columns.values(), strict=True)))


def found(*tables: TableData) -> Discovered:
    return discover(profiled(tables))


def references(result: Discovered) -> set[str]:
    return {
        f"{r.table}.{'+'.join(r.columns)} -> {r.target}.{'+'.join(r.to)}" for r in result.references
    }


def numbers(count: int, low: int, high: int, seed: int = 1) -> list[int]:
    rng = random.Random(seed)
    return [rng.randint(low, high) for _ in range(count)]


def test_small_numbers_that_fall_into_every_key_refer_to_nothing() -> None:
    customers = table("customer", id=list(range(1, 41)), age=numbers(40, 18, 39))
    orders = table(
        "orders",
        id=list(range(1, 101)),
        customer_id=numbers(100, 1, 40),
        customer_rating=numbers(100, 1, 5, 4),
        quantity=numbers(100, 1, 20, 2),
        month=numbers(100, 1, 12, 3),
    )
    assert references(found(customers, orders)) == {"orders.customer_id -> customer.id"}


def test_other_names_for_the_same_thing_are_seen() -> None:
    clients = table("tbl_clients", client_no=list(range(1, 31)), name=[f"C{n}" for n in range(30)])
    staff = table("staff", emp_id=list(range(1, 9)), boss=[None, 1, 1, 1, 2, 2, 3, 3])
    visits = table(
        "visits",
        nr=list(range(1, 61)),
        cust=numbers(60, 1, 30),
        rep_id=numbers(60, 2, 6, 5),
    )
    assert references(found(clients, staff, visits)) == {
        "visits.cust -> tbl_clients.client_no",
        "visits.rep_id -> staff.emp_id",
        "staff.boss -> staff.emp_id",
    }


def test_rare_values_speak_where_names_are_silent() -> None:
    sites = table("sites", code=[f"ZX-{n}" for n in range(100, 130)], city=["a"] * 30)
    rows = table("readings", n=list(range(50)), at_code=[f"ZX-{100 + n % 30}" for n in range(50)])
    assert references(found(sites, rows)) == {"readings.at_code -> sites.code"}


def test_dirty_values_are_tolerated_and_shown() -> None:
    plants = table("plants.csv", plant=[f"P{n:02}" for n in range(20)])
    codes = [f"P{n % 20:02}" for n in range(57)] + ["?", "P99", "P98"]
    lines = table("lines.csv", line=list(range(60)), plant=codes)
    [reference] = found(plants, lines).references
    assert reference.evidence.strays == ("?", "P98", "P99")
    assert reference.evidence.included == pytest.approx(57 / 60)


def test_keys_of_two_columns_and_references_to_them() -> None:
    pairs = [(order, line) for order in range(1, 21) for line in range(1, 4)]
    lines = table(
        "order_lines",
        order_id=[order for order, _ in pairs],
        line_no=[line for _, line in pairs],
        qty=numbers(60, 1, 9),
    )
    returns = table(
        "returns",
        return_id=list(range(1, 21)),
        order_id=[order for order, _ in pairs[::3]],
        line_no=[line for _, line in pairs[::3]],
    )
    orders = table("orders", order_id=list(range(1, 21)), day=["2024-01-02"] * 20)
    result = found(lines, returns, orders)
    assert result.keys["order_lines"].columns == ("order_id", "line_no")
    assert references(result) == {
        "order_lines.order_id -> orders.order_id",
        "returns.order_id -> orders.order_id",
        "returns.order_id+line_no -> order_lines.order_id+line_no",
    }


def test_tables_may_refer_to_each_other_in_a_circle_and_in_any_order() -> None:
    teams = table("team", id=list(range(1, 11)), best_player_id=numbers(10, 1, 50))
    players = table("player", id=list(range(1, 51)), team_id=numbers(50, 1, 10))
    assert references(found(teams, players)) == {
        "team.best_player_id -> player.id",
        "player.team_id -> team.id",
    }
    assert found(teams, players) == found(players, teams)


def test_a_table_that_adds_to_another_refers_to_it_and_not_back() -> None:
    people = table("employee", employee_id=list(range(1, 31)), name=[f"N{n}" for n in range(30)])
    details = table("employee_details", employee_id=list(range(1, 31)), room=numbers(30, 1, 9))
    assert references(found(people, details)) == {
        "employee_details.employee_id -> employee.employee_id"
    }


def test_names_like_sql_and_odd_tables_do_no_harm() -> None:
    odd = table('x"; DROP TABLE entities; --', **{'id"': [1, 2], "select": ["'", '"']})
    empty = TableData("empty", ("id",), [])
    constant = table("constant", id=[1, 1, 1])
    result = found(odd, empty, constant)
    assert set(result.keys) == {odd.name}
    assert not result.references


def test_too_many_columns_are_refused_by_name() -> None:
    wide = TableData("wide.csv", tuple(f"c{n}" for n in range(5000)), [])
    with pytest.raises(UsageError, match=r"wide.csv: the table has 5000 columns"):
        found(wide)
