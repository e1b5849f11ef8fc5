"""What a translator reports to ``POST /callbacks/container``: heartbeats and the result of an attempt.

A report is cumulative: it holds the state of every page of the attempt, not a change, so that a lost, doubled or
overtaken one does no harm.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from contract import PROTOCOL
from contract.attempt import check_protocol, optional_direction, page_item
from contract.fields import Fields, load_object, text_item
from contract.grant import Grant, PageGrants, optional_grant
from contract.image_format import ImageFormat
from contract.job import Direction
from contract.keys import check_id
from contract.status import PageErrorCode, PageStatus
from contract.usage import NO_USAGE, Usage


@dataclass(frozen=True, slots=True)
class StoredObject:
    """An object as its writer knows it; ``md5`` is lower-case hex, which is R2's etag of a single PUT."""

    size: int
    md5: str

    @classmethod
    def from_json(cls, value: Any, path: str) -> StoredObject:
        fields = Fields(value, path)
        return cls(size=fields.integer("size"), md5=fields.text("md5", longest=32))

    def to_json(self) -> dict[str, Any]:
        return {"size": self.size, "md5": self.md5}


@dataclass(frozen=True, slots=True)
class PageOutput:
    """Where a finished page is and what its objects are. ``attempt`` is the one that made it, part of its key.

    ``plate`` is the clean plate, where the job keeps them, in the image's format. ``job_id`` names the job that made
    it, where a retry carried the page over; no translator sets it.
    """

    attempt: int
    image_format: ImageFormat
    image: StoredObject
    document: StoredObject
    width: int
    height: int
    job_id: str = ""
    plate: StoredObject | None = None

    @classmethod
    def from_json(cls, value: Any, path: str) -> PageOutput:
        fields = Fields(value, path)
        return cls(
            attempt=fields.integer("attempt", low=1, high=99),
            image_format=fields.choice("image_format", ImageFormat),
            image=StoredObject.from_json(fields.raw_object("image"), fields.at("image")),
            document=StoredObject.from_json(fields.raw_object("document"), fields.at("document")),
            width=fields.integer("width", low=1),
            height=fields.integer("height", low=1),
            job_id=check_id("job_id", fields.text("job_id")) if fields.has("job_id") else "",
            plate=StoredObject.from_json(fields.raw_object("plate"), fields.at("plate"))
            if fields.has("plate")
            else None,
        )

    @property
    def stored_bytes(self) -> int:
        return sum(found.size for found in (self.image, self.document, self.plate) if found is not None)

    def to_json(self) -> dict[str, Any]:
        document: dict[str, Any] = {
            "attempt": self.attempt,
            "image_format": self.image_format.value,
            "image": self.image.to_json(),
            "document": self.document.to_json(),
            "width": self.width,
            "height": self.height,
        }
        if self.job_id:
            document["job_id"] = self.job_id
        if self.plate is not None:
            document["plate"] = self.plate.to_json()
        return document


@dataclass(frozen=True, slots=True)
class PageError:
    """Why a page failed. ``detail`` is for people and holds no URL and no secret."""

    code: PageErrorCode
    detail: str
    retryable: bool

    @classmethod
    def of(cls, code: PageErrorCode, detail: str) -> PageError:
        return cls(code, detail[:500], code.retryable)

    @classmethod
    def from_json(cls, value: Any, path: str) -> PageError:
        fields = Fields(value, path)
        return cls(
            code=fields.choice("code", PageErrorCode),
            detail=fields.text("detail", default=""),
            retryable=fields.boolean("retryable"),
        )

    def to_json(self) -> dict[str, Any]:
        return {"code": self.code.value, "detail": self.detail, "retryable": self.retryable}


