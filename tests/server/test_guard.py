"""Attacks on the server: foreign pages, foreign hosts, paths, sizes, keys, secrets."""

from __future__ import annotations

import http.client
import json
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import openai
import pytest
from motet_process import KEY, SECRETS, Served, motet


@dataclass(frozen=True)
class Response:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def error(self) -> dict[str, str | None]:
        """The error object; it has OpenAI's four members."""
        error = json.loads(self.body)["error"]
        assert set(error) == {"message", "type", "param", "code"}
        found: dict[str, str | None] = error
        return found


def send(
    server: Served,
    method: str,
    path: str,
    body: bytes | None = None,
    **headers: str,
) -> Response:
    """Send a request just as given: no client corrects path or headers."""
    connection = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=20)
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.putrequest(method, path, skip_host="Host" in given, skip_accept_encoding=True)
    if body is not None:
        given.setdefault("Content-Length", str(len(body)))
    for name, value in given.items():
        connection.putheader(name, value)
    connection.endheaders(body)
    answer = connection.getresponse()
    found = Response(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())
    connection.close()
    return found


PATHS = ["/", "/v1/models", "/v1/nothing", "/api/sources", "/api/page.png", "/assets/nothing.js"]


@pytest.mark.parametrize("path", PATHS)
def test_every_response_is_hardened(served: Served, path: str) -> None:
    found = send(served, "GET", path)
    policy = found.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert found.headers["x-content-type-options"] == "nosniff"
    assert "server" not in found.headers


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8400", "127.0.0.1.evil.example", "x@evil", "10.0.0.1"]
)
@pytest.mark.parametrize("path", ["/", "/v1/models", "/api/sources"])
def test_a_name_that_was_rebound_to_loopback(served: Served, host: str, path: str) -> None:
    found = send(served, "GET", path, Host=host)
    assert (found.status, found.error["code"]) == (403, "forbidden_host")


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:1", "[::1]:8400", "a.localhost"])
def test_names_of_this_machine(served: Served, host: str) -> None:
    assert send(served, "GET", "/v1/models", Host=host).status == 200


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:1", ""])
def test_a_page_of_another_origin(served: Served, origin: str) -> None:
    for method, path in (("POST", "/v1/chat/completions"), ("PUT", "/api/sources/a.txt")):
        found = send(served, method, path, b"{}", Origin=origin)
        assert (found.status, found.error["code"]) == (403, "forbidden_origin")
    assert send(served, "GET", "/v1/models", Origin=served.url).status == 200
    assert "access-control-allow-origin" not in send(served, "OPTIONS", "/v1/models").headers


@pytest.mark.parametrize(
    "name",
    [
        "..%2f..%2fevil.txt",
        "../../evil.txt",
        "..%5c..%5cevil.txt",
        "%2fetc%2f..%2fevil.txt",
        ".evil.txt",
        "evil.txt%00",
        "evil%0a.txt",
        "%2e%2e",
        "",
        "e" * 300 + ".txt",
    ],
)
def test_uploads_stay_in_their_folder(served: Served, home: Path, name: str) -> None:
    before = sorted(home.parent.rglob("*.txt"))
    found = send(served, "PUT", f"/api/sources/{name}?system=quoting", b"evil")
    assert found.status in (400, 404)  # a line break matches no route
    assert sorted(home.parent.rglob("*.txt")) == before
    assert not list(home.rglob("*.part"))


def test_uploads_of_the_wrong_kind_or_size(served: Served, home: Path) -> None:
    for name in ("evil.exe", "evil"):
        assert send(served, "PUT", f"/api/sources/{name}?system=quoting", b"MZ").status == 415
    assert send(served, "PUT", "/api/sources/a.txt?system=quoting", b"").status == 400
    assert send(served, "PUT", "/api/sources/a.txt?system=nothing", b"a").status == 404
    assert not (home / ".motet" / "uploads" / "a.txt").exists()


def test_a_body_that_is_too_large(served: Served) -> None:
    found = send(served, "POST", "/v1/chat/completions", b" " * (33 << 20))
    assert found.status == 413
    assert "32 MB" in str(found.error["message"])


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"1", b"\xff\xfe\x00", b'{"model": NaN', b"[" * 100_000, b'"' + b"a" * 99],
)
def test_bodies_that_are_no_object(served: Served, body: bytes) -> None:
    for path in ("/v1/chat/completions", "/v1/embeddings"):
        found = send(served, "POST", path, body)
        assert (found.status, found.error["code"]) == (400, "invalid_json")


def test_half_a_character_is_no_question(served: Served) -> None:
    body = rb'{"model": "quoting", "messages": [{"role": "user", "content": "\ud800"}]}'
    found = send(served, "POST", "/v1/chat/completions", body)
    assert (found.status, found.error["code"]) == (400, "usage")


