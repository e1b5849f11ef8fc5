"""The exception tree of the client and of its command.

FukidashiError
├── ConnectionFailed     no answer: refused, reset, name not found, broken off
├── Timeout              no answer, or no end of a job, in the time given
├── BadAnswer            an answer that is not what the contract says
├── ApiError             the server says no, with a problem document or without one
│   ├── Unauthorized     401, 403
│   └── NotFound         404, 410
├── UsageError           the command was asked for something that cannot be (exit 2)
│   └── BadInput         the chapter cannot be read, or holds no page
├── NotInstalled         a part that this command needs is not installed
└── StackFailed          the local stack did not start, or stopped
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class FukidashiError(Exception):
    """Base of everything that this package raises. ``code`` is for programs, the message for people."""

    code = "error"


class ConnectionFailed(FukidashiError):  # noqa: N818 - reads as what happened
    """``unsent``: the request cannot have reached the server, so that repeating it is safe whatever it was."""

    code = "connection_failed"

    def __init__(self, detail: str, *, unsent: bool = False) -> None:
        super().__init__(detail)
        self.unsent = unsent


class Timeout(FukidashiError):  # noqa: N818
    code = "timeout"


class BadAnswer(FukidashiError):  # noqa: N818
    code = "bad_answer"


class ApiError(FukidashiError):
    """``code`` is of ``contract.problem``, or ``http_<status>`` where the answer is no problem document; ``members`` is
    the whole document, with what else it says (``job_status``, ``superseded_by``, …)."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        *,
        retryable: bool,
        field: str | None = None,
        request_id: str | None = None,
        retry_after_s: float | None = None,
        members: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(f"{detail} ({code}{f', field {field}' if field else ''})")
        self.status, self.code, self.detail, self.retryable = status, code, detail, retryable
        self.field, self.request_id, self.retry_after_s = field, request_id, retry_after_s
        self.members: Mapping[str, Any] = members or {}


class Unauthorized(ApiError):  # noqa: N818
    pass


class NotFound(ApiError):  # noqa: N818
    pass


class UsageError(FukidashiError):
    code = "usage"


class BadInput(UsageError):  # noqa: N818
    code = "bad_input"


class StackFailed(FukidashiError):  # noqa: N818
    code = "stack_failed"


class NotInstalled(FukidashiError):  # noqa: N818
    code = "not_installed"
