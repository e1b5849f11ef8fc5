"""What the bucket holds of a job besides the translator's reports: the job, the claims of attempts, its end."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from contract.attempt import optional_direction
from contract.fields import Fields
from contract.job import Direction, JobRequest
from contract.keys import ChapterKeys, JobKeys
from contract.report import PageOutput, PageReport
from contract.retry import AS_BEFORE, RetryRequest
from contract.status import JobStatus, PageStatus
from contract.usage import NO_USAGE, Usage

SCHEMA = 1


@dataclass(frozen=True, slots=True)
class Job:
    """``job.json``: the request, which never changes. Times are in unix seconds.

    A retry names the job that it is of, the job whose inputs it reads (the first of the chain), and the pages that it
    does itself; the others are in ``carried.json``.
    """

    id: str
    owner: str
    request: JobRequest
    created_at: float
    expires_at: float
    retry_of: str | None = None
    inputs_of: str | None = None
    retried: tuple[int, ...] = ()

    @property
    def keys(self) -> JobKeys:
        return JobKeys(self.id)

    @property
    def chapter(self) -> ChapterKeys:
        return ChapterKeys(self.owner, self.request.chapter_id, self.id)

    @property
    def source_chapter(self) -> ChapterKeys:
        """Where the inputs are."""
        return ChapterKeys(self.owner, self.request.chapter_id, self.inputs_of or self.id)

    def output_chapter(self, output: PageOutput) -> ChapterKeys:
        """Where an output is: the job's own place, or that of the job before it."""
        return ChapterKeys(self.owner, self.request.chapter_id, output.job_id or self.id)

    @property
    def page_numbers(self) -> range:
        return range(1, len(self.request.pages) + 1)

    @property
    def pages_to_do(self) -> tuple[int, ...]:
        return self.retried or tuple(self.page_numbers)

    @property
    def url_pages(self) -> tuple[int, ...]:
        """Those of the pages to do that are fetched from a URL."""
        return tuple(page for page in self.pages_to_do if self.request.pages[page - 1].url)

    @property
    def upload_pages(self) -> tuple[int, ...]:
        """Those of the pages to do that the client uploads."""
        return tuple(page for page in self.pages_to_do if not self.request.pages[page - 1].url)

    @property
    def event_id(self) -> str:
        """The id of the job's one webhook event: the same whoever finalizes."""
        return f"evt_{self.id.removeprefix('job_')}"

    def input_key(self, page: int) -> str:
        return self.source_chapter.input(page, self.request.pages[page - 1].extension)

    @classmethod
    def from_json(cls, value: Any) -> Job:
        fields = Fields(value)
        return cls(
            id=fields.text("id"),
            owner=fields.text("owner"),
            request=JobRequest.from_json(fields.raw_object("request"), "request"),
            created_at=fields.number("created_at"),
            expires_at=fields.number("expires_at"),
            retry_of=fields.optional_text("retry_of"),
            inputs_of=fields.optional_text("inputs_of"),
            retried=fields.list("retried", lambda item, _: int(item), default=[]),
        )

    def to_json(self) -> dict[str, Any]:
        return {
            "schema": SCHEMA,
            "id": self.id,
            "owner": self.owner,
            "request": self.request.to_json(),
            "created_at": self.created_at,
            "expires_at": self.expires_at,
            "retry_of": self.retry_of,
            "inputs_of": self.inputs_of,
            "retried": list(self.retried),
        }


@dataclass(frozen=True, slots=True)
class Successor:
    """``successor.json``: which job retries this one, which of its pages, and what is changed."""

    job_id: str
    created_at: float
    pages: tuple[int, ...]
    asked: RetryRequest = AS_BEFORE

    @classmethod
    def from_json(cls, value: Any) -> Successor:
        fields = Fields(value)
        pages = fields.list("pages", lambda item, _: int(item))
        asked = RetryRequest.from_json(fields.raw_object("asked", default={}), "asked")
        return cls(fields.text("job_id"), fields.number("created_at"), pages, asked)

    def to_json(self) -> dict[str, Any]:
        return {
            "schema": SCHEMA,
            "job_id": self.job_id,
            "created_at": self.created_at,
            "pages": list(self.pages),
            "asked": self.asked.to_json(),
        }


def carried_pages(value: Any) -> tuple[PageReport, ...]:
    """Reads ``carried.json``."""
    return Fields(value).list("pages", PageReport.from_json)


@dataclass(frozen=True, slots=True)
class Beside:
    """A page that an attempt may read and is not to do. Where it is done, ``attempt`` made it, of the job ``job_id`` if
    that is another one."""

    page: int
    attempt: int = 0
    job_id: str = ""

    @classmethod
    def of(cls, page: int, output: PageOutput | None) -> Beside:
        return cls(page, output.attempt, output.job_id) if output else cls(page)

    @classmethod
    def from_json(cls, value: Any, path: str) -> Beside:
        if isinstance(value, int):  # as claims said it before documents were handed out
            return cls(value)
        fields = Fields(value, path)
        return cls(
            fields.integer("page", low=1), fields.integer("attempt", default=0), fields.text("job_id", default="")
        )

    def to_json(self) -> dict[str, Any]:
        return {"page": self.page, "attempt": self.attempt, "job_id": self.job_id}


