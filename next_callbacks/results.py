"""Chapter results in a SQLite file: each event once, however often it is delivered."""

from __future__ import annotations

import json
import sqlite3
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from next_callbacks.database import connect
from next_callbacks.verification import Delivery

MAX_LISTED = 500
_SCHEMA = """
CREATE TABLE IF NOT EXISTS result (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    event_id TEXT NOT NULL UNIQUE,
    job_id TEXT NOT NULL,
    chapter_id TEXT NOT NULL,
    series_id TEXT,
    status TEXT NOT NULL,
    succeeded INTEGER NOT NULL,
    failed INTEGER NOT NULL,
    event TEXT NOT NULL,
    received_at REAL NOT NULL,
    deliveries INTEGER NOT NULL DEFAULT 1
);
CREATE INDEX IF NOT EXISTS result_job ON result (job_id);
"""
_RECORD = """
INSERT INTO result (event_id, job_id, chapter_id, series_id, status, succeeded, failed, event, received_at)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (event_id) DO UPDATE SET deliveries = deliveries + 1
RETURNING deliveries
"""


class ResultsError(Exception):
    """The database cannot be opened, read or written."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """One event as it was recorded: ``seq`` grows, ``event`` is its JSON, ``received_at`` in unix seconds."""

    seq: int
    event_id: str
    event: dict[str, Any]
    received_at: float
    deliveries: int

    def to_json(self) -> dict[str, Any]:
        return {
            "seq": self.seq,
            "event_id": self.event_id,
            "received_at": self.received_at,
            "deliveries": self.deliveries,
            "event": self.event,
        }


class Results:
    """For several threads and processes. Calls wait for the disk: in async code, use a thread."""

    def __init__(self, path: Path) -> None:
        """Raises :class:`ResultsError`."""
        self._lock = threading.Lock()
        try:
            self._connection = connect(path, _SCHEMA)
        except sqlite3.Error as error:
            raise ResultsError(f"{path}: {error}") from error

    def record(self, delivery: Delivery, *, received_at: float) -> bool:
        """``True`` if the event is new, ``False`` for a repetition, which changes nothing but its count."""
        event = delivery.event
        row = (
            delivery.event_id,
            event.job_id,
            event.chapter_id,
            event.series_id,
            event.status.value,
            event.succeeded,
            event.failed,
            event.to_bytes().decode(),
            received_at,
        )
        return bool(self._fetch(_RECORD, row)[0][0] == 1)

    def after(self, seq: int, limit: int) -> list[Recorded]:
        """At most ``limit`` events in the order in which they came, from the one after ``seq`` on."""
        query = "SELECT seq, event_id, event, received_at, deliveries FROM result WHERE seq > ? ORDER BY seq LIMIT ?"
        rows = self._fetch(query, (seq, min(limit, MAX_LISTED)))
        return [Recorded(seq, event_id, json.loads(event), at, count) for seq, event_id, event, at, count in rows]

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    def _fetch(self, statement: str, values: tuple[Any, ...]) -> list[Any]:
        try:
            with self._lock:
                return self._connection.execute(statement, values).fetchall()
        except sqlite3.Error as error:
            raise ResultsError(str(error)) from error
