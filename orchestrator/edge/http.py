"""Requests and responses as the orchestrator sees them, whatever serves them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import parse_qsl, urlsplit


class BodyTooLarge(Exception):  # noqa: N818
    """A request's body is larger than the route takes."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"body larger than {limit} bytes")
        self.limit = limit


class Body(Protocol):
    """A request's body, not read yet. ``size`` is its declared Content-Length, ``None`` where there is none.

    It can be read once: here, or by handing it to :meth:`edge.platform.Bucket.put`, which streams it.
    """

    @property
    def size(self) -> int | None: ...

    async def read(self, limit: int) -> bytes:
        """The whole body. Raises :class:`BodyTooLarge`, also where the declared size was a lie."""
        ...


@dataclass(frozen=True, slots=True)
class BytesBody:
    """A body that is in memory already."""

    data: bytes

    @property
    def size(self) -> int:
        return len(self.data)

    async def read(self, limit: int) -> bytes:
        if len(self.data) > limit:
            raise BodyTooLarge(limit)
        return self.data


@dataclass(frozen=True, slots=True)
class Request:
    """``url`` is absolute; ``headers`` have lower-case names."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: Body

    @property
    def path(self) -> str:
        return urlsplit(self.url).path

    @property
    def query(self) -> dict[str, str]:
        """The first value of each parameter."""
        pairs: dict[str, str] = {}
        for name, value in parse_qsl(urlsplit(self.url).query, keep_blank_values=True):
            pairs.setdefault(name, value)
        return pairs

    @property
    def origin(self) -> str:
        """``scheme://host[:port]``."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}"


class Stream(Protocol):
    """A stored object's bytes on their way out. Only the platform that made it can read it."""


@dataclass(frozen=True, slots=True)
class Response:
    """An answer: bytes, or an object's stream that the platform copies through."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | Stream = b""

    @classmethod
    def json(cls, value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
        body = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
        return cls(status, {"content-type": "application/json", **(headers or {})}, body)
