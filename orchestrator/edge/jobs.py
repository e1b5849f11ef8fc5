"""The jobs' routes that change something: create, start, cancel, redeliver."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from contract.errors import BadMessage
from contract.job import JobRequest
from contract.problem import Problem, ProblemCode
from contract.view import JobView
from edge.answers import ACCEPTED, accepted, view_of
from edge.auth import owner_of
from edge.body import read_json_body
from edge.boundary import contain
from edge.context import Context
from edge.finalize import finalize
from edge.http import Request, Response
from edge.idempotency import Ticket, settle
from edge.mirror import AFTER_A_REQUEST
from edge.objects import create_json
from edge.outbox import redeliver as redeliver_event
from edge.owned import job_of, owned, reload
from edge.plan import Step, next_step
from edge.record import Job
from edge.ssrf import BlockedUrl, check_url
from edge.starting import begin, fetch_pages, uploads_of
from edge.state import JobState
from edge.tokens import Claims, Role
from edge.webhook_url import BadWebhookUrl, check_webhook_url


async def create(ctx: Context, request: Request) -> Response:
    """``POST /jobs``"""
    owner = await owner_of(ctx, request)
    body = await read_json_body(request)
    asked = JobRequest.parse(body)
    _check(ctx, asked)
    ticket = Ticket(ctx.new_id("job_"), ctx.platform.now(), hashlib.sha256(body).hexdigest())
    if "idempotency-key" in request.headers:
        ticket = await settle(ctx.platform.bucket, owner, request.headers["idempotency-key"], ticket)
    job = Job(ticket.job_id, owner, asked, ticket.created_at, ticket.created_at + ctx.config.job_ttl_s)
    state = await create_job(ctx, job)
    if asked.starts_by_itself and state.started_at is None and state.cancel_at is None and not state.final:
        state = await begin(ctx, state)
    return await answer_created(ctx, state)


async def create_job(ctx: Context, job: Job) -> JobState:
    """The new job, or the one that is there already."""
    if await create_json(ctx.platform.bucket, job.keys.job, job.to_json()) is None:
        return await job_of(ctx, job.id, job.owner)
    state = JobState(job)
    await ctx.projection.open(job)
    await ctx.projection.save(state)
    return state


async def answer_created(ctx: Context, state: JobState) -> Response:
    """202: where to put the pages that are still to come, and where to look."""
    job = state.job
    if state.is_mirroring and not state.final:
        work = fetch_pages(ctx, state, AFTER_A_REQUEST)
        ctx.platform.background(contain(ctx.platform, "mirror_broke", work, {"job_id": job.id}))
    waits = state.started_at is None and not state.final and job.retry_of is None
    view = _with_poll(ctx, job, await view_of(ctx, state))
    view = replace(view, uploads=uploads_of(ctx, job, job.upload_pages) if waits else ())
    headers = {"location": view.status_url, "link": f'<{view.poll_url}>; rel="monitor"'}
    return accepted(ctx, view, state, headers=headers)


async def start(ctx: Context, request: Request, *, job_id: str) -> Response:
    """``POST /jobs/:id/start``"""
    state = await owned(ctx, request, job_id)
    if state.started_at is None and state.cancel_at is None and not state.final:
        state = await begin(ctx, state)
    return accepted(ctx, await view_of(ctx, state), state)


async def cancel(ctx: Context, request: Request, *, job_id: str) -> Response:
    """``POST /jobs/:id/cancel``"""
    state = await owned(ctx, request, job_id)
    if state.final:
        return Response.json((await view_of(ctx, state)).to_json())
    await create_json(ctx.platform.bucket, state.job.keys.cancel, {"schema": 1, "at": ctx.platform.now()})
    state = await reload(ctx, state)
    if next_step(state, now=ctx.platform.now(), config=ctx.config) is Step.FINISH:
        state = replace(state, final=(await finalize(ctx, state)).final)
    return accepted(ctx, await view_of(ctx, state), state)


async def redeliver(ctx: Context, request: Request, *, job_id: str, event_id: str) -> Response:
    """``POST /jobs/:id/webhooks/:event/redeliver``"""
    state = await owned(ctx, request, job_id)
    if event_id != state.job.event_id or state.job.request.webhook_url is None:
        raise Problem(ProblemCode.NOT_FOUND, "the job has no such event")
    if not state.final or not await redeliver_event(ctx, state.job, event_id):
        raise Problem(ProblemCode.CONFLICT, "the event has not happened yet")
    view = await view_of(ctx, state)
    return Response.json(view.webhook.to_json(), ACCEPTED, {"cache-control": "no-store"})


def _check(ctx: Context, asked: JobRequest) -> None:
    if len(asked.pages) > ctx.config.max_pages:
        raise BadMessage("pages", f"more than {ctx.config.max_pages} pages")
    asked.options.check_engines(ctx.config.engines, source=asked.source, target=asked.target)
    _check_pages(ctx, asked)
    if asked.webhook_url is None:
        return
    try:
        check_webhook_url(asked.webhook_url, allow_private=ctx.config.allow_private_webhooks)
    except BadWebhookUrl as error:
        raise BadMessage("webhook_url", str(error)) from None


def _check_pages(ctx: Context, asked: JobRequest) -> None:
    """What can be seen of a URL at once; where it leads is found out when it is fetched."""
    for index, page in enumerate(asked.pages):
        try:
            if page.url:
                check_url(page.url, allow_private=ctx.config.allow_private_pages)
        except BlockedUrl as error:
            raise BadMessage(f"pages[{index}].url", str(error)) from None


def _with_poll(ctx: Context, job: Job, view: JobView) -> JobView:
    """A token to poll without the API key, for a browser: it reads this job alone, for as long as that can be asked."""
    ends_at = int(job.expires_at) + ctx.config.result_ttl_s
    token = ctx.tokens.issue(Claims(job=job.id, role=Role.READ, exp=ends_at))
    return replace(view, poll_url=f"{view.status_url}?t={token}", poll_token=token)
