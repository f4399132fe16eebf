"""`/api/runs` and chats whose runs ask people: over HTTP, with the official client."""

from __future__ import annotations

import json
import re
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import quote

import openai
import pytest
from chat_scripts import Messages, Reply, Tools
from chat_server import ChatServer
from motet_process import Served, motet
from paying import paid, payer, pays, start_flow
from test_guard import Response, send

APPROVE = {"approve": True}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, chat_server: ChatServer) -> Path:
    return payer(tmp_path_factory.mktemp("runs") / "payer", chat_server)


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[Served]:
    with Served(folder) as server:
        yield server
    assert server.code == 0, server.log
    assert "Traceback" not in server.log


@pytest.fixture(scope="module")
def patient(tmp_path_factory: pytest.TempPathFactory, chat_server: ChatServer) -> Iterator[Served]:
    """A server that waits a little for people."""
    folder = payer(tmp_path_factory.mktemp("patient") / "payer", chat_server)
    with Served(folder, "--wait-for-people", "3") as server:
        yield server
    assert server.code == 0, server.log


def get(server: Served, path: str) -> Any:
    with urllib.request.urlopen(server.url + path, timeout=20) as response:
        return json.load(response)


def post(server: Served, path: str, body: object) -> Response:
    return send(server, "POST", path, json.dumps(body).encode())


def client(server: Served) -> openai.OpenAI:
    return openai.OpenAI(base_url=f"{server.url}/v1", api_key="none", timeout=30)


def messages(question: str) -> Any:
    return [{"role": "user", "content": question}]


def asked(server: Served, question: str = "Pay 7") -> str:
    """Ask what pauses; return the run."""
    body = {"model": "payer", "messages": messages(question)}
    found = post(server, "/v1/chat/completions", body)
    assert found.status == 422
    run: str = json.loads(found.body)["motet"]["run"]
    return run


def node_of(server: Served, run: str) -> str:
    node: str = get(server, f"/api/runs/{run}")["pending"][0]["node"]
    return node


def until(ready: Callable[[], Any]) -> Any:
    """Return what `ready` gives once that is something."""
    for _ in range(400):
        if found := ready():
            return found
        time.sleep(0.05)
    raise AssertionError("in vain")


def ended(server: Served, run: str, status: str = "done") -> Any:
    def look() -> Any:
        found = get(server, f"/api/runs/{run}")
        return found if found["status"] == status else None

    return until(look)


def test_a_chat_that_needs_approval(server: Served) -> None:
    with client(server) as model, pytest.raises(openai.UnprocessableEntityError) as caught:
        model.chat.completions.create(model="payer", messages=messages("Pay 7"))
    error = caught.value
    assert error.code == "approval"
    assert "waits for a person" in str(error)
    assert "Call pay?" in str(error)
    found = error.response.json()["motet"]
    run = error.response.headers["x-motet-run"]
    assert (found["run"], found["status"]) == (run, "paused")
    assert found["pending"][0]["value"] == {"amount": 7}
    # The client did not try again by itself: one run waits.
    runs = get(server, "/api/runs?status=paused")["runs"]
    assert [each["id"] for each in runs] == [run]
    post(server, f"/api/runs/{run}/cancel", {})


def test_a_streamed_chat_that_needs_approval(server: Served) -> None:
    with client(server) as model, pytest.raises(openai.UnprocessableEntityError) as caught:
        model.chat.completions.create(model="payer", messages=messages("Pay 7"), stream=True)
    run = caught.value.response.headers["x-motet-run"]
    assert get(server, f"/api/runs/{run}")["status"] == "paused"
    post(server, f"/api/runs/{run}/cancel", {})


def test_an_approval_lets_the_server_go_on(server: Served, folder: Path) -> None:
    run = asked(server, "Pay 11")
    found = get(server, f"/api/runs/{run}")
    assert (found["kind"], found["status"], found["marked"]) == ("system", "paused", None)
    [pending] = found["pending"]
    assert (pending["kind"], pending["message"]) == ("approval", "Call pay?")
    said = post(server, f"/api/runs/{run}/answers", {"node": pending["node"], **APPROVE})
    body = json.loads(said.body)
    assert (said.status, body["goes_on"], body["next"]) == (200, True, None)
    found = ended(server, run)
    assert found["answer"]["answer"] == found["marked"] == "Outcome: paid 11"
    assert "11" in paid(folder)
    assert found["pending"] == []


def test_an_edited_value(server: Served, folder: Path) -> None:
    run = asked(server, "Pay 21")
    body = {"node": node_of(server, run), **APPROVE, "value": {"amount": 22}}
    assert post(server, f"/api/runs/{run}/answers", body).status == 200
    assert "paid 22" in ended(server, run)["answer"]["answer"]
    assert "21" not in paid(folder)


