"""What a job needs next. Pure: the sweep and the routes only carry it out."""

from __future__ import annotations

from enum import Enum

from contract.attempt import MAX_ATTEMPTS
from edge.config import Config, Dispatch
from edge.state import JobState, Work


class Step(Enum):
    NOTHING = "nothing"
    SETTLE = "settle"
    """The job has ended: its webhook may have to be delivered."""
    TAKE_RESULT = "take_result"
    """The newest attempt left a manifest whose callback did not come."""
    FINISH = "finish"
    """Canceled, expired, or every page was lost on its way in: finalize with what there is."""
    MIRROR = "mirror"
    """Pages are to be fetched from their URLs; then a job of URLs alone starts."""
    DISPATCH = "dispatch"
    """Order the newest attempt (again), or the first."""
    TAKE_OVER = "take_over"
    """The newest attempt is dead: the next one, or the end."""


def next_step(state: JobState, *, now: float, config: Config) -> Step:
    if state.final:
        return Step.SETTLE
    if state.latest in state.results:
        return Step.TAKE_RESULT
    if state.job.expires_at <= now or _cancel_is_due(state, now=now, lease_s=config.lease_s):
        return Step.FINISH
    if state.cancel_at is not None:
        return Step.NOTHING
    if state.is_mirroring or (state.started_at is None and state.job.request.starts_by_itself):
        return Step.MIRROR
    if state.started_at is None:
        return Step.NOTHING
    if not state.attempts and not Work.after(state.job, state.reports).pages:
        return Step.FINISH
    if state.latest in state.beats:
        return Step.TAKE_OVER if state.lease_is_over(now=now, lease_s=config.lease_s) else Step.NOTHING
    if not _order_is_due(state, now=now, config=config):
        return Step.NOTHING
    # Nobody repeats an order that a translator has claimed and not begun: another claim is another attempt.
    return Step.TAKE_OVER if state.claim and config.dispatch is Dispatch.PULL else Step.DISPATCH


def _cancel_is_due(state: JobState, *, now: float, lease_s: float) -> bool:
    """At once where no translator has the job; else once it had a lease's time to stop and report."""
    if state.cancel_at is None:
        return False
    taken = bool(state.beats) or (state.claim is not None and state.claim.value.accepted_at is not None)
    return not taken or now - state.cancel_at > lease_s


def _order_is_due(state: JobState, *, now: float, config: Config) -> bool:
    """An attempt that was taken gets a lease's time for its first report, then the same order once more."""
    if state.claim is None or state.claim.value.accepted_at is None:
        return True
    return now - state.claim.value.accepted_at > config.lease_s


def is_last(attempt: int) -> bool:
    return attempt >= MAX_ATTEMPTS
