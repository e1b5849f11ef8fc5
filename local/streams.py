"""Bytes on their way: a stored file out to a client, a client's body into a file."""

from __future__ import annotations

import asyncio
import os
import weakref
from collections.abc import AsyncIterator
from typing import Protocol, runtime_checkable

from edge.http import Body

CHUNK_BYTES = 256 * 1024


@runtime_checkable
class ChunkedBody(Body, Protocol):
    """A body that can be read piece by piece, so that a large upload is never in memory whole."""

    def chunks(self) -> AsyncIterator[bytes]: ...


class FileStream:
    """``length`` bytes of an open file from ``offset`` on: an :class:`edge.http.Stream`.

    It holds the file from the start: the object may be replaced or deleted meanwhile, the bytes stay the same. The file
    closes with :meth:`close`, or when the stream is forgotten.
    """

    def __init__(self, descriptor: int, *, offset: int, length: int) -> None:
        self._descriptor, self._offset, self._left = descriptor, offset, length
        self.close = weakref.finalize(self, os.close, descriptor)

    async def chunks(self) -> AsyncIterator[bytes]:
        """Pieces of at most :data:`CHUNK_BYTES`. Raises ``OSError`` where the disk fails or the file is cut short."""
        while self._left:
            chunk = await asyncio.to_thread(os.pread, self._descriptor, min(CHUNK_BYTES, self._left), self._offset)
            if not chunk:
                raise OSError(f"a stored file ends {self._left} bytes early")
            self._offset += len(chunk)
            self._left -= len(chunk)
            yield chunk
