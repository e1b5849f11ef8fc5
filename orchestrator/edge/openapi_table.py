"""The one table of what the routes take and answer. ``path`` as OpenAPI writes it; bodies and answers name schemas."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from contract.image_format import INPUT_TYPES, ImageFormat
from contract.job import ANY_TYPE
from contract.problem import ProblemCode
from contract.status import JobStatus
from edge.polling import LONGEST_WAIT_S, MAX_LIMIT

BYTES = "bytes"
"""Stands for a body or an answer that is a page and no JSON."""
PAGE_TYPES = tuple(INPUT_TYPES)
ARTIFACT_TYPES = (*(image_format.content_type for image_format in ImageFormat), "application/json", ANY_TYPE)
_P = ProblemCode
_BODY = (_P.BAD_REQUEST, _P.UNSUPPORTED_TYPE, _P.TOO_LARGE, _P.INVALID)
_JOB = (_P.NOT_FOUND, _P.GONE)


class Auth(Enum):
    """Which of the security schemes a route takes, one of them being enough, and how it refuses."""

    NONE = ((), ())
    KEY = (("key",), (_P.UNAUTHORIZED, _P.TOO_MANY))
    KEY_OR_TOKEN = (("key", "token"), (_P.UNAUTHORIZED, _P.FORBIDDEN, _P.TOO_MANY))
    TOKEN = (("token",), (_P.UNAUTHORIZED, _P.FORBIDDEN))
    SIGNATURE = (("signature",), (_P.BAD_SIGNATURE, _P.REPLAYED))

    def __init__(self, schemes: tuple[str, ...], problems: tuple[ProblemCode, ...]) -> None:
        self.schemes, self.problems = schemes, problems


@dataclass(frozen=True, slots=True)
class Operation:
    """``answers``: the schema of each status' JSON, ``BYTES``, or nothing. A HEAD answers as its GET, without body.
    ``body`` names what is sent, which may be left out where it is not needed."""

    methods: str
    path: str
    name: str
    summary: str
    auth: Auth
    answers: dict[int, str | None]
    problems: tuple[ProblemCode, ...] = ()
    parameters: tuple[str, ...] = ()
    body: str | None = None
    needs_body: bool = True
    answer_headers: tuple[str, ...] = field(default=())

    @property
    def path_parameters(self) -> tuple[str, ...]:
        return tuple(re.findall(r"\{(\w+)\}", self.path))


def _parameter(place: str, name: str, schema: dict[str, Any], description: str) -> dict[str, Any]:
    return {"in": place, "name": name, "required": place == "path", "schema": schema, "description": description}


_ID = {"type": "string", "pattern": r"^(?!.*\.\.)[A-Za-z0-9][A-Za-z0-9._-]{0,127}$"}
_PAGE = {"type": "integer", "minimum": 0, "maximum": 9999}
_TEXT = {"type": "string"}

PARAMETERS: dict[str, dict[str, Any]] = {
    "job_id": _parameter("path", "job_id", _ID, "The job."),
    "series_id": _parameter("path", "series_id", _ID, "The client's own id of the series."),
    "term_id": _parameter("path", "term_id", _ID, "A term's `id`, from the glossary."),
    "target": _parameter(
        "query",
        "target",
        {"type": "string", "pattern": "^[A-Za-z]{2,8}([-_][A-Za-z0-9]{1,8})*$", "maxLength": 35},
        "Only the translation into this language (default: all).",
    ),
    "event_id": _parameter("path", "event_id", _ID, "The webhook event's id, from the job's `webhook.event_id`."),
    "page": _parameter("path", "page", _PAGE, "A page, from 1; 0 stands for an attempt's manifest."),
    "name": _parameter("path", "name", {"type": "string", "pattern": "^[0-9]{4}$"}, "A page: 0001 is the first."),
    "extension": _parameter("path", "extension", {"type": "string", "pattern": "^[a-z0-9]{1,5}$"}, "webp, …, or json."),
    "wait": _parameter(
        "query",
        "wait",
        {"type": "integer", "minimum": 0, "maximum": LONGEST_WAIT_S},
        "Seconds to hold the request for news: until the ETag is none of If-None-Match, or without that, another one.",
    ),
    "fields": _parameter("query", "fields", {"type": "string", "enum": ["summary"]}, "Leaves the pages out."),
    "cursor": _parameter("query", "cursor", {"type": "string"}, "Where the part before ended. It holds for a day."),
    "limit": _parameter("query", "limit", {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT}, "20 by default."),
    "status": _parameter("query", "status", {"type": "string", "enum": list(JobStatus)}, "Only jobs of this status."),
    "Idempotency-Key": _parameter(
        "header",
        "Idempotency-Key",
        {"type": "string", "minLength": 1, "maxLength": 255},
        "The same key with the same body is the same job.",
    ),
    "If-None-Match": _parameter("header", "If-None-Match", _TEXT, "An ETag, or several: 304 where nothing changed."),
    "If-Match": _parameter("header", "If-Match", _TEXT, "One strong ETag: 412 where it is another one."),
    "Range": _parameter("header", "Range", _TEXT, "One range of bytes; several, or a malformed one, are ignored."),
    "If-Range": _parameter("header", "If-Range", _TEXT, "The ETag that the range is of."),
}
_SEE = ("wait", "fields", "If-None-Match")
_PART = ("Range", "If-Range", "If-None-Match")
_MEMORY = ("If-Match", "If-None-Match")
_PLACES = ("ETag", "Content-Range", "Accept-Ranges")


def _artifact(path: str, name: str, summary: str, auth: Auth) -> Operation:
    """A stored object to be read, whole or in part."""
    missing = _JOB if auth is Auth.KEY_OR_TOKEN else (_P.NOT_FOUND,)
    return Operation(
        "GET HEAD",
        f"/artifacts/{{job_id}}/{path}",
        name,
        summary,
        auth,
        {200: BYTES, 206: BYTES, 304: None},
        (*missing, _P.RANGE_NOT_SATISFIABLE),
        _PART,
        answer_headers=_PLACES,
    )


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "POST",
        "/jobs",
        "create_job",
        "Create a job",
        Auth.KEY,
        {202: "JobView"},
        (*_BODY, _P.GONE, _P.IDEMPOTENCY_MISMATCH),
        ("Idempotency-Key",),
        body="JobRequest",
        answer_headers=("Location", "Link", "Retry-After"),
    ),
    Operation(
        "GET",
        "/jobs",
        "list_jobs",
        "The caller's jobs, the newest first; eventually consistent",
        Auth.KEY,
        {200: "JobList"},
        (_P.INVALID,),
        ("cursor", "limit", "status"),
    ),
    Operation(
        "GET",
        "/jobs/{job_id}",
        "see_job",
        "How a job stands",
        Auth.KEY_OR_TOKEN,
        {200: "JobView", 304: None},
        (*_JOB, _P.INVALID),
        _SEE,
        answer_headers=("ETag", "Retry-After"),
    ),
    Operation(
        "POST",
        "/jobs/{job_id}/start",
        "start_job",
        "All pages are uploaded: begin",
        Auth.KEY,
        {202: "JobView"},
        (*_JOB, _P.CONFLICT, _P.TOO_LARGE),
        answer_headers=("Retry-After",),
    ),
    Operation(
        "POST",
        "/jobs/{job_id}/cancel",
        "cancel_job",
        "Ask for the end",
        Auth.KEY,
        {200: "JobView", 202: "JobView"},
        _JOB,
        answer_headers=("Retry-After",),
    ),
    Operation(
        "POST",
        "/jobs/{job_id}/retry",
        "retry_job",
        "A new job for the pages that failed",
        Auth.KEY,
        {202: "JobView"},
        (*_JOB, *_BODY, _P.CONFLICT),
        body="RetryRequest",
        needs_body=False,
        answer_headers=("Location", "Link", "Retry-After"),
    ),
    Operation(
        "POST",
        "/jobs/{job_id}/pages/{page}/retry",
        "retry_page",
        "A new job for one page that failed",
        Auth.KEY,
        {202: "JobView"},
        (*_JOB, *_BODY, _P.CONFLICT),
        body="RetryRequest",
        needs_body=False,
        answer_headers=("Location", "Link", "Retry-After"),
    ),
    Operation(
        "POST",
        "/jobs/{job_id}/webhooks/{event_id}/redeliver",
        "redeliver_webhook",
        "Send a webhook event again",
        Auth.KEY,
        {202: "WebhookView"},
        (*_JOB, _P.CONFLICT),
    ),
    Operation(
        "PUT",
        "/upload/{job_id}/{page}",
        "upload",
        "Create one object, in the fallback mode",
        Auth.TOKEN,
        {200: "Stored"},
        (_P.NOT_FOUND, _P.ALREADY_EXISTS, _P.LENGTH_REQUIRED, _P.TOO_LARGE, _P.UNSUPPORTED_TYPE),
        body=BYTES,
        answer_headers=("ETag",),
    ),
    _artifact("pages/{name}.{extension}", "get_page", "A finished page or its document", Auth.KEY_OR_TOKEN),
    _artifact("plates/{name}.{extension}", "get_plate", "A page's clean plate", Auth.KEY_OR_TOKEN),
    _artifact("inputs/{page}", "get_input", "A page as it came, for the translator in the fallback mode", Auth.TOKEN),
    _artifact("memory", "get_job_memory", "The series' memory, for the translator in the fallback mode", Auth.TOKEN),
    _artifact("glossary", "get_job_glossary", "The series' glossary, as the memory", Auth.TOKEN),
    _artifact("decisions/{page}", "get_decided", "What models have answered for a page, as the memory", Auth.TOKEN),
    Operation(
        "PUT",
        "/series/{series_id}/memory",
        "put_memory",
        "Store a series' translation memory",
        Auth.KEY,
        {200: "Stored"},
        (*_BODY, _P.NOT_FOUND, _P.ALREADY_EXISTS, _P.PRECONDITION_FAILED),
        _MEMORY,
        body="Memory",
        answer_headers=("ETag",),
    ),
    Operation(
        "GET",
        "/series/{series_id}/memory",
        "get_memory",
        "A series' translation memory",
        Auth.KEY,
        {200: "Memory", 304: None},
        (_P.NOT_FOUND,),
        ("If-None-Match",),
        answer_headers=("ETag",),
    ),
    Operation(
        "POST",
        "/series/{series_id}/memory/entries",
        "merge_entries",
        "Merge a person's translations into a series' memory",
        Auth.KEY,
        {200: "MemoryChange"},
        (*_BODY, _P.NOT_FOUND, _P.CONFLICT),
        body="MemoryUpdate",
        answer_headers=("ETag",),
    ),
    Operation(
        "PUT",
        "/series/{series_id}/glossary",
        "put_glossary",
        "Store a series' glossary",
        Auth.KEY,
        {200: "Stored"},
        (*_BODY, _P.NOT_FOUND, _P.ALREADY_EXISTS, _P.PRECONDITION_FAILED),
        _MEMORY,
        body="Glossary",
        answer_headers=("ETag",),
    ),
    Operation(
        "GET",
        "/series/{series_id}/glossary",
        "get_glossary",
        "A series' glossary",
        Auth.KEY,
        {200: "Glossary", 304: None},
        (_P.NOT_FOUND,),
        ("If-None-Match",),
        answer_headers=("ETag",),
    ),
    Operation(
        "POST",
        "/series/{series_id}/glossary/terms",
        "merge_terms",
        "Merge terms into a series' glossary",
        Auth.KEY,
        {200: "Terms"},
        (*_BODY, _P.NOT_FOUND, _P.CONFLICT),
        body="Terms",
        answer_headers=("ETag",),
    ),
    Operation(
        "DELETE",
        "/series/{series_id}/glossary/terms/{term_id}",
        "delete_term",
        "Remove a term",
        Auth.KEY,
        {204: None},
        (_P.NOT_FOUND, _P.CONFLICT),
        answer_headers=("ETag",),
    ),
    Operation(
        "POST",
        "/series/{series_id}/glossary/terms/{term_id}/accept",
        "accept_term",
        "Accept a term's proposed translations",
        Auth.KEY,
        {200: "Term"},
        (_P.NOT_FOUND, _P.CONFLICT, _P.INVALID),
        ("target",),
        answer_headers=("ETag",),
    ),
    Operation(
        "POST",
        "/series/{series_id}/glossary/terms/{term_id}/reject",
        "reject_term",
        "Reject a term's proposed translations, so that they are not proposed again",
        Auth.KEY,
        {200: "Term"},
        (_P.NOT_FOUND, _P.CONFLICT, _P.INVALID),
        ("target",),
        answer_headers=("ETag",),
    ),
    Operation(
        "POST",
        "/callbacks/container",
        "report",
        "What a translator reports",
        Auth.SIGNATURE,
        {200: "Reply"},
        (*_BODY, _P.UNSUPPORTED_PROTOCOL, _P.NOT_FOUND, _P.STALE_ATTEMPT),
        body="Report",
    ),
    Operation(
        "POST",
        "/work/claim",
        "claim_work",
        "A translator asks for work, in the pull mode",
        Auth.SIGNATURE,
        {200: "AttemptOrder", 204: None},
        (*_BODY, _P.UNSUPPORTED_PROTOCOL, _P.CONFLICT),
        body="ClaimRequest",
    ),
    Operation("GET HEAD", "/healthz", "health", "Whether it answers", Auth.NONE, {200: "Health"}),
    Operation("GET", "/openapi.json", "openapi", "This document", Auth.NONE, {200: "Document"}),
)
