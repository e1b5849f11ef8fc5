"""``POST /callbacks/container``: what translators report."""

from __future__ import annotations

from contract.errors import BadMessage
from contract.problem import Problem, ProblemCode
from contract.report import PageReport, Reply, Report, ReportType
from contract.status import PageStatus
from edge.context import Context
from edge.finalize import Commit
from edge.http import Request, Response
from edge.listed import show
from edge.merge import absorb
from edge.objects import create_json, swap_json
from edge.platform import PlatformError, Point
from edge.record import Final, Job
from edge.signed import believe
from edge.state import JobState, load, read_beat
from edge.takeover import take_result

_SWAPS = 8


async def receive(ctx: Context, request: Request) -> Response:
    """Believes a report, keeps it, and answers what the translator needs to go on."""
    now = ctx.platform.now()
    body = await believe(ctx, request)
    report = Report.parse(body)
    outcome = "failed"
    try:
        reply = await _believe(ctx, report)
        outcome = "duplicate" if reply.duplicate else report.type.value
    except Problem as problem:
        outcome = problem.kind.code
        raise
    finally:
        ms = round((ctx.platform.now() - now) * 1000)
        size, mode = len(body), ctx.config.mode
        point = Point("callback", report.job_id, outcome, mode, attempt=report.attempt, size=size, ms=ms)
        ctx.platform.measure(point)
    return Response.json(reply.to_json())


async def _believe(ctx: Context, report: Report) -> Reply:
    state = await load(ctx.platform.bucket, report.job_id)
    if state is None:
        raise Problem(ProblemCode.NOT_FOUND, "there is no such job")
    return await _answer(ctx, state, report)


async def _answer(ctx: Context, state: JobState, report: Report) -> Reply:
    check_report(state.job, report)
    if state.final:
        return _late(state.final, report)
    if report.attempt not in state.attempts:
        raise _stale("no such attempt was ordered")
    if report.attempt < state.latest:
        return await _stale_result(ctx, state, report)
    duplicate = await _keep(ctx, state, report)
    if report.type is ReportType.RESULT:
        return await _result(ctx, state.job.id, report)
    return _reply(ctx, state, report, duplicate=duplicate)


def check_report(job: Job, report: Report) -> None:
    """Raises ``BadMessage`` for what no honest translator reports of this job."""
    seen: set[int] = set()
    for index, page in enumerate(report.pages):
        path = f"pages[{index}]"
        if page.page not in job.page_numbers or page.page in seen:
            raise BadMessage(f"{path}.page", "not a page of the job, or twice")
        seen.add(page.page)
        _check_page(page, path, report.attempt)
    for index, want in enumerate(report.wants):
        if want.page not in job.page_numbers or index >= len(job.request.pages):
            raise BadMessage(f"wants[{index}].page", "not a page of the job, or too many")


def _check_page(page: PageReport, path: str, attempt: int) -> None:
    if page.status is PageStatus.DONE and (page.output is None or page.output.attempt > attempt):
        raise BadMessage(f"{path}.output", "a finished page needs an output of this attempt or one before")
    if page.output and page.output.job_id:
        raise BadMessage(f"{path}.output.job_id", "an output is the job's own")
    if page.status is PageStatus.FAILED and page.error is None:
        raise BadMessage(f"{path}.error", "a failed page needs an error")


def _late(final: Final, report: Report) -> Reply:
    """A report of a job that has ended: the same result again is fine, everything else has to stop."""
    if report.type is ReportType.RESULT and report.attempt == final.attempt:
        return Reply(duplicate=True)
    raise _stale("the job has ended")


async def _stale_result(ctx: Context, state: JobState, report: Report) -> Reply:
    if report.type is ReportType.RESULT and _owns(state, report):
        commit = await take_result(ctx, state, report)
        if commit and (commit.won or commit.final.report_event_id == report.event_id):
            return Reply(duplicate=not commit.won)
    raise _stale("another attempt has taken the job over")


def _owns(state: JobState, report: Report) -> bool:
    beat = state.beats.get(report.attempt)
    return beat is None or beat.report.worker_id == report.worker_id


async def _result(ctx: Context, job_id: str, report: Report) -> Reply:
    """Loads the state anew: the report is in it now, and a cancellation or a takeover may have come."""
    state = await load(ctx.platform.bucket, job_id)
    if state is None:
        raise Problem(ProblemCode.NOT_FOUND, "there is no such job")
    if state.final:
        return _late(state.final, report)
    commit: Commit | None = await take_result(ctx, state, report)
    return Reply(duplicate=commit is not None and not commit.won)


async def _keep(ctx: Context, state: JobState, report: Report) -> bool:
    """Stores the report as the attempt's last word; whether it was stored before.

    The first report of an attempt decides which worker owns it. A report that an earlier one has overtaken changes
    nothing.
    """
    bucket, key = ctx.platform.bucket, state.job.keys.heartbeat(report.attempt)
    for _ in range(_SWAPS):
        beat = await read_beat(bucket, key)
        if beat is None:
            if await create_json(bucket, key, _stored(report).to_json()):
                await show(ctx, state.job.id)
                return False
            continue
        if beat.report.worker_id != report.worker_id:
            raise _stale("the attempt belongs to another worker")
        if beat.report.event_id == report.event_id or report.seq <= beat.report.seq:
            return beat.report.event_id == report.event_id
        if await swap_json(bucket, key, absorb(beat.report, report).to_json(), etag=beat.etag):
            return False
    raise PlatformError("the heartbeat changed under every swap")


def _stored(report: Report) -> Report:
    return absorb(report, report)


def _reply(ctx: Context, state: JobState, report: Report, *, duplicate: bool) -> Reply:
    now, default = ctx.platform.now(), state.job.request.options.image_format
    canceled = state.cancel_at is not None or state.job.expires_at <= now
    grants = (
        ctx.grants.page(state.job, report.attempt, want.page, want.image_format or default, now=now)
        for want in report.wants
    )
    return Reply(
        duplicate=duplicate,
        cancel=canceled,
        lease_s=ctx.config.lease_s,
        grants=tuple(grants),
        result=ctx.grants.result(state.job, report.attempt, now=now),
        learn=ctx.grants.learn(state.job, report.attempt, now=now),
    )


def _stale(detail: str) -> Problem:
    return Problem(ProblemCode.STALE_ATTEMPT, detail)
