"""Failures, clients that leave and wrong requests at the endpoints beside chat."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from media_requests import (
    PATHS,
    PRICE,
    STREAMS,
    asking,
    ended,
    faulty,
    rows,
    streaming,
)
from media_server import FAULTS, MediaServer
from motet_process import Served


@pytest.mark.parametrize("path", PATHS)
def test_errors_keep_their_status_and_shape(media_gateway: Served, path: str) -> None:
    url = f"{media_gateway.url}/v1/{path}"
    expected = {"rate-limited": 429, "refusing": 400, "nobody": 404, "auto": 400}
    if path != "audio/speech":  # where anything may be sound
        expected["garbage"] = 502
    for fault, status in expected.items():
        name = faulty(fault, path) if fault in FAULTS else fault
        found = httpx.post(url, **asking(path, name))
        assert found.status_code == status, (name, found.text)
        error = found.json()["error"]
        assert error["message"] and error["type"]
        assert "a-provider-key" not in found.text
        if status == 429:
            assert found.headers["retry-after"] == "7"
    found = httpx.post(url, json={"model": 3})
    assert found.status_code == 400
    assert found.json()["error"]["param"] in ("model", None)


@pytest.mark.parametrize("path", PATHS)
def test_another_model_stands_in(media_gateway: Served, path: str) -> None:
    found = httpx.post(f"{media_gateway.url}/v1/{path}", **asking(path, faulty("failing", path)))
    assert found.status_code == 200
    assert found.headers["x-motet-model"] == "other"
    *tried, last = rows(media_gateway)
    assert [(row["used"], row["http"], row["cost_usd"]) for row in tried] == [("failing", 500, 0)]
    assert (last["used"], last["status"]) == ("other", "done")
    assert last["model"] == faulty("failing", path)


def test_what_was_answered_of_a_batch_is_not_asked_again(
    tmp_path: Path, media: MediaServer
) -> None:
    (tmp_path / "motet.yaml").write_text(
        "system: media\nmodels:\n"
        f"  - {{use: tei/flaky, base_url: '{media.url('/tei')}', as: m, {PRICE}}}\n"
        "gateway: {retries: 3}\n"
    )
    with Served(tmp_path, command="gateway") as server:
        before = len(media.of("flaky"))
        texts = [f"text {number}" for number in range(32 * 6)]
        body = {"model": "m", "input": texts}
        found = httpx.post(f"{server.url}/v1/embeddings", json=body, timeout=30)
        assert found.status_code == 200, found.text
        calls = media.of("flaky")[before:]
        asked = [call.fields["input"][0] for call in calls if call.answered]
        assert sorted(asked) == sorted(texts[::32])
        done = [row for row in rows(server) if row["status"] == "done"]
        assert sum(row["input_tokens"] for row in done) == 2 * len(texts)


@pytest.mark.parametrize("path", STREAMS)
@pytest.mark.parametrize("fault", ["reporting", "unfinished", "cut"])
def test_streams_that_break_say_so_in_band(media_gateway: Served, path: str, fault: str) -> None:
    found = httpx.post(
        f"{media_gateway.url}/v1/{path}", **streaming(path, faulty(fault, path)), timeout=30
    )
    assert found.status_code == 200
    events = [json.loads(line[5:]) for line in found.text.splitlines() if line.startswith("data:")]
    assert len(events) >= 2
    assert events[-1]["error"]["message"]
    assert "a-provider-key" not in found.text
    row = rows(media_gateway)[-1]
    assert (row["status"], row["estimated"]) == ("failed", True)
    assert row["cost_usd"] > 0 and row["error"]


@pytest.mark.parametrize("fault", ["reporting", "unfinished", "cut"])
def test_sound_that_breaks_off_is_cut(media_gateway: Served, fault: str) -> None:
    given = asking("audio/speech", faulty(fault, "audio/speech"))
    given["json"]["input"] = "one two three four five six"
    with pytest.raises(httpx.RemoteProtocolError), httpx.Client(timeout=10) as client:
        client.post(f"{media_gateway.url}/v1/audio/speech", **given)
    row = rows(media_gateway)[-1]
    assert (row["status"], row["estimated"]) == ("failed", True)
    assert row["cost_usd"] > 0


@pytest.mark.parametrize("path", PATHS)
def test_answers_that_are_cut_off_are_asked_of_another(media_gateway: Served, path: str) -> None:
    if path == "audio/speech":
        pytest.skip("its first bytes are with the client already")
    found = httpx.post(
        f"{media_gateway.url}/v1/{path}", **asking(path, faulty("cut", path)), timeout=30
    )
    assert (found.status_code, found.headers.get("x-motet-model")) == (200, "other")
    *broken, last = rows(media_gateway)
    assert {row["status"] for row in broken} == {"failed"}
    assert all(row["estimated"] for row in broken)
    assert last["status"] == "done"


@pytest.mark.parametrize("path", PATHS)
def test_a_client_that_leaves_closes_the_upstream(
    media_gateway: Served, media: MediaServer, path: str
) -> None:
    before = len(media.calls)
    with httpx.Client(timeout=0.7) as client, pytest.raises(httpx.TimeoutException):
        client.post(f"{media_gateway.url}/v1/{path}", **asking(path, faulty("hanging", path)))
    [call] = media.calls[before:]
    assert call.left.wait(2)
    row = ended(media_gateway, "aborted")
    assert row["estimated"] and row["cost_usd"] > 0


@pytest.mark.parametrize("path", STREAMS)
def test_a_client_that_leaves_a_stream_closes_the_upstream(
    media_gateway: Served, media: MediaServer, path: str
) -> None:
    given = streaming(path, faulty("stalling", path))
    with httpx.stream("POST", f"{media_gateway.url}/v1/{path}", **given) as sent:
        assert next(sent.iter_bytes())
    assert media.calls[-1].left.wait(2)
    row = ended(media_gateway, "aborted")
    assert row["estimated"] and row["cost_usd"] > 0


WRONG: list[Any] = [None, True, -1, 0, 10**400, 1.5, "", "x", "\0", "9" * 5000]
WRONG += [[], [[]], {}, [None], [{}]]
FIELDS = ("n", "stream", "response_format", "stream_format", "dimensions", "partial_images")


@pytest.mark.parametrize("path", PATHS)
def test_wrong_fields_are_never_our_fault(media_gateway: Served, path: str) -> None:
    given = asking(path, "model")
    form = "data" in given
    names = (*given["data" if form else "json"], *FIELDS)
    with httpx.Client(timeout=30) as client:
        for name, value in itertools.product(names, WRONG):
            said = json.dumps(value) if form and not isinstance(value, str) else value
            place = "data" if form else "json"
            changed = {**given, place: {**given[place], name: said}}
            found = client.post(f"{media_gateway.url}/v1/{path}", **changed)
            assert found.status_code not in (500, 503), (name, value, found.text)


@pytest.mark.parametrize("path", ["embeddings", "images/generations"])
@pytest.mark.parametrize("name", ["dimensions", "input_type", "size", "n", "user", "odd"])
def test_wrong_fields_for_an_api_of_another_form(
    media_gateway: Served, path: str, name: str
) -> None:
    given = asking(path, "gemini")["json"]
    for value in WRONG:
        body = {**given, name: value}
        found = httpx.post(f"{media_gateway.url}/v1/{path}", json=body, timeout=30)
        assert found.status_code not in (500, 503), (value, found.text)


@pytest.mark.parametrize("path", PATHS)
def test_wrong_bodies_are_never_our_fault(media_gateway: Served, path: str) -> None:
    bodies = [b"", b"{", b"[]", b"null", b'{"model":"\\ud800","input":"a"}', b"[" * 100_000]
    bodies += [b'{"model":"model","odd":' + b"[" * 990 + b"]" * 990 + b',"input":"a","voice":"b"}']
    bodies += [b'{"model":"model","input":"\\ud800"}', b'{"model":"model","input":NaN}', b"\xff"]
    kinds = ["application/json", "multipart/form-data", "multipart/form-data; boundary=a", ""]
    for body in bodies:
        for kind in kinds:
            found = httpx.post(
                f"{media_gateway.url}/v1/{path}", content=body, headers={"content-type": kind}
            )
            assert 400 <= found.status_code < 500, (body[:50], kind, found.text)
            assert found.json()["error"]["message"]
