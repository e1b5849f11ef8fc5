"""``POST /work/claim``: a translator asks for work. Whoever creates ``attempts/{n}.json`` has attempt n, nobody else.

Which jobs wait is read from an index in KV, ``wait:{id}``. It may be late or wrong: the bucket decides, and the sweep
writes it anew.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

from contract.attempt import AttemptOrder
from contract.claim import ClaimRequest
from contract.keys import kv_wait
from contract.problem import Problem, ProblemCode
from edge.admission import admit
from edge.boundary import contain
from edge.config import Dispatch
from edge.context import Context
from edge.dispatch import claim_attempt, order_of
from edge.http import Request, Response
from edge.objects import Stored
from edge.plan import Step, next_step
from edge.platform import KvKey
from edge.record import Claim
from edge.signed import believe
from edge.state import JobState, load
from edge.takeover import work_left

MAX_TRIED = 40
"""Jobs looked at for one claim: six operations each, at most."""
_RACING = 8
"""So many claimers at once seldom meet."""
_LISTED = 1000
_WAITS = kv_wait("x").removesuffix("x")


async def claim(ctx: Context, request: Request) -> Response:
    """200 with an order, 204 where there is nothing to do."""
    asked = ClaimRequest.parse(await believe(ctx, request))
    if ctx.config.dispatch is not Dispatch.PULL:
        raise Problem(ProblemCode.CONFLICT, "this orchestrator orders attempts itself (DISPATCH=push)")
    async for job_id in _candidates(ctx):
        work = _claim(ctx, job_id, asked.worker_id)
        order = await contain(ctx.platform, "claim_broke", work, {"job_id": job_id})
        if order is not None:
            fields = {"job_id": job_id, "attempt": order.attempt, "worker_id": asked.worker_id}
            ctx.platform.log("claimed", {**fields, "pages": len(order.pages)})
            return Response.json(order.to_json(), headers={"cache-control": "no-store"})
    return Response(204, {"cache-control": "no-store"})


async def _candidates(ctx: Context) -> AsyncIterator[str]:
    """Jobs that wait: the oldest, of which each claimer begins at another one, so that they seldom race, and then some
    of the others, so that one owner's jobs that may not run yet do not hide everybody else's."""
    page = await ctx.platform.kv.list(prefix=_WAITS, limit=_LISTED)
    names = [key.name.removeprefix(_WAITS) for key in sorted(page.keys, key=_since)]
    oldest, others = names[: MAX_TRIED // 2], names[MAX_TRIED // 2 :]
    chosen = _turned(ctx, oldest, most=_RACING) + _turned(ctx, others, most=len(others))
    for job_id in chosen[:MAX_TRIED]:
        yield job_id


def _turned(ctx: Context, names: list[str], *, most: int) -> list[str]:
    """The same names, beginning with one of the first ``most``."""
    start = int.from_bytes(ctx.platform.random_bytes(4), "big") % max(1, min(len(names), most))
    return names[start:] + names[:start]


def _since(key: KvKey) -> tuple[float, str]:
    value = key.metadata.get("created_at", 0.0)
    return (float(value) if isinstance(value, int | float) else 0.0), key.name


async def _claim(ctx: Context, job_id: str, worker_id: str) -> AttemptOrder | None:
    # Before the look, which may take long: an attempt that reports meanwhile must not seem silent.
    now = ctx.platform.now()
    state = await load(ctx.platform.bucket, job_id)
    if state is None or not _waits(ctx, state, now=now):
        await ctx.projection.take(job_id)
        return None
    claimed = await _next_attempt(ctx, state, worker_id)
    if claimed is None:
        return None
    await ctx.projection.take(job_id)
    return await order_of(ctx, state.job, claimed.value)


def _waits(ctx: Context, state: JobState, *, now: float) -> bool:
    step = next_step(state, now=now, config=ctx.config)
    return step in (Step.DISPATCH, Step.TAKE_OVER, Step.TAKE_RESULT)


async def _next_attempt(ctx: Context, state: JobState, worker_id: str) -> Stored[Claim] | None:
    """A fresh claim, for the first attempt or for the one after a dead or ended one, if there is one to have."""
    if state.claim is None and not await admit(ctx, state.job):
        return None
    work = await work_left(ctx, state)
    if work is None:
        # Nothing that another attempt could do: the sweep ends the job.
        return None
    return await claim_attempt(ctx, state.job, state.latest + 1, work, worker_id=worker_id)
