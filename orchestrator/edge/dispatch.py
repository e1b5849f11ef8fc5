"""Ordering attempts from the translator. A failure is no error: the job waits and the sweep orders again."""

from __future__ import annotations

from dataclasses import replace
from enum import Enum

from contract.attempt import AttemptOrder
from contract.keys import series_memory
from contract.signing import sign
from edge.context import Context
from edge.objects import Stored, create_json, dump, swap_json
from edge.platform import FetchError, FetchResponse
from edge.record import Claim, Job
from edge.state import JobState

TIMEOUT_S = 8.0
_TAKEN = (200, 202)
_BUSY = (429, 503)


class Delivery(Enum):
    """What became of an order; the value is the note that the client sees while the job waits."""

    TAKEN = ""
    BUSY = "the translator has no capacity at the moment"
    UNREACHABLE = "the translator cannot be reached"
    REFUSED = "the translator refused the order"
    OVERTAKEN = "somebody else orders this attempt"

    @property
    def is_worth_another(self) -> bool:
        """Whether another job's order may fare better at once."""
        return self in (Delivery.TAKEN, Delivery.REFUSED, Delivery.OVERTAKEN)


async def dispatch(ctx: Context, state: JobState) -> Delivery:
    """Orders the newest attempt again, or the first."""
    claim = state.claim or await claim_attempt(ctx, state.job, 1, tuple(state.job.page_numbers))
    return await deliver(ctx, state.job, claim) if claim else Delivery.OVERTAKEN


async def claim_attempt(ctx: Context, job: Job, attempt: int, pages: tuple[int, ...]) -> Stored[Claim] | None:
    """The right to order an attempt, or ``None`` where somebody else has it."""
    claim = Claim(attempt=attempt, pages=pages, claimed_at=ctx.platform.now())
    info = await create_json(ctx.platform.bucket, job.keys.attempt(attempt), claim.to_json())
    return Stored(claim, info) if info else None


async def deliver(ctx: Context, job: Job, claim: Stored[Claim]) -> Delivery:
    """Sends the order of a claimed attempt and keeps what became of it."""
    order = await _order(ctx, job, claim.value)
    delivery, status = await _send(ctx, order)
    ctx.platform.log(
        "dispatch",
        {"job": job.id, "attempt": order.attempt, "delivery": delivery.name.lower(), "status": status},
    )
    await _note(ctx, job, claim, delivery)
    return delivery


async def _order(ctx: Context, job: Job, claim: Claim) -> AttemptOrder:
    now, request = ctx.platform.now(), job.request
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
        memory=ctx.grants.memory(job, now=now) if await _has_memory(ctx, job) else None,
    )


async def _has_memory(ctx: Context, job: Job) -> bool:
    if job.request.series_id is None:
        return False
    return await ctx.platform.bucket.head(series_memory(job.owner, job.request.series_id)) is not None


async def _send(ctx: Context, order: AttemptOrder) -> tuple[Delivery, int]:
    body = dump(order.to_json())
    headers = sign(
        body,
        ctx.config.callback_secrets,
        message_id=ctx.new_id("msg_"),
        timestamp=int(ctx.platform.now()),
    )
    url = f"{ctx.config.translator_url}/jobs/{order.job_id}/attempts/{order.attempt}"
    try:
        answer = await ctx.platform.fetch(
            "PUT",
            url,
            headers={"content-type": "application/json", **headers},
            body=body,
            timeout_s=TIMEOUT_S,
            limit=10_000,
        )
    except FetchError:
        return Delivery.UNREACHABLE, 0
    return _delivery_of(answer), answer.status


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
