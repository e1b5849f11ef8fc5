"""Every error of a route as an RFC 9457 problem document."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Mapping

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ExceptionHandler

from contract.problem import CONTENT_TYPE, Problem, ProblemCode

_LOG = logging.getLogger(__name__)
_BY_STATUS = {404: ProblemCode.NOT_FOUND, 405: ProblemCode.METHOD_NOT_ALLOWED}


def handlers() -> Mapping[type[Exception], ExceptionHandler]:
    """For ``Starlette(exception_handlers=…)``."""
    return {Problem: _problem, HTTPException: _http_error, Exception: _defect}


def _problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)
    return problem_response(request, error)


def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    kind = _BY_STATUS.get(error.status_code, ProblemCode.BAD_REQUEST)
    return problem_response(request, Problem(kind, kind.title), headers=error.headers)


def _defect(request: Request, error: Exception) -> Response:
    _LOG.error("a request broke", exc_info=error, extra={"path": request.url.path})
    return problem_response(request, Problem(ProblemCode.INTERNAL, "a defect; see the translator's log"))


def problem_response(request: Request, problem: Problem, *, headers: Mapping[str, str] | None = None) -> Response:
    request_id = secrets.token_hex(8)
    extra = {"x-request-id": request_id, **(headers or {})}
    if problem.retry_after_s is not None:
        extra["retry-after"] = str(problem.retry_after_s)
    return Response(
        problem.to_bytes(instance=request.url.path, request_id=request_id),
        status_code=problem.kind.status,
        headers=extra,
        media_type=CONTENT_TYPE,
    )
