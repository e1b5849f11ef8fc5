"""``PUT /upload/:jobId/:page``: one object, created once, for which the capability token has fixed everything."""

from __future__ import annotations

from contract.problem import Problem, ProblemCode
from edge.auth import claims_of
from edge.body import media_type, too_large
from edge.context import Context
from edge.http import Request, Response
from edge.platform import ABSENT, Point
from edge.tokens import Claims, Role


async def upload(ctx: Context, request: Request, *, job_id: str, page: int) -> Response:
    """200 with the object's ``ETag``, 412 where it exists already and the token is not one to replace it."""
    claims = claims_of(ctx, request, Role.PUT, Role.REPLACE, job_id=job_id, page=page)
    _check_declared(request, claims)
    began = ctx.platform.now()
    info = await ctx.platform.bucket.put(
        claims.key,
        request.body,
        content_type=claims.content_type,
        only_if=ABSENT if claims.role is Role.PUT else None,
    )
    outcome, size = ("stored" if info else "exists"), request.body.size or 0
    ms = round((ctx.platform.now() - began) * 1000)
    ctx.platform.measure(Point("upload", job_id, outcome, "fallback", attempt=claims.attempt, size=size, ms=ms))
    if info is None:
        raise Problem(ProblemCode.ALREADY_EXISTS, "the object is there already and is never replaced")
    return Response.json({"size": info.size, "etag": info.etag}, headers={"etag": f'"{info.etag}"'})


def _check_declared(request: Request, claims: Claims) -> None:
    if media_type(request) != claims.content_type:
        raise Problem(ProblemCode.UNSUPPORTED_TYPE, f"the grant is for {claims.content_type}")
    if request.body.size is None:
        raise Problem(ProblemCode.LENGTH_REQUIRED, "send a Content-Length")
    if request.body.size > claims.max_bytes:
        raise too_large(claims.max_bytes)
