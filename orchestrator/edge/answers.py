"""The answers that show a job: its view, read together with its webhook's parcel."""

from __future__ import annotations

from contract.view import JobView
from edge.context import Context
from edge.http import Response
from edge.outbox import read_parcel
from edge.state import JobState
from edge.views import job_view, retry_after

ACCEPTED = 202


async def view_of(ctx: Context, state: JobState) -> JobView:
    parcel = None
    if state.final and state.job.request.webhook_url is not None:
        parcel = await read_parcel(ctx, state.job.id, state.final.event_id)
    return job_view(ctx.config, state, parcel=parcel.value if parcel else None)


def accepted(ctx: Context, view: JobView, state: JobState, *, headers: dict[str, str] | None = None) -> Response:
    more = {"cache-control": "no-store", **retry_after(state, now=ctx.platform.now()), **(headers or {})}
    return Response.json(view.to_json(), ACCEPTED, more)
