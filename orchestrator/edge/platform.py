"""What the orchestrator needs of the place it runs in. ``entry.py`` (Cloudflare) and ``local`` each provide it.

The semantics are Cloudflare's: KV is eventually consistent and no lock; the bucket is strongly consistent, creates an
object only if it is absent, and compares and swaps on the etag. tests/platforms holds both to one suite.
"""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any, Protocol

from edge.http import Body, Stream

MIN_TTL_S = 60
"""KV keeps no key for a shorter time."""


class PlatformError(Exception):
    """A binding failed (an error of the service, not an answer). The operation may or may not have happened."""


class FetchError(Exception):
    """No HTTP answer: connection refused or lost, a time-out, a name that does not resolve."""


@dataclass(frozen=True, slots=True)
class KvKey:
    name: str
    metadata: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class KvPage:
    """A part of a listing, names ascending; ``cursor`` is ``None`` at its end."""

    keys: tuple[KvKey, ...]
    cursor: str | None


class Kv(Protocol):
    """Strings by key (512 bytes), with a TTL and up to 1,024 bytes of metadata that a listing shows."""

    async def get(self, key: str) -> str | None: ...

    async def put(
        self,
        key: str,
        value: str,
        *,
        ttl_s: int | None = None,
        metadata: Mapping[str, Any] | None = None,
    ) -> None:
        """``ttl_s`` is at least :data:`MIN_TTL_S`; ``ValueError`` where key, TTL or metadata break the limits."""
        ...

    async def delete(self, key: str) -> None: ...

    async def list(self, *, prefix: str, cursor: str | None = None, limit: int = 1000) -> KvPage: ...


class Absent(Enum):
    """The condition that an object does not exist yet."""

    ABSENT = "absent"


ABSENT = Absent.ABSENT


@dataclass(frozen=True, slots=True)
class EtagIs:
    """The condition that the object is still the one with this etag."""

    etag: str


Condition = Absent | EtagIs


@dataclass(frozen=True, slots=True)
class ObjectInfo:
    """``etag`` without quotes: the MD5 in hex of an object that was put in one part. ``uploaded`` is aware, in UTC."""

    key: str
    size: int
    etag: str
    uploaded: datetime
    content_type: str = ""


@dataclass(frozen=True, slots=True)
class StoredObject:
    """An object, or the asked part of it, ready to be read once: ``stream`` goes into a Response."""

    info: ObjectInfo
    stream: Stream


@dataclass(frozen=True, slots=True)
class BucketPage:
    """A part of a listing, keys ascending; ``cursor`` is ``None`` at its end."""

    objects: tuple[ObjectInfo, ...]
    cursor: str | None


class Bucket(Protocol):
    """Objects by key, strongly consistent."""

    async def head(self, key: str) -> ObjectInfo | None: ...

    async def read(self, key: str) -> tuple[ObjectInfo, bytes] | None:
        """The whole object in memory: for the small JSON objects."""
        ...

    async def open(self, key: str, *, offset: int = 0, length: int | None = None) -> StoredObject | None:
        """The object's bytes from ``offset`` on, streamed. The caller has checked the range against the size."""
        ...

    async def put(
        self,
        key: str,
        data: bytes | Body,
        *,
        content_type: str,
        only_if: Condition | None = None,
    ) -> ObjectInfo | None:
        """Stores an object, whole or not at all; ``None`` where the condition did not hold.

        A :class:`Body` needs a declared size; one that is longer or shorter raises :class:`PlatformError` and stores
        nothing.
        """
        ...

    async def delete(self, key: str) -> None: ...

    async def list(self, *, prefix: str, cursor: str | None = None, limit: int = 1000) -> BucketPage: ...


@dataclass(frozen=True, slots=True)
class FetchResponse:
    """``headers`` have lower-case names; at most ``limit`` bytes of the body were read."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Fetch(Protocol):
    async def __call__(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        body: bytes = b"",
        timeout_s: float,
        limit: int = 1_000_000,
    ) -> FetchResponse:
        """One HTTP request; redirects are answers, not followed. No answer: :class:`FetchError`."""
        ...


@dataclass(frozen=True, slots=True)
class Point:
    """A measurement: one a callback, an upload and a webhook delivery. In Analytics Engine ``job_id`` is the index,
    ``kind``, ``outcome`` and ``mode`` are blobs 1 to 3, ``attempt``, ``size`` (bytes) and ``ms`` doubles 1 to 3."""

    kind: str
    job_id: str
    outcome: str
    mode: str
    attempt: int = 0
    size: int = 0
    ms: int = 0


class Download(Protocol):
    """An answer whose body is still on its way. It is read once, in pieces, and must be closed."""

    @property
    def status(self) -> int: ...

    @property
    def headers(self) -> Mapping[str, str]:
        """Lower-case names."""
        ...

    async def head(self, count: int) -> bytes:
        """The first bytes, fewer where the body is shorter. They stay a part of the body. Asked once, and first."""
        ...

    async def size(self, limit: int) -> int:
        """Reads the body to its end, keeps nothing of it, and counts; above ``limit`` it stops and says so by a number
        above ``limit``."""
        ...

    def body(self, size: int) -> Body:
        """The body, to be handed to :meth:`Bucket.put`, which streams it and stores it only if it has ``size`` bytes.

        Where the answer breaks off or is of another size, the put raises :class:`FetchError`.
        """
        ...

    async def close(self) -> None:
        """Ends the connection, whatever of the body was read."""
        ...


class Outside(Protocol):
    """HTTP to hosts that clients name: to public addresses only, which is checked where the connection is made.

    ``allow_private`` lifts that. URLs are spelt as :func:`edge.ssrf.check_url` gives them. Redirects are answers.
    No answer, or an address that is not public: :class:`FetchError`.
    """

    async def fetch(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        body: bytes = b"",
        timeout_s: float,
        limit: int = 1_000_000,
        allow_private: bool = False,
    ) -> FetchResponse: ...

    async def download(
        self,
        url: str,
        *,
        headers: Mapping[str, str],
        timeout_s: float,
        allow_private: bool = False,
    ) -> Download:
        """A GET. ``timeout_s`` is for all of it, the body included."""
        ...


class Platform(Protocol):
    """Everything outside the orchestrator's own logic."""

    @property
    def kv(self) -> Kv: ...

    @property
    def bucket(self) -> Bucket: ...

    @property
    def fetch(self) -> Fetch:
        """To hosts of our own configuration."""
        ...

    @property
    def outside(self) -> Outside:
        """To hosts that clients name."""
        ...

    def now(self) -> float:
        """Unix seconds."""
        ...

    async def sleep(self, seconds: float) -> None: ...

    async def allow(self, key: str) -> bool:
        """Whether ``key`` may make one request more at the moment; always, where no rate limit is set up."""
        ...

    def measure(self, point: Point) -> None:
        """Keeps a data point, or loses it: nothing waits for it and nothing depends on it."""
        ...

    def random_bytes(self, count: int) -> bytes:
        """From a cryptographic source. Not to be called at import: Workers have no entropy there."""
        ...

    def background(self, work: Awaitable[None]) -> None:
        """Lets ``work`` go on after the response (``waitUntil``: 30 s at most). Never for what must happen."""
        ...

    def log(self, event: str, fields: Mapping[str, Any]) -> None:
        """One structured log line. Never holds a secret, a token or a signed URL."""
        ...
