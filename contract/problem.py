"""RFC 9457 problem documents: the one shape of every error that an HTTP route of ours answers with."""

from __future__ import annotations

import json
from enum import Enum
from typing import Any

CONTENT_TYPE = "application/problem+json"


class ProblemCode(Enum):
    """Code, HTTP status, title, and whether the same request may succeed later."""

    BAD_REQUEST = ("bad_request", 400, "The request is malformed", False)
    UNSUPPORTED_PROTOCOL = ("unsupported_protocol", 400, "The message is of another protocol version", False)
    UNAUTHORIZED = ("unauthorized", 401, "No valid credentials", False)
    BAD_SIGNATURE = ("bad_signature", 401, "The signature does not verify", False)
    FORBIDDEN = ("forbidden", 403, "The credentials do not allow this", False)
    NOT_FOUND = ("not_found", 404, "There is no such thing here", False)
    METHOD_NOT_ALLOWED = ("method_not_allowed", 405, "The route has no such method", False)
    CONFLICT = ("conflict", 409, "The request does not fit the job's state", False)
    REPLAYED = ("replayed", 409, "This message was received before", False)
    STALE_ATTEMPT = ("stale_attempt", 409, "Another attempt has taken the job over", False)
    IN_FLIGHT = ("in_flight", 409, "The same request is being handled", True)
    GONE = ("gone", 410, "It existed and is gone", False)
    LENGTH_REQUIRED = ("length_required", 411, "A Content-Length is needed", False)
    ALREADY_EXISTS = ("already_exists", 412, "It exists already and cannot be replaced", False)
    PRECONDITION_FAILED = ("precondition_failed", 412, "It is not what the condition names", False)
    TOO_LARGE = ("too_large", 413, "The body is too large", False)
    UNSUPPORTED_TYPE = ("unsupported_type", 415, "The content type is not accepted", False)
    RANGE_NOT_SATISFIABLE = ("range_not_satisfiable", 416, "The range lies outside", False)
    INVALID = ("invalid", 422, "The request breaks the schema", False)
    IDEMPOTENCY_MISMATCH = ("idempotency_mismatch", 422, "The idempotency key was used with another body", False)
    PAGE_FAILED = ("page_failed", 422, "The page cannot be translated", False)
    TOO_MANY = ("too_many_requests", 429, "Too many requests", True)
    BUSY = ("busy", 429, "No capacity at the moment", True)
    INTERNAL = ("internal", 500, "Something broke here", True)
    UPSTREAM = ("upstream", 502, "A service behind this one failed", True)
    UNAVAILABLE = ("unavailable", 503, "Not ready", True)

    def __init__(self, code: str, status: int, title: str, retryable: bool) -> None:
        self.code, self.status, self.title, self.retryable = code, status, title, retryable


class Problem(Exception):  # noqa: N818 - RFC 9457's own term
    """An error on its way to the client. ``extra`` holds further members (``field``, ``server_time``, …)."""

    def __init__(
        self,
        kind: ProblemCode,
        detail: str,
        *,
        retry_after_s: int | None = None,
        **extra: Any,
    ) -> None:
        super().__init__(f"{kind.code}: {detail}")
        self.kind, self.detail, self.retry_after_s, self.extra = kind, detail, retry_after_s, extra

    def to_json(self, *, instance: str, request_id: str) -> dict[str, Any]:
        """The document. ``instance`` is the request's path, without its query (which may hold a token)."""
        document: dict[str, Any] = {
            "type": f"urn:fukidashi:problem:{self.kind.code}",
            "title": self.kind.title,
            "status": self.kind.status,
            "detail": self.detail,
            "instance": instance,
            "code": self.kind.code,
            "retryable": self.kind.retryable,
            "request_id": request_id,
        }
        if self.retry_after_s is not None:
            document["retry_after_s"] = self.retry_after_s
        return {**self.extra, **document}

    def to_bytes(self, *, instance: str, request_id: str) -> bytes:
        return json.dumps(self.to_json(instance=instance, request_id=request_id), ensure_ascii=False).encode()
