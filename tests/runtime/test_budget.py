"""Budgets: reserved before, booked after, exact however a call ends."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path

import pytest
from plan_samples import alone, cut_off, ends, statuses

import motet
from motet.runtime.budget import Amount, Budget, Purse


@motet.operator(cost=0.5, tokens=100)
async def paid(x: int) -> int:
    return x


@motet.operator(cost=0.5)
async def cheap(x: int) -> int:
    motet.report(cost=0.1, tokens=10)
    await asyncio.sleep(0.01)
    return x


def row(operator: motet.Operator[..., int], count: int) -> motet.Plan:
    """Return a plan whose nodes come one after the other."""
    plan = motet.Plan()
    ref: object = 0
    for _ in range(count):
        ref = plan.add(operator, ref)
    return plan


@pytest.mark.parametrize(
    ("budget", "message"),
    [
        (Budget(cost=0.9), r"it may cost \$1.0000, the budget is \$0.9000"),
        (Budget(tokens=199), "it may take 200 tokens of 199"),
        (Budget(calls=1), "it takes 2 calls of 1"),
    ],
)
def test_what_cannot_be_paid_does_not_begin(tmp_path: Path, budget: Budget, message: str) -> None:
    with pytest.raises(motet.BudgetSpent, match=message):
        motet.run(row(paid, 2), budget=budget, home=tmp_path)
    assert not (tmp_path / "runs.db").exists()


def test_what_just_fits_runs(tmp_path: Path) -> None:
    run = ends(row(paid, 2), tmp_path, budget=Budget(cost=1.0, tokens=200, calls=2))
    assert run.status == "done"
    assert sum(each.cost for each in run.nodes) == pytest.approx(1.0)


@pytest.mark.parametrize("wrong", [-1, float("nan"), float("inf"), "1", [1]])
@pytest.mark.parametrize("name", ["cost", "tokens", "seconds", "calls"])
def test_a_limit_is_a_number_from_zero_on(name: str, wrong: object) -> None:
    with pytest.raises(motet.UsageError, match=f"`{name}` is a limit"):
        Budget(**{name: wrong})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "used",
    [
        {"cost": float("nan")}, {"cost": float("inf")}, {"cost": -1.0}, {"cost": "1"},
        {"tokens": -1}, {"tokens": 1.5}, {"tokens": 1 << 70}, {"input_tokens": -5}, {"rows": -1},
    ],
    ids=str,
)  # fmt: skip
def test_only_what_can_have_been_used_is_reported(tmp_path: Path, used: dict[str, object]) -> None:
    async def reports() -> None:
        motet.report(**used)  # type: ignore[arg-type]

    run = ends(alone(reports), tmp_path)
    assert isinstance(run.error, motet.UsageError)
    assert run.nodes[0].cost == 0


def test_what_a_call_does_not_use_returns(tmp_path: Path) -> None:
    @motet.workflow
    async def many() -> float:
        for number in range(20):
            await cheap(number)
        return 1.0

    run = ends(alone(many), tmp_path, budget=Budget(cost=2.5))
    assert run.status == "done", run.error
    assert sum(each.cost for each in run.nodes) == pytest.approx(2.0)


def test_who_does_not_fit_waits_for_what_returns(tmp_path: Path) -> None:
    running, most = 0, 0

    @motet.operator(cost=0.5)
    async def counted(x: int) -> int:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.01)
        running -= 1
        motet.report(cost=0.01)
        return x

    run = ends(alone(motet.map, counted, list(range(30))), tmp_path, budget=Budget(cost=1.3))
    assert run.status == "done", run.error
    assert most == 2


def test_the_budget_is_never_exceeded(tmp_path: Path) -> None:
    spent = 0.0

    @motet.operator(cost=0.1)
    async def spends(x: int) -> int:
        nonlocal spent
        cost = random.Random(x).uniform(0, 0.1)
        await asyncio.sleep(0.001)
        motet.report(cost=cost)
        spent += cost
        return x

    run = ends(alone(motet.map, spends, list(range(200))), tmp_path, budget=Budget(cost=2.0))
    assert isinstance(run.error, motet.BudgetSpent)
    assert 1.8 < spent <= 2.0
    assert sum(each.cost for each in run.nodes) == pytest.approx(spent)


def test_attempts_count_one_by_one(tmp_path: Path) -> None:
    count: list[int] = []

    @motet.operator(retries=9)
    async def failing() -> None:
        count.append(1)
        motet.report(cost=0.1)
        raise OSError("no")

    run = ends(alone(failing), tmp_path, budget=Budget(calls=3))
    assert isinstance(run.error, motet.BudgetSpent)
    assert len(count) == run.nodes[0].attempts == 3
    assert run.nodes[0].cost == pytest.approx(0.3)


def test_a_second_attempt_beside_the_first_is_paid_too(tmp_path: Path) -> None:
    count: list[int] = []

    @motet.operator(effect="read", hedge=0.02, cost=0.3)
    async def slow() -> int:
        count.append(1)
        await asyncio.sleep(0.2)
        return 1

    assert ends(alone(slow), tmp_path, budget=Budget(calls=1)).value == 1
    assert len(count) == 1
    run = ends(alone(slow), tmp_path, budget=Budget(calls=2))
    assert len(count) == 3
    assert run.value == 1
    assert run.nodes[0].cost == pytest.approx(0.3)


def test_a_price_counts_where_nothing_is_reported(tmp_path: Path) -> None:
    plan = motet.Plan()
    plan.add(paid, 1)
    plan.add(cheap, 1)
    run = ends(plan, tmp_path)
    assert {each.id: each.cost for each in run.nodes} == {"paid": 0.5, "cheap": 0.1}
    assert {each.id: each.tokens for each in run.nodes} == {"paid": 0, "cheap": 10}


def test_reports_of_all_attempts_add_up(tmp_path: Path) -> None:
    count: list[int] = []

    @motet.operator(retries=2)
    def twice() -> int:
        count.append(1)
        motet.report(tokens=5, cost=0.01, input_tokens=100)
        motet.report(cost=0.01)
        if len(count) < 3:
            raise OSError("again")
        return 1

    (node,) = ends(alone(twice), tmp_path).nodes
    assert (node.tokens, node.attempts) == (315, 3)
    assert node.cost == pytest.approx(0.06)


def test_a_node_that_holds_money_and_waits_for_its_child_ends(tmp_path: Path) -> None:
    @motet.operator(cost=0.5)
    async def parent(x: int) -> int:
        return await paid(x)

    run = ends(alone(parent, 1), tmp_path, within=3, budget=Budget(cost=0.9))
    assert isinstance(run.error, motet.BudgetSpent)
    assert ends(alone(parent, 1), tmp_path, budget=Budget(cost=1.0)).value == 1


def test_of_two_parents_that_wait_for_children_one_gives_way(tmp_path: Path) -> None:
    met = asyncio.Barrier(2)

    @motet.operator(cost=0.1)
    async def child(x: int) -> int:
        motet.report(cost=0.01)
        return x

    @motet.operator(cost=0.4)
    async def parent(x: int) -> int:
        await met.wait()
        motet.report(cost=0.01)
        try:
            return await child(x)
        except motet.BudgetSpent:
            return -1

    plan = motet.Plan()
    refs = [plan.add(parent, each) for each in (1, 2)]
    run = ends(plan, tmp_path, within=3, want=refs, budget=Budget(cost=0.85))
    assert run.status == "done", run.error
    assert sorted(run.value)[0] == -1  # type: ignore[call-overload]
    assert sorted(run.value)[1] in (1, 2)  # type: ignore[call-overload]


def test_the_time_of_a_run_is_limited(tmp_path: Path) -> None:
    run = ends(
        alone(motet.operator(asyncio.sleep), 30), tmp_path, within=3, budget=Budget(seconds=0.2)
    )
    assert isinstance(run.error, motet.BudgetSpent)
    assert statuses(run) == {"sleep": "cancelled"}


def test_what_cancelled_calls_reported_is_spent(tmp_path: Path) -> None:
    seconds = 30.0
    calls: list[int] = []

    @motet.operator(cost=0.5)
    async def slow(x: int) -> None:
        motet.report(cost=0.2)
        calls.append(x)
        await asyncio.sleep(seconds)

    plan = motet.Plan()
    wanted = [plan.add(slow, 1), plan.add(slow, 2)]

    run = motet.arun(plan, want=wanted, id="x", home=tmp_path, budget=Budget(cost=1.0))
    asyncio.run(cut_off(run, lambda: len(calls) == 2))
    seconds = 0.0
    resumed = motet.resume("x", operators=[slow], home=tmp_path)
    assert isinstance(resumed.error, motet.BudgetSpent)  # 0.4 and 0.2 are spent, 0.5 does not fit
    assert sum(each.cost for each in resumed.nodes) == pytest.approx(0.6)


def test_a_purse_serves_in_order_and_whoever_fits() -> None:
    async def scenario() -> None:
        purse = Purse(Budget(calls=3, cost=1.0))
        served: list[str] = []

        async def take(name: str, cost: float) -> None:
            await purse.reserve(Amount(cost, 0, 1), name)
            served.append(name)

        await take("a", 0.6)
        waiting = [asyncio.create_task(take(*each)) for each in (("b", 0.9), ("c", 0.4))]
        await asyncio.sleep(0)
        waiting.append(asyncio.create_task(take("d", 0.4)))
        await asyncio.sleep(0.01)
        assert served == ["a", "c"]
        purse.settle(Amount(0.6, 0, 1), "a", Amount(0.0, 0, 1))
        await asyncio.sleep(0.01)
        assert served == ["a", "c", "d"]
        purse.settle(Amount(0.4, 0, 1), "c", Amount(0.0, 0, 0))
        purse.settle(Amount(0.4, 0, 1), "d", Amount(0.0, 0, 0))
        await asyncio.gather(*waiting)
        assert served == ["a", "c", "d", "b"]

    asyncio.run(scenario())


def test_who_is_cancelled_while_waiting_takes_nothing() -> None:
    async def scenario() -> None:
        purse = Purse(Budget(calls=1))
        await purse.reserve(Amount(0, 0, 1), "a")
        task = asyncio.create_task(purse.reserve(Amount(0, 0, 1), "b"))
        await asyncio.sleep(0)
        purse.settle(Amount(0, 0, 1), "a", Amount())
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert purse.reserved == Amount()
        await purse.reserve(Amount(0, 0, 1), "c")

    asyncio.run(scenario())


def test_random_reservations_never_exceed_the_budget() -> None:
    async def scenario(seed: int) -> None:
        dice = random.Random(seed)
        purse = Purse(Budget(cost=1.0, tokens=50, calls=20))

        async def work(number: int) -> None:
            most = Amount(dice.uniform(0, 0.5), dice.randrange(30), 1)
            await asyncio.sleep(dice.uniform(0, 0.01))
            await purse.reserve(most, f"n{number}")
            assert purse.spent.cost + purse.reserved.cost <= 1.0 + 1e-9
            used = Amount(dice.uniform(0, most.cost), dice.randrange(most.tokens + 1), 1)
            try:
                await asyncio.sleep(dice.uniform(0, 0.01))
            finally:
                purse.settle(most, f"n{number}", used)

        tasks = [asyncio.create_task(work(number)) for number in range(40)]
        for task in dice.sample(tasks, 8):
            asyncio.get_running_loop().call_later(dice.uniform(0, 0.02), task.cancel)
        found = await asyncio.wait_for(asyncio.gather(*tasks, return_exceptions=True), 5)
        assert all(
            each is None or isinstance(each, (motet.BudgetSpent, asyncio.CancelledError))
            for each in found
        )
        assert purse.reserved == Amount()
        assert purse.spent.calls <= 20
        assert purse.spent.tokens <= 50
        assert purse.spent.cost <= 1.0 + 1e-9

    for seed in range(30):
        asyncio.run(scenario(seed))
