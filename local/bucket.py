"""R2 on the file system: an index in SQLite that decides, and one file of bytes an object.

An object is there once its row is committed; its bytes were on the disk before. So whatever moment a process is killed
at, there is the old object or the new one, never a half. What is left over are files without a row: the next start
removes them. Creating once and comparing the etag happen inside the index's write transaction, which SQLite gives to
one process and thread at a time.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import sqlite3
import time
from collections.abc import AsyncGenerator, Callable
from datetime import UTC, datetime
from pathlib import Path

from edge.http import Body, BodyTooLarge
from edge.platform import ABSENT, BucketPage, Condition, ObjectInfo, PlatformError, StoredObject
from local.blobs import Blob, Blobs
from local.database import Database
from local.listing import encode_cursor, name_range
from local.streams import ChunkedBody, FileStream

MAX_KEY_BYTES = 1024
_UNSAFE = re.compile(r"[\x00-\x1f\x7f\\]")
_COLUMNS = "key, blob, size, etag, uploaded, content_type"
_SCHEMA = """
CREATE TABLE IF NOT EXISTS object (
    key BLOB PRIMARY KEY,
    blob TEXT NOT NULL UNIQUE,
    size INTEGER NOT NULL,
    etag TEXT NOT NULL,
    uploaded REAL NOT NULL,
    content_type TEXT NOT NULL
) WITHOUT ROWID;
"""
_Row = tuple[bytes, str, int, str, float, str]


class FileBucket:
    """Implements :class:`edge.platform.Bucket` in a folder; several processes may share it. ``now`` in unix seconds."""

    def __init__(self, folder: Path, *, now: Callable[[], float] = time.time) -> None:
        self._blobs = Blobs(folder / "objects")
        self._index = Database(folder / "index.sqlite", _SCHEMA, durable=True)
        self._now = now
        self.orphans_removed = self._blobs.join(lambda: self._index.at_start(_named_blobs))

    async def head(self, key: str) -> ObjectInfo | None:
        row = await self._row(key)
        return _info(row) if row else None

    async def read(self, key: str) -> tuple[ObjectInfo, bytes] | None:
        found = await self._open(key)
        if found is None:
            return None
        info, file = found
        stream = FileStream(file, offset=0, length=info.size)
        try:
            return info, b"".join([chunk async for chunk in stream.chunks()])
        except OSError as error:
            raise PlatformError(f"{key}: {error}") from error
        finally:
            stream.close()

    async def open(self, key: str, *, offset: int = 0, length: int | None = None) -> StoredObject | None:
        found = await self._open(key)
        if found is None:
            return None
        info, file = found
        rest = max(0, info.size - offset)
        stream = FileStream(file, offset=offset, length=rest if length is None else min(length, rest))
        return StoredObject(info, stream)

    async def put(
        self,
        key: str,
        data: bytes | Body,
        *,
        content_type: str,
        only_if: Condition | None = None,
    ) -> ObjectInfo | None:
        raw = _key(key)
        size = len(data) if isinstance(data, bytes) else data.size
        if size is None:
            raise PlatformError("a body without a declared size cannot be stored")
        # Spares the disk; what decides is the same question in the transaction.
        if not _holds(only_if, await self._row(key)):
            return None
        async with contextlib.aclosing(_pieces(data, size)) as pieces:
            blob = await self._blobs.write(pieces, size)
        return await asyncio.shield(asyncio.ensure_future(self._commit(raw, blob, content_type, only_if)))

    async def delete(self, key: str) -> None:
        raw = _key(key)

        def forget(connection: sqlite3.Connection) -> str | None:
            row = _find(connection, raw)
            connection.execute("DELETE FROM object WHERE key = ?", (raw,))
            return row[1] if row else None

        name = await self._index.run(forget)
        if name is not None:
            await self._remove(name)

    async def list(self, *, prefix: str, cursor: str | None = None, limit: int = 1000) -> BucketPage:
        low, after, high = name_range(prefix, cursor, limit)

        def read(connection: sqlite3.Connection) -> list[_Row]:
            query = f"SELECT {_COLUMNS} FROM object WHERE key >= ? AND key > ? AND key < ? ORDER BY key LIMIT ?"  # noqa: S608
            return connection.execute(query, (low, after, high, limit + 1)).fetchall()

        rows = await self._index.read(read)
        more = len(rows) > limit
        return BucketPage(tuple(map(_info, rows[:limit])), encode_cursor(rows[limit - 1][0]) if more else None)

    def close(self) -> None:
        self._index.close()
        self._blobs.close()

    async def _row(self, key: str) -> _Row | None:
        raw = _key(key)
        return await self._index.read(lambda connection: _find(connection, raw))

    async def _open(self, key: str) -> tuple[ObjectInfo, int] | None:
        missing = ""
        while row := await self._row(key):
            try:
                return _info(row), await asyncio.to_thread(self._blobs.open, row[1])
            except FileNotFoundError:
                # Replaced between the look at the index and the file: look again, unless it is gone for good.
                if row[1] == missing:
                    raise PlatformError(f"{key}: its file is gone") from None
                missing = row[1]
            except OSError as error:
                raise PlatformError(f"{key}: {error.strerror}") from error
        return None

    async def _commit(self, key: bytes, blob: Blob, content_type: str, only_if: Condition | None) -> ObjectInfo | None:
        # Where this raises, SQLite may yet have it in its log: the file stays, and the next start decides.
        row = (key, blob.name, blob.size, blob.md5, self._now(), content_type)

        def write(connection: sqlite3.Connection) -> tuple[bool, str | None]:
            old = _find(connection, key)
            if not _holds(only_if, old):
                return False, blob.name
            connection.execute(f"INSERT OR REPLACE INTO object ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)", row)  # noqa: S608
            return True, old[1] if old else None

        stored, unused = await self._index.run(write)
        if unused is not None:
            await self._remove(unused)
        return _info(row) if stored else None

    async def _remove(self, name: str) -> None:
        # The index has decided already; what cannot be removed now is removed at the next start.
        with contextlib.suppress(OSError):
            await asyncio.to_thread(self._blobs.remove, name)


def _key(key: str) -> bytes:
    raw = key.encode()
    if not 1 <= len(raw) <= MAX_KEY_BYTES or _UNSAFE.search(key) or any(p in ("", ".", "..") for p in key.split("/")):
        raise ValueError(f"{key[:80]!r} is not a safe key of 1 to {MAX_KEY_BYTES} bytes")
    return raw


def _find(connection: sqlite3.Connection, key: bytes) -> _Row | None:
    query = f"SELECT {_COLUMNS} FROM object WHERE key = ?"  # noqa: S608
    row: _Row | None = connection.execute(query, (key,)).fetchone()
    return row


def _named_blobs(connection: sqlite3.Connection) -> set[str]:
    return {name for (name,) in connection.execute("SELECT blob FROM object")}


def _holds(condition: Condition | None, row: _Row | None) -> bool:
    if condition is None:
        return True
    if condition is ABSENT:
        return row is None
    return row is not None and row[3] == condition.etag


def _info(row: _Row) -> ObjectInfo:
    key, _, size, etag, uploaded, content_type = row
    return ObjectInfo(key.decode(), size, etag, datetime.fromtimestamp(uploaded, UTC), content_type)


async def _pieces(data: bytes | Body, size: int) -> AsyncGenerator[bytes, None]:
    if isinstance(data, bytes):
        yield data
    elif isinstance(data, ChunkedBody):
        async for chunk in data.chunks():
            yield chunk
    else:
        try:
            yield await data.read(size)
        except BodyTooLarge as error:
            raise PlatformError(f"a body is longer than its declared {size} bytes") from error
