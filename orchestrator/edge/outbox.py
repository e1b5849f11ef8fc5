"""Webhooks to deliver: at least once, the same event id in every delivery, on a published schedule.

A delivery is claimed by compare-and-swap before it is sent, so that two drains do not both count and send it. Who
dies in between has delayed it until the claimed ``next_at``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from contract.event import ChapterFinished
from contract.fields import Fields
from contract.keys import JobKeys
from contract.signing import sign
from edge.boundary import contain
from edge.clock import http_date, iso
from edge.context import Context
from edge.objects import Stored, create_json, read_json, swap_json
from edge.platform import FetchError, PlatformError, Point
from edge.record import Final, Job
from edge.ssrf import BlockedUrl, check_url

SCHEDULE_S = (0, 5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400)
"""The wait before each delivery, from the one before."""
TIMEOUT_S = 15.0
_MAX_RETRY_AFTER_S = 86_400
_CLAIM_S = 30.0
_JITTER = 0.2
_GONE = 410
_SWAPS = 8


class DeliveryState(StrEnum):
    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"
    """Every delivery of the schedule failed: a dead letter."""
    DISABLED = "disabled"
    """The receiver answered 410."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """``outbox/{job}/{event}.json``. What is sent is worked out from ``final.json``."""

    job_id: str
    event_id: str
    url: str
    state: DeliveryState = DeliveryState.PENDING
    attempts: int = 0
    next_at: float = 0.0
    last_status: int = 0

    @classmethod
    def from_json(cls, value: Any) -> Parcel:
        fields = Fields(value)
        return cls(
            job_id=fields.text("job_id"),
            event_id=fields.text("event_id"),
            url=fields.text("url"),
            state=fields.choice("state", DeliveryState),
            attempts=fields.integer("attempts"),
            next_at=fields.number("next_at"),
            last_status=fields.integer("last_status"),
        )

    def to_json(self) -> dict[str, Any]:
        return {
            "schema": 1,
            "job_id": self.job_id,
            "event_id": self.event_id,
            "url": self.url,
            "state": self.state.value,
            "attempts": self.attempts,
            "next_at": self.next_at,
            "last_status": self.last_status,
        }

    def after(self, status: int, *, next_at: float) -> Parcel:
        """The parcel after a delivery that was answered with ``status`` (0: no answer)."""
        return replace(self, state=self._state_after(status), next_at=next_at, last_status=status)

    def _state_after(self, status: int) -> DeliveryState:
        if 200 <= status < 300:
            return DeliveryState.DELIVERED
        if status == _GONE:
            return DeliveryState.DISABLED
        return DeliveryState.FAILED if self.attempts >= len(SCHEDULE_S) else DeliveryState.PENDING


def wait_s(attempts: int, *, chance: float, retry_after_s: float = 0.0) -> float:
    """Seconds from the ``attempts``-th delivery to the next: the schedule ±20 % (``chance`` is 0 to 1), or longer
    where the receiver asked for it, a day at most."""
    planned = SCHEDULE_S[min(attempts, len(SCHEDULE_S) - 1)] * (1 + _JITTER * (2 * chance - 1))
    return max(planned, min(retry_after_s, _MAX_RETRY_AFTER_S))


async def enqueue(ctx: Context, job: Job, *, now: float) -> None:
    """Creates the job's parcel, if it wants one and it does not exist."""
    url = job.request.webhook_url
    if url is not None:
        parcel = Parcel(job_id=job.id, event_id=job.event_id, url=url, next_at=now)
        await create_json(ctx.platform.bucket, job.keys.outbox(job.event_id), parcel.to_json())


async def read_parcel(ctx: Context, job_id: str, event_id: str) -> Stored[Parcel] | None:
    return await read_json(ctx.platform.bucket, JobKeys(job_id).outbox(event_id), Parcel.from_json)


async def deliver(ctx: Context, job_id: str, event_id: str, *, listed: bool = False) -> None:
    """Delivers a parcel if it is due, and for the background: an error is logged.

    ``listed``: listings show the job's end for sure, so that nothing is left to do once the parcel is settled. Else
    that is the next sweep's, which lists the job before it closes it.
    """
    await contain(ctx.platform, "delivery_failed", _deliver(ctx, job_id, event_id, listed=listed), {"job_id": job_id})


