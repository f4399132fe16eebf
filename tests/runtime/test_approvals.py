"""People who approve, edit, refuse, or know what became of a call: now or weeks later."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import textwrap
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from plan_samples import alone, cut_off, ends, statuses, until

import motet
from motet.runtime.runs import cancel, get


@dataclass
class Mail:
    to: str
    text: str


sent: list[object] = []


@motet.operator(effect="once")
async def send(mail: Mail) -> int:
    sent.append(mail)
    return len(sent)


@motet.operator(effect="pure")
def write(to: str) -> Mail:
    return Mail(to, "hello")


def letters(*names: str) -> motet.Plan:
    """Return a plan that sends what a person has approved."""
    plan = motet.Plan()
    for name in names:
        draft = plan.add(write, name)
        plan.add(send, plan.add(motet.approve, draft, f"send to {name}?"))
    return plan


@pytest.fixture(autouse=True)
def nothing_sent() -> None:
    sent.clear()


def recorded(home: Path) -> list[motet.Run]:
    """Return the run `a`, once there is one."""
    try:
        return [get("a", home=home)]
    except motet.UsageError:
        return []


def test_a_run_pauses_and_goes_on_when_approved(tmp_path: Path) -> None:
    run = ends(letters("Ann"), tmp_path, id="a")
    assert (run.status, run.value, run.error) == ("paused", None, None)
    (waiting,) = run.pending
    assert (waiting.node, waiting.message) == ("approve", "send to Ann?")
    assert waiting.value == Mail("Ann", "hello")
    assert not waiting.in_doubt
    assert motet.resume("a", home=tmp_path).status == "paused"
    motet.answer("a", "approve", home=tmp_path)
    run = motet.resume("a", home=tmp_path)
    assert (run.status, run.value) == ("done", 1)
    assert sent == [Mail("Ann", "hello")]
    assert list(run.pending) == []


def test_people_may_change_what_they_approve(tmp_path: Path) -> None:
    ends(letters("Ann"), tmp_path, id="a")
    motet.answer("a", "approve", Mail("Ann", "dear Ann"), home=tmp_path)
    assert motet.run(letters("Ann"), id="a", home=tmp_path).status == "done"
    assert sent == [Mail("Ann", "dear Ann")]


def test_a_refusal_carries_its_reason(tmp_path: Path) -> None:
    ends(letters("Ann"), tmp_path, id="a")
    motet.answer("a", "approve", refuse="not at night", home=tmp_path)
    run = motet.resume("a", home=tmp_path)
    assert run.status == "failed"
    assert isinstance(run.error, motet.Refused)
    assert run.error.reason == "not at night"
    assert statuses(run)["approve"] == "failed"
    assert sent == []


def test_a_workflow_may_go_another_way_when_refused(tmp_path: Path) -> None:
    @motet.workflow
    async def careful(name: str) -> str:
        try:
            mail = await motet.approve(write(name) and Mail(name, "hi"), "send?")
        except motet.Refused as refused:
            return f"kept: {refused.reason}"
        return f"sent {await send(mail)}"

    run = ends(alone(careful, "Ann"), tmp_path, id="a")
    (waiting,) = run.pending
    motet.answer("a", waiting.node, refuse="no", home=tmp_path)
    assert motet.resume("a", home=tmp_path).value == "kept: no"


def test_each_of_many_is_answered_by_itself(tmp_path: Path) -> None:
    names = ("Ann", "Bob", "Cem")
    run = ends(letters(*names), tmp_path, id="a")
    assert {each.message for each in run.pending} == {f"send to {name}?" for name in names}
    for number, node in enumerate(("approve.2", "approve", "approve.3")):
        motet.answer("a", node, home=tmp_path)
        run = motet.resume("a", home=tmp_path)
        assert len(sent) == number + 1
        assert len(run.pending) == 2 - number
    assert run.status == "done"
    assert [mail.to for mail in sent] == ["Bob", "Ann", "Cem"]  # type: ignore[attr-defined]


def test_what_runs_meanwhile_ends_first(tmp_path: Path) -> None:
    @motet.operator
    async def slow() -> str:
        await asyncio.sleep(0.3)
        return "slow"

    plan = motet.Plan()
    want = [plan.add(motet.approve, 1), plan.add(slow)]
    run = ends(plan, tmp_path, want=want)
    assert statuses(run) == {"approve": "paused", "slow": "done"}


def test_a_live_run_takes_an_answer_from_elsewhere(tmp_path: Path) -> None:
    code = """
        import sys, time, motet
        from motet.runtime.runs import get
        for _ in range(200):
            try:
                if get("a", home=sys.argv[1]).pending: break
            except motet.UsageError: pass
            time.sleep(0.05)
        motet.answer("a", "approve", {"edited": True}, home=sys.argv[1])
    """
    other = subprocess.Popen([sys.executable, "-c", textwrap.dedent(code), str(tmp_path)])
    run = ends(alone(motet.approve, {"a": 1}), tmp_path, within=30, id="a", wait=True)
    assert other.wait(10) == 0
    assert (run.status, run.value) == ("done", {"edited": True})


def test_a_live_run_that_waits_can_be_cancelled(tmp_path: Path) -> None:
    async def scenario() -> motet.Run:
        task = asyncio.create_task(
            motet.arun(alone(motet.approve, 1), id="a", home=tmp_path, wait=True)
        )
        await until(lambda: recorded(tmp_path))
        await asyncio.to_thread(cancel, "a", home=tmp_path)
        return await asyncio.wait_for(task, 20)

    assert asyncio.run(scenario()).status == "cancelled"


def test_a_paused_run_can_be_cancelled(tmp_path: Path) -> None:
    ends(letters("Ann"), tmp_path, id="a")
    cancel("a", "no longer", home=tmp_path)
    assert get("a", home=tmp_path).status == "cancelled"


def test_weeks_later_another_process_goes_on(tmp_path: Path) -> None:
    code = """
        import sys, motet
        @motet.operator(effect="pure")
        def draft(x: int) -> list[int]:
            print("draft"); return [x]
        @motet.operator(effect="once")
        def act(x: list[int]) -> int:
            print("act", x); return x[0]
        plan = motet.Plan()
        plan.add(act, plan.add(motet.approve, plan.add(draft, 3)))
        run = motet.run(plan, id="a", home=sys.argv[1])
        print(run.status, run.value)
    """
    script = tmp_path / "script.py"
    script.write_text(textwrap.dedent(code))

    def run() -> str:
        return subprocess.run(
            [sys.executable, script, tmp_path / "home"], capture_output=True, text=True, check=True
        ).stdout

    assert run().split("\n") == ["draft", "paused None", ""]
    assert run().split("\n") == ["paused None", ""]
    motet.answer("a", "approve", [5], home=tmp_path / "home")
    assert run().split("\n") == ["act [5]", "done 5", ""]
    assert run().split("\n") == ["done 5", ""]


@pytest.mark.parametrize(
    ("node", "options", "message"),
    [
        ("nobody", {}, "this node waits for nobody .there wait: approve"),
        ("write", {}, "waits for nobody"),
        ("approve", {"retry": True}, "an approval is given or refused, not retried"),
        ("approve", {"value": 1, "refuse": "x"}, "exclude each other"),
        ("approve", {"value": object()}, "the answer cannot be recorded"),
    ],
)
def test_answers_that_fit_nothing_are_refused(
    tmp_path: Path, node: str, options: dict[str, Any], message: str
) -> None:
    ends(letters("Ann"), tmp_path, id="a")
    with pytest.raises(motet.UsageError, match=message):
        motet.answer("a", node, home=tmp_path, **options)
    assert motet.resume("a", home=tmp_path).status == "paused"


def test_nobody_is_asked_without_a_journal(tmp_path: Path) -> None:
    run = ends(alone(motet.approve, 1), tmp_path, durability="none")
    assert run.status == "failed"
    assert "without a journal nobody can answer" in str(run.error)


def test_what_cannot_be_shown_cannot_be_approved(tmp_path: Path) -> None:
    @motet.workflow
    async def asks() -> None:
        await motet.approve(object(), "this?")

    run = ends(alone(asks), tmp_path)
    assert run.status == "failed"
    assert "cannot be stored" in str(run.error)


def test_an_operator_of_ones_own_by_that_name_asks_nobody(tmp_path: Path) -> None:
    @motet.operator(name="approve")
    async def mine() -> int:
        await asyncio.sleep(30)
        return 1

    @motet.workflow
    async def asks() -> list[int]:
        return await asyncio.gather(mine(), motet.approve(1, "really?"))

    async def scenario() -> motet.Run:
        task = asyncio.create_task(motet.arun(alone(asks), id="a", home=tmp_path))
        await until(lambda: any(each.pending for each in recorded(tmp_path)))
        assert [each.message for each in get("a", home=tmp_path).pending] == ["really?"]
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return get("a", home=tmp_path)

    assert asyncio.run(scenario()).status == "cancelled"


# Calls in doubt

KILLED = """
import os, signal, sys, motet

