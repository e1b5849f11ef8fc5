"""The JSON Schemas of what goes over the wire, for edge.openapi. contract/ is what reads and writes it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from contract.claim import MAX_CAPACITY
from contract.glossary import (
    MAX_ALIASES,
    MAX_HINT,
    MAX_LANGUAGES,
    MAX_NOTES,
    MAX_TERM,
    MAX_TERMS,
    TermKind,
    TermOrigin,
    TermStatus,
)
from contract.image_format import INPUT_TYPES, ImageFormat
from contract.job import MAX_PAGES, Direction
from contract.memory import MAX_TEXT, PairOrigin
from contract.policy import KINDS, Policy
from contract.problem import ProblemCode
from contract.status import JobStatus, PageErrorCode, PageStatus
from contract.tag import LONGEST_TAG
from contract.translation import MOST_CONTEXT_PAGES, MOST_PAGES_PER_CALL, MOST_STYLES, Context

Schema = dict[str, Any]
_TEXT: Schema = {"type": "string"}
_COUNT: Schema = {"type": "integer", "minimum": 0}
_FLAG: Schema = {"type": "boolean"}
_TIME: Schema = {"type": "string", "format": "date-time"}
_URI: Schema = {"type": "string", "format": "uri"}
_WEB_URL: Schema = {"type": "string", "format": "uri", "pattern": r"^https?://[^\s]{1,2000}$"}
_ID: Schema = {"type": "string", "pattern": r"^(?!.*\.\.)[A-Za-z0-9][A-Za-z0-9._-]{0,127}$"}
_LANGUAGE: Schema = {"type": "string", "pattern": "^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$", "maxLength": 35}
_TAG: Schema = {"type": "string", "pattern": "^[A-Za-z]{2,8}([-_][A-Za-z0-9]{1,8})*$", "maxLength": LONGEST_TAG}
_LINE: Schema = {"type": "string", "minLength": 1, "maxLength": MAX_TEXT}
_PHRASE: Schema = {"type": "string", "minLength": 1, "maxLength": MAX_TERM}
_ENGINE: Schema = {"type": "string", "minLength": 1, "maxLength": 64}
_TEXTS: Schema = {"type": "object", "additionalProperties": _TEXT}


def ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def _list(item: Schema, **more: Any) -> Schema:
    return {"type": "array", "items": item, **more}


def _choice(values: Any) -> Schema:
    return {"type": "string", "enum": list(values)}


def _or_null(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


def _object(required: Mapping[str, Schema], optional: Mapping[str, Schema] | None = None, **more: Any) -> Schema:
    # Where a field may be left out, null says the same.
    properties = {**required, **{name: _or_null(schema) for name, schema in (optional or {}).items()}}
    return {"type": "object", "required": list(required), "properties": properties, **more}


_SUMMARY: dict[str, Schema] = {
    "id": _ID,
    "status": _choice(JobStatus),
    "chapter_id": _ID,
    "series_id": _or_null(_ID),
    "source": _LANGUAGE,
    "target": _LANGUAGE,
    "retry_of": _or_null(_ID),
    "superseded_by": _or_null(_ID),
    "counts": ref("Counts"),
    "attempt": _COUNT,
    "created_at": _TIME,
    "started_at": _or_null(_TIME),
    "completed_at": _or_null(_TIME),
    "expires_at": _TIME,
    "status_url": _URI,
    "start_url": _URI,
    "cancel_url": _URI,
    "retry_url": _or_null(_URI),
    "cancel_requested": _FLAG,
    "warnings": _list(_TEXT),
    "metadata": _TEXTS,
    "webhook": ref("WebhookView"),
    "audit": ref("Audit"),
}
_CREATED: dict[str, Schema] = {"uploads": _list(ref("Upload")), "poll_url": _URI, "poll_token": _TEXT}
_NAME: Schema = {"type": "string", "maxLength": 255}

SCHEMAS: dict[str, Schema] = {
    "Problem": _object(
        {
            "type": _URI,
            "title": _TEXT,
            "status": {"type": "integer", "minimum": 400, "maximum": 599},
            "detail": _TEXT,
            "instance": _TEXT,
            "code": _choice(kind.code for kind in ProblemCode),
            "retryable": _FLAG,
            "request_id": _TEXT,
        },
        {"retry_after_s": _COUNT, "field": _TEXT, "server_time": _COUNT},
        description="RFC 9457. Further members say more of some codes.",
    ),
    "PageSpec": {
        "oneOf": [
            _object({"upload": _choice(INPUT_TYPES)}, {"name": _NAME}, additionalProperties=False),
            _object({"url": _WEB_URL}, {"name": _NAME}, additionalProperties=False),
        ]
    },
    "Options": _object(
        {},
        {
            "image_format": _choice(ImageFormat),
            "translator": _ENGINE,
            "detector": _ENGINE,
            "reader": _ENGINE,
            "cleaner": _ENGINE,
            "policies": ref("Policies"),
            "clean_plates": {"type": "boolean", "default": False},
            "translation": ref("TranslationWish"),
        },
        additionalProperties=False,
        description="Which engines there are is the deployment's choice: any other name is a 422 that lists them.",
    ),
    "TranslationWish": _object(
        {},
        {
            "context_pages": {"type": "integer", "minimum": 0, "maximum": MOST_CONTEXT_PAGES},
            "context": _choice(Context),
            "pages_per_call": {"type": "integer", "minimum": 1, "maximum": MOST_PAGES_PER_CALL},
            "styles": {"type": "array", "items": {"type": "string"}, "maxItems": MOST_STYLES},
            "budget": ref("Budget"),
        },
        additionalProperties=False,
        description="What the job asks of a language model; what is left out is the deployment's choice.",
    ),
    "Budget": _object(
        {},
        {"cost": {"type": "number", "minimum": 0}, "tokens": _COUNT, "calls": _COUNT},
        additionalProperties=False,
        description="A cap on a job, in US dollars, tokens and calls. Where it is spent, pages that still need a model "
        "fail with `budget_spent`, and the job ends as `partial`.",
    ),
    "RetryRequest": _object(
        {},
        {"budget": ref("Budget")},
        additionalProperties=False,
        description="What is changed of the job before. The budget counts anew; `{}` is none.",
    ),
    "Policies": _object(
        {},
        {kind: _choice(Policy) for kind in KINDS},
        additionalProperties=False,
        description="What is done with each kind of text. Default: dialogue, narration and thought are translated, the "
        "others kept.",
    ),
    "JobRequest": _object(
        {"pages": _list(ref("PageSpec"), minItems=1, maxItems=MAX_PAGES), "chapter_id": _ID},
        {
            "source": _LANGUAGE,
            "target": _LANGUAGE,
            "series_id": _ID,
            "reading_direction": _choice(Direction),
            "options": ref("Options"),
            "webhook_url": _WEB_URL,
            "metadata": _TEXTS,
        },
        additionalProperties=False,
        description="A source that the reader cannot read, or a target without a font, is a 422 that lists the others.",
    ),
    "Grant": _object({"method": _choice(("GET", "PUT")), "url": _URI, "headers": _TEXTS, "expires_at": _COUNT}),
    "Upload": _object({"page": _COUNT, "grant": ref("Grant")}),
    "PageError": _object({"code": _choice(PageErrorCode), "detail": _TEXT, "retryable": _FLAG}),
    "PageView": _object(
        {
            "page": {"type": "integer", "minimum": 1},
            "status": _choice(PageStatus),
            "stage": _TEXT,
            "attempt": _COUNT,
            "name": _TEXT,
            "error": _or_null(ref("PageError")),
            "image_url": _or_null(_URI),
            "document_url": _or_null(_URI),
            "plate_url": _or_null(_URI),
            "width": _COUNT,
            "height": _COUNT,
            "warnings": _list(_TEXT),
            "timings_ms": {"type": "object", "additionalProperties": _COUNT},
        }
    ),
    "Counts": _object(dict.fromkeys(("total", *PageStatus), _COUNT)),
    "WebhookView": _object(
        {
            "state": _choice(("none", "pending", "delivered", "failed", "disabled")),
            "event_id": _or_null(_ID),
            "attempts": _COUNT,
            "last_status": _COUNT,
            "next_at": _or_null(_TIME),
            "redeliver_url": _or_null(_URI),
        }
    ),
    "Audit": _object(
        {},
        {
            "mode": _choice(("presigned", "fallback")),
            "attempts": _COUNT,
            "request_bytes_total": _COUNT,
            "response_bytes_total": _COUNT,
            "remote_elapsed_ms_total": _COUNT,
            "translate_elapsed_ms_total": _COUNT,
            "transport_ratio": {"type": "number", "minimum": 0, "maximum": 1},
            "fallback_ratio": {"type": "number", "minimum": 0, "maximum": 1},
        },
        description="Empty until the job has ended.",
    ),
    "JobSummary": _object(_SUMMARY, _CREATED),
    "JobView": _object({**_SUMMARY, "pages": _list(ref("PageView"))}, _CREATED),
    "JobItem": _object(
        {
            "id": _ID,
            "status": _choice(JobStatus),
            "chapter_id": _ID,
            "created_at": _TIME,
            "status_url": _URI,
            "pages": _COUNT,
            "done": _COUNT,
            "failed": _COUNT,
            "retry_of": _or_null(_ID),
        }
    ),
    "JobList": _object({"jobs": _list(ref("JobItem")), "cursor": _or_null(_TEXT)}),
    "Stored": _object({"size": _COUNT, "etag": _TEXT}),
    "MemoryEntry": _object(
        {"source": _LINE, "target": _LINE},
        {"origin": _choice(PairOrigin), "at": _COUNT},
        description="One that was learned from a chapter has `origin: model`; `at` is when it was last of use.",
    ),
    "Memory": _object(
        {"schema": {"const": 1}, "source": _TAG, "target": _TAG, "entries": _list(ref("MemoryEntry"))},
        {"also": _list({"type": "object"})},
        description="`also` holds the series' other language pairs, each with `source`, `target` and `entries`.",
    ),
    "Pair": _object({"source": _LINE, "target": _LINE}, {"origin": _choice(PairOrigin)}),
    "MemoryUpdate": _object(
        {"schema": {"const": 1}, "source": _TAG, "target": _TAG, "entries": _list(ref("Pair"))},
        additionalProperties=False,
    ),
    "MemoryChange": _object(dict.fromkeys(("added", "changed", "dropped"), _COUNT)),
    "Rendering": _object(
        {"text": _PHRASE},
        {"status": _choice(TermStatus), "origin": _choice(TermOrigin)},
        additionalProperties=False,
    ),
    "Term": _object(
        {"term": _PHRASE},
        {
            "id": _ID,
            "kind": _choice(TermKind),
            "aliases": _list(_PHRASE, maxItems=MAX_ALIASES),
            "gender": {"type": "string", "maxLength": MAX_HINT},
            "register": {"type": "string", "maxLength": MAX_HINT},
            "notes": {"type": "string", "maxLength": MAX_NOTES},
            "translations": {
                "type": "object",
                "propertyNames": _TAG,
                "additionalProperties": {"anyOf": [_PHRASE, ref("Rendering")]},
                "maxProperties": MAX_LANGUAGES,
            },
        },
        additionalProperties=False,
    ),
    "Terms": _object({"terms": _list(ref("Term"), maxItems=MAX_TERMS)}, additionalProperties=False),
    "Glossary": _object(
        {"schema": {"const": 1}, "terms": _list(ref("Term"), maxItems=MAX_TERMS)}, additionalProperties=False
    ),
    "Document": {"type": "object"},
    "Report": _object(
        {
            "protocol": _COUNT,
            "type": _choice(("heartbeat", "result")),
            "event_id": _ID,
            "job_id": _ID,
            "attempt": {"type": "integer", "minimum": 1, "maximum": 99},
            "worker_id": _ID,
            "seq": _COUNT,
            "pages": _list({"type": "object"}),
        },
        description="contract/report.py",
    ),
    "ClaimRequest": _object(
        {"protocol": _COUNT, "worker_id": _ID},
        {"capacity": {"type": "integer", "minimum": 1, "maximum": MAX_CAPACITY}},
        additionalProperties=False,
    ),
    "AttemptOrder": _object(
        {
            "protocol": _COUNT,
            "job_id": _ID,
            "attempt": {"type": "integer", "minimum": 1, "maximum": 99},
            "chapter_id": _ID,
            "callback_url": _URI,
            "pages": _list({"type": "object"}),
            "result": ref("Grant"),
        },
        description="contract/attempt.py",
    ),
    "Reply": _object({"duplicate": _FLAG, "cancel": _FLAG, "lease_s": {"type": "number"}}, description="as Report"),
    "Health": _object({"status": _choice(("ok",)), "protocol": _COUNT}),
}
