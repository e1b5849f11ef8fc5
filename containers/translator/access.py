"""Who may use the routes under ``/internal``."""

from __future__ import annotations

import hmac

from starlette.requests import Request

from contract.problem import Problem, ProblemCode

TOKEN_HEADER = "x-internal-token"  # noqa: S105 - a header's name


def check_internal_token(request: Request, expected: str) -> None:
    """Raises an ``unauthorized`` problem for a token that is missing or wrong, and for any where none is configured."""
    given = request.headers.get(TOKEN_HEADER, "").encode("latin-1", "replace")
    # Compared in any case, so that time does not tell whether a token is configured.
    if not hmac.compare_digest(given, expected.encode()) or not expected:
        raise Problem(ProblemCode.UNAUTHORIZED, "X-Internal-Token is missing or wrong")
