"""What the suite needs of a platform, whichever it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from edge.http import Stream
from edge.platform import Platform, PlatformError
from local.streams import FileStream

REFUSED = (ValueError, PlatformError)
"""A call that breaks a limit is a mistake of the caller's; some services notice it only at their end."""


@dataclass(frozen=True)
class Place:
    """A platform, and what a test can do with it beyond the protocols.

    ``advance`` moves its clock by seconds, where that is possible. ``takes_any_body`` says that a test's own body
    object reaches the bucket as it is, with whatever lies it tells about its size.
    """

    platform: Platform
    advance: Callable[[float], None] | None
    takes_any_body: bool


async def content(stream: Stream) -> bytes:
    """All bytes of a platform's stream; a remote one has given them already."""
    if isinstance(stream, FileStream):
        try:
            return b"".join([chunk async for chunk in stream.chunks()])
        finally:
            stream.close()
    assert isinstance(stream, bytes)
    return stream
