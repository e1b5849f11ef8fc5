"""Listing an open job as it stands, without ever hiding that it has ended."""

from __future__ import annotations

from edge.context import Context
from edge.platform import PlatformError
from edge.state import JobState, load


async def show(ctx: Context, job_id: str) -> None:
    """Writes what listings show of the job.

    KV keeps the last write, whatever it says: this one may come after the one that told of the end. Then nobody would
    ever correct it, so that it is looked once more, after the write, whether the job has ended meanwhile; where that
    cannot be seen, the sweep is asked to look. Raises :class:`PlatformError`.
    """
    state = await load(ctx.platform.bucket, job_id)
    if state is None:
        return
    await ctx.projection.save(state)
    if state.final is not None:
        return
    try:
        await _correct(ctx, state)
    except PlatformError:
        await ctx.projection.open(state.job)
        raise


async def _correct(ctx: Context, state: JobState) -> None:
    if await ctx.platform.bucket.head(state.job.keys.final) is None:
        return
    ended = await load(ctx.platform.bucket, state.job.id) or state
    if not await ctx.projection.save(ended):
        await ctx.projection.open(state.job)