def test_a_refusal(server: Served, folder: Path) -> None:
    run = asked(server, "Pay 31")
    body = {"node": node_of(server, run), "refuse": "too dear"}
    assert post(server, f"/api/runs/{run}/answers", body).status == 200
    assert "too dear" in ended(server, run)["answer"]["answer"]
    assert "31" not in paid(folder)


def test_two_approvals_answered_at_once(server: Served, folder: Path) -> None:
    run = asked(server, "Pay 41 and 42")
    nodes = [each["node"] for each in get(server, f"/api/runs/{run}")["pending"]]

    def answer(node: str) -> None:
        assert post(server, f"/api/runs/{run}/answers", {"node": node, **APPROVE}).status == 200

    threads = [threading.Thread(target=answer, args=(node,)) for node in nodes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ended(server, run)["answer"]["answer"] == "Outcome: paid 41; paid 42"
    assert sorted(each for each in paid(folder) if each in ("41", "42")) == ["41", "42"]


def test_two_approvals_answered_one_after_the_other(server: Served) -> None:
    run = asked(server, "Pay 51 and 52")
    first, second = [each["node"] for each in get(server, f"/api/runs/{run}")["pending"]]
    post(server, f"/api/runs/{run}/answers", {"node": first, **APPROVE})

    def left() -> Any:
        found = get(server, f"/api/runs/{run}")
        nodes = [each["node"] for each in found["pending"]]
        return nodes == [second] and found["status"] == "paused" and not found["active"]

    until(left)
    post(server, f"/api/runs/{run}/answers", {"node": second, **APPROVE})
    assert "paid 51; paid 52" in ended(server, run)["answer"]["answer"]


def test_the_command_line_answers_what_the_server_asked(server: Served, folder: Path) -> None:
    run = asked(server, "Pay 61")
    assert motet("runs", "answer", run, "--approve", at=folder).code == 0
    found = post(server, f"/api/runs/{run}/resume", {})
    assert found.status == 202
    assert "paid 61" in ended(server, run)["answer"]["answer"]
    assert post(server, f"/api/runs/{run}/resume", {}).status == 200


def test_a_written_plan_is_shown_and_answered(server: Served, folder: Path) -> None:
    run = start_flow(folder)
    listed = get(server, "/api/runs?system=payer")["runs"]
    assert run in [each["id"] for each in listed]
    found = get(server, f"/api/runs/{run}")
    assert (found["kind"], found["status"], found["question"]) == ("plan", "paused", "order")
    assert found["pending"][0]["value"]["$data"][1] == {"company": "Acme", "price": 1.5}
    refused = post(server, f"/api/runs/{run}/resume", {})
    assert (refused.status, refused.error["code"]) == (400, "plan")
    said = post(server, f"/api/runs/{run}/answers", {"node": "approve", **APPROVE})
    body = json.loads(said.body)
    assert (body["goes_on"], body["pending"][0]["answered"]) == (False, "approve")
    assert body["next"] == f"motet runs resume {run} --operators FILE"
    done = motet("runs", "resume", run, "--operators", "flow.py", at=folder)
    assert done.out == "ordered from Acme for 1.5\n"
    assert get(server, f"/api/runs/{run}")["value"] == "ordered from Acme for 1.5"
    assert "order" in get(server, f"/api/runs/{run}/explain")["text"]


def test_cancel(server: Served, folder: Path) -> None:
    run = asked(server, "Pay 71")
    node = node_of(server, run)
    found = post(server, f"/api/runs/{run}/cancel", {"reason": "wrong"})
    body = json.loads(found.body)
    assert (found.status, body["status"], body["ended"]) == (200, "cancelled", True)
    assert body["error"] == "cancelled: wrong"
    assert post(server, f"/api/runs/{run}/cancel", {}).status == 400
    assert post(server, f"/api/runs/{run}/answers", {"node": node, **APPROVE}).status == 400
    assert "71" not in paid(folder)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"node": 1, **APPROVE},
        {"node": "approve"},
        {"node": "approve", "approve": True, "refuse": "no"},
        {"node": "approve", "approve": "yes"},
        {"node": "approve", "refuse": True},
        {"node": "approve", "retry": True},
        {"node": "approve", "refuse": "no", "value": 1},
        {"node": "approve", "approve": True, "value": {"$code": 1}},
        {"node": "nothing", "approve": True},
    ],
)
def test_answers_that_do_not_fit(server: Served, flow: str, body: object) -> None:
    found = post(server, f"/api/runs/{flow}/answers", body)
    assert found.status == 400
    assert found.error["message"]
    assert get(server, f"/api/runs/{flow}")["pending"][0]["answered"] is None


