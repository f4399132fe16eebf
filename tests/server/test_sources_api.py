"""What the page asks of `/api`: sources, their text, page images, word boxes, runs."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from motet_process import Served

UPLOAD = ".motet/uploads/guide.pdf"
SENTENCE = "The hinge is made of brass."


def pdf(text: str) -> bytes:
    """Return a PDF of one page with a line of text."""
    line = f"BT /F1 12 Tf 72 720 Td ({text}) Tj ET".encode()
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R"
        b"/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(line), line),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    data, places = b"%PDF-1.4\n", []
    for number, each in enumerate(objects, 1):
        places.append(len(data))
        data += b"%d 0 obj%s\nendobj\n" % (number, each)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    end = b"trailer<</Size 6/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % len(data)
    return data + b"xref\n0 6\n0000000000 65535 f \n" + table + end


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("page")
    (folder / "note.txt").write_text("The parking lot is closed on Mondays.\n")
    (folder / "motet.yaml").write_text("system: page\nabout: A page.\nknowledge: ./note.txt\n")
    with Served(folder) as server:
        call(server, "PUT", "/api/sources/guide.pdf", pdf(SENTENCE))
        settled(server, UPLOAD)
        yield server


def call(server: Served, method: str, path: str, body: bytes | None = None) -> Any:
    request = urllib.request.Request(server.url + path, body, method=method)
    with urllib.request.urlopen(request, timeout=20) as response:
        data = response.read()
        return json.loads(data) if "json" in response.headers["content-type"] else data


def refused(server: Served, method: str, path: str) -> int:
    with pytest.raises(urllib.error.HTTPError) as caught:
        call(server, method, path)
    with caught.value as error:
        assert set(json.load(error)["error"]) == {"message", "type", "param", "code"}
        return error.code


def settled(server: Served, source: str) -> dict[str, Any]:
    """Wait until a source is read; return it."""
    for _ in range(200):
        listed = call(server, "GET", "/api/sources")
        found = [each for each in listed["sources"] if each["source"] == source]
        if found and not listed["ingest"]["running"]:
            return dict(found[0])
        time.sleep(0.05)
    raise AssertionError(listed)


def test_systems(server: Served) -> None:
    [system] = call(server, "GET", "/api/systems")["systems"]
    assert (system["name"], system["about"]) == ("page", "A page.")


def test_a_file_is_added_shown_and_removed(server: Served, tmp_path: Path) -> None:
    name, text = "Löhne & 規則 #1.txt", "Café opens at nine.\r\n"
    added = call(server, "PUT", f"/api/sources/{quote(name)}", text.encode())
    assert added == {"source": f".motet/uploads/{name}", "accepted": True}
    assert settled(server, added["source"])["status"] == "ready"
    shown = call(server, "GET", f"/api/text?source={quote(added['source'])}")
    assert shown["text"] == text
    assert shown["version"]
    call(server, "DELETE", f"/api/sources?source={quote(added['source'])}")
    assert refused(server, "GET", f"/api/text?source={quote(added['source'])}") in (400, 404)
    left = [each["source"] for each in call(server, "GET", "/api/sources")["sources"]]
    assert left == [UPLOAD, "note.txt"]


def test_a_file_that_cannot_be_read_shows_its_reason(server: Served) -> None:
    added = call(server, "PUT", "/api/sources/broken.pdf", b"%PDF-1.4 broken")
    found = settled(server, added["source"])
    assert found["status"] == "failed"
    assert found["reason"]
    call(server, "DELETE", f"/api/sources?source={added['source']}")


def test_words_stand_where_the_page_shows_them(server: Served) -> None:
    text = call(server, "GET", f"/api/text?source={UPLOAD}")["text"]
    start = text.index("brass")
    where = f"source={UPLOAD}&page=1"
    found = call(server, "GET", f"/api/words?{where}&start={start}&end={start + 5}")
    [box] = found["boxes"]
    assert (found["width"], found["height"]) == (612, 792)
    assert 72 < box["x0"] < box["x1"] < 300
    image = call(server, "GET", f"/api/page.png?{where}&width=300")
    assert image.startswith(b"\x89PNG")
    assert int.from_bytes(image[16:20], "big") == 300


@pytest.mark.parametrize(
    "path",
    [
        f"/api/page.png?source={UPLOAD}&page=9",
        f"/api/page.png?source={UPLOAD}&page=x",
        f"/api/page.png?source={UPLOAD}",
        f"/api/page.png?source={UPLOAD}&page=1&version=0",
        "/api/page.png?source=note.txt&page=1",
        f"/api/words?source={UPLOAD}&page=1",
        "/api/text",
        "/api/text?source=note.txt&version=0",
        "/api/sources?system=nothing",
        "/api/runs?limit=x",
        "/api/runs/run_0/explain",
    ],
)
def test_wrong_requests(server: Served, path: str) -> None:
    assert refused(server, "GET", path) in (400, 404, 422)


def test_runs_are_explained(server: Served) -> None:
    body = {"model": "page", "messages": [{"role": "user", "content": "When is it closed?"}]}
    done = call(server, "POST", "/v1/chat/completions", json.dumps(body).encode())
    [run, *_] = call(server, "GET", "/api/runs?limit=1")["runs"]
    assert run["id"] == done["motet"]["run"]
    explained = call(server, "GET", f"/api/runs/{run['id']}/explain")
    assert "retrieve" in explained["text"]
    assert {span["status"] for span in explained["spans"]} == {"done"}
