"""A SQLite file in WAL mode, worked on by one thread, so that the event loop never waits for the disk."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from edge.platform import PlatformError

T = TypeVar("T")

BUSY_TIMEOUT_S = 30.0
"""How long a statement waits for another process that is writing."""


class Database:
    """One connection and the one thread that uses it. Several processes may each have their own on the same file."""

    def __init__(self, path: Path, schema: str, *, durable: bool) -> None:
        """``durable``: a commit survives a power cut; else only a killed process. Raises :class:`PlatformError`."""
        self._path = path
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix=path.stem)
        try:
            self._connection = self._thread.submit(_connect, path, schema, durable).result()
        except sqlite3.Error as error:
            self._thread.shutdown()
            raise PlatformError(f"{path.name} cannot be opened: {error}") from error

    async def run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """``work`` in a transaction, on the database's thread; it happens also where the caller is cancelled meanwhile.

        Raises :class:`PlatformError` where SQLite fails; nothing is changed then.
        """
        loop = asyncio.get_running_loop()
        try:
            return await asyncio.shield(loop.run_in_executor(self._thread, _transact, self._connection, work))
        except sqlite3.Error as error:
            raise PlatformError(f"{self._path.name}: {error}") from error

    async def read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """``work`` on the database's thread, for one reading statement."""
        loop = asyncio.get_running_loop()
        try:
            return await asyncio.shield(loop.run_in_executor(self._thread, work, self._connection))
        except sqlite3.Error as error:
            raise PlatformError(f"{self._path.name}: {error}") from error

    def at_start(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """``work`` while the caller waits: before there is an event loop."""
        return self._thread.submit(work, self._connection).result()

    def close(self) -> None:
        """Waits for what was begun. A second call does nothing."""
        self._thread.shutdown()
        self._connection.close()


def _connect(path: Path, schema: str, durable: bool) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
        connection.executescript(schema)
    except BaseException:
        connection.close()
        raise
    return connection


def _transact(connection: sqlite3.Connection, work: Callable[[sqlite3.Connection], T]) -> T:
    # IMMEDIATE takes the write lock at once: what the work reads cannot change before it commits.
    connection.execute("BEGIN IMMEDIATE")
    try:
        result = work(connection)
        connection.execute("COMMIT")
    except BaseException:
        # After some errors (a full disk) SQLite has rolled back by itself.
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    return result
