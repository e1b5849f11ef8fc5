"""Reading a refusal: RFC 9457 problem documents, and what a storage service or a proxy answers instead."""

from __future__ import annotations

import re

from contract.errors import BadMessage
from contract.fields import Fields, load_object
from fukidashi.errors import ApiError, NotFound, Unauthorized
from fukidashi.flow import Answer
from fukidashi.retry import FAILED_FOR_NOW, retry_after_s

_S3_CODE = re.compile(rb"<Code>([A-Za-z]{1,64})</Code>")


def error_of(answer: Answer, place: str) -> ApiError:
    """The error to raise for an answer that is no success. ``place`` is method and URL, without a query."""
    try:
        return _from_problem(answer)
    except BadMessage:
        return _from_anything(answer, place)


def _from_problem(answer: Answer) -> ApiError:
    document = load_object(answer.body)
    fields = Fields(document)
    return _kind(answer.status)(
        answer.status,
        fields.text("code", longest=64),
        fields.text("detail", default=fields.text("title", default="")) or f"HTTP {answer.status}",
        retryable=fields.boolean("retryable", default=answer.status in FAILED_FOR_NOW),
        field=fields.optional_text("field"),
        request_id=fields.optional_text("request_id"),
        retry_after_s=retry_after_s(answer),
        members=document,
    )


def _from_anything(answer: Answer, place: str) -> ApiError:
    s3_code = _S3_CODE.search(answer.body[:2000])
    because = f" {s3_code[1].decode()}" if s3_code else ""
    return _kind(answer.status)(
        answer.status,
        f"http_{answer.status}",
        f"{place} answered {answer.status}{because}",
        retryable=answer.status in FAILED_FOR_NOW,
        retry_after_s=retry_after_s(answer),
    )


def _kind(status: int) -> type[ApiError]:
    if status in (401, 403):
        return Unauthorized
    return NotFound if status in (404, 410) else ApiError
