"""The jobs' routes: create, start, see, cancel."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from contract.errors import BadMessage
from contract.job import JobRequest
from contract.problem import Problem, ProblemCode
from contract.view import JobView, Upload
from edge.auth import owner_of, reader_of
from edge.body import read_json_body
from edge.context import Context
from edge.dispatch import dispatch
from edge.finalize import finalize
from edge.http import Request, Response
from edge.idempotency import Ticket, settle
from edge.objects import create_json, list_all
from edge.outbox import read_parcel
from edge.plan import Step, next_step
from edge.platform import ObjectInfo
from edge.record import Job
from edge.state import JobState, load
from edge.tokens import Claims, Role
from edge.views import job_view, retry_after, view_response
from edge.webhook_url import BadWebhookUrl, check_webhook_url

_ACCEPTED = 202


async def create(ctx: Context, request: Request) -> Response:
    """``POST /jobs``"""
    owner = owner_of(ctx, request)
    body = await read_json_body(request)
    asked = JobRequest.parse(body)
    _check_webhook(ctx, asked)
    ticket = Ticket(ctx.new_id("job_"), ctx.platform.now(), hashlib.sha256(body).hexdigest())
    if "idempotency-key" in request.headers:
        ticket = await settle(ctx.platform.bucket, owner, request.headers["idempotency-key"], ticket)
    job = Job(ticket.job_id, owner, asked, ticket.created_at, ticket.created_at + ctx.config.job_ttl_s)
    state = await _create(ctx, job)
    uploads = _uploads(ctx, job, job.page_numbers) if state.started_at is None and not state.final else ()
    view = await _view(ctx, state)
    headers = {"location": view.status_url, "link": _monitor(ctx, job, view.status_url)}
    return _accepted(ctx, replace(view, uploads=uploads), state, headers=headers)


async def start(ctx: Context, request: Request, *, job_id: str) -> Response:
    """``POST /jobs/:id/start``"""
    state = await _owned(ctx, job_id, owner_of(ctx, request))
    if state.started_at is None and state.cancel_at is None and not state.final:
        pages = await _inputs(ctx, state.job)
        record = {"schema": 1, "at": ctx.platform.now(), "pages": pages}
        await create_json(ctx.platform.bucket, state.job.keys.start, record)
        state = await _reload(ctx, state)
        if next_step(state, now=ctx.platform.now(), config=ctx.config) is Step.DISPATCH:
            await dispatch(ctx, state)
            state = await _reload(ctx, state)
        await ctx.projection.save(state)
    return _accepted(ctx, await _view(ctx, state), state)


async def see(ctx: Context, request: Request, *, job_id: str) -> Response:
    """``GET /jobs/:id``"""
    state = await _owned(ctx, job_id, reader_of(ctx, request, job_id))
    view = await _view(ctx, state)
    given = request.headers.get("if-none-match", "")
    return view_response(view, state, now=ctx.platform.now(), if_none_match=given)


async def cancel(ctx: Context, request: Request, *, job_id: str) -> Response:
    """``POST /jobs/:id/cancel``"""
    state = await _owned(ctx, job_id, owner_of(ctx, request))
    if state.final:
        return Response.json((await _view(ctx, state)).to_json())
    await create_json(ctx.platform.bucket, state.job.keys.cancel, {"schema": 1, "at": ctx.platform.now()})
    state = await _reload(ctx, state)
    if next_step(state, now=ctx.platform.now(), config=ctx.config) is Step.FINISH:
        state = replace(state, final=(await finalize(ctx, state)).final)
    return _accepted(ctx, await _view(ctx, state), state)


async def owned_state(ctx: Context, request: Request, job_id: str) -> JobState:
    """The state of a job that the request may read."""
    return await _owned(ctx, job_id, reader_of(ctx, request, job_id))


async def _owned(ctx: Context, job_id: str, owner: str | None) -> JobState:
    """``owner`` is ``None`` where a token of this very job was checked."""
    state = await load(ctx.platform.bucket, job_id)
    if state is None or (owner is not None and state.job.owner != owner):
        raise Problem(ProblemCode.NOT_FOUND, "there is no such job")
    return state


async def _reload(ctx: Context, state: JobState) -> JobState:
    return await load(ctx.platform.bucket, state.job.id) or state


async def _create(ctx: Context, job: Job) -> JobState:
    if await create_json(ctx.platform.bucket, job.keys.job, job.to_json()) is None:
        return await _owned(ctx, job.id, job.owner)
    state = JobState(job)
    await ctx.projection.open(job)
    await ctx.projection.save(state)
    return state


def _check_webhook(ctx: Context, asked: JobRequest) -> None:
    if asked.webhook_url is None:
        return
    try:
        check_webhook_url(asked.webhook_url, allow_private=ctx.config.allow_private_webhooks)
    except BadWebhookUrl as error:
        raise BadMessage("webhook_url", str(error)) from None


async def _inputs(ctx: Context, job: Job) -> list[dict[str, object]]:
    """What was uploaded. Raises :class:`Problem` naming the pages that are missing or too large."""
    found = {info.key: info for info in await list_all(ctx.platform.bucket, job.chapter.inputs)}
    missing = [page for page in job.page_numbers if job.input_key(page) not in found]
    if missing:
        uploads = [upload.to_json() for upload in _uploads(ctx, job, missing)]
        detail = f"{len(missing)} of {len(job.request.pages)} pages are not uploaded"
        raise Problem(ProblemCode.CONFLICT, detail, missing=missing, uploads=uploads)
    infos = [(page, found[job.input_key(page)]) for page in job.page_numbers]
    _check_sizes(ctx, infos)
    return [{"page": page, "size": info.size, "etag": info.etag} for page, info in infos]


def _check_sizes(ctx: Context, infos: list[tuple[int, ObjectInfo]]) -> None:
    """A presigned PUT has no limit of its own."""
    large = [page for page, info in infos if info.size > ctx.config.max_page_bytes]
    if large:
        detail = f"{len(large)} pages have more than {ctx.config.max_page_bytes} bytes"
        raise Problem(ProblemCode.TOO_LARGE, detail, pages=large)


def _uploads(ctx: Context, job: Job, pages: range | list[int]) -> tuple[Upload, ...]:
    now = ctx.platform.now()
    return tuple(Upload(page, ctx.grants.upload(job, page, now=now)) for page in pages)


def _monitor(ctx: Context, job: Job, status_url: str) -> str:
    """A URL to poll without the API key, for a browser: it reads this job alone, until the job's TTL ends."""
    token = ctx.tokens.issue(Claims(job=job.id, role=Role.READ, exp=int(job.expires_at)))
    return f'<{status_url}?t={token}>; rel="monitor"'


async def _view(ctx: Context, state: JobState) -> JobView:
    parcel = None
    if state.final and state.job.request.webhook_url is not None:
        parcel = await read_parcel(ctx, state.job.id, state.final.event_id)
    return job_view(ctx.config, state, parcel=parcel.value if parcel else None)


def _accepted(ctx: Context, view: JobView, state: JobState, *, headers: dict[str, str] | None = None) -> Response:
    more = {"cache-control": "no-store", **retry_after(state, now=ctx.platform.now()), **(headers or {})}
    return Response.json(view.to_json(), _ACCEPTED, more)
