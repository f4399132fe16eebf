"""What providers say when they refuse."""

from __future__ import annotations

import json
from typing import Any

import pytest

from motet.models.failures import reported_failure, status_failure

GOOGLE: dict[str, Any] = {
    "error": {
        "code": 429,
        "message": "You exceeded your current quota.",
        "status": "RESOURCE_EXHAUSTED",
        "details": [
            {"@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": []},
            {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "34.5s"},
        ],
    }
}


@pytest.mark.parametrize("body", [GOOGLE, [GOOGLE]])
def test_google_says_in_the_body_how_long_to_wait(body: Any) -> None:
    error = status_failure(429, {}, json.dumps(body).encode(), where="google/m", key="")
    assert error.retry_after == 34.5
    assert error.hint == "wait 34 s and try again"
    assert "exceeded" in error.message


def test_the_header_comes_first() -> None:
    body = json.dumps(GOOGLE).encode()
    error = status_failure(429, {"Retry-After": "3"}, body, where="google/m", key="")
    assert error.retry_after == 3.0


def test_google_says_so_within_a_stream_too() -> None:
    error = reported_failure(GOOGLE, where="google/m", key="")
    assert (error.status, error.retry_after) == (429, 34.5)


@pytest.mark.parametrize("delay", ["soon", 5, None, "-1s", ""])
def test_a_wait_that_is_none(delay: Any) -> None:
    body = {"error": {"details": [{"retryDelay": delay}, None, "x"]}}
    error = status_failure(429, {}, json.dumps(body).encode(), where="google/m", key="")
    assert error.retry_after is None
    assert status_failure(429, {}, b"retryDelay", where="google/m", key="").retry_after is None


def test_a_wrong_key_at_google_is_no_wrong_request() -> None:
    body = {"error": {"code": 400, "message": "API key not valid.", "details": []}}
    body["error"]["details"] = [{"reason": "API_KEY_INVALID"}]
    error = status_failure(400, {}, json.dumps(body).encode(), where="google/m", key="")
    assert (error.status, error.hint) == (401, "check the key")
