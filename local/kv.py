"""Workers KV on SQLite: the same limits, and no eventual consistency to hide behind."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from edge.platform import MIN_TTL_S, KvKey, KvPage
from local.database import Database
from local.listing import encode_cursor, name_range

MAX_KEY_BYTES = 512
MAX_METADATA_BYTES = 1024
MAX_VALUE_BYTES = 25 * 1024 * 1024

# Keys are blobs, so that they sort by their bytes, as KV's do.
_SCHEMA = """
CREATE TABLE IF NOT EXISTS kv (
    key BLOB PRIMARY KEY,
    value TEXT NOT NULL,
    metadata TEXT NOT NULL,
    expires REAL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS kv_expires ON kv (expires) WHERE expires IS NOT NULL;
"""


class SqliteKv:
    """Implements :class:`edge.platform.Kv` in one file. ``now`` is in unix seconds."""

    def __init__(self, path: Path, *, now: Callable[[], float] = time.time) -> None:
        # KV is a projection: what a power cut takes with it comes back from the bucket.
        self._database = Database(path, _SCHEMA, durable=False)
        self._now = now

    async def get(self, key: str) -> str | None:
        row = await self._database.read(_select(_key(key), self._now()))
        return str(row[0]) if row else None

    async def put(
        self,
        key: str,
        value: str,
        *,
        ttl_s: int | None = None,
        metadata: Mapping[str, Any] | None = None,
    ) -> None:
        now = self._now()
        row = (_key(key), _value(value), _metadata(metadata), None if ttl_s is None else now + _ttl(ttl_s))

        def write(connection: sqlite3.Connection) -> None:
            connection.execute("DELETE FROM kv WHERE expires <= ?", (now,))
            connection.execute("INSERT OR REPLACE INTO kv (key, value, metadata, expires) VALUES (?, ?, ?, ?)", row)

        await self._database.run(write)

    async def delete(self, key: str) -> None:
        raw = _key(key)
        await self._database.run(lambda connection: connection.execute("DELETE FROM kv WHERE key = ?", (raw,)))

    async def list(self, *, prefix: str, cursor: str | None = None, limit: int = 1000) -> KvPage:
        low, after, high = name_range(prefix, cursor, limit)
        now = self._now()

        def read(connection: sqlite3.Connection) -> list[tuple[bytes, str]]:
            return connection.execute(
                "SELECT key, metadata FROM kv WHERE key >= ? AND key > ? AND key < ?"
                " AND (expires IS NULL OR expires > ?) ORDER BY key LIMIT ?",
                (low, after, high, now, limit + 1),
            ).fetchall()

        rows = await self._database.read(read)
        keys = tuple(KvKey(key.decode(), json.loads(metadata)) for key, metadata in rows[:limit])
        return KvPage(keys, encode_cursor(rows[limit - 1][0]) if len(rows) > limit else None)

    def close(self) -> None:
        self._database.close()


def _select(key: bytes, now: float) -> Callable[[sqlite3.Connection], Any]:
    query = "SELECT value FROM kv WHERE key = ? AND (expires IS NULL OR expires > ?)"
    return lambda connection: connection.execute(query, (key, now)).fetchone()


def _key(key: str) -> bytes:
    raw = key.encode()
    if not raw or key in (".", "..") or len(raw) > MAX_KEY_BYTES:
        raise ValueError(f"a key has 1 to {MAX_KEY_BYTES} bytes and is not '.' or '..'; this one has {len(raw)}")
    return raw


def _value(value: str) -> str:
    # The first bound spares encoding what is too long anyway.
    if len(value) > MAX_VALUE_BYTES or len(value.encode()) > MAX_VALUE_BYTES:
        raise ValueError(f"a value has at most {MAX_VALUE_BYTES} bytes")
    return value


def _metadata(metadata: Mapping[str, Any] | None) -> str:
    try:
        text = json.dumps(dict(metadata or {}), ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    except TypeError as error:
        raise ValueError(f"metadata is not JSON: {error}") from None
    if len(text.encode()) > MAX_METADATA_BYTES:
        raise ValueError(f"metadata has at most {MAX_METADATA_BYTES} bytes as JSON")
    return text


def _ttl(ttl_s: int) -> int:
    if ttl_s < MIN_TTL_S:
        raise ValueError(f"a TTL is at least {MIN_TTL_S} s, not {ttl_s}")
    return ttl_s
