"""Why a request is turned away, whatever dialect it came in."""

from __future__ import annotations

from collections.abc import Mapping


class Denial(Exception):
    """A request that goes no further.

    `status` is the HTTP status, `param` names the argument at fault, `retry_after` is in
    seconds. `headers` go with the answer.
    """

    def __init__(
        self,
        status: int,
        message: str,
        *,
        code: str | None = None,
        param: str | None = None,
        retry_after: float | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.code = code
        self.param = param
        self.retry_after = retry_after
        self.headers = dict(headers or {})