@dataclass(frozen=True, slots=True)
class PageReport:
    """A page's state. ``stage`` is where a running page is; a done page has ``output``, a failed one ``error``.

    ``unsettled``: pages that the done page shares, or may share, a text with and that did not do their part: where one
    of them is done later, this one has to be done again. ``direction`` is what the page was read in, where the job left
    that open (``auto``).
    """

    page: int
    status: PageStatus
    stage: str = ""
    output: PageOutput | None = None
    error: PageError | None = None
    warnings: tuple[str, ...] = ()
    timings_ms: dict[str, int] = field(default_factory=dict)
    unsettled: tuple[int, ...] = ()
    direction: Direction | None = None

    @classmethod
    def from_json(cls, value: Any, path: str) -> PageReport:
        fields = Fields(value, path)
        return cls(
            page=fields.integer("page", low=1, high=9999),
            status=fields.choice("status", PageStatus),
            stage=fields.text("stage", default="", longest=32),
            output=PageOutput.from_json(fields.raw_object("output"), fields.at("output"))
            if fields.has("output")
            else None,
            error=PageError.from_json(fields.raw_object("error"), fields.at("error")) if fields.has("error") else None,
            warnings=fields.list("warnings", text_item, default=[]),
            timings_ms=fields.integers("timings_ms"),
            unsettled=fields.list("unsettled", page_item, default=[]),
            direction=optional_direction(fields, "direction"),
        )

    def to_json(self) -> dict[str, Any]:
        document: dict[str, Any] = {"page": self.page, "status": self.status.value}
        if self.stage:
            document["stage"] = self.stage
        if self.output is not None:
            document["output"] = self.output.to_json()
        if self.error is not None:
            document["error"] = self.error.to_json()
        if self.warnings:
            document["warnings"] = list(self.warnings)
        if self.timings_ms:
            document["timings_ms"] = dict(self.timings_ms)
        if self.unsettled:
            document["unsettled"] = list(self.unsettled)
        if self.direction is not None:
            document["direction"] = self.direction.value
        return document


class ReportType(StrEnum):
    HEARTBEAT = "heartbeat"
    RESULT = "result"


@dataclass(frozen=True, slots=True)
class Want:
    """Fresh grants asked for: a page whose grants ran out, or that needs another format than the job's."""

    page: int
    image_format: ImageFormat | None = None

    @classmethod
    def from_json(cls, value: Any, path: str) -> Want:
        fields = Fields(value, path)
        return cls(
            page=fields.integer("page", low=1, high=9999),
            image_format=fields.choice("image_format", ImageFormat) if fields.has("image_format") else None,
        )

    def to_json(self) -> dict[str, Any]:
        document: dict[str, Any] = {"page": self.page}
        if self.image_format is not None:
            document["image_format"] = self.image_format.value
        return document


@dataclass(frozen=True, slots=True)
class Transport:
    """What an attempt moved and how long it took: bytes in and out, milliseconds of transfer and of the pipeline.

    ``fallback_bytes`` are those of both that went through the orchestrator; ``None`` where a translator of protocol 1
    does not say.
    """

    bytes_in: int = 0
    bytes_out: int = 0
    transfer_ms: int = 0
    pipeline_ms: int = 0
    fallback_bytes: int | None = None

    @classmethod
    def from_json(cls, value: Any, path: str) -> Transport:
        fields = Fields(value, path)
        return cls(
            bytes_in=fields.integer("bytes_in", default=0),
            bytes_out=fields.integer("bytes_out", default=0),
            transfer_ms=fields.integer("transfer_ms", default=0),
            pipeline_ms=fields.integer("pipeline_ms", default=0),
            fallback_bytes=fields.integer("fallback_bytes") if fields.has("fallback_bytes") else None,
        )

    def to_json(self) -> dict[str, int]:
        document = {
            "bytes_in": self.bytes_in,
            "bytes_out": self.bytes_out,
            "transfer_ms": self.transfer_ms,
            "pipeline_ms": self.pipeline_ms,
        }
        if self.fallback_bytes is not None:
            document["fallback_bytes"] = self.fallback_bytes
        return document