@pytest.mark.parametrize("source", ["../../../../etc/passwd", "/etc/passwd", "quoting.yaml", "%00"])
def test_only_known_sources_are_shown(served: Served, source: str) -> None:
    for path in ("text", "page.png", "words"):
        where = f"/api/{path}?system=quoting&source={source}&page=1&start=0&end=9"
        found = send(served, "GET", where)
        assert found.status in (400, 404)
        assert "no such source" in str(found.error["message"])
        assert b"root:" not in found.body


@pytest.mark.parametrize(
    "source", ["documents/notice.txt", "../evil.txt", ".motet/uploads/../x", "%00"]
)
def test_only_uploads_are_removed(served: Served, home: Path, source: str) -> None:
    found = send(served, "DELETE", f"/api/sources?system=quoting&source={source}")
    assert found.status == 403
    assert (home / "documents" / "notice.txt").exists()


@pytest.mark.parametrize("path", ["/../app.py", "/%2e%2e/app.py", "/..%2fapp.py", "//etc/passwd"])
def test_static_files_stay_in_their_folder(served: Served, path: str) -> None:
    assert send(served, "GET", path).status == 404


def test_methods_that_do_not_exist(served: Served) -> None:
    found = send(served, "GET", "/v1/chat/completions")
    assert (found.status, found.headers["allow"]) == (405, "POST")
    assert found.error["code"] == "method_not_supported"


class TestKey:
    """A server beyond loopback."""

    @pytest.mark.parametrize(
        "path",
        ["/v1/models", "/v1/nothing", "/api/sources", "/api/page.png?source=a", "/api/runs"],
    )
    @pytest.mark.parametrize(
        "given", ["", "Bearer", "Bearer wrong", f"Basic {KEY}", KEY, f"Bearer {KEY}x"]
    )
    def test_no_key_no_answer(self, locked: Served, path: str, given: str) -> None:
        found = send(locked, "GET", path, **({"Authorization": given} if given else {}))
        assert (found.status, found.error["code"]) == (401, "invalid_api_key")
        assert found.headers["www-authenticate"] == "Bearer"
        assert found.headers["x-content-type-options"] == "nosniff"

    def test_a_key_that_is_not_ascii(self, locked: Served) -> None:
        assert send(locked, "GET", "/v1/models", Authorization="Bearer \xe9").status == 401

    def test_the_key_opens(self, locked: Served) -> None:
        found = send(locked, "GET", "/api/sources", Authorization=f"bearer {KEY}")
        assert found.status == 200
        assert send(locked, "GET", "/").status == 200

    def test_other_origins_are_refused_even_with_the_key(self, locked: Served) -> None:
        headers = {"Authorization": f"Bearer {KEY}", "Origin": "https://evil.example"}
        assert send(locked, "GET", "/v1/models", **headers).status == 403

    def test_the_client_says_why(self, locked: Served) -> None:
        with (
            openai.OpenAI(base_url=f"{locked.url}/v1", api_key="wrong") as client,
            pytest.raises(openai.AuthenticationError, match="valid key is needed"),
        ):
            client.models.list()

    def test_the_command_line_sends_its_key(self, locked: Served, tmp_path: Path) -> None:
        asked = ["ask", "What does Hartwell Tools sell?", "-s", "workshop", "--json"]
        env = {"MOTET_SERVER": locked.url}
        refused = motet(*asked, at=tmp_path, env=env)
        assert (refused.code, refused.json["error"]["code"]) == (3, "provider")
        assert motet(*asked, at=tmp_path, env={**env, "MOTET_API_KEY": KEY}).code == 0


def test_a_key_that_no_client_could_send(workshop: Path) -> None:
    for key in ("ключ", "a\nb"):
        done = motet("serve", "--port", "0", "--json", at=workshop, env={"MOTET_API_KEY": key})
        assert done.code == 2
        assert done.json["error"]["where"] == "MOTET_API_KEY"
        assert key not in done.out + done.err


def test_secrets_are_nowhere(served: Served, home: Path) -> None:
    secret = SECRETS["PROVIDER_KEY"].encode()
    said = b""
    for system in ("quoting", "failing"):
        body = {"model": system, "messages": [{"role": "user", "content": "Where is the key?"}]}
        said += send(served, "POST", "/v1/chat/completions", json.dumps(body).encode()).body
        for path in ("systems", "runs", "sources"):
            said += send(served, "GET", f"/api/{path}?system={system}").body
        shown = motet("trace", "list", "--json", "-s", f"{system}.yaml", at=home, env=SECRETS)
        run = shown.json["runs"][0]["id"]
        said += send(served, "GET", f"/api/runs/{run}/explain").body
        for form in ("--json", "--otlp"):
            trace = motet("trace", "show", run, form, "-s", f"{system}.yaml", at=home, env=SECRETS)
            said += trace.out.encode()
    said += served.log.encode()
    for file in (home / ".motet").rglob("*"):
        said += file.read_bytes() if file.is_file() else b""
    assert b"membership" in said
    assert secret not in said
    assert KEY.encode() not in said