@motet.operator(effect="once")
def charge(x: int) -> int:
    with open(sys.argv[1] + "/charged", "a") as log:
        print(x, file=log)
    if "die" in sys.argv:
        os.kill(os.getpid(), signal.SIGKILL)
    return 10 * x

@motet.operator(effect="pure")
def after(x: int) -> int:
    return x + 1

plan = motet.Plan()
plan.add(after, plan.add(charge, 4))
if __name__ == "__main__":
    run = motet.run(plan, id="a", home=sys.argv[1])
    print(run.status, run.value, run.error)
"""


class Shop:
    """A script that is killed in a call that happens once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.script = folder / "shop.py"
        self.script.write_text(KILLED)

    def run(self, *words: str) -> str:
        done = subprocess.run(
            [sys.executable, self.script, self.folder, *words], capture_output=True, text=True
        )
        assert done.returncode in (0, -9), done.stderr
        return done.stdout.strip()

    @property
    def charged(self) -> int:
        return len((self.folder / "charged").read_text().split())


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    found = Shop(tmp_path)
    assert found.run("die") == ""
    assert found.charged == 1
    return found


def test_a_call_in_doubt_is_asked_about(shop: Shop) -> None:
    assert shop.run() == "paused None None"
    (waiting,) = get("a", home=shop.folder).pending
    assert (waiting.node, waiting.in_doubt) == ("charge", True)
    assert "may have happened" in waiting.message
    with pytest.raises(motet.UsageError, match="nobody knows what this call gave"):
        motet.answer("a", "charge", home=shop.folder)
    assert shop.run() == "paused None None"
    motet.answer("a", "charge", 40, home=shop.folder)
    assert shop.run() == "done 41 None"
    assert shop.charged == 1


