"""An ASGI request's body, read as it arrives."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from typing import Any

from edge.http import BodyTooLarge
from edge.platform import PlatformError

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]

IDLE_S = 60.0
"""A client that sends nothing for this long has gone away."""


class Disconnected(PlatformError):  # noqa: N818 - what happened, not what went wrong
    """The client went away in the middle of its body."""


class AsgiBody:
    """Implements :class:`edge.http.Body` and :class:`local.streams.ChunkedBody`."""

    def __init__(self, receive: Receive, size: int | None) -> None:
        self._receive, self._size = receive, size
        self._ended = False

    @property
    def size(self) -> int | None:
        return self._size

    async def read(self, limit: int) -> bytes:
        if self._size is not None and self._size > limit:
            raise BodyTooLarge(limit)
        data = bytearray()
        async for chunk in self.chunks():
            data += chunk
            if len(data) > limit:
                raise BodyTooLarge(limit)
        return bytes(data)

    async def chunks(self) -> AsyncIterator[bytes]:
        """Pieces as they arrive. Raises :class:`Disconnected`."""
        while not self._ended:
            message = await self._next()
            if message["type"] != "http.request":
                raise Disconnected("the client went away in the middle of its body")
            self._ended = not message.get("more_body", False)
            yield message.get("body", b"")

    async def gone(self) -> None:
        """Returns once the client has gone; what it still sends is dropped."""
        while (await self._receive())["type"] == "http.request":
            self._ended = True

    async def _next(self) -> Message:
        try:
            async with asyncio.timeout(IDLE_S):
                return await self._receive()
        except TimeoutError:
            raise Disconnected(f"the client sent nothing for {IDLE_S:g} s") from None
