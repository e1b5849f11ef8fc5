"""Opening a SQLite file for several threads and processes."""

from __future__ import annotations

import sqlite3
from pathlib import Path

BUSY_TIMEOUT_S = 10.0
"""How long a statement waits for another process that is writing."""


def connect(path: Path | str, schema: str) -> sqlite3.Connection:
    """A connection that commits each statement. Its caller lets one thread use it at a time. Raises ``sqlite3.Error``.

    What was committed outlives a power cut: an event that was answered with 200 does not come again.
    """
    connection = sqlite3.connect(path, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.executescript(schema)
    except sqlite3.Error:
        connection.close()
        raise
    return connection
