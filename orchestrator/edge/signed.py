"""Signed messages of translators: believed once."""

from __future__ import annotations

from contract.errors import BadSignature
from contract.problem import Problem, ProblemCode
from contract.signing import verify
from edge.body import read_json_body
from edge.context import Context
from edge.http import Request
from edge.nonces import spend


async def believe(ctx: Context, request: Request) -> bytes:
    """The body of a message that verifies and was not received before. Raises :class:`Problem`, which tells the time:
    a translator whose clock differs can make up for it."""
    body = await read_json_body(request)
    now = ctx.platform.now()
    try:
        envelope = verify(request.headers, body, ctx.config.callback_secrets, now=now)
    except BadSignature as error:
        ctx.platform.log("bad_signature", {"code": error.code})
        raise Problem(ProblemCode.BAD_SIGNATURE, str(error), server_time=int(now)) from None
    await spend(ctx.platform.bucket, envelope)
    return body
