"""`motet runs`: looking at runs, answering what they ask, going on with them."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from chat_server import ChatServer
from motet_process import Done, environment, motet
from paying import paid, payer, start_flow

GO_ON = ("--resume", "--operators", "flow.py")


OTHERS = """
import os
import signal
import sys
from pathlib import Path
import motet

HERE = Path(__file__).parent

@motet.operator(effect="once")
def charge(amount: int) -> str:
    with (HERE / "charged.txt").open("a") as file:
        file.write(f"{amount}\\n")
    if "die" in sys.argv:
        os.kill(os.getpid(), signal.SIGKILL)
    return f"charged {amount}"

@motet.workflow
async def listens() -> object:
    return await motet.event("parcel")

if __name__ == "__main__":
    plan = motet.Plan("others")
    want = plan.add(charge, 7) if "die" in sys.argv else plan.add(listens)
    motet.run(plan, want=want, id="others")
"""


@pytest.fixture
def folder(tmp_path: Path, chat_server: ChatServer) -> Path:
    return payer(tmp_path / "payer", chat_server)


def listed(folder: Path, *words: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = motet("runs", "list", "--json", *words, at=folder).json["runs"]
    return found


def ask(folder: Path, question: str = "Pay 7") -> str:
    """Ask what pauses; return the run."""
    done = motet("ask", question, "--json", at=folder)
    assert (done.code, done.json["status"]) == (1, "paused")
    return str(done.json["run"])


def one_line(done: Done) -> str:
    assert re.fullmatch(r"motet: [^\n]+\n", done.err), done.err
    return done.err


def test_nothing_has_run(tmp_path: Path) -> None:
    assert motet("runs", "list", at=tmp_path).out == "No runs yet.\n"
    assert motet("runs", "list", "--json", at=tmp_path).json["runs"] == []
    for words in (["show", "x"], ["answer", "x", "--approve"], ["resume", "x"], ["cancel", "x"]):
        done = motet("runs", *words, at=tmp_path)
        assert done.code == 2
        assert "nothing has run here yet" in one_line(done)
    assert not (tmp_path / ".motet").exists()


def test_ask_says_what_waits_and_how_to_answer(folder: Path) -> None:
    done = motet("ask", "Pay 7", at=folder)
    assert (done.code, done.out) == (1, "")
    line = one_line(done)
    assert "waits for a person" in line
    assert "Call pay?" in line
    command = re.search(r"\(motet (.*)\)", line)
    assert command is not None
    done = motet(*command[1].split(), at=folder)
    assert done.code == 0
    assert "Outcome: paid 7" in done.out
    assert paid(folder) == ["7"]


def test_ask_pauses_in_json(folder: Path) -> None:
    found = motet("ask", "Pay 7", "--json", at=folder).json
    assert (found["system"], found["status"]) == ("payer", "paused")
    assert found["error"]["code"] == "approval"
    [pending] = found["pending"]
    assert (pending["kind"], pending["value"]) == ("approval", {"amount": 7})
    assert pending["answered"] is None


def test_list_and_show(folder: Path) -> None:
    run, flow = ask(folder), start_flow(folder)
    shown = motet("runs", "list", at=folder).out
    assert shown.index(flow) < shown.index(run)
    assert "plan order" in shown
    assert "waits: approve: Order this?" in shown
    assert [each["id"] for each in listed(folder, "--status", "paused")] == [flow, run]
    assert [each["id"] for each in listed(folder, "-n", "1")] == [flow]
    assert [each["id"] for each in listed(folder, "-s", ".")] == [run]
    assert listed(folder, "--status", "done") == []
    assert motet("runs", "list", "--status", "done", at=folder).out == "No runs that are done.\n"
    text = motet("runs", "show", flow, at=folder).out
    assert "quote" in text
    assert f"motet runs answer {flow} approve --approve" in text
    found = motet("runs", "show", flow, "--json", at=folder).json
    assert (found["kind"], found["status"], found["active"]) == ("plan", "paused", False)
    assert [each["node"] for each in found["spans"]] == ["quote", "approve"]
    assert found["pending"][0]["value"]["$data"][1] == {"company": "Acme", "price": 1.5}


def test_an_edited_value_is_used(folder: Path) -> None:
    run = ask(folder)
    done = motet("runs", "answer", run, "--value", '{"amount": 3}', at=folder)
    assert "approved" in done.out
    assert f"motet runs resume {run}" in done.out
    assert "(approved)" in motet("runs", "list", at=folder).out
    done = motet("runs", "resume", run, at=folder)
    assert done.code == 0
    assert "paid 3" in done.out
    assert paid(folder) == ["3"]
    assert "answer: Outcome" in motet("runs", "show", run, at=folder).out


def test_a_refusal_reaches_the_model(folder: Path) -> None:
    run = ask(folder)
    done = motet("runs", "answer", run, "--refuse", "too dear", "--resume", "--json", at=folder)
    assert done.code == 0
    assert "too dear" in done.json["answer"]
    assert paid(folder) == []


def test_several_approvals_are_answered_one_by_one(folder: Path) -> None:
    run = ask(folder, "Pay 7 and 9")
    nodes = [each["node"] for each in listed(folder)[0]["pending"]]
    assert len(nodes) == 2
    done = motet("runs", "answer", run, "--approve", at=folder)
    assert "2 nodes wait" in one_line(done)
    said = motet("runs", "answer", run, nodes[0], "--approve", "--json", at=folder).json
    assert [each["answered"] for each in said["pending"]] == ["approve", None]
    assert said["next"] == f"motet runs resume {run}"
    done = motet("runs", "resume", run, at=folder)
    assert done.code == 1
    assert nodes[1] in done.err
    assert nodes[0] not in done.err
    assert paid(folder) == ["7"]
    done = motet("runs", "answer", run, "--refuse", "no", "--resume", at=folder)
    assert done.code == 0
    assert paid(folder) == ["7"]


def test_a_written_plan_goes_on_with_its_file(folder: Path) -> None:
    run = start_flow(folder)
    done = motet("runs", "resume", run, at=folder)
    assert done.code == 2
    assert "--operators FILE" in one_line(done)
    said = motet("runs", "answer", run, "--approve", at=folder).out
    assert f"motet runs resume {run} --operators {folder / 'flow.py'}" in said
    done = motet("runs", "resume", run, "--operators", "flow.py", at=folder)
    assert (done.code, done.out) == (0, "ordered from Acme for 1.5\n")
    assert (folder / "asked.txt").read_text() == "Acme\n"
    again = motet("runs", "resume", run, "--operators", "flow.py", "--json", at=folder).json
    assert (again["kind"], again["status"]) == ("plan", "done")
    assert again["value"] == "ordered from Acme for 1.5"
    assert 'value: "ordered' in motet("runs", "show", run, at=folder).out


def test_a_value_of_a_type_of_the_plan_is_edited(folder: Path) -> None:
    run = start_flow(folder)
    value = '{"$data": ["__main__:Quote", {"company": "Birch", "price": 2}]}'
    options = ["--value", "-", "--resume", "--operators", "flow.py"]
    done = motet("runs", "answer", run, *options, at=folder, stdin=value)
    assert done.out.endswith("ordered from Birch for 2\n")


def test_a_plan_whose_file_changed_goes_on_with_the_new_one(folder: Path) -> None:
    run = start_flow(folder)
    flow = folder / "flow.py"
    flow.write_text(flow.read_text().replace("ordered from", "bought from"))
    done = motet(
        "runs", "answer", run, "--approve", "--resume", "--operators", "flow.py", at=folder
    )
    assert done.out.endswith("bought from Acme for 1.5\n")


def test_a_refused_plan_fails(folder: Path) -> None:
    run = start_flow(folder)
    options = ["--refuse", "too dear", "--resume", "--operators", "flow.py"]
    done = motet("runs", "answer", run, *options, at=folder)
    assert done.code == 1
    assert "too dear" in one_line(done)
    assert "error: " in motet("runs", "show", run, at=folder).out
    assert listed(folder)[0]["pending"] == []


def waiting_flow(folder: Path) -> tuple[subprocess.Popen[str], str]:
    """Start the plan in a process that waits for people."""
    started = subprocess.Popen(
        [sys.executable, "flow.py", "wait"],
        cwd=folder,
        env=environment(PATH=os.environ["PATH"]),
        stdout=subprocess.PIPE,
        text=True,
    )
    for _ in range(200):
        runs = listed(folder)
        if runs and runs[0]["pending"]:
            return started, runs[0]["id"]
        time.sleep(0.05)
    raise AssertionError(runs)


def test_a_run_that_another_process_waits_in(folder: Path) -> None:
    started, run = waiting_flow(folder)
    assert listed(folder)[0]["active"]
    done = motet("runs", "resume", run, "--operators", "flow.py", at=folder)
    assert done.code == 1
    assert "another process is running it" in one_line(done)
    said = motet("runs", "answer", run, "--approve", at=folder)
    assert "goes on where it is running" in said.out
    assert started.communicate(timeout=20)[0].split()[1] == "done"


def test_cancel_where_it_runs(folder: Path) -> None:
    started, run = waiting_flow(folder)
    done = motet("runs", "cancel", run, "--reason", "wrong shop", at=folder)
    assert (done.code, done.out) == (0, "It ends as soon as its process notices.\n")
    assert started.communicate(timeout=20)[0].split()[1] == "cancelled"
    assert "cancelled: wrong shop" in motet("runs", "show", run, at=folder).out


def test_cancel_what_nobody_runs(folder: Path) -> None:
    run = ask(folder)
    found = motet("runs", "cancel", run, "--reason", "no", "--json", at=folder).json
    assert (found["status"], found["ended"], found["pending"]) == ("cancelled", True, [])
    done = motet("runs", "cancel", run, at=folder)
    assert (done.code, "cancelled already" in one_line(done)) == (2, True)
    assert motet("runs", "answer", run, "--approve", at=folder).code == 2
    assert paid(folder) == []


def test_a_killed_run_is_interrupted_and_resumed(folder: Path) -> None:
    started, run = waiting_flow(folder)
    os.kill(started.pid, signal.SIGKILL)
    started.communicate(timeout=20)
    assert f"{run}  interrupted" in motet("runs", "list", at=folder).out
    assert not listed(folder)[0]["active"]
    done = motet(
        "runs", "answer", run, "--approve", "--resume", "--operators", "flow.py", at=folder
    )
    assert done.out.endswith("ordered from Acme for 1.5\n")


def others(folder: Path, *words: str) -> None:
    (folder / "others.py").write_text(OTHERS)
    command = [sys.executable, "others.py", *words]
    environ = environment(PATH=os.environ["PATH"])
    subprocess.run(command, cwd=folder, env=environ, timeout=60, check=False)


GO_ON_OTHERS = ("--resume", "--operators", "others.py")


def test_an_event_is_answered_with_its_value(folder: Path) -> None:
    others(folder)
    [pending] = listed(folder)[0]["pending"]
    assert pending["kind"] == "event"
    done = motet("runs", "answer", "others", "--approve", at=folder)
    assert "comes with a value" in one_line(done)
    done = motet("runs", "answer", "others", "--value", '{"weight": 3}', *GO_ON_OTHERS, at=folder)
    assert (done.code, '"weight": 3' in done.out) == (0, True)


@pytest.mark.parametrize(
    ("words", "said", "charged"),
    [(["--retry"], "charged 7", ["7", "7"]), (["--value", '"it was charged"'], "it was", ["7"])],
)
def test_a_call_in_doubt(folder: Path, words: list[str], said: str, charged: list[str]) -> None:
    others(folder, "die")
    assert listed(folder)[0]["pending"] == []
    done = motet("runs", "resume", "others", "--operators", "others.py", at=folder)
    assert done.code == 1
    assert "motet runs answer others charge --retry --resume" in one_line(done)
    assert "nobody knows" in one_line(motet("runs", "answer", "others", "--approve", at=folder))
    done = motet("runs", "answer", "others", *words, *GO_ON_OTHERS, at=folder)
    assert said in done.out
    assert (folder / "charged.txt").read_text().split() == charged


MISFITS = (
    ([], "say one of"),
    (["--approve", "--retry"], "say one of"),
    (["--retry"], "not retried"),
    (["--value", "yes"], "no value"),
    (["--value", "NaN"], "no value"),
    (["--value", '{"$code": 1}'], "unknown kind of value"),
    (["--value", ""], "is empty"),
    (["nothing", "--approve"], "waits for nobody"),
)


def test_answers_that_do_not_fit(folder: Path) -> None:
    run = start_flow(folder)
    for words, said in MISFITS:
        done = motet("runs", "answer", run, *words, at=folder)
        assert done.code == 2
        assert said in one_line(done)
    [pending] = listed(folder)[0]["pending"]
    assert pending["answered"] is None


def test_wrong_runs_and_files(folder: Path, tmp_path: Path) -> None:
    run = ask(folder)
    done = motet("runs", "show", "run_0", "--json", at=folder)
    assert (done.code, done.json["error"]["message"]) == (2, "no such run")
    assert motet("runs", "resume", run, "--operators", "flow.py", at=folder).code == 2
    (folder / "other.yaml").write_text((folder / "motet.yaml").read_text().replace("payer", "b"))
    done = motet("runs", "resume", run, "-s", "other.yaml", at=folder)
    assert "a run of 'payer'" in one_line(done)
    flow = start_flow(folder)
    (folder / "broken.py").write_text("import motet\n1 / 0\n")
    done = motet("runs", "resume", flow, "--operators", "broken.py", at=folder)
    assert done.code == 2
    assert "broken.py:2: ZeroDivisionError" in one_line(done)
    (folder / "empty.py").write_text("")
    done = motet("runs", "resume", flow, "--operators", "empty.py", at=folder)
    assert "the operator 'quote' is not in this process" in one_line(done)


def test_export(folder: Path) -> None:
    run, flow = ask(folder), start_flow(folder)
    found = motet("runs", "export", run, flow, at=folder).json
    names = [each["name"] for each in found["resourceSpans"][0]["scopeSpans"][0]["spans"]]
    assert "invoke_agent payer" in names
    assert "invoke_workflow order" in names
    done = motet("runs", "export", run, "--to", "http://127.0.0.1:1", at=folder)
    assert (done.code, "cannot connect" in one_line(done)) == (3, True)
    assert motet("runs", "export", run, "--to", "here", at=folder).code == 2
    assert motet("runs", "export", at=folder).code == 2


def test_shells_complete_runs_and_nodes(folder: Path) -> None:
    flow = start_flow(folder)

    def completed(*words: str) -> str:
        typed = " ".join(("motet", *words))
        env = {"_MOTET_COMPLETE": "bash_complete", "COMP_WORDS": typed}
        return motet(at=folder, env={**env, "COMP_CWORD": str(len(words))}).out

    assert f"plain,{flow}" in completed("runs", "show", "run_")
    assert "plain,approve" in completed("runs", "answer", flow, "")
    assert "plain,cancel" in completed("runs", "ca")
