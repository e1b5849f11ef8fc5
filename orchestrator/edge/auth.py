"""Who asks: an API key's owner, or the bearer of a capability token."""

from __future__ import annotations

from contract.problem import Problem, ProblemCode
from edge.api_keys import find_key
from edge.context import Context
from edge.http import Request
from edge.tokens import BadToken, Claims, Role

RETRY_AFTER_S = 10
"""The shortest period that Cloudflare's rate limits have."""
_SCHEME = "bearer "


async def owner_of(ctx: Context, request: Request) -> str:
    """The owner of the request's API key. Raises :class:`Problem` ``unauthorized`` or ``too_many_requests``."""
    header = request.headers.get("authorization", "")
    if header[: len(_SCHEME)].lower() != _SCHEME:
        raise Problem(ProblemCode.UNAUTHORIZED, "send Authorization: Bearer and an API key")
    key = find_key(ctx.config.api_keys, header[len(_SCHEME) :].strip())
    if key is None:
        raise Problem(ProblemCode.UNAUTHORIZED, "the API key is not known")
    await _admit(ctx, f"owner:{key.owner}")
    return key.owner


async def _admit(ctx: Context, key: str) -> None:
    if not await ctx.platform.allow(key):
        raise Problem(ProblemCode.TOO_MANY, "slow down", retry_after_s=RETRY_AFTER_S)


def claims_of(ctx: Context, request: Request, *roles: Role, job_id: str, page: int = 0) -> Claims:
    """The claims of the request's ``?t=`` for one of these roles, this job and page, or :class:`Problem`."""
    token = request.query.get("t", "")
    if not token:
        raise Problem(ProblemCode.UNAUTHORIZED, "the URL needs its capability token")
    try:
        claims = ctx.tokens.check(token, now=ctx.platform.now())
    except BadToken as error:
        raise Problem(ProblemCode.UNAUTHORIZED, str(error)) from None
    if claims.role not in roles or (claims.job, claims.page) != (job_id, page):
        raise Problem(ProblemCode.FORBIDDEN, "the token is for something else")
    return claims


async def reader_of(ctx: Context, request: Request, job_id: str) -> str | None:
    """For reading a job: the API key's owner, or ``None`` with a read token of the job."""
    if "t" in request.query and "authorization" not in request.headers:
        claims_of(ctx, request, Role.READ, job_id=job_id)
        await _admit(ctx, f"job:{job_id}")
        return None
    return await owner_of(ctx, request)
