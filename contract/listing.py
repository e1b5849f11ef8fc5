"""What ``GET /jobs`` answers: an owner's jobs, the newest first, in parts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from contract.fields import Fields, load_object
from contract.status import JobStatus


@dataclass(frozen=True, slots=True)
class JobItem:
    """A job as listings show it: up to a minute or so behind what ``status_url`` says."""

    id: str
    status: JobStatus
    chapter_id: str
    created_at: str
    status_url: str
    pages: int
    done: int = 0
    failed: int = 0
    retry_of: str | None = None

    @classmethod
    def from_json(cls, value: Any, path: str) -> JobItem:
        fields = Fields(value, path)
        return cls(
            id=fields.text("id"),
            status=fields.choice("status", JobStatus),
            chapter_id=fields.text("chapter_id"),
            created_at=fields.text("created_at"),
            status_url=fields.text("status_url"),
            pages=fields.integer("pages"),
            done=fields.integer("done", default=0),
            failed=fields.integer("failed", default=0),
            retry_of=fields.optional_text("retry_of"),
        )

    def to_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "status": self.status.value,
            "chapter_id": self.chapter_id,
            "created_at": self.created_at,
            "status_url": self.status_url,
            "pages": self.pages,
            "done": self.done,
            "failed": self.failed,
            "retry_of": self.retry_of,
        }


@dataclass(frozen=True, slots=True)
class JobList:
    """A part of a listing. It may be empty and still have a ``cursor``: the end is where there is none."""

    jobs: tuple[JobItem, ...]
    cursor: str | None = None

    @classmethod
    def parse(cls, body: bytes) -> JobList:
        fields = Fields(load_object(body))
        return cls(fields.list("jobs", JobItem.from_json), fields.optional_text("cursor"))

    def to_json(self) -> dict[str, Any]:
        return {"jobs": [job.to_json() for job in self.jobs], "cursor": self.cursor}
