"""Counting what an invocation asks of others: Workers end one that makes more than its number of subrequests.

Every ``fetch``, redirect hop, and operation on KV and R2 is one.
"""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from typing import Any, TypeVar

from edge.http import Body
from edge.platform import (
    Bucket,
    BucketPage,
    Condition,
    Download,
    FetchResponse,
    Kv,
    KvPage,
    ObjectInfo,
    Outside,
    Platform,
    Point,
    StoredObject,
)

T = TypeVar("T")
MOST_SUBREQUESTS = 1000
"""Of an invocation on Workers' paid plan."""


class Meter:
    """``limit`` is not enforced: who works asks what is :attr:`left` before beginning something."""

    def __init__(self, limit: int) -> None:
        self.limit, self.count = limit, 0

    @property
    def left(self) -> int:
        return self.limit - self.count

    async def counted(self, call: Awaitable[T]) -> T:
        self.count += 1
        return await call


class MeteredPlatform:
    """A platform whose subrequests are counted."""

    def __init__(self, platform: Platform, meter: Meter) -> None:
        self._platform, self._meter = platform, meter
        self.kv: Kv = _MeteredKv(platform.kv, meter)
        self.bucket: Bucket = _MeteredBucket(platform.bucket, meter)
        self.outside: Outside = _MeteredOutside(platform, meter)

    async def fetch(self, *args: Any, **options: Any) -> FetchResponse:
        return await self._meter.counted(self._platform.fetch(*args, **options))

    async def allow(self, key: str) -> bool:
        return await self._meter.counted(self._platform.allow(key))

    def now(self) -> float:
        return self._platform.now()

    async def sleep(self, seconds: float) -> None:
        await self._platform.sleep(seconds)

    def measure(self, point: Point) -> None:
        self._platform.measure(point)

    def random_bytes(self, count: int) -> bytes:
        return self._platform.random_bytes(count)

    def background(self, work: Awaitable[None]) -> None:
        self._platform.background(work)

    def log(self, event: str, fields: Mapping[str, Any]) -> None:
        self._platform.log(event, fields)


class _MeteredKv:
    def __init__(self, kv: Kv, meter: Meter) -> None:
        self._kv, self._meter = kv, meter

    async def get(self, key: str) -> str | None:
        return await self._meter.counted(self._kv.get(key))

    async def put(
        self, key: str, value: str, *, ttl_s: int | None = None, metadata: Mapping[str, Any] | None = None
    ) -> None:
        await self._meter.counted(self._kv.put(key, value, ttl_s=ttl_s, metadata=metadata))

    async def delete(self, key: str) -> None:
        await self._meter.counted(self._kv.delete(key))

    async def list(self, *, prefix: str, cursor: str | None = None, limit: int = 1000) -> KvPage:
        return await self._meter.counted(self._kv.list(prefix=prefix, cursor=cursor, limit=limit))


class _MeteredBucket:
    def __init__(self, bucket: Bucket, meter: Meter) -> None:
        self._bucket, self._meter = bucket, meter

    async def head(self, key: str) -> ObjectInfo | None:
        return await self._meter.counted(self._bucket.head(key))

    async def read(self, key: str) -> tuple[ObjectInfo, bytes] | None:
        return await self._meter.counted(self._bucket.read(key))

    async def open(self, key: str, *, offset: int = 0, length: int | None = None) -> StoredObject | None:
        return await self._meter.counted(self._bucket.open(key, offset=offset, length=length))

    async def put(
        self, key: str, data: bytes | Body, *, content_type: str, only_if: Condition | None = None
    ) -> ObjectInfo | None:
        return await self._meter.counted(self._bucket.put(key, data, content_type=content_type, only_if=only_if))

    async def delete(self, key: str) -> None:
        await self._meter.counted(self._bucket.delete(key))

    async def list(self, *, prefix: str, cursor: str | None = None, limit: int = 1000) -> BucketPage:
        return await self._meter.counted(self._bucket.list(prefix=prefix, cursor=cursor, limit=limit))


class _MeteredOutside:
    # Asks the platform for its outside at each call only: a platform that has none serves who never goes there.
    def __init__(self, platform: Platform, meter: Meter) -> None:
        self._platform, self._meter = platform, meter

    async def fetch(self, *args: Any, **options: Any) -> FetchResponse:
        return await self._meter.counted(self._platform.outside.fetch(*args, **options))

    async def download(self, *args: Any, **options: Any) -> Download:
        return await self._meter.counted(self._platform.outside.download(*args, **options))
