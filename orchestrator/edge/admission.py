"""How many of an owner's jobs run at a time; the others wait in line, and the sweep looks after them.

A job that is to run puts a marker into the owner's folder and leaves it at its end. The first
``max_active_jobs`` markers, by the bucket's own time, may run: the same answer for whoever asks, without a lock.
"""

from __future__ import annotations

from contract.keys import JobKeys, active_job, active_jobs
from edge.context import Context
from edge.objects import list_all
from edge.platform import ABSENT, ObjectInfo
from edge.record import Job


async def admit(ctx: Context, job: Job) -> bool:
    """Whether the job may run now. One that may not keeps its place in line."""
    marker = active_job(job.owner, job.id)
    await ctx.platform.bucket.put(marker, b"", content_type="text/plain", only_if=ABSENT)
    line = await _line(ctx, job)
    if marker in line[: ctx.config.max_active_jobs]:
        return True
    await _drop_first_if_over(ctx, line)
    return False


async def leave(ctx: Context, job: Job) -> None:
    await ctx.platform.bucket.delete(active_job(job.owner, job.id))


async def _line(ctx: Context, job: Job) -> list[str]:
    """The owner's markers, the oldest first. One older than any job can be was left behind."""
    oldest = ctx.platform.now() - ctx.config.job_ttl_s
    infos = await list_all(ctx.platform.bucket, active_jobs(job.owner))
    return [info.key for info in sorted(infos, key=_place) if info.uploaded.timestamp() > oldest]


def _place(info: ObjectInfo) -> tuple[float, str]:
    return info.uploaded.timestamp(), info.key


async def _drop_first_if_over(ctx: Context, line: list[str]) -> None:
    """An order that raced with its job's end may have put the marker back. It would hold others up until it is old."""
    first = line[0]
    if await ctx.platform.bucket.head(JobKeys(first.rpartition("/")[2]).final) is not None:
        await ctx.platform.bucket.delete(first)
