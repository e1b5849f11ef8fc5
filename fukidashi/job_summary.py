"""A job without its pages, as ``?fields=summary`` answers: small, however long the chapter is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from contract.fields import Fields, load_object, text_item
from contract.status import JobStatus
from contract.view import WebhookView


@dataclass(frozen=True, slots=True)
class JobSummary:
    """``counts`` has the pages by status, and ``total``. Times are ISO 8601 in UTC."""

    id: str
    status: JobStatus
    chapter_id: str
    counts: Mapping[str, int]
    created_at: str
    expires_at: str
    started_at: str | None
    completed_at: str | None
    cancel_requested: bool
    retry_of: str | None
    superseded_by: str | None
    warnings: tuple[str, ...]
    webhook: WebhookView

    @classmethod
    def parse(cls, body: bytes) -> Self:
        """Raises :class:`BadMessage`."""
        fields = Fields(load_object(body))
        return cls(
            id=fields.text("id"),
            status=fields.choice("status", JobStatus),
            chapter_id=fields.text("chapter_id"),
            counts=fields.integers("counts"),
            created_at=fields.text("created_at"),
            expires_at=fields.text("expires_at"),
            started_at=fields.optional_text("started_at"),
            completed_at=fields.optional_text("completed_at"),
            cancel_requested=fields.boolean("cancel_requested", default=False),
            retry_of=fields.optional_text("retry_of"),
            superseded_by=fields.optional_text("superseded_by"),
            warnings=fields.list("warnings", text_item, default=[]),
            webhook=WebhookView.from_json(fields.raw_object("webhook"), "webhook"),
        )
