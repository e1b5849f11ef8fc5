"""A platform in memory, with a clock that tests turn and failures that they order. tests/platforms holds it, too."""

from __future__ import annotations

import asyncio
import hashlib
import json
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from edge.http import Body, BodyTooLarge, Stream
from edge.platform import (
    ABSENT,
    MIN_TTL_S,
    BucketPage,
    Condition,
    EtagIs,
    FetchError,
    FetchResponse,
    KvKey,
    KvPage,
    ObjectInfo,
    PlatformError,
    Point,
    StoredObject,
)
from edge.ssrf import check_addresses

START = 1_790_000_000.0


class Clock:
    """Unix seconds, only moved by tests."""

    def __init__(self, start: float = START) -> None:
        self.now = start

    def __call__(self) -> float:
        return self.now

    def forward(self, seconds: float) -> None:
        self.now += seconds


class MemoryKv:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._data: dict[str, tuple[str, str, float | None]] = {}
        self.broken = False

    async def get(self, key: str) -> str | None:
        await self._step(key)
        held = self._live().get(key)
        return held[0] if held else None

    async def put(
        self,
        key: str,
        value: str,
        *,
        ttl_s: int | None = None,
        metadata: Mapping[str, Any] | None = None,
    ) -> None:
        text = _compact(metadata)
        if ttl_s is not None and ttl_s < MIN_TTL_S:
            raise ValueError("a TTL below KV's least")
        if len(text.encode()) > 1024 or len(value.encode()) > 25 * 1024 * 1024:
            raise ValueError("more than KV keeps")
        await self._step(key)
        self._data[key] = (value, text, None if ttl_s is None else self._clock() + ttl_s)

    async def delete(self, key: str) -> None:
        await self._step(key)
        self._data.pop(key, None)

    async def list(self, *, prefix: str, cursor: str | None = None, limit: int = 1000) -> KvPage:
        _check_limit(limit)
        await self._step(prefix or "-")
        names = sorted(name for name in self._live() if name.startswith(prefix) and name > (cursor or ""))
        keys = tuple(KvKey(name, json.loads(self._data[name][1])) for name in names[:limit])
        return KvPage(keys, names[limit - 1] if len(names) > limit else None)

    def lose_everything(self) -> None:
        self._data.clear()

    def names(self, prefix: str) -> Sequence[str]:
        return sorted(name for name in self._live() if name.startswith(prefix))

    def _live(self) -> dict[str, tuple[str, str, float | None]]:
        return {name: held for name, held in self._data.items() if held[2] is None or held[2] > self._clock()}

    async def _step(self, key: str) -> None:
        if key in ("", ".", "..") or len(key.encode()) > 512:
            raise ValueError("no key of KV's")
        await asyncio.sleep(0)
        if self.broken:
            raise PlatformError("KV is down")


