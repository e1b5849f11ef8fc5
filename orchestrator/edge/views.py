"""A job as its owner sees it: from its state, and from nothing that changes by itself, so that an ETag can hold."""

from __future__ import annotations

import hashlib
from collections import deque
from dataclasses import dataclass
from typing import Any

from contract.problem import Problem, ProblemCode
from contract.report import PageReport
from contract.status import JobStatus, PageStatus
from contract.view import JobView, PageView, Upload, WebhookView
from edge.clock import iso
from edge.config import Config
from edge.http import Response
from edge.merge import Entry
from edge.objects import dump
from edge.outbox import DeliveryState, Parcel
from edge.state import JobState

_FEW_PAGES = 8
_LONGEST_WAIT_S = 15
_WAITS = "the job waits for its turn"
_PRIVATE = {"cache-control": "private, no-cache"}


def job_view(
    config: Config,
    state: JobState,
    *,
    parcel: Parcel | None = None,
    uploads: tuple[Upload, ...] = (),
) -> JobView:
    job, request, final, table = state.job, state.job.request, state.final, state.table
    place = f"{config.public_url}/jobs/{job.id}"
    started_at = final.started_at if final else state.started_at
    return JobView(
        id=job.id,
        status=state.status,
        chapter_id=request.chapter_id,
        source=request.source,
        target=request.target,
        pages=tuple(_page_view(config, state, page, table.get(page)) for page in job.page_numbers),
        created_at=iso(job.created_at),
        expires_at=iso(gone_at(config, state)),
        status_url=place,
        cancel_url=f"{place}/cancel",
        start_url=f"{place}/start",
        series_id=request.series_id,
        attempt=final.attempt if final else state.latest,
        started_at=iso(started_at) if started_at is not None else None,
        completed_at=iso(final.completed_at) if final else None,
        cancel_requested=final.cancel_requested if final else state.cancel_at is not None,
        warnings=_warnings(state),
        metadata=request.metadata,
        webhook=_webhook_view(state, parcel, place),
        audit=final.audit if final else {},
        retry_url=f"{place}/retry" if _can_be_retried(state) else None,
        retry_of=job.retry_of,
        superseded_by=state.successor,
        uploads=uploads,
    )


def _page_view(config: Config, state: JobState, page: int, entry: Entry | None) -> PageView:
    name = state.job.request.pages[page - 1].name
    if entry is None:
        return PageView(page=page, status=PageStatus.QUEUED, name=name)
    report = entry.report
    image_url, document_url, plate_url = _urls(config, state.job.id, report)
    return PageView(
        page=page,
        status=report.status,
        stage=report.stage,
        attempt=entry.attempt,
        name=name,
        error=report.error,
        image_url=image_url,
        document_url=document_url,
        plate_url=plate_url,
        width=report.output.width if report.output else 0,
        height=report.output.height if report.output else 0,
        warnings=report.warnings,
        timings_ms=report.timings_ms,
    )


def _urls(config: Config, job_id: str, report: PageReport) -> tuple[str | None, str | None, str | None]:
    output = report.output if report.status is PageStatus.DONE else None
    if output is None:
        return None, None, None
    place, name = f"{config.public_url}/artifacts/{job_id}", f"{report.page:04d}.{output.image_format.value}"
    plate_url = f"{place}/plates/{name}" if output.plate else None
    return f"{place}/pages/{name}", f"{place}/pages/{report.page:04d}.json", plate_url


def _warnings(state: JobState) -> tuple[str, ...]:
    """While a job waits, why."""
    if state.final or state.started_at is None:
        return ()
    if state.claim is None:
        return (_WAITS,)
    return (state.claim.value.note,) if state.claim.value.note else ()


def _webhook_view(state: JobState, parcel: Parcel | None, place: str) -> WebhookView:
    if state.job.request.webhook_url is None:
        return WebhookView()
    event_id = state.job.event_id
    if parcel is None:
        return WebhookView(state="pending", event_id=event_id)
    return WebhookView(
        parcel.state.value,
        event_id,
        parcel.attempts,
        parcel.last_status,
        next_at=iso(parcel.next_at) if parcel.state is DeliveryState.PENDING else None,
        redeliver_url=f"{place}/webhooks/{event_id}/redeliver",
    )


