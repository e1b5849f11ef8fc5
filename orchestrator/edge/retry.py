"""``POST /jobs/:id/retry`` and ``/jobs/:id/pages/:n/retry``: a new job for what failed in one that has ended.

The old job's finished pages are carried over by reference, and verified again when the new one ends. Its inputs are
read where they are. ``successor.json``, created once, decides which job that is: whoever asks again gets the same one,
and makes up for whatever of it is missing.
"""

from __future__ import annotations

from dataclasses import replace

from contract.problem import Problem, ProblemCode
from contract.report import PageReport
from contract.retry import RetryRequest
from contract.status import PageStatus
from edge.body import read_optional_json
from edge.context import Context
from edge.http import Request, Response
from edge.jobs import answer_created, create_job
from edge.objects import CorruptObject, create_json, read_json
from edge.owned import owned, reload
from edge.record import Final, FinalPage, Job, Successor
from edge.starting import begin, inputs_of
from edge.state import JobState

_MOST_BYTES = 10_000


async def retry_job(ctx: Context, request: Request, *, job_id: str) -> Response:
    """Every page that is not done."""
    state = await owned(ctx, request, job_id)
    return await _retry(ctx, state.job, _ended(state), None, await _asked(request))


async def retry_page(ctx: Context, request: Request, *, job_id: str, page: int) -> Response:
    """One page; the others stay as they ended."""
    state = await owned(ctx, request, job_id)
    if page not in state.job.page_numbers:
        raise Problem(ProblemCode.NOT_FOUND, "the job has no such page")
    return await _retry(ctx, state.job, _ended(state), page, await _asked(request))


async def _asked(request: Request) -> RetryRequest:
    return RetryRequest.parse(await read_optional_json(request, limit=_MOST_BYTES))


def _ended(state: JobState) -> Final:
    if state.final is None:
        raise Problem(ProblemCode.CONFLICT, "the job has not ended", job_status=state.status.value)
    return state.final


async def _retry(ctx: Context, old: Job, final: Final, page: int | None, asked: RetryRequest) -> Response:
    failed = tuple(entry.report.page for entry in final.pages if entry.report.status is not PageStatus.DONE)
    if not failed or (page is not None and page not in failed):
        raise Problem(ProblemCode.CONFLICT, "nothing failed there", job_status=final.status.value)
    pages = failed if page is None else (page,)
    successor = Successor(ctx.new_id("job_"), ctx.platform.now(), pages, asked)
    # Before anything says that the old job is superseded.
    await inputs_of(ctx, _job(ctx, old, successor))
    successor = await _succeed(ctx, old, successor)
    if (successor.pages, successor.asked) != (pages, asked):
        detail = "another job retries pages of this one, or with another budget: retry what failed there"
        raise Problem(ProblemCode.CONFLICT, detail, superseded_by=successor.job_id)
    state = await _create(ctx, old, final, successor)
    if state.started_at is None and state.cancel_at is None and not state.final:
        state = await begin(ctx, await reload(ctx, state))
    return await answer_created(ctx, state)


async def _succeed(ctx: Context, old: Job, successor: Successor) -> Successor:
    """The right to retry, or who has it."""
    if await create_json(ctx.platform.bucket, old.keys.successor, successor.to_json()):
        return successor
    first = await read_json(ctx.platform.bucket, old.keys.successor, Successor.from_json)
    if first is None:
        raise CorruptObject(old.keys.successor, "was there and is gone")
    return first.value


def _job(ctx: Context, old: Job, successor: Successor) -> Job:
    return Job(
        successor.job_id,
        old.owner,
        successor.asked.changed(old.request),
        successor.created_at,
        successor.created_at + ctx.config.job_ttl_s,
        retry_of=old.id,
        inputs_of=old.inputs_of or old.id,
        retried=successor.pages,
    )


async def _create(ctx: Context, old: Job, final: Final, successor: Successor) -> JobState:
    job = _job(ctx, old, successor)
    carried = [_carried(old, page).to_json() for page in final.pages if page.report.page not in successor.pages]
    # Before the job itself, so that nobody sees it without them.
    await create_json(ctx.platform.bucket, job.keys.carried, {"schema": 1, "pages": carried})
    return await create_job(ctx, job)


def _carried(old: Job, page: FinalPage) -> PageReport:
    """The page as it ended, its output named by the job that made it."""
    output = page.report.output
    if output is None or output.job_id:
        return page.report
    return replace(page.report, output=replace(output, job_id=old.id))
