"""Received ids in a SQLite file: for several threads and processes, over restarts."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

from next_callbacks.database import connect
from next_callbacks.errors import NonceStoreError
from next_callbacks.nonces import KEEP_S

_SCHEMA = """
CREATE TABLE IF NOT EXISTS nonce (event_id TEXT PRIMARY KEY, forget_at REAL NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS nonce_forget_at ON nonce (forget_at);
"""


class SqliteNonces:
    """Implements :class:`next_callbacks.nonces.Nonces`. Its calls wait for the disk: in async code, use a thread."""

    def __init__(self, path: Path | str, *, keep_s: float = KEEP_S) -> None:
        """Raises :class:`NonceStoreError` where the file cannot be opened."""
        self._keep_s = keep_s
        self._lock = threading.Lock()
        try:
            self._connection = connect(path, _SCHEMA)
        except sqlite3.Error as error:
            raise NonceStoreError(str(error)) from error

    def spend(self, event_id: str, *, now: float, replayable_until: float) -> bool:
        forget_at = max(now + self._keep_s, replayable_until + 1)
        # One statement, so one process wins: the row is new, or what it replaces was due to be forgotten.
        took = self._execute(
            "INSERT INTO nonce (event_id, forget_at) VALUES (?, ?) ON CONFLICT (event_id)"
            " DO UPDATE SET forget_at = excluded.forget_at WHERE nonce.forget_at <= ?",
            (event_id, forget_at, now),
        )
        if took:
            self._execute("DELETE FROM nonce WHERE forget_at <= ?", (now,))
        return bool(took)

    def release(self, event_id: str) -> None:
        self._execute("DELETE FROM nonce WHERE event_id = ?", (event_id,))

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    def _execute(self, statement: str, values: tuple[str | float, ...]) -> int:
        try:
            with self._lock:
                return self._connection.execute(statement, values).rowcount
        except sqlite3.Error as error:
            raise NonceStoreError(str(error)) from error