def _compact(metadata: Mapping[str, Any] | None) -> str:
    try:
        return json.dumps(dict(metadata or {}), ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    except TypeError as error:
        raise ValueError("no JSON") from error


def _check_limit(limit: int) -> None:
    if not 1 <= limit <= 1000:
        raise ValueError("a limit is 1 to 1000")


@dataclass(frozen=True, slots=True)
class MemoryStream:
    data: bytes


class MemoryBucket:
    """Every operation lets others run before it takes place, so that races happen. ``operations`` are counted."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.objects: dict[str, tuple[ObjectInfo, bytes]] = {}
        self.operations: list[tuple[str, str]] = []
        self.breaks: Callable[[str, str], bool] = lambda operation, key: False
        """Whether an operation fails and nothing has happened."""
        self.loses: Callable[[str, str], bool] = lambda operation, key: False
        """Whether a put happens and its answer is lost."""

    async def head(self, key: str) -> ObjectInfo | None:
        await self._step("head", key)
        held = self.objects.get(key)
        return held[0] if held else None

    async def read(self, key: str) -> tuple[ObjectInfo, bytes] | None:
        await self._step("read", key)
        return self.objects.get(key)

    async def open(self, key: str, *, offset: int = 0, length: int | None = None) -> StoredObject | None:
        await self._step("open", key)
        held = self.objects.get(key)
        if held is None:
            return None
        end = len(held[1]) if length is None else offset + length
        stream: Stream = MemoryStream(held[1][offset:end])
        return StoredObject(held[0], stream)

    async def put(
        self,
        key: str,
        data: bytes | Body,
        *,
        content_type: str,
        only_if: Condition | None = None,
    ) -> ObjectInfo | None:
        await self._step("put", key)
        body = data if isinstance(data, bytes) else await _whole(data)
        held = self.objects.get(key)
        if only_if is ABSENT and held is not None:
            return None
        if isinstance(only_if, EtagIs) and (held is None or held[0].etag != only_if.etag):
            return None
        etag = hashlib.md5(body).hexdigest()
        info = ObjectInfo(key, len(body), etag, datetime.fromtimestamp(self._clock(), UTC), content_type)
        self.objects[key] = (info, body)
        if self.loses("put", key):
            raise PlatformError("put: the answer was lost")
        return info

    async def delete(self, key: str) -> None:
        await self._step("delete", key)
        self.objects.pop(key, None)

    async def list(self, *, prefix: str, cursor: str | None = None, limit: int = 1000) -> BucketPage:
        _check_limit(limit)
        await self._step("list", prefix)
        keys = sorted(key for key in self.objects if key.startswith(prefix) and key > (cursor or ""))
        page = tuple(self.objects[key][0] for key in keys[:limit])
        return BucketPage(page, keys[limit - 1] if len(keys) > limit else None)

    def json(self, key: str) -> Any:
        return json.loads(self.objects[key][1])

    async def _step(self, operation: str, key: str) -> None:
        self.operations.append((operation, key))
        await asyncio.sleep(0)
        if self.breaks(operation, key):
            raise PlatformError(f"{operation} failed")


async def _whole(body: Body) -> bytes:
    if body.size is None:
        raise PlatformError("no declared size")
    try:
        data = await body.read(body.size)
    except BodyTooLarge as error:
        raise PlatformError("longer than declared") from error
    if len(data) != body.size:
        raise PlatformError("shorter than declared")
    return data


Answer = Callable[[str, str, Mapping[str, str], bytes], FetchResponse]


class MemoryFetch:
    """Hosts by URL prefix; nothing else answers."""

    def __init__(self) -> None:
        self.hosts: dict[str, Answer] = {}

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
        await asyncio.sleep(0)
        for prefix, answer in self.hosts.items():
            if url.startswith(prefix):
                return answer(method, url, headers, body)
        raise FetchError("connection refused")


@dataclass(frozen=True, slots=True)
class Page:
    """What a URL of the outside answers. ``breaks_at``: so many bytes come, and then the connection is lost."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    is_sized: bool = True
    breaks_at: int | None = None


class MemoryDownload:
    """Gives its body in small pieces, and counts how many downloads are open."""

    def __init__(self, page: Page, outside: MemoryOutside) -> None:
        self._page, self._outside = page, outside
        self._is_open = True
        self.status = page.status
        sized = {"content-length": str(len(page.body))} if page.is_sized else {}
        self.headers = {**sized, **page.headers}
        outside.open += 1
        outside.most_open = max(outside.most_open, outside.open)

    async def head(self, count: int) -> bytes:
        await asyncio.sleep(0)
        return self._page.body[:count]

    async def size(self, limit: int) -> int:
        return min(len(await self.whole()), limit + 1)

    def body(self, size: int) -> MemoryBody:
        return MemoryBody(self, size)

    async def close(self) -> None:
        if self._is_open:
            self._is_open = False
            self._outside.open -= 1

    async def whole(self) -> bytes:
        await asyncio.sleep(0)
        if self._page.breaks_at is not None:
            raise FetchError("connection lost")
        return self._page.body


class MemoryBody:
    def __init__(self, download: MemoryDownload, size: int) -> None:
        self._download, self.size = download, size

    async def read(self, limit: int) -> bytes:
        data = await self._download.whole()
        if len(data) != self.size:
            raise FetchError("not as long as it should be")
        return data


class MemoryOutside:
    """Hosts that clients name: ``pages`` by URL, or what ``fetch`` has; ``names`` lead to addresses, all else to a
    public one."""

    def __init__(self, fetch: MemoryFetch) -> None:
        self._fetch = fetch
        self.pages: dict[str, Page | Callable[[], Page]] = {}
        self.names: dict[str, list[str]] = {}
        self.asked: list[str] = []
        self.open = self.most_open = 0

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
    ) -> FetchResponse:
        self._check(url, allow_private)
        return await self._fetch(method, url, headers=headers, body=body, timeout_s=timeout_s, limit=limit)

    async def download(
        self, url: str, *, headers: Mapping[str, str], timeout_s: float, allow_private: bool = False
    ) -> MemoryDownload:
        await asyncio.sleep(0)
        self._check(url, allow_private)
        page = self.pages.get(url)
        if page is None:
            raise FetchError("connection refused")
        return MemoryDownload(page() if callable(page) else page, self)

    def _check(self, url: str, allow_private: bool) -> None:
        self.asked.append(url)
        if not allow_private:
            check_addresses(self.names.get(urlsplit(url).hostname or "", ["93.184.215.14"]))


class MemoryPlatform:
    """``background`` keeps the work until :meth:`settle`; ``logs`` holds what was logged."""

    def __init__(self, *, seed: int = 1, start: float = START) -> None:
        self.clock = Clock(start)
        self.kv = MemoryKv(self.clock)
        self.bucket = MemoryBucket(self.clock)
        self.fetch = MemoryFetch()
        self.outside = MemoryOutside(self.fetch)
        self.logs: list[tuple[str, dict[str, Any]]] = []
        self.waiting: list[Awaitable[None]] = []
        self.points: list[Point] = []
        self.refused: set[str] = set()
        """Keys that the rate limit refuses."""
        self.naps: list[Callable[[], Awaitable[object]]] = []
        """What others do while somebody sleeps, one a nap."""
        self._random = random.Random(seed)

    def now(self) -> float:
        return self.clock()

    async def sleep(self, seconds: float) -> None:
        self.clock.forward(seconds)
        if self.naps:
            await self.naps.pop(0)()

    async def allow(self, key: str) -> bool:
        return key not in self.refused

    def measure(self, point: Point) -> None:
        self.points.append(point)

    def random_bytes(self, count: int) -> bytes:
        return self._random.randbytes(count)

    def background(self, work: Awaitable[None]) -> None:
        self.waiting.append(work)

    def log(self, event: str, fields: Mapping[str, Any]) -> None:
        json.dumps(dict(fields))
        self.logs.append((event, dict(fields)))

    async def settle(self) -> None:
        while self.waiting:
            await self.waiting.pop(0)

    def events(self, name: str) -> list[dict[str, Any]]:
        return [fields for event, fields in self.logs if event == name]
