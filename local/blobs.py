"""Files of bytes under random names. A file counts once the bucket's index names it, and only then."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import hashlib
import os
import secrets
import threading
from collections.abc import AsyncIterator, Callable, Collection
from dataclasses import dataclass
from pathlib import Path

from edge.platform import PlatformError
from local.streams import CHUNK_BYTES


@dataclass(frozen=True, slots=True)
class Blob:
    """A file that is complete and on the disk; ``md5`` in lower-case hex."""

    name: str
    size: int
    md5: str


class Blobs:
    """A folder of blobs that several processes may share.

    Each holds a shared lock on the folder while it lives. Who gets the lock alone knows that no write is under way
    anywhere, and may remove what the index does not name.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._lock = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def join(self, named: Callable[[], Collection[str]]) -> int:
        """Takes the shared lock; first removes the blobs that ``named()`` lacks if nobody else is here. How many."""
        removed = self._sweep(named) if self._alone() else 0
        fcntl.flock(self._lock, fcntl.LOCK_SH)
        return removed

    async def write(self, pieces: AsyncIterator[bytes], size: int) -> Blob:
        """Stores a blob of ``size`` bytes, durably. Raises :class:`PlatformError` (nothing is left then)."""
        writer = _Writer(self._folder, size)
        stored = False
        try:
            async for piece in pieces:
                for start in range(0, len(piece), CHUNK_BYTES):
                    await asyncio.to_thread(writer.add, piece[start : start + CHUNK_BYTES])
            blob = await asyncio.to_thread(writer.finish)
            stored = True
            return blob
        except OSError as error:
            raise PlatformError(f"an object cannot be stored: {error.strerror}") from error
        finally:
            if not stored:
                await asyncio.shield(asyncio.to_thread(writer.discard))

    def open(self, name: str) -> int:
        """A descriptor for reading. Raises ``FileNotFoundError`` where the blob has been removed."""
        return os.open(self._folder / name, os.O_RDONLY | os.O_CLOEXEC)

    def remove(self, name: str) -> None:
        (self._folder / name).unlink(missing_ok=True)

    def close(self) -> None:
        os.close(self._lock)

    def _alone(self) -> bool:
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _sweep(self, named: Callable[[], Collection[str]]) -> int:
        orphans = {path.name for path in self._folder.iterdir() if path.name != ".lock"} - set(named())
        for name in orphans:
            self.remove(name)
        return len(orphans)


class _Writer:
    """A blob being written. A thread may still be at work when the caller has given up: hence the lock."""

    def __init__(self, folder: Path, size: int) -> None:
        self._folder, self._size = folder, size
        self._name = secrets.token_hex(16)
        self._lock = threading.Lock()
        self._file = -1
        self._closed = False
        self._written = 0
        self._md5 = hashlib.md5(usedforsecurity=False)

    def add(self, piece: bytes) -> None:
        with self._lock:
            self._written += len(piece)
            if self._written > self._size:
                raise PlatformError(f"a body is longer than its declared {self._size} bytes")
            self._md5.update(piece)
            file, view = self._open(), memoryview(piece)
            while view:
                view = view[os.write(file, view) :]

    def finish(self) -> Blob:
        with self._lock:
            if self._written != self._size:
                raise PlatformError(f"a body has {self._written} bytes, not its declared {self._size}")
            os.fsync(self._open())
            self._close()
            _sync_folder(self._folder)
            return Blob(self._name, self._size, self._md5.hexdigest())

    def discard(self) -> None:
        # What cannot be removed now is removed at the next start.
        with self._lock, contextlib.suppress(OSError):
            self._close()
            (self._folder / self._name).unlink(missing_ok=True)

    def _open(self) -> int:
        if self._closed:
            raise PlatformError("the write was given up")
        if self._file < 0:
            self._file = os.open(self._folder / self._name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        return self._file

    def _close(self) -> None:
        file, self._file, self._closed = self._file, -1, True
        if file >= 0:
            os.close(file)


def _sync_folder(folder: Path) -> None:
    # Without it a power cut may take the file's name, though not its bytes.
    descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
