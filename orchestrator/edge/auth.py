"""Who asks: an API key's owner, or the bearer of a capability token."""

from __future__ import annotations

import hashlib
import hmac

from contract.problem import Problem, ProblemCode
from edge.context import Context
from edge.http import Request
from edge.tokens import BadToken, Claims, Role

_SCHEME = "bearer "


def owner_of(ctx: Context, request: Request) -> str:
    """The owner of the request's API key, or :class:`Problem` ``unauthorized``."""
    header = request.headers.get("authorization", "")
    if header[: len(_SCHEME)].lower() != _SCHEME:
        raise Problem(ProblemCode.UNAUTHORIZED, "send Authorization: Bearer and an API key")
    digest = hashlib.sha256(header[len(_SCHEME) :].strip().encode("utf-8", "surrogatepass")).hexdigest()
    # Every key is compared, whatever matched before, so that time tells nothing.
    owners = [owner for owner, known in ctx.config.api_keys.items() if hmac.compare_digest(known, digest)]
    if not owners:
        raise Problem(ProblemCode.UNAUTHORIZED, "the API key is not known")
    return owners[0]


def claims_of(ctx: Context, request: Request, role: Role, *, job_id: str, page: int = 0) -> Claims:
    """The claims of the request's ``?t=`` for this role, job and page, or :class:`Problem`."""
    token = request.query.get("t", "")
    if not token:
        raise Problem(ProblemCode.UNAUTHORIZED, "the URL needs its capability token")
    try:
        claims = ctx.tokens.check(token, now=ctx.platform.now())
    except BadToken as error:
        raise Problem(ProblemCode.UNAUTHORIZED, str(error)) from None
    if (claims.role, claims.job, claims.page) != (role, job_id, page):
        raise Problem(ProblemCode.FORBIDDEN, "the token is for something else")
    return claims


def reader_of(ctx: Context, request: Request, job_id: str) -> str | None:
    """For reading a job: the API key's owner, or ``None`` with a read token of the job."""
    if "t" in request.query and "authorization" not in request.headers:
        claims_of(ctx, request, Role.READ, job_id=job_id)
        return None
    return owner_of(ctx, request)
