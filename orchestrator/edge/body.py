"""Reading JSON bodies: of a JSON content type, and not larger than they may be."""

from __future__ import annotations

from contract.problem import Problem, ProblemCode
from edge.http import BodyTooLarge, Request

MAX_JSON_BYTES = 2_000_000


async def read_json_body(request: Request, *, limit: int = MAX_JSON_BYTES) -> bytes:
    """The raw bytes. Raises :class:`Problem` ``unsupported_type`` or ``too_large``."""
    if media_type(request) != "application/json":
        raise Problem(ProblemCode.UNSUPPORTED_TYPE, "send application/json")
    if request.body.size is not None and request.body.size > limit:
        raise too_large(limit)
    try:
        return await request.body.read(limit)
    except BodyTooLarge as error:
        raise too_large(error.limit) from None


async def read_optional_json(request: Request, *, limit: int) -> bytes:
    """As :func:`read_json_body`; nothing at all, of whatever type, is ``b""``."""
    if request.body.size is not None and request.body.size > limit:
        raise too_large(limit)
    try:
        body = await request.body.read(limit)
    except BodyTooLarge as error:
        raise too_large(error.limit) from None
    if body and media_type(request) != "application/json":
        raise Problem(ProblemCode.UNSUPPORTED_TYPE, "send application/json")
    return body


def media_type(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def too_large(limit: int) -> Problem:
    return Problem(ProblemCode.TOO_LARGE, f"more than {limit} bytes", limit=limit)
