"""Structured logs: one JSON object a line, with the job that it is about. Never a URL, a token or a secret."""

from __future__ import annotations

import contextvars
import json
import logging
import sys
from datetime import UTC, datetime
from typing import TextIO

_JOB: contextvars.ContextVar[tuple[str, int] | None] = contextvars.ContextVar("fukidashi_job", default=None)
_STANDARD = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "color_message", "taskName"}


def enter_job(job_id: str, attempt: int) -> None:
    """Everything that this task (and what it starts) logs from now on names the job."""
    _JOB.set((job_id, attempt))


class JsonFormatter(logging.Formatter):
    """``{"time", "level", "logger", "event", "job_id", "attempt", …extra, "exception"}``."""

    def format(self, record: logging.LogRecord) -> str:
        entry: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.getMessage(),
        }
        if (job := _JOB.get()) is not None:
            entry["job_id"], entry["attempt"] = job
        entry.update({name: value for name, value in record.__dict__.items() if name not in _STANDARD})
        if record.exc_info:
            entry["exception"] = self.formatException(record.exc_info)
        return json.dumps(entry, ensure_ascii=False, default=str)


def configure(stream: TextIO | None = None) -> None:
    """Sends every logger's records to ``stream`` (standard error) as JSON lines."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    # These log every request's URL at INFO, and ours carry the right to use them. google-genai uses httpx2.
    for name in ("httpx", "httpcore", "httpx2", "httpcore2", "google_genai"):
        logging.getLogger(name).setLevel(logging.WARNING)
