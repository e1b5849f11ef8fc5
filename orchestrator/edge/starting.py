"""The start of a job: every uploaded page is there and every URL was fetched, then the first attempt is ordered."""

from __future__ import annotations

from collections.abc import Iterable

from contract.problem import Problem, ProblemCode
from contract.view import Upload
from edge.context import Context
from edge.dispatch import dispatch
from edge.finalize import finalize
from edge.listed import show
from edge.mirror import Allowance, mirror
from edge.objects import create_json, list_all
from edge.owned import reload
from edge.plan import Step, next_step
from edge.platform import ObjectInfo
from edge.record import Job
from edge.state import JobState


async def begin(ctx: Context, state: JobState) -> JobState:
    """Starts a job that has not started. Raises :class:`Problem` naming the pages that are missing or too large."""
    pages = await inputs_of(ctx, state.job)
    record = {"schema": 1, "at": ctx.platform.now(), "pages": pages}
    await create_json(ctx.platform.bucket, state.job.keys.start, record)
    state = await reload(ctx, state)
    await _go_on(ctx, state)
    return await reload(ctx, state)


async def fetch_pages(ctx: Context, state: JobState, allowance: Allowance) -> None:
    """Fetches what is still to come of a job's URL pages, as far as ``allowance`` goes, and lets the job go on."""
    job = state.job
    if state.is_mirroring and not await mirror(ctx, job, allowance):
        return
    state = await reload(ctx, state)
    if state.started_at is None and job.request.starts_by_itself and state.cancel_at is None and not state.final:
        state = await begin(ctx, state)
    else:
        await _go_on(ctx, state)
    await show(ctx, job.id)


async def _go_on(ctx: Context, state: JobState) -> None:
    match next_step(state, now=ctx.platform.now(), config=ctx.config):
        case Step.DISPATCH:
            await dispatch(ctx, state)
        case Step.FINISH:
            await finalize(ctx, state)
        case _:
            pass


def uploads_of(ctx: Context, job: Job, pages: Iterable[int]) -> tuple[Upload, ...]:
    now = ctx.platform.now()
    return tuple(Upload(page, ctx.grants.upload(job, page, now=now)) for page in pages)


async def inputs_of(ctx: Context, job: Job) -> list[dict[str, object]]:
    """What is stored of the pages to do. Raises :class:`Problem` naming those that are missing or too large."""
    found = {info.key: info for info in await list_all(ctx.platform.bucket, job.source_chapter.inputs)}
    missing = [page for page in job.upload_pages if job.input_key(page) not in found]
    if missing:
        raise _missing(ctx, job, missing)
    infos = [(page, found[key]) for page in job.pages_to_do if (key := job.input_key(page)) in found]
    _check_sizes(ctx, infos)
    return [{"page": page, "size": info.size, "etag": info.etag} for page, info in infos]


def _missing(ctx: Context, job: Job, pages: list[int]) -> Problem:
    if job.retry_of is not None:
        return Problem(ProblemCode.GONE, "inputs of the job that is retried are not kept any more", missing=pages)
    uploads = [upload.to_json() for upload in uploads_of(ctx, job, pages)]
    detail = f"{len(pages)} of {len(job.request.pages)} pages are not uploaded"
    return Problem(ProblemCode.CONFLICT, detail, missing=pages, uploads=uploads)


def _check_sizes(ctx: Context, infos: list[tuple[int, ObjectInfo]]) -> None:
    """A presigned PUT has no limit of its own."""
    large = [page for page, info in infos if info.size > ctx.config.max_page_bytes]
    if large:
        detail = f"{len(large)} pages have more than {ctx.config.max_page_bytes} bytes"
        raise Problem(ProblemCode.TOO_LARGE, detail, pages=large)
    if sum(info.size for _, info in infos) > ctx.config.max_job_bytes:
        raise Problem(ProblemCode.TOO_LARGE, f"the chapter has more than {ctx.config.max_job_bytes} bytes")
