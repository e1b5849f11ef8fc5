"""The job that a request is about, if whoever asks may know of it."""

from __future__ import annotations

from collections.abc import Iterable

from contract.problem import Problem, ProblemCode
from edge.auth import owner_of, reader_of
from edge.context import Context
from edge.http import Request
from edge.platform import ObjectInfo
from edge.state import JobState, load, load_listed
from edge.views import gone, gone_at


async def owned(ctx: Context, request: Request, job_id: str) -> JobState:
    """For the API key's owner. Raises :class:`Problem`: 401, 404 (another's job too), 410, 429."""
    return await job_of(ctx, job_id, await owner_of(ctx, request))


async def readable(ctx: Context, request: Request, job_id: str) -> JobState:
    """For the owner, and for the bearer of the job's poll token."""
    return await job_of(ctx, job_id, await reader_of(ctx, request, job_id))


async def job_of(
    ctx: Context, job_id: str, owner: str | None, *, listed: Iterable[ObjectInfo] | None = None
) -> JobState:
    """``owner`` is ``None`` where a token of this very job was checked; ``listed`` is the job's folder, if known."""
    bucket = ctx.platform.bucket
    state = await (load(bucket, job_id) if listed is None else load_listed(bucket, job_id, listed))
    if state is None or (owner is not None and state.job.owner != owner):
        raise Problem(ProblemCode.NOT_FOUND, "there is no such job")
    if state.final and gone_at(ctx.config, state) <= ctx.platform.now():
        raise gone(ctx.config, state)
    return state


async def reload(ctx: Context, state: JobState) -> JobState:
    return await load(ctx.platform.bucket, state.job.id) or state
