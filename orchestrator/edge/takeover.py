"""After an attempt: the next one, or the end of the job."""

from __future__ import annotations

from contract.report import Report
from edge.config import Dispatch
from edge.context import Context
from edge.dispatch import Delivery, claim_attempt, deliver, dispatch
from edge.finalize import Commit, finalize, stored_results
from edge.plan import is_last
from edge.state import JobState, Work, is_complete


async def take_over(ctx: Context, state: JobState) -> Delivery:
    """The newest attempt is dead: orders what is left from the next one, or finalizes where nothing can be."""
    work = await work_left(ctx, state)
    if work is None:
        await finalize(ctx, state)
        return Delivery.TAKEN
    if ctx.config.dispatch is Dispatch.PULL:
        return await dispatch(ctx, state)
    claim = await claim_attempt(ctx, state.job, state.latest + 1, work)
    if claim is None:
        return Delivery.OVERTAKEN
    ctx.platform.log("take_over", {"job_id": state.job.id, "attempt": claim.value.attempt, "pages": len(work.pages)})
    return await deliver(ctx, state.job, claim)


async def work_left(ctx: Context, state: JobState) -> Work | None:
    """What another attempt could do after the newest one, which is over; ``None``: nothing."""
    results = await stored_results(ctx, state)
    reports = [*state.reports, *results]
    has_ended = any(result.attempt == state.latest for result in results) and is_complete(state.job, reports)
    work = Work.after(state.job, reports)
    return None if has_ended or is_last(state.latest) or not work.pages else work


async def take_result(ctx: Context, state: JobState, result: Report) -> Commit | None:
    """Finalizes with an attempt's result; ``None`` where it gave pages back and another attempt does them."""
    reports = [*state.reports, result]
    given_back = result.attempt == state.latest and not is_complete(state.job, reports)
    if given_back and state.cancel_at is None and state.job.expires_at > ctx.platform.now():
        await take_over(ctx, state)
        return None
    return await finalize(ctx, state, result=result)