def _can_be_retried(state: JobState) -> bool:
    return state.final is not None and state.final.status is not JobStatus.SUCCESS and state.successor is None


def gone_at(config: Config, state: JobState) -> float:
    """When an open job is given up; until when one that has ended is answered for."""
    return state.final.completed_at + config.result_ttl_s if state.final else state.job.expires_at


def gone(config: Config, state: JobState) -> Problem:
    """What a job that was kept for long enough still says of itself."""
    job, final, counts = state.job, state.final, state.counts
    known: dict[str, Any] = {
        "job_id": job.id,
        "chapter_id": job.request.chapter_id,
        "job_status": state.status.value,
        "counts": {"total": len(job.request.pages), "done": counts.done, "failed": counts.failed},
        "created_at": iso(job.created_at),
        "completed_at": iso(final.completed_at) if final else None,
        "expires_at": iso(gone_at(config, state)),
    }
    return Problem(ProblemCode.GONE, "the job ended, and was kept until its expires_at", **known)


@dataclass(frozen=True, slots=True)
class Seen:
    """A view as it goes out; the entity tag is strong: of the very bytes."""

    body: bytes
    etag: str

    @classmethod
    def of(cls, view: JobView, *, summary: bool) -> Seen:
        body = dump(view.summary() if summary else view.to_json())
        return cls(body, f'"{hashlib.sha256(body).hexdigest()[:32]}"')


def see_view(config: Config, state: JobState, parcel: Parcel | None, *, summary: bool) -> Seen:
    """The view's bytes and tag, those of the last time where nothing has changed since."""
    sources = (config.public_url, config.result_ttl_s, parcel, summary, *_sources(state))
    for known, seen in _shelf:
        if _are_the_same(known, sources):
            return seen
    seen = Seen.of(job_view(config, state, parcel=parcel), summary=summary)
    _shelf.append((sources, seen))
    return seen


_Sources = tuple[object, ...]
_shelf: deque[tuple[_Sources, Seen]] = deque(maxlen=16)
"""The isolate's last views with what they were made of; what that is made of never changes."""


def _sources(state: JobState) -> _Sources:
    """Everything that a view depends on, as it was read: :func:`edge.objects.parsed` gives the same value again."""
    return (
        state.job,
        state.final,
        state.started_at,
        state.cancel_at,
        *state.attempts,
        state.claim.value if state.claim else None,
        state.mirror,
        state.successor,
        *state.carried,
        *(beat.report for beat in state.beats.values()),
    )


def _are_the_same(known: _Sources, sources: _Sources) -> bool:
    """Whether each one is the very same value; only what is small is compared."""
    if len(known) != len(sources):
        return False
    return all(
        one is other or (isinstance(one, str | float | int) and type(one) is type(other) and one == other)
        for one, other in zip(known, sources, strict=True)
    )


def view_response(seen: Seen, state: JobState, *, now: float, if_none_match: str = "") -> Response:
    """200 with the view, or 304 where the client has it."""
    headers = {**_PRIVATE, "etag": seen.etag, **retry_after(state, now=now)}
    if matches(if_none_match, seen.etag):
        return Response(304, headers)
    return Response(200, {"content-type": "application/json", **headers}, seen.body)


def retry_after(state: JobState, *, now: float) -> dict[str, str]:
    """When to ask again: soon while pages come out, later and later while the job waits; never once it has ended."""
    if state.status.is_terminal:
        return {}
    if state.status is not JobStatus.QUEUED:
        return {"retry-after": "1" if len(state.job.request.pages) <= _FEW_PAGES else "2"}
    waited = now - (state.started_at or state.job.created_at)
    return {"retry-after": str(round(min(_LONGEST_WAIT_S, max(2.0, waited / 10))))}


def matches(if_none_match: str, etag: str) -> bool:
    """Whether ``If-None-Match`` names this entity tag; it compares weakly (RFC 9110)."""
    given = [tag.strip().removeprefix("W/") for tag in if_none_match.split(",")]
    return "*" in given or etag in given