@dataclass(frozen=True, slots=True)
class Claim:
    """``attempts/{n}.json``: who creates it may dispatch. Later only ``accepted_at`` and ``note`` change.

    ``pages`` is what the attempt is ordered to do, ``alone`` those of them with nothing beside, ``neighbours`` what it
    may read besides, and ``done`` the pages of which it may read the document, the same in every delivery of the order.
    ``note`` says why the translator has not taken it. ``worker_id`` is the one that claimed it, where translators pull.
    ``used`` is what attempts before asked of models, ``direction`` what they settled on.
    """

    attempt: int
    pages: tuple[int, ...]
    claimed_at: float
    accepted_at: float | None = None
    note: str = ""
    alone: tuple[int, ...] = ()
    worker_id: str = ""
    neighbours: tuple[Beside, ...] = ()
    done: tuple[Beside, ...] = ()
    used: Usage = NO_USAGE
    direction: Direction | None = None

    @classmethod
    def from_json(cls, value: Any) -> Claim:
        fields = Fields(value)
        return cls(
            attempt=fields.integer("attempt", low=1, high=99),
            pages=fields.list("pages", lambda item, _: int(item)),
            claimed_at=fields.number("claimed_at"),
            accepted_at=fields.number("accepted_at") if fields.has("accepted_at") else None,
            note=fields.text("note", default=""),
            alone=fields.list("alone", lambda item, _: int(item), default=[]),
            worker_id=fields.text("worker_id", default=""),
            neighbours=fields.list("neighbours", Beside.from_json, default=[]),
            done=fields.list("done", Beside.from_json, default=[]),
            used=Usage.from_json(fields.raw_object("used", default={}), "used"),
            direction=optional_direction(fields, "direction"),
        )

    def to_json(self) -> dict[str, Any]:
        return {
            "schema": SCHEMA,
            "attempt": self.attempt,
            "pages": list(self.pages),
            "claimed_at": self.claimed_at,
            "accepted_at": self.accepted_at,
            "note": self.note,
            "alone": list(self.alone),
            "worker_id": self.worker_id,
            "neighbours": [page.to_json() for page in self.neighbours],
            "done": [page.to_json() for page in self.done],
            "used": self.used.to_json(),
            "direction": self.direction.value if self.direction else None,
        }

    def accepted(self, now: float) -> Claim:
        return replace(self, accepted_at=now, note="")


@dataclass(frozen=True, slots=True)
class FinalPage:
    """A page as it ended, done or failed, and the attempt that said so (0: none did, or another job's)."""

    report: PageReport
    attempt: int

    @classmethod
    def from_json(cls, value: Any, path: str) -> FinalPage:
        fields = Fields(value, path)
        return cls(PageReport.from_json(fields.raw_object("report"), fields.at("report")), fields.integer("attempt"))

    def to_json(self) -> dict[str, Any]:
        return {"report": self.report.to_json(), "attempt": self.attempt}


@dataclass(frozen=True, slots=True)
class Final:
    """``final.json``: the commit point. ``report_event_id`` is the result that led to it, if one did."""

    job_id: str
    status: JobStatus
    attempt: int
    pages: tuple[FinalPage, ...]
    started_at: float | None
    completed_at: float
    event_id: str
    report_event_id: str = ""
    cancel_requested: bool = False
    audit: dict[str, Any] = field(default_factory=dict)

    @property
    def succeeded(self) -> int:
        return sum(page.report.status is PageStatus.DONE for page in self.pages)

    @property
    def failed(self) -> int:
        return len(self.pages) - self.succeeded

    @classmethod
    def from_json(cls, value: Any) -> Final:
        fields = Fields(value)
        return cls(
            job_id=fields.text("job_id"),
            status=fields.choice("status", JobStatus),
            attempt=fields.integer("attempt"),
            pages=fields.list("pages", FinalPage.from_json),
            started_at=fields.number("started_at") if fields.has("started_at") else None,
            completed_at=fields.number("completed_at"),
            event_id=fields.text("event_id"),
            report_event_id=fields.text("report_event_id", default=""),
            cancel_requested=fields.boolean("cancel_requested", default=False),
            audit=fields.raw_object("audit", default={}),
        )

    def to_json(self) -> dict[str, Any]:
        return {
            "schema": SCHEMA,
            "job_id": self.job_id,
            "status": self.status.value,
            "attempt": self.attempt,
            "pages": [page.to_json() for page in self.pages],
            "started_at": self.started_at,
            "completed_at": self.completed_at,
            "event_id": self.event_id,
            "report_event_id": self.report_event_id,
            "cancel_requested": self.cancel_requested,
            "audit": dict(self.audit),
        }
