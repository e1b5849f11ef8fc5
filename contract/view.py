"""What ``GET /jobs/:id`` answers: the state of a job as its owner sees it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from contract.fields import Fields, load_object, text_item
from contract.grant import Grant
from contract.report import PageError
from contract.status import JobStatus, PageStatus


@dataclass(frozen=True, slots=True)
class PageView:
    """One page. ``image_url`` and ``document_url`` are there once the page is done, ``plate_url`` with them
    where the job keeps clean plates."""

    page: int
    status: PageStatus
    stage: str = ""
    attempt: int = 0
    name: str = ""
    error: PageError | None = None
    image_url: str | None = None
    document_url: str | None = None
    width: int = 0
    height: int = 0
    warnings: tuple[str, ...] = ()
    timings_ms: dict[str, int] = field(default_factory=dict)
    plate_url: str | None = None

    @classmethod
    def from_json(cls, value: Any, path: str) -> PageView:
        fields = Fields(value, path)
        return cls(
            page=fields.integer("page", low=1),
            status=fields.choice("status", PageStatus),
            stage=fields.text("stage", default=""),
            attempt=fields.integer("attempt", default=0),
            name=fields.text("name", default=""),
            error=PageError.from_json(fields.raw_object("error"), fields.at("error")) if fields.has("error") else None,
            image_url=fields.optional_text("image_url"),
            document_url=fields.optional_text("document_url"),
            width=fields.integer("width", default=0),
            height=fields.integer("height", default=0),
            warnings=fields.list("warnings", text_item, default=[]),
            timings_ms=fields.integers("timings_ms"),
            plate_url=fields.optional_text("plate_url"),
        )

    def to_json(self) -> dict[str, Any]:
        return {
            "page": self.page,
            "status": self.status.value,
            "stage": self.stage,
            "attempt": self.attempt,
            "name": self.name,
            "error": self.error.to_json() if self.error else None,
            "image_url": self.image_url,
            "document_url": self.document_url,
            "plate_url": self.plate_url,
            "width": self.width,
            "height": self.height,
            "warnings": list(self.warnings),
            "timings_ms": dict(self.timings_ms),
        }


@dataclass(frozen=True, slots=True)
class Upload:
    """Where the client puts a page: one conditional PUT."""

    page: int
    grant: Grant

    @classmethod
    def from_json(cls, value: Any, path: str) -> Upload:
        fields = Fields(value, path)
        return cls(fields.integer("page", low=1), Grant.from_json(fields.raw_object("grant"), fields.at("grant")))

    def to_json(self) -> dict[str, Any]:
        return {"page": self.page, "grant": self.grant.to_json()}


@dataclass(frozen=True, slots=True)
class WebhookView:
    """How far the webhook's delivery is: ``none``, ``pending``, ``delivered``, ``failed`` or ``disabled``.

    ``failed`` is a dead letter: the schedule is over. ``disabled``: the receiver answered 410. Both wait for a
    redelivery. ``next_at`` is when a pending one is due, ``redeliver_url`` where to ask for it again.
    """

    state: str = "none"
    event_id: str | None = None
    attempts: int = 0
    last_status: int = 0
    next_at: str | None = None
    redeliver_url: str | None = None

    @classmethod
    def from_json(cls, value: Any, path: str) -> WebhookView:
        fields = Fields(value, path)
        return cls(
            state=fields.text("state"),
            event_id=fields.optional_text("event_id"),
            attempts=fields.integer("attempts", default=0),
            last_status=fields.integer("last_status", default=0),
            next_at=fields.optional_text("next_at"),
            redeliver_url=fields.optional_text("redeliver_url"),
        )

    def to_json(self) -> dict[str, Any]:
        return {
            "state": self.state,
            "event_id": self.event_id,
            "attempts": self.attempts,
            "last_status": self.last_status,
            "next_at": self.next_at,
            "redeliver_url": self.redeliver_url,
        }


@dataclass(frozen=True, slots=True)
class JobView:
    """A job. Times are ISO 8601 in UTC; URLs are absolute.

    ``expires_at`` is when an open job is given up, and until when one that has ended can be asked for. Only the answer
    that creates a job has ``uploads``, ``poll_url`` and ``poll_token``: with the token as ``?t=`` a browser reads this
    job and its artifacts, and nothing else, without an API key.
    """

    id: str
    status: JobStatus
    chapter_id: str
    source: str
    target: str
    pages: tuple[PageView, ...]
    created_at: str
    expires_at: str
    status_url: str
    cancel_url: str
    start_url: str
    retry_url: str | None = None
    series_id: str | None = None
    retry_of: str | None = None
    superseded_by: str | None = None
    attempt: int = 0
    started_at: str | None = None
    completed_at: str | None = None
    cancel_requested: bool = False
    warnings: tuple[str, ...] = ()
    metadata: dict[str, str] = field(default_factory=dict)
    webhook: WebhookView = field(default_factory=WebhookView)
    audit: dict[str, Any] = field(default_factory=dict)
    uploads: tuple[Upload, ...] = ()
    poll_url: str | None = None
    poll_token: str | None = field(default=None, repr=False)

    @property
    def counts(self) -> dict[str, int]:
        """Pages by status, and ``total``."""
        counts = {status.value: 0 for status in PageStatus}
        for page in self.pages:
            counts[page.status.value] += 1
        return {"total": len(self.pages), **counts}

    @classmethod
    def parse(cls, body: bytes) -> JobView:
        fields = Fields(load_object(body))
        return cls(
            id=fields.text("id"),
            status=fields.choice("status", JobStatus),
            chapter_id=fields.text("chapter_id"),
            source=fields.text("source"),
            target=fields.text("target"),
            pages=fields.list("pages", PageView.from_json),
            created_at=fields.text("created_at"),
            expires_at=fields.text("expires_at"),
            status_url=fields.text("status_url"),
            cancel_url=fields.text("cancel_url"),
            start_url=fields.text("start_url"),
            retry_url=fields.optional_text("retry_url"),
            series_id=fields.optional_text("series_id"),
            retry_of=fields.optional_text("retry_of"),
            superseded_by=fields.optional_text("superseded_by"),
            attempt=fields.integer("attempt", default=0),
            started_at=fields.optional_text("started_at"),
            completed_at=fields.optional_text("completed_at"),
            cancel_requested=fields.boolean("cancel_requested", default=False),
            warnings=fields.list("warnings", text_item, default=[]),
            metadata=fields.strings("metadata"),
            webhook=WebhookView.from_json(fields.raw_object("webhook"), "webhook"),
            audit=fields.raw_object("audit", default={}),
            uploads=fields.list("uploads", Upload.from_json, default=[]),
            poll_url=fields.optional_text("poll_url"),
            poll_token=fields.optional_text("poll_token"),
        )

    def to_json(self) -> dict[str, Any]:
        document: dict[str, Any] = {
            "id": self.id,
            "status": self.status.value,
            "chapter_id": self.chapter_id,
            "series_id": self.series_id,
            "source": self.source,
            "target": self.target,
            "retry_of": self.retry_of,
            "superseded_by": self.superseded_by,
            "counts": self.counts,
            "pages": [page.to_json() for page in self.pages],
            "attempt": self.attempt,
            "created_at": self.created_at,
            "started_at": self.started_at,
            "completed_at": self.completed_at,
            "expires_at": self.expires_at,
            "status_url": self.status_url,
            "start_url": self.start_url,
            "cancel_url": self.cancel_url,
            "retry_url": self.retry_url,
            "cancel_requested": self.cancel_requested,
            "warnings": list(self.warnings),
            "metadata": dict(self.metadata),
            "webhook": self.webhook.to_json(),
            "audit": dict(self.audit),
        }
        if self.uploads:
            document["uploads"] = [upload.to_json() for upload in self.uploads]
        if self.poll_url is not None:
            document["poll_url"], document["poll_token"] = self.poll_url, self.poll_token
        return document

    def summary(self) -> dict[str, Any]:
        """``?fields=summary``: everything but the pages; ``counts`` has their numbers."""
        document = self.to_json()
        del document["pages"]
        return document
