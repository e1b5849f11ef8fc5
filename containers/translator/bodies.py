"""Reading a request's body up to a limit."""

from __future__ import annotations

from starlette.requests import Request

from contract.problem import Problem, ProblemCode


async def read_body(request: Request, *, limit: int) -> bytes:
    """The whole body, or a ``too_large`` problem: by its declared size, and by what really comes."""
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > limit:
        raise _too_large(limit)
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > limit:
            raise _too_large(limit)
        parts.append(part)
    return b"".join(parts)


def _too_large(limit: int) -> Problem:
    return Problem(ProblemCode.TOO_LARGE, f"the body has more than {limit} bytes")
