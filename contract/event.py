"""The webhook that a consumer's application gets when a chapter has ended."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from contract.errors import BadMessage
from contract.fields import Fields, load_object
from contract.status import JobStatus

CHAPTER_FINISHED = "chapter.finished"


@dataclass(frozen=True, slots=True)
class ChapterFinished:
    """``{"type", "timestamp", "data"}`` as Standard Webhooks has it. Thin: pages are fetched from ``status_url``.

    ``timestamp`` is when the chapter ended, ISO 8601. The event's id is the envelope's ``webhook-id``, the same in
    every delivery.
    """

    timestamp: str
    job_id: str
    chapter_id: str
    status: JobStatus
    succeeded: int
    failed: int
    status_url: str
    series_id: str | None = None
    metadata: dict[str, str] = field(default_factory=dict)

    @classmethod
    def parse(cls, body: bytes) -> ChapterFinished:
        """Raises :class:`BadMessage` for anything else, another event type included."""
        fields = Fields(load_object(body))
        kind = fields.text("type")
        if kind != CHAPTER_FINISHED:
            raise BadMessage("type", f"{kind[:64]!r} is not {CHAPTER_FINISHED}")
        data = fields.object("data")
        status = data.choice("status", JobStatus)
        if not status.is_terminal:
            raise BadMessage("data.status", "not the end of a chapter")
        return cls(
            timestamp=fields.text("timestamp"),
            job_id=data.text("job_id"),
            chapter_id=data.text("chapter_id"),
            status=status,
            succeeded=data.integer("succeeded"),
            failed=data.integer("failed"),
            status_url=data.text("status_url"),
            series_id=data.optional_text("series_id"),
            metadata=data.strings("metadata"),
        )

    def to_json(self) -> dict[str, Any]:
        return {
            "type": CHAPTER_FINISHED,
            "timestamp": self.timestamp,
            "data": {
                "job_id": self.job_id,
                "chapter_id": self.chapter_id,
                "series_id": self.series_id,
                "status": self.status.value,
                "succeeded": self.succeeded,
                "failed": self.failed,
                "status_url": self.status_url,
                "metadata": dict(self.metadata),
            },
        }

    def to_bytes(self) -> bytes:
        return json.dumps(self.to_json(), ensure_ascii=False, separators=(",", ":")).encode()
