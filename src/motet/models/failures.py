"""What a provider says when it refuses or fails, as `ProviderError`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from email.utils import parsedate_to_datetime

from motet.core import clock
from motet.core.errors import ProviderError
from motet.core.json import JSON, loads

_MESSAGE_LIMIT = 300
_PAGE_LIMIT = 4096
_DEPTH_LIMIT = 6
_MASKED_KEY = re.compile(r"\S*\*{3,}\S*")
_SECONDS = re.compile(r"\d{1,9}(\.\d*)?", re.ASCII)
_WRONG_KEY = b"API_KEY_INVALID"
"""What Google answers with 400, as if the request were wrong."""
_DELAY = re.compile(r"(\d{1,9}(?:\.\d*)?)s", re.ASCII)
_TITLE = re.compile(r"<title[^>]*>(.*?)</title>", re.IGNORECASE | re.DOTALL)
_MARKUP = re.compile(r"<(script|style)\b.*?</\1>|<[^>]*>", re.IGNORECASE | re.DOTALL)
_STATUS_OF_CODE: Mapping[str, int] = {
    "rate_limit_exceeded": 429,
    "insufficient_quota": 429,
    "server_error": 500,
}


def status_failure(
    status: int, headers: Mapping[str, str], body: bytes, *, where: str, key: str
) -> ProviderError:
    """Return the error of an HTTP answer that is no success. `key` is cut out of its message."""
    text = provider_message(body, key)
    message = f"the provider answered {status}" + (f": {text}" if text else "")
    wait = retry_after(headers)
    if wait is None and b"retryDelay" in body:
        wait = _delay(_error(body))
    if status == 400 and _WRONG_KEY in body:
        status = 401
    return ProviderError(
        message, where=where, hint=_hint(status, wait), status=status, retry_after=wait
    )


def reported_failure(body: JSON, *, where: str, key: str) -> ProviderError:
    """Return the error of an error object that came where an answer was due, as in a stream."""
    error = body.get("error", body) if isinstance(body, Mapping) else body
    fields = error if isinstance(error, Mapping) else {}
    code = fields.get("code") or fields.get("type")
    status = code if isinstance(code, int) else _STATUS_OF_CODE.get(str(code))
    text = _one_line(_said(error), key)
    message = "the provider broke the answer off" + (f": {text}" if text else "")
    wait = _delay(fields)
    hint = _hint(status or 500, wait)
    return ProviderError(message, where=where, hint=hint, status=status, retry_after=wait)


def not_a_completion(body: bytes, *, where: str, key: str) -> ProviderError:
    """Return the error of a successful answer that is not what was asked for."""
    text = provider_message(body, key)
    message = "the answer is not a chat completion" + (f": {text}" if text else "")
    hint = "does base_url point at an OpenAI-compatible API? Often it ends in /v1"
    return ProviderError(message, where=where, hint=hint)


def provider_message(body: bytes, key: str) -> str:
    """Return what the body says, as one short line without the key."""
    try:
        said = _said(loads(body))
    except ValueError:
        page = body[:_PAGE_LIMIT].decode("utf-8", "replace")
        title = _TITLE.search(page)
        said = title[1] if title else _MARKUP.sub(" ", page)
    return _one_line(said, key)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds that `Retry-After` asks to wait, given as seconds or as a date."""
    value = headers.get("Retry-After", "").strip()
    if _SECONDS.fullmatch(value):
        return float(value)
    try:
        return max(parsedate_to_datetime(value).timestamp() - clock.now(), 0.0)
    except (ValueError, OverflowError):
        return None


def _delay(error: JSON) -> float | None:
    """Return the seconds that an error object of a Google API asks to wait.

    Source: google.rpc.RetryInfo (https://google.aip.dev/193).
    """
    details = error.get("details") if isinstance(error, Mapping) else None
    for detail in details if isinstance(details, list) else ():
        delay = detail.get("retryDelay") if isinstance(detail, Mapping) else None
        found = _DELAY.fullmatch(delay) if isinstance(delay, str) else None
        if found is not None:
            return float(found[1])
    return None


def _error(body: bytes) -> JSON:
    """Return the error object of a body, which may be a list of one; None where there is none."""
    try:
        value = loads(body)
    except ValueError:
        return None
    value = value[0] if isinstance(value, list) and value else value
    return value.get("error") if isinstance(value, Mapping) else None


def _said(value: JSON, depth: int = 0) -> str:
    if isinstance(value, str) or depth > _DEPTH_LIMIT:
        return value if isinstance(value, str) else ""
    if isinstance(value, list):
        return _said(value[0], depth + 1) if value else ""
    if not isinstance(value, Mapping):
        return ""
    fields = (value.get(key) for key in ("error", "message", "detail", "msg"))
    return next((said for field in fields if (said := _said(field, depth + 1))), "")


def _one_line(text: str, key: str) -> str:
    text = " ".join(text.split())
    text = text.replace(key, "[key]") if key else text
    text = _MASKED_KEY.sub("[key]", text)
    return text if len(text) <= _MESSAGE_LIMIT else f"{text[:_MESSAGE_LIMIT]}…"


def _hint(status: int, wait: float | None) -> str:
    if status in (401, 403):
        return "check the key"
    if status == 404:
        return "check the model's name and base_url"
    if status == 429:
        return f"wait {wait:.0f} s and try again" if wait else "wait and try again"
    if 300 <= status < 400:
        return "redirects are not followed; check base_url"
    return "try again later" if status >= 500 else "change the request or the model"