@dataclass(frozen=True, slots=True)
class Report:
    """A heartbeat or a result. ``event_id`` is stable over retries of one report; ``seq`` grows by one each report.

    ``worker_id`` names the process: the first to report an attempt owns it. A result is also stored as the attempt's
    ``results/{n}.json``, byte for byte. ``learned`` says that what the attempt adds to its series is stored: so many
    pairs and terms, 0 for nothing; ``None`` where it is not. ``usage`` is what the attempt has asked of models so far.
    """

    type: ReportType
    event_id: str
    job_id: str
    attempt: int
    worker_id: str
    seq: int
    pages: tuple[PageReport, ...]
    wants: tuple[Want, ...] = ()
    transport: Transport = field(default_factory=Transport)
    engines: dict[str, str] = field(default_factory=dict)
    learned: int | None = None
    usage: Usage = NO_USAGE
    protocol: int = PROTOCOL

    @classmethod
    def parse(cls, body: bytes) -> Report:
        """Reads a callback's body, or a stored manifest. Raises ``BadMessage`` or ``BadKey``."""
        fields = Fields(load_object(body))
        check_protocol(fields)
        return cls(
            type=fields.choice("type", ReportType),
            event_id=check_id("event_id", fields.text("event_id")),
            job_id=check_id("job_id", fields.text("job_id")),
            attempt=fields.integer("attempt", low=1, high=99),
            worker_id=check_id("worker_id", fields.text("worker_id")),
            seq=fields.integer("seq"),
            pages=fields.list("pages", PageReport.from_json),
            wants=fields.list("wants", Want.from_json, default=[]),
            transport=Transport.from_json(fields.raw_object("transport", default={}), "transport"),
            engines=fields.strings("engines"),
            learned=fields.integer("learned") if fields.has("learned") else None,
            usage=Usage.from_json(fields.raw_object("usage", default={}), "usage"),
            protocol=fields.integer("protocol"),
        )

    def to_json(self) -> dict[str, Any]:
        document: dict[str, Any] = {
            "protocol": self.protocol,
            "type": self.type.value,
            "event_id": self.event_id,
            "job_id": self.job_id,
            "attempt": self.attempt,
            "worker_id": self.worker_id,
            "seq": self.seq,
            "pages": [page.to_json() for page in self.pages],
            "wants": [want.to_json() for want in self.wants],
            "transport": self.transport.to_json(),
            "engines": dict(self.engines),
        }
        if self.learned is not None:
            document["learned"] = self.learned
        if self.usage != NO_USAGE:
            document["usage"] = self.usage.to_json()
        return document

    def to_bytes(self) -> bytes:
        return json.dumps(self.to_json(), ensure_ascii=False, separators=(",", ":")).encode()


@dataclass(frozen=True, slots=True)
class Reply:
    """The orchestrator's answer to a report. ``cancel``: stop and report the result; ``duplicate``: nothing changed.

    A heartbeat's answer renews the ``result`` and ``learn`` grants, which would not outlive a long chapter.
    """

    duplicate: bool = False
    cancel: bool = False
    lease_s: float = 0.0
    grants: tuple[PageGrants, ...] = ()
    result: Grant | None = None
    learn: Grant | None = None

    @classmethod
    def parse(cls, body: bytes) -> Reply:
        fields = Fields(load_object(body))
        return cls(
            duplicate=fields.boolean("duplicate", default=False),
            cancel=fields.boolean("cancel", default=False),
            lease_s=fields.number("lease_s", default=0.0),
            grants=fields.list("grants", PageGrants.from_json, default=[]),
            result=optional_grant(fields, "result"),
            learn=optional_grant(fields, "learn"),
        )

    def to_json(self) -> dict[str, Any]:
        document: dict[str, Any] = {
            "duplicate": self.duplicate,
            "cancel": self.cancel,
            "lease_s": self.lease_s,
            "grants": [grant.to_json() for grant in self.grants],
        }
        for name, grant in (("result", self.result), ("learn", self.learn)):
            if grant is not None:
                document[name] = grant.to_json()
        return document
