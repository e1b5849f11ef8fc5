"""``PUT`` and ``GET /series/:seriesId/memory``: a series' translation memory, whole."""

from __future__ import annotations

from contract.fields import load_object
from contract.image_format import DOCUMENT_TYPE
from contract.keys import series_memory
from contract.problem import Problem, ProblemCode
from edge.auth import owner_of
from edge.body import read_json_body
from edge.context import Context
from edge.http import Request, Response
from edge.platform import ABSENT, Condition, EtagIs
from edge.views import matches

MAX_MEMORY_BYTES = 8_000_000


async def put_memory(ctx: Context, request: Request, *, series_id: str) -> Response:
    """Stores the memory; with ``If-Match`` or ``If-None-Match: *`` only if that holds, else 412."""
    key = series_memory(await owner_of(ctx, request), series_id)
    condition = _condition(request)
    body = await read_json_body(request, limit=MAX_MEMORY_BYTES)
    load_object(body)
    info = await ctx.platform.bucket.put(key, body, content_type=DOCUMENT_TYPE, only_if=condition)
    if info is None and condition is ABSENT:
        raise Problem(ProblemCode.ALREADY_EXISTS, "the series has a memory")
    if info is None:
        raise Problem(ProblemCode.PRECONDITION_FAILED, "the memory is not the one that If-Match names")
    return Response.json({"size": info.size, "etag": info.etag}, headers={"etag": f'"{info.etag}"'})


async def get_memory(ctx: Context, request: Request, *, series_id: str) -> Response:
    found = await ctx.platform.bucket.read(series_memory(await owner_of(ctx, request), series_id))
    if found is None:
        raise Problem(ProblemCode.NOT_FOUND, "the series has no memory")
    info, body = found
    headers = {"etag": f'"{info.etag}"', "cache-control": "private, no-cache"}
    if matches(request.headers.get("if-none-match", ""), headers["etag"]):
        return Response(304, headers)
    return Response(200, {"content-type": DOCUMENT_TYPE, **headers}, body)


def _condition(request: Request) -> Condition | None:
    if_match, if_none_match = request.headers.get("if-match"), request.headers.get("if-none-match")
    if if_match is not None and if_none_match is not None:
        raise Problem(ProblemCode.BAD_REQUEST, "If-Match and If-None-Match together")
    if if_none_match is not None:
        if if_none_match.strip() != "*":
            raise Problem(ProblemCode.BAD_REQUEST, "If-None-Match takes * here")
        return ABSENT
    return _etag(if_match.strip()) if if_match is not None else None


def _etag(if_match: str) -> EtagIs:
    if len(if_match) < 3 or not (if_match.startswith('"') and if_match.endswith('"')) or "," in if_match:
        raise Problem(ProblemCode.BAD_REQUEST, 'If-Match takes one strong "etag" here')
    return EtagIs(if_match[1:-1])
