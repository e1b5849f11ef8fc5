"""The JSON Schemas of what goes over the wire, for edge.openapi. contract/ is what reads and writes it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from contract.claim import MAX_CAPACITY
from contract.image_format import INPUT_TYPES, ImageFormat
from contract.job import MAX_PAGES, Direction
from contract.problem import ProblemCode
from contract.status import JobStatus, PageErrorCode, PageStatus

Schema = dict[str, Any]
_TEXT: Schema = {"type": "string"}
_COUNT: Schema = {"type": "integer", "minimum": 0}
_FLAG: Schema = {"type": "boolean"}
_TIME: Schema = {"type": "string", "format": "date-time"}
_URI: Schema = {"type": "string", "format": "uri"}
_WEB_URL: Schema = {"type": "string", "format": "uri", "pattern": r"^https?://[^\s]{1,2000}$"}
_ID: Schema = {"type": "string", "pattern": r"^(?!.*\.\.)[A-Za-z0-9][A-Za-z0-9._-]{0,127}$"}
_LANGUAGE: Schema = {"type": "string", "pattern": "^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$", "maxLength": 35}
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
            "translator": {"type": "string", "minLength": 1, "maxLength": 64},
        },
        additionalProperties=False,
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
    "Memory": {"type": "object"},
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
