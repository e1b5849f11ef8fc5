"""The answers that show a job: its view, read together with its webhook's parcel."""

from __future__ import annotations

from contract.view import JobView
from edge.context import Context
from edge.http import Response
from edge.outbox import Parcel, read_parcel
from edge.state import JobState
from edge.views import job_view, retry_after

ACCEPTED = 202


async def view_of(ctx: Context, state: JobState) -> JobView:
    return job_view(ctx.config, state, parcel=await parcel_of(ctx, state))


async def parcel_of(ctx: Context, state: JobState) -> Parcel | None:
    """The webhook's, once the job has ended and if it wants one."""
    if state.final is None or state.job.request.webhook_url is None:
        return None
    stored = await read_parcel(ctx, state.job.id, state.final.event_id)
    return stored.value if stored else None


def accepted(ctx: Context, view: JobView, state: JobState, *, headers: dict[str, str] | None = None) -> Response:
    more = {"cache-control": "no-store", **retry_after(state, now=ctx.platform.now()), **(headers or {})}
    return Response.json(view.to_json(), ACCEPTED, more)
