"""The end of a job: verify the outputs, compute the status, write the outbox, commit ``final.json`` once."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace

from contract.problem import Problem, ProblemCode
from contract.report import Report
from contract.status import JobStatus, PageStatus
from edge.admission import leave
from edge.audit import audit
from edge.context import Context
from edge.objects import CorruptObject, create_json, list_all, read_json
from edge.outbox import deliver, enqueue
from edge.record import Final, FinalPage, Job
from edge.series_learning import Told, learn, note_lessons
from edge.state import JobState, read_beat
from edge.verify import final_pages, places_of_outputs


@dataclass(frozen=True, slots=True)
class Commit:
    """``won`` is false where somebody else had finalized before; ``final`` is theirs then."""

    final: Final
    won: bool


async def finalize(ctx: Context, state: JobState, *, result: Report | None = None) -> Commit:
    """Ends an open job with what is known, ``result`` included.

    A ``result`` of an attempt that was taken over commits only as a success in which every page verifies: else
    :class:`Problem` ``stale_attempt``, and nothing has changed.
    """
    final, told = await _conclude(ctx, state, result)
    if result and result.attempt < state.latest and final.status is not JobStatus.SUCCESS:
        raise Problem(ProblemCode.STALE_ATTEMPT, "another attempt has taken the job over")
    # Before the commit, so that a place is never held by a job that has ended.
    await leave(ctx, state.job)
    await enqueue(ctx, state.job, now=final.completed_at)
    lessons = await note_lessons(ctx, state.job, final, told)
    if await create_json(ctx.platform.bucket, state.job.keys.final, final.to_json()) is None:
        return Commit(await _theirs(ctx, state), won=False)
    await _announce(ctx, replace(state, final=final))
    if lessons:
        ctx.platform.background(learn(ctx, state.job, lessons))
    return Commit(final, won=True)


async def stored_results(ctx: Context, state: JobState) -> list[Report]:
    """The manifests that attempts left. One that is none is logged: it cannot stop the job."""
    results: list[Report] = []
    for attempt in sorted(state.results):
        key = state.job.keys.result(attempt)
        try:
            beat = await read_beat(ctx.platform.bucket, key)
        except CorruptObject as error:
            ctx.platform.log("corrupt_result", {"job_id": state.job.id, "key": error.key})
            continue
        if beat and _is_of(beat.report, state.job, attempt):
            results.append(beat.report)
    return results


def _is_of(report: Report, job: Job, attempt: int) -> bool:
    """Only a retry names outputs of other jobs, and not in a manifest."""
    own = all(page.output is None or not page.output.job_id for page in report.pages)
    return own and (report.job_id, report.attempt) == (job.id, attempt)


async def _conclude(ctx: Context, state: JobState, result: Report | None) -> tuple[Final, Told]:
    results = await stored_results(ctx, state)
    reports = [*state.reports, *results, *([result] if result else [])]
    places = sorted(places_of_outputs(state.job, reports))
    listed = await asyncio.gather(*(list_all(ctx.platform.bucket, place) for place in places))
    listing = {info.key: info for infos in listed for info in infos}
    dead = [report for report in state.reports if report.attempt < state.latest or _is_silent(ctx, state)]
    pages = final_pages(state.job, reports, listing, dead=dead)
    now = ctx.platform.now()
    final = Final(
        job_id=state.job.id,
        status=_status(state, pages, now=now),
        attempt=result.attempt if result else state.latest,
        pages=pages,
        started_at=state.started_at,
        completed_at=now,
        event_id=state.job.event_id,
        report_event_id=result.event_id if result else "",
        cancel_requested=state.cancel_at is not None,
        audit=audit(ctx.config.mode, reports, pages, started_at=state.started_at, completed_at=now),
    )
    return final, {report.attempt: report.learned for report in reports if report.learned is not None}


def _is_silent(ctx: Context, state: JobState) -> bool:
    return state.lease_is_over(now=ctx.platform.now(), lease_s=ctx.config.lease_s)


def _status(state: JobState, pages: tuple[FinalPage, ...], *, now: float) -> JobStatus:
    """A chapter whose pages are all done is a success, whatever was asked in the meantime."""
    succeeded = sum(page.report.status is PageStatus.DONE for page in pages)
    if succeeded == len(pages):
        return JobStatus.SUCCESS
    if state.cancel_at is not None:
        return JobStatus.CANCELED
    if state.job.expires_at <= now:
        return JobStatus.EXPIRED
    return JobStatus.of_chapter(succeeded=succeeded, failed=len(pages) - succeeded)


async def _theirs(ctx: Context, state: JobState) -> Final:
    stored = await read_json(ctx.platform.bucket, state.job.keys.final, Final.from_json)
    if stored is None:
        raise CorruptObject(state.job.keys.final, "was there and is gone")
    return stored.value


async def _announce(ctx: Context, state: JobState) -> None:
    """Everything after the commit may be lost: the sweep makes up for it."""
    final = state.final
    fields = {"job_id": state.job.id, "status": state.status.value, "attempt": state.latest}
    ctx.platform.log("final", fields)
    webhook = state.job.request.webhook_url is not None
    saved = await ctx.projection.save(state)
    if saved and not webhook:
        await ctx.projection.close(state.job.id)
    if not saved:
        # Whether the index has the job is not known; the sweep lists what it finds there.
        await ctx.projection.open(state.job)
    if webhook and final:
        ctx.platform.background(deliver(ctx, state.job.id, final.event_id, listed=saved))