def test_a_call_in_doubt_may_be_made_again(shop: Shop) -> None:
    shop.run()
    motet.answer("a", "charge", retry=True, home=shop.folder)
    assert shop.run() == "done 41 None"
    assert shop.charged == 2


def test_every_doubt_is_asked_about(shop: Shop) -> None:
    shop.run()
    motet.answer("a", "charge", retry=True, home=shop.folder)
    assert shop.run("die") == ""
    assert shop.charged == 2
    assert shop.run() == "paused None None"
    assert shop.charged == 2
    motet.answer("a", "charge", 5, home=shop.folder)
    assert shop.run() == "done 6 None"


def test_an_answer_of_the_wrong_type_can_be_given_again(shop: Shop) -> None:
    shop.run()
    motet.answer("a", "charge", "forty", home=shop.folder)
    assert "charge: gave str, its annotation says int" in shop.run()
    assert shop.run() == "paused None None"
    motet.answer("a", "charge", 40, home=shop.folder)
    assert shop.run() == "done 41 None"
    assert shop.charged == 1


def test_a_doubt_may_be_refused_and_asked_again(shop: Shop) -> None:
    shop.run()
    motet.answer("a", "charge", refuse="look first", home=shop.folder)
    assert "refused: look first" in shop.run()
    assert shop.run() == "paused None None"
    assert shop.charged == 1


def test_once_is_never_tried_again(tmp_path: Path) -> None:
    with pytest.raises(motet.PlanError, match="what happens once is never retried"):
        send.options(retries=1)
    with pytest.raises(motet.PlanError, match="would repeat the effect"):
        send.options(hedge=1.0)

    @motet.operator(retries=2)
    async def insists() -> int:
        await send(Mail("x", "y"))
        raise OSError("again")

    run = ends(alone(insists), tmp_path)
    assert isinstance(run.error, motet.PlanError)
    assert "it happens once, and 'insists' may be tried again" in str(run.error)
    assert sent == []


def test_a_call_that_never_began_is_in_no_doubt(tmp_path: Path) -> None:
    @motet.operator(effect="once", concurrency=1)
    async def slow(x: int) -> int:
        sent.append(x)
        await asyncio.sleep(30 if len(sent) == 1 else 0)
        return x

    plan = motet.Plan()
    want = [plan.add(slow, 1), plan.add(slow, 2)]

    asyncio.run(cut_off(motet.arun(plan, want=want, id="a", home=tmp_path), lambda: sent))
    run = motet.resume("a", home=tmp_path)
    assert [each.node for each in run.pending] == ["slow"]
    assert statuses(run) == {"slow": "paused", "slow.2": "done"}
    assert sent == [1, 2]


def test_a_call_that_failed_is_in_doubt(tmp_path: Path) -> None:
    @motet.operator(effect="once")
    async def failing() -> None:
        sent.append(1)
        raise OSError("connection lost")

    assert ends(alone(failing), tmp_path, id="a").status == "failed"
    run = motet.resume("a", home=tmp_path)
    assert run.status == "paused"
    assert run.pending[0].in_doubt
    assert sent == [1]


# Events


def test_two_nodes_may_wait_for_one_event(tmp_path: Path) -> None:
    from motet.runtime.builtin import event
    from motet.runtime.runs import send as tell

    plan = motet.Plan()
    want = [plan.add(event, "go"), plan.add(event, "go")]
    run = ends(plan, tmp_path, want=want, id="a")
    assert run.status == "paused"
    assert len(run.pending) == 2

    async def scenario() -> Any:
        task = asyncio.create_task(motet.aresume("a", home=tmp_path, wait=True))
        await until(lambda: get("a", home=tmp_path).status == "running")
        await asyncio.to_thread(tell, "a", "go", 7, home=tmp_path)
        return await asyncio.wait_for(task, 20)

    assert asyncio.run(scenario()).value == [7, 7]
