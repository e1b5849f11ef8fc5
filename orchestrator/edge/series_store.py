"""A series' objects: read whole, replaced on a condition, and changed by compare-and-swap so that nothing is lost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from contract.image_format import DOCUMENT_TYPE
from contract.problem import Problem, ProblemCode
from edge.body import read_json_body
from edge.context import Context
from edge.http import Request, Response
from edge.platform import ABSENT, Bucket, Condition, EtagIs, ObjectInfo, PlatformError
from edge.views import matches

_SWAPS = 12
_PAUSE_S = 0.05


@dataclass(frozen=True, slots=True)
class Revision:
    """An object after a change. ``info`` is None where there is none, ``wrote`` false where nothing had to change."""

    info: ObjectInfo | None
    wrote: bool

    @property
    def headers(self) -> dict[str, str]:
        return {"etag": f'"{self.info.etag}"'} if self.info else {}


async def revise(ctx: Context, key: str, change: Callable[[bytes | None], bytes | None]) -> Revision:
    """Changes an object by compare-and-swap: ``change`` gets what is stored (None: nothing) and gives what is to be
    stored (None: leave it). It is called again where somebody else was quicker. Raises what ``change`` raises, and
    :class:`PlatformError` where the object changes under every swap.
    """
    bucket: Bucket = ctx.platform.bucket
    for swap in range(_SWAPS):
        found = await bucket.read(key)
        body = change(found[1] if found else None)
        if body is None:
            return Revision(found[0] if found else None, wrote=False)
        condition: Condition = EtagIs(found[0].etag) if found else ABSENT
        info = await bucket.put(key, body, content_type=DOCUMENT_TYPE, only_if=condition)
        if info is not None:
            return Revision(info, wrote=True)
        await ctx.platform.sleep(_PAUSE_S * swap * (1 + ctx.platform.random_bytes(1)[0] / 256))
    raise PlatformError(f"{key} changed under every swap")


async def put_whole(
    ctx: Context, request: Request, key: str, check: Callable[[bytes], bytes], *, limit: int, what: str
) -> Response:
    """Stores what ``check`` makes of the body; with ``If-Match`` or ``If-None-Match: *`` only if that holds, else 412.

    Raises what ``check`` raises.
    """
    condition = condition_of(request)
    body = check(await read_json_body(request, limit=limit))
    info = await ctx.platform.bucket.put(key, body, content_type=DOCUMENT_TYPE, only_if=condition)
    if info is None and condition is ABSENT:
        raise Problem(ProblemCode.ALREADY_EXISTS, f"the series has a {what}")
    if info is None:
        raise Problem(ProblemCode.PRECONDITION_FAILED, f"the {what} is not the one that If-Match names")
    return Response.json({"size": info.size, "etag": info.etag}, headers={"etag": f'"{info.etag}"'})


async def get_whole(ctx: Context, request: Request, key: str, *, what: str) -> Response:
    found = await ctx.platform.bucket.read(key)
    if found is None:
        raise Problem(ProblemCode.NOT_FOUND, f"the series has no {what}")
    info, body = found
    headers = {"etag": f'"{info.etag}"', "cache-control": "private, no-cache"}
    if matches(request.headers.get("if-none-match", ""), headers["etag"]):
        return Response(304, headers)
    return Response(200, {"content-type": DOCUMENT_TYPE, **headers}, body)


def condition_of(request: Request) -> Condition | None:
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
