"""After an attempt: the next one, or the end of the job."""

from __future__ import annotations

from contract.report import Report
from edge.context import Context
from edge.dispatch import Delivery, claim_attempt, deliver
from edge.finalize import Commit, finalize, stored_results
from edge.plan import is_last
from edge.state import JobState, is_complete, pages_to_order


async def take_over(ctx: Context, state: JobState) -> Delivery:
    """The newest attempt is dead: orders what is left from the next one, or finalizes where nothing can be."""
    reports = [*state.reports, *await stored_results(ctx, state)]
    pages = pages_to_order(state.job, reports)
    if not pages or is_last(state.latest):
        await finalize(ctx, state)
        return Delivery.TAKEN
    claim = await claim_attempt(ctx, state.job, state.latest + 1, pages)
    if claim is None:
        return Delivery.OVERTAKEN
    ctx.platform.log("take_over", {"job": state.job.id, "attempt": claim.value.attempt, "pages": len(pages)})
    return await deliver(ctx, state.job, claim)


async def take_result(ctx: Context, state: JobState, result: Report) -> Commit | None:
    """Finalizes with an attempt's result; ``None`` where it gave pages back and another attempt does them."""
    reports = [*state.reports, result]
    given_back = result.attempt == state.latest and not is_complete(state.job, reports)
    if given_back and state.cancel_at is None and state.job.expires_at > ctx.platform.now():
        await take_over(ctx, state)
        return None
    return await finalize(ctx, state, result=result)