@pytest.fixture(scope="module")
def flow(folder: Path) -> str:
    """A written plan that nobody answers."""
    return start_flow(folder)


@pytest.mark.parametrize("path", ["answers", "resume", "cancel"])
def test_foreign_pages_cannot_answer(server: Served, flow: str, path: str) -> None:
    body = json.dumps({"node": "approve", **APPROVE}).encode()
    for headers in (
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Host": "evil.example"},
    ):
        found = send(server, "POST", f"/api/runs/{flow}/{path}", body, **headers)
        assert found.status == 403
    assert send(server, "GET", f"/api/runs/{flow}/{path}").status == 405
    assert get(server, f"/api/runs/{flow}")["pending"][0]["answered"] is None


def test_unknown_runs(server: Served) -> None:
    for run in ("run_0", "%00", "..%2f..", quote("<script>"), "a" * 5000):
        for path in ("", "/explain", "/waterfall"):
            assert send(server, "GET", f"/api/runs/{run}{path}").status == 404
        for path in ("/answers", "/resume", "/cancel"):
            body = {"node": "a", **APPROVE}
            assert post(server, f"/api/runs/{run}{path}", body).status == 404
    assert send(server, "GET", "/api/runs?status=odd").status == 400
    assert send(server, "GET", "/api/runs?limit=x").status == 400
    assert send(server, "GET", "/api/runs?system=nothing").status == 404


def test_runs_of_systems_that_are_not_served_are_not_shown(server: Served, folder: Path) -> None:
    (folder / "other.yaml").write_text((folder / "motet.yaml").read_text().replace("payer", "b"))
    found = motet("ask", "Pay 81", "-s", "other.yaml", "--json", at=folder)
    run = found.json["run"]
    assert send(server, "GET", f"/api/runs/{run}").status == 404
    assert run not in [each["id"] for each in get(server, "/api/runs?limit=200")["runs"]]


def test_the_waterfall_is_a_page_of_its_own(server: Served, flow: str) -> None:
    found = send(server, "GET", f"/api/runs/{flow}/waterfall")
    policy = found.headers["content-security-policy"]
    assert found.headers["content-type"].startswith("text/html")
    assert "sandbox allow-scripts" in policy
    assert re.search(r"script-src 'sha256-[\w+/=]+'", policy)
    assert "frame-ancestors 'none'" in policy
    assert found.headers["x-content-type-options"] == "nosniff"
    assert flow.encode() in found.body
    assert b"approve" in found.body


def test_a_streamed_chat_waits_for_people(patient: Served) -> None:
    started = threading.Event()

    def answer() -> None:
        found = until(lambda: get(patient, "/api/runs?status=paused")["runs"])
        started.wait(10)
        [pending] = found[0]["pending"]
        post(patient, f"/api/runs/{found[0]['id']}/answers", {"node": pending["node"], **APPROVE})

    person = threading.Thread(target=answer)
    person.start()
    with client(patient) as model:
        stream = model.chat.completions.create(
            model="payer", messages=messages("Pay 5"), stream=True
        )
        started.set()
        text = "".join(each.choices[0].delta.content or "" for each in stream)
    person.join()
    assert text == "Outcome: paid 5"
    [run] = get(patient, "/api/runs?limit=1")["runs"]
    assert (run["status"], run["pending"]) == ("done", [])


def test_patience_ends(patient: Served) -> None:
    began = time.monotonic()
    with client(patient) as model, pytest.raises(openai.APIError, match="waits for a person") as e:
        list(model.chat.completions.create(model="payer", messages=messages("Pay 6"), stream=True))
    assert 3 <= time.monotonic() - began < 10
    assert e.value.code == "approval"
    [run] = get(patient, "/api/runs?limit=1")["runs"]
    assert run["status"] == "paused"
    body = {"model": "payer", "messages": messages("Pay 8")}
    assert post(patient, "/v1/chat/completions", body).status == 422


def test_who_leaves_while_people_are_asked_cancels_nothing(patient: Served) -> None:
    body = {"model": "payer", "messages": messages("Pay 9"), "stream": True}
    request = urllib.request.Request(
        f"{patient.url}/v1/chat/completions", json.dumps(body).encode()
    )
    with urllib.request.urlopen(request, timeout=20) as response:
        run = response.headers["x-motet-run"]
        until(lambda: get(patient, f"/api/runs/{run}")["status"] == "paused")
    node = node_of(patient, run)
    post(patient, f"/api/runs/{run}/answers", {"node": node, **APPROVE})
    assert ended(patient, run)["marked"] == "Outcome: paid 9"


