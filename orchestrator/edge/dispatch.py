"""Ordering attempts from the translator. A failure is no error: the job waits and the sweep orders again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from enum import Enum

from contract import PROTOCOL, PROTOCOL_HEADER
from contract.attempt import AttemptOrder
from contract.errors import BadMessage
from contract.fields import Fields, load_object
from contract.keys import series_glossary, series_memory
from contract.signing import sign
from edge.admission import admit
from edge.config import Dispatch
from edge.context import Context
from edge.objects import Stored, create_json, dump, swap_json
from edge.platform import FetchError, FetchResponse
from edge.record import Claim, Job
from edge.state import JobState, Work

TIMEOUT_S = 8.0
_CLOCKS_DIFFER_S = 5
_TAKEN = (200, 202)
_BUSY = (429, 503)


class Delivery(Enum):
    """What became of an order; the value is the note that the client sees while the job waits."""

    TAKEN = ""
    BUSY = "the translator has no capacity at the moment"
    UNREACHABLE = "the translator cannot be reached"
    REFUSED = "the translator refused the order"
    OVERTAKEN = "somebody else orders this attempt"
    OFFERED = "the job waits for a translator that asks for work"
    NOT_ADMITTED = "as many of the owner's jobs run as may at a time"

    @property
    def is_worth_another(self) -> bool:
        """Whether another job's order may fare better at once."""
        return self not in (Delivery.BUSY, Delivery.UNREACHABLE)


async def dispatch(ctx: Context, state: JobState) -> Delivery:
    """Orders the newest attempt again, or the first; where translators pull, offers the job to them."""
    if ctx.config.dispatch is Dispatch.PULL:
        await ctx.projection.wait(state.job)
        return Delivery.OFFERED
    if state.claim is None and not await admit(ctx, state.job):
        return Delivery.NOT_ADMITTED
    claim = state.claim or await claim_attempt(ctx, state.job, 1, Work.after(state.job, state.reports))
    return await deliver(ctx, state.job, claim) if claim else Delivery.OVERTAKEN


async def claim_attempt(
    ctx: Context, job: Job, attempt: int, work: Work, *, worker_id: str = ""
) -> Stored[Claim] | None:
    """The right to order an attempt, or ``None`` where somebody else has it. A worker that asks for it has taken it."""
    now = ctx.platform.now()
    accepted_at = now if worker_id else None
    claim = Claim(
        attempt,
        work.pages,
        now,
        accepted_at,
        alone=work.alone,
        worker_id=worker_id,
        neighbours=work.neighbours,
        done=work.done,
        used=work.used,
        direction=work.direction,
    )
    info = await create_json(ctx.platform.bucket, job.keys.attempt(attempt), claim.to_json())
    return Stored(claim, info) if info else None


async def deliver(ctx: Context, job: Job, claim: Stored[Claim]) -> Delivery:
    """Sends the order of a claimed attempt and keeps what became of it."""
    order = await order_of(ctx, job, claim.value)
    delivery, status = await _send(ctx, order)
    ctx.platform.log(
        "dispatch",
        {"job_id": job.id, "attempt": order.attempt, "delivery": delivery.name.lower(), "status": status},
    )
    await _note(ctx, job, claim, delivery)
    return delivery


async def order_of(ctx: Context, job: Job, claim: Claim) -> AttemptOrder:
    """The order of a claimed attempt, with fresh grants."""
    now, request = ctx.platform.now(), job.request
    memory, glossary = await asyncio.gather(_has(ctx, job, series_memory), _has(ctx, job, series_glossary))
    return AttemptOrder(
        job_id=job.id,
        attempt=claim.attempt,
        chapter_id=request.chapter_id,
        source=request.source,
        target=request.target,
        reading_direction=request.reading_direction,
        options=request.options,
        callback_url=f"{ctx.config.public_url}/callbacks/container",
        heartbeat_s=ctx.config.heartbeat_s,
        lease_s=ctx.config.lease_s,
        pages=tuple(
            ctx.grants.page(job, claim.attempt, page, request.options.image_format, now=now) for page in claim.pages
        ),
        result=ctx.grants.result(job, claim.attempt, now=now),
        series_id=request.series_id,
        memory=ctx.grants.memory(job, now=now) if memory else None,
        alone=claim.alone,
        neighbours=tuple(ctx.grants.neighbour(job, beside, now=now) for beside in claim.neighbours),
        done=tuple(ctx.grants.done(job, page, now=now) for page in claim.done),
        glossary=ctx.grants.glossary(job, now=now) if glossary else None,
        learn=ctx.grants.learn(job, claim.attempt, now=now),
        used=claim.used,
        page_count=len(request.pages),
        settled_direction=claim.direction,
    )


async def _has(ctx: Context, job: Job, key_of: Callable[[str, str], str]) -> bool:
    """Whether the job's series has this object."""
    if job.request.series_id is None:
        return False
    return await ctx.platform.bucket.head(key_of(job.owner, job.request.series_id)) is not None


async def _send(ctx: Context, order: AttemptOrder) -> tuple[Delivery, int]:
    now = ctx.platform.now()
    try:
        answer = await _put(ctx, order, signed_at=now)
        theirs = _server_time(answer)
        if theirs is not None and abs(theirs - now) > _CLOCKS_DIFFER_S:
            # As a translator does with our time: else one whose clock is off would refuse every order for ever.
            ctx.platform.log("translator_clock_differs", {"job_id": order.job_id, "offset_s": round(theirs - now)})
            answer = await _put(ctx, order, signed_at=theirs)
    except FetchError:
        return Delivery.UNREACHABLE, 0
    return _delivery_of(answer), answer.status


async def _put(ctx: Context, order: AttemptOrder, *, signed_at: float) -> FetchResponse:
    body = dump(order.to_json())
    headers = sign(
        body,
        ctx.config.callback_secrets,
        message_id=ctx.new_id("msg_"),
        timestamp=int(signed_at),
    )
    url = f"{ctx.config.translator_url}/jobs/{order.job_id}/attempts/{order.attempt}"
    return await ctx.platform.fetch(
        "PUT",
        url,
        headers={"content-type": "application/json", PROTOCOL_HEADER: str(PROTOCOL), **headers},
        body=body,
        timeout_s=TIMEOUT_S,
        limit=10_000,
    )


def _server_time(answer: FetchResponse) -> int | None:
    """The time that a 401 tells."""
    if answer.status != 401:
        return None
    try:
        fields = Fields(load_object(answer.body))
        return fields.integer("server_time") if fields.has("server_time") else None
    except BadMessage:
        return None


def _delivery_of(answer: FetchResponse) -> Delivery:
    if answer.status in _TAKEN:
        return Delivery.TAKEN
    if answer.status in _BUSY:
        return Delivery.BUSY
    return Delivery.UNREACHABLE if answer.status >= 500 else Delivery.REFUSED


async def _note(ctx: Context, job: Job, stored: Stored[Claim], delivery: Delivery) -> None:
    """Loses silently to whoever changed the claim in between: the next delivery says it again."""
    claim = stored.value
    if delivery is Delivery.TAKEN:
        noted = claim.accepted(ctx.platform.now())
    else:
        noted = replace(claim, note=delivery.value)
    if noted != claim:
        await swap_json(
            ctx.platform.bucket,
            job.keys.attempt(claim.attempt),
            noted.to_json(),
            etag=stored.info.etag,
        )