async def _deliver(ctx: Context, job_id: str, event_id: str, *, listed: bool) -> None:
    stored = await read_parcel(ctx, job_id, event_id)
    if stored is None or stored.value.state is not DeliveryState.PENDING:
        return
    keys = JobKeys(job_id)
    final = await read_json(ctx.platform.bucket, keys.final, Final.from_json)
    job = await read_json(ctx.platform.bucket, keys.job, Job.from_json)
    if final is None or job is None or stored.value.next_at > ctx.platform.now():
        return
    claimed = await _claim(ctx, stored)
    if claimed:
        parcel = await _send(ctx, claimed, event_of(ctx, job.value, final.value).to_bytes())
        if listed and parcel.state is not DeliveryState.PENDING:
            await ctx.projection.close(job_id)


async def _claim(ctx: Context, stored: Stored[Parcel]) -> Stored[Parcel] | None:
    next_at = ctx.platform.now() + max(_CLAIM_S, wait_s(stored.value.attempts + 1, chance=_chance(ctx)))
    claimed = replace(stored.value, attempts=stored.value.attempts + 1, next_at=next_at)
    return await _swap(ctx, claimed, stored.info.etag)


async def _send(ctx: Context, claimed: Stored[Parcel], body: bytes) -> Parcel:
    began = ctx.platform.now()
    status, retry_after_s = await _post(ctx, claimed.value, body)
    wait = wait_s(claimed.value.attempts, chance=_chance(ctx), retry_after_s=retry_after_s)
    parcel = claimed.value.after(status, next_at=ctx.platform.now() + wait)
    await _swap(ctx, parcel, claimed.info.etag)
    fields = {"job_id": parcel.job_id, "status": status, "attempts": parcel.attempts, "state": parcel.state.value}
    ctx.platform.log("webhook", {**fields, "host": urlsplit(parcel.url).hostname})
    ms = round((ctx.platform.now() - began) * 1000)
    outcome, mode = parcel.state.value, ctx.config.mode
    ctx.platform.measure(Point("webhook", parcel.job_id, outcome, mode, attempt=parcel.attempts, size=len(body), ms=ms))
    return parcel


async def _swap(ctx: Context, parcel: Parcel, etag: str) -> Stored[Parcel] | None:
    key = JobKeys(parcel.job_id).outbox(parcel.event_id)
    info = await swap_json(ctx.platform.bucket, key, parcel.to_json(), etag=etag)
    return Stored(parcel, info) if info else None


async def _post(ctx: Context, parcel: Parcel, body: bytes) -> tuple[int, float]:
    """The answer's status (0: none) and the seconds that it asks to wait."""
    signed = sign(
        body,
        ctx.config.webhook_secrets,
        message_id=parcel.event_id,
        timestamp=int(ctx.platform.now()),
    )
    headers = {"content-type": "application/json", "user-agent": "fukidashi-webhook/1", **signed}
    private = ctx.config.allow_private_webhooks
    try:
        answer = await ctx.platform.outside.fetch(
            "POST",
            check_url(parcel.url, allow_private=private).url,
            headers=headers,
            body=body,
            timeout_s=TIMEOUT_S,
            limit=1000,
            allow_private=private,
        )
    except (FetchError, BlockedUrl):
        return 0, 0.0
    return answer.status, _seconds(answer.headers.get("retry-after", ""), now=ctx.platform.now())


async def redeliver(ctx: Context, job: Job, event_id: str) -> bool:
    """Makes an event due again, whatever became of it, with the whole schedule before it. ``False``: no such event."""
    for _ in range(_SWAPS):
        stored = await read_parcel(ctx, job.id, event_id)
        if stored is None:
            return False
        fresh = replace(stored.value, state=DeliveryState.PENDING, attempts=0, next_at=ctx.platform.now())
        if await _swap(ctx, fresh, stored.info.etag):
            await ctx.projection.open(job)
            ctx.platform.background(deliver(ctx, job.id, event_id))
            return True
    raise PlatformError("the parcel changed under every swap")


def event_of(ctx: Context, job: Job, final: Final) -> ChapterFinished:
    return ChapterFinished(
        timestamp=iso(final.completed_at),
        job_id=job.id,
        chapter_id=job.request.chapter_id,
        status=final.status,
        succeeded=final.succeeded,
        failed=final.failed,
        status_url=f"{ctx.config.public_url}/jobs/{job.id}",
        series_id=job.request.series_id,
        metadata=job.request.metadata,
    )


def _chance(ctx: Context) -> float:
    return int.from_bytes(ctx.platform.random_bytes(4), "big") / 2**32


def _seconds(text: str, *, now: float) -> float:
    """Of a ``Retry-After``: seconds, or a date; what is neither asks for nothing."""
    text = text.strip()
    if text.isascii() and text.isdigit() and len(text) < 10:
        return float(text)
    date = http_date(text)
    return max(0.0, date - now) if date is not None else 0.0