def test_a_run_cancelled_while_a_chat_waits(patient: Served) -> None:
    body = {"model": "payer", "messages": messages("Pay 10"), "stream": True}
    request = urllib.request.Request(
        f"{patient.url}/v1/chat/completions", json.dumps(body).encode()
    )
    with urllib.request.urlopen(request, timeout=20) as response:
        run = response.headers["x-motet-run"]
        until(lambda: get(patient, f"/api/runs/{run}")["status"] == "paused")
        post(patient, f"/api/runs/{run}/cancel", {"reason": "wrong shop"})
        text = response.read().decode()
    assert "cancelled: wrong shop" in text
    assert text.endswith("data: [DONE]\n\n")


def test_a_server_that_ends_leaves_approved_runs_to_the_next(
    tmp_path: Path, chat_server: ChatServer
) -> None:
    slow = threading.Event()

    def script(seen: Messages, tools: Tools) -> Reply | str:
        if any(each.get("role") == "tool" for each in seen) and not slow.is_set():
            slow.set()
            time.sleep(9)
        return pays(seen, tools)

    folder = payer(tmp_path / "payer", chat_server, script)
    with Served(folder) as server:
        run = asked(server)
        body = {"node": node_of(server, run), **APPROVE}
        post(server, f"/api/runs/{run}/answers", body)
        assert slow.wait(20)
    shown = motet("runs", "show", run, "--json", at=folder).json
    assert (shown["status"], shown["error"], shown["pending"]) == ("paused", None, [])
    with Served(folder) as server:
        assert ended(server, run)["marked"] == "Outcome: paid 7"
    assert paid(folder) == ["7"]


def test_answers_given_while_no_server_ran(tmp_path: Path, chat_server: ChatServer) -> None:
    folder = payer(tmp_path / "payer", chat_server)
    run = motet("ask", "Pay 7", "--json", at=folder).json["run"]
    assert motet("runs", "answer", run, "--approve", at=folder).code == 0
    with Served(folder) as server:
        assert ended(server, run)["marked"] == "Outcome: paid 7"


def test_the_command_line_says_that_a_served_system_waits(server: Served, tmp_path: Path) -> None:
    env = {"MOTET_SERVER": server.url}
    done = motet("ask", "Pay 91", "-s", "payer", "--json", at=tmp_path, env=env)
    assert done.code == 1
    assert done.json["error"]["code"] == "approval"
    assert "waits for a person" in done.json["error"]["message"]


def test_a_dead_collector_troubles_nobody(tmp_path: Path, chat_server: ChatServer) -> None:
    folder = payer(tmp_path / "payer", chat_server)
    with Served(folder, "--otlp", "http://127.0.0.1:1") as server:
        with client(server) as model:
            done = model.chat.completions.create(model="payer", messages=messages("Nothing"))
        assert done.choices[0].message.content is not None
        state = get(server, "/api/export")["export"]
        assert state["to"] == "http://127.0.0.1:1/v1/traces"
    assert server.code == 0
    assert server.process.returncode == 0


def test_runs_are_exported_while_serving(tmp_path: Path, chat_server: ChatServer) -> None:
    got: list[Any] = []

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            got.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    collector = ThreadingHTTPServer(("127.0.0.1", 0), Collector)
    threading.Thread(target=collector.serve_forever).start()
    folder = payer(tmp_path / "payer", chat_server)
    try:
        with Served(folder, "--otlp", f"http://127.0.0.1:{collector.server_port}") as server:
            run = asked(server)
            body = {"node": node_of(server, run), **APPROVE}
            post(server, f"/api/runs/{run}/answers", body)
            until(lambda: get(server, "/api/export")["export"]["sent"] == 1)
    finally:
        collector.shutdown()
        collector.server_close()
    [request] = got
    names = [each["name"] for each in request["resourceSpans"][0]["scopeSpans"][0]["spans"]]
    assert names.count("invoke_agent payer") == 1
    assert "execute_tool pay" in names
    assert "chat" in {name.split()[0] for name in names}


def test_no_export(server: Served) -> None:
    assert get(server, "/api/export") == {"export": None}


def test_errors_are_in_one_shape(server: Served) -> None:
    with pytest.raises(urllib.error.HTTPError) as caught:
        get(server, "/api/runs/run_0")
    with caught.value as error:
        assert set(json.load(error)["error"]) == {"message", "type", "param", "code"}
