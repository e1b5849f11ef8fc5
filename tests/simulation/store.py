"""R2 as it is said to be: strongly consistent, create-once and compare-and-swap, and now and then not to be had.

One :class:`Store` holds the objects. The Workers' bindings (:class:`Binding`) and the S3 endpoint for presigned URLs
(:class:`S3Door`) are two ways to it, each with its own troubles.
"""

from __future__ import annotations

import asyncio
import hashlib
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import parse_qs, unquote, urlsplit

from edge.config import S3Access
from edge.http import Body, BodyTooLarge
from edge.platform import (
    ABSENT,
    BucketPage,
    Condition,
    EtagIs,
    ObjectInfo,
    PlatformError,
    StoredObject,
)
from edge.presign import Presigner
from tests.simulation.ambient import EPOCH
from tests.simulation.message import Answer
from tests.simulation.weather import Fault, Weather

_DATE = "%Y%m%dT%H%M%SZ"


@dataclass(frozen=True, slots=True)
class Put:
    """An object that was just created or replaced; ``before`` is what it was. ``at`` in seconds of the story."""

    key: str
    body: bytes
    at: float
    before: bytes | None


class Store:
    """``now`` in seconds of the story. ``create_once`` is a switch: without it, a condition that an object be absent is
    ignored."""

    def __init__(self, now: Callable[[], float], *, create_once: bool = True) -> None:
        self._now, self._create_once = now, create_once
        self.objects: dict[str, tuple[ObjectInfo, bytes]] = {}
        self.watch: Callable[[Put], None] = lambda put: None
        self.operations = 0

    def put(self, key: str, body: bytes, *, content_type: str, only_if: Condition | None) -> ObjectInfo | None:
        held = self.objects.get(key)
        if only_if is ABSENT and held is not None and self._create_once:
            return None
        if isinstance(only_if, EtagIs) and (held is None or held[0].etag != only_if.etag):
            return None
        uploaded = datetime.fromtimestamp(int((EPOCH + self._now()) * 1000) / 1000, UTC)
        info = ObjectInfo(key, len(body), hashlib.md5(body).hexdigest(), uploaded, content_type)
        self.objects[key] = (info, body)
        self.watch(Put(key, body, self._now(), held[1] if held else None))
        return info

    def listing(self, prefix: str, cursor: str | None, limit: int) -> BucketPage:
        keys = sorted(key for key in self.objects if key.startswith(prefix) and key > (cursor or ""))
        page = tuple(self.objects[key][0] for key in keys[:limit])
        return BucketPage(page, keys[limit - 1] if len(keys) > limit else None)


@dataclass(frozen=True, slots=True)
class Bytes:
    """An object's stream on its way out."""

    data: bytes


class Binding:
    """The bucket of one location's Workers. Every operation takes time before and after its effect."""

    def __init__(self, store: Store, weather: Weather, chance: random.Random) -> None:
        self._store, self._weather, self._chance = store, weather, chance

    async def head(self, key: str) -> ObjectInfo | None:
        await self._before("head")
        held = self._store.objects.get(key)
        await self._after()
        return held[0] if held else None

    async def read(self, key: str) -> tuple[ObjectInfo, bytes] | None:
        await self._before("read")
        held = self._store.objects.get(key)
        await self._after()
        return held

    async def open(self, key: str, *, offset: int = 0, length: int | None = None) -> StoredObject | None:
        await self._before("open")
        held = self._store.objects.get(key)
        await self._after()
        if held is None:
            return None
        end = len(held[1]) if length is None else offset + length
        return StoredObject(held[0], Bytes(held[1][offset:end]))

    async def put(
        self, key: str, data: bytes | Body, *, content_type: str, only_if: Condition | None = None
    ) -> ObjectInfo | None:
        await self._before("put")
        body = data if isinstance(data, bytes) else await _whole(data)
        info = self._store.put(key, body, content_type=content_type, only_if=only_if)
        await self._after()
        self._lose("put")
        return info

    async def delete(self, key: str) -> None:
        await self._before("delete")
        self._store.objects.pop(key, None)
        await self._after()
        self._lose("delete")

    async def list(self, *, prefix: str, cursor: str | None = None, limit: int = 1000) -> BucketPage:
        assert 1 <= limit <= 1000
        await self._before("list")
        page = self._store.listing(prefix, cursor, limit)
        await self._after()
        return page

    async def _before(self, operation: str) -> None:
        self._store.operations += 1
        slow = self._chance.uniform(1, 12) if self._weather.strikes(Fault.R2_SLOW) else 0.0
        await asyncio.sleep(self._chance.uniform(0.002, 0.04) + slow)
        if self._weather.strikes(Fault.R2_FAILS):
            raise PlatformError(f"{operation}: we encountered an internal error (10001)")
        if self._weather.strikes(Fault.R2_THROTTLES):
            raise PlatformError(f"{operation}: reduce your rate of requests (10058)")

    async def _after(self) -> None:
        await asyncio.sleep(self._chance.uniform(0.002, 0.04))

    def _lose(self, operation: str) -> None:
        if self._weather.strikes(Fault.R2_LOSES_REPLY):
            raise PlatformError(f"{operation}: network connection lost")


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


class S3Door:
    """The S3 endpoint: believes a presigned URL for what it says, for as long as it says."""

    def __init__(
        self, store: Store, access: S3Access, weather: Weather, chance: random.Random, now: Callable[[], float]
    ) -> None:
        self._store, self._access, self._now = store, access, now
        self._weather, self._chance = weather, chance
        self._presigner = Presigner(access)

    async def serve(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        self._store.operations += 1
        slow = self._chance.uniform(1, 30) if self._weather.strikes(Fault.R2_SLOW) else 0.0
        await asyncio.sleep(self._chance.uniform(0.01, 0.2) + slow)
        if self._weather.strikes(Fault.R2_FAILS):
            return Answer(self._chance.choice((500, 502, 503)), {}, b"<Error><Code>InternalError</Code></Error>")
        if self._weather.strikes(Fault.R2_THROTTLES):
            return Answer(429, {"retry-after": "2"}, b"<Error><Code>SlowDown</Code></Error>")
        key = unquote(urlsplit(url).path).removeprefix(f"/{self._access.bucket}/")
        if not self._is_signed(method, url, key, headers):
            return Answer(403, {}, b"<Error><Code>SignatureDoesNotMatch</Code></Error>")
        answer = self._act(method, key, headers, body)
        if method == "PUT" and self._weather.strikes(Fault.R2_LOSES_REPLY):
            return Answer(500, {}, b"<Error><Code>InternalError</Code></Error>")
        return answer

    def _is_signed(self, method: str, url: str, key: str, headers: Mapping[str, str]) -> bool:
        query = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        if "X-Amz-Signature" not in query:
            return False
        signed_at = datetime.strptime(query["X-Amz-Date"], _DATE).replace(tzinfo=UTC).timestamp()
        ttl_s = int(query["X-Amz-Expires"])
        if not signed_at - 900 <= EPOCH + self._now() <= signed_at + ttl_s:
            return False
        signed = {name: headers.get(name, "") for name in query["X-Amz-SignedHeaders"].split(";") if name != "host"}
        return url == self._presigner.url(method, key, headers=signed, now=signed_at, ttl_s=ttl_s)

    def _act(self, method: str, key: str, headers: Mapping[str, str], body: bytes) -> Answer:
        if method == "GET":
            held = self._store.objects.get(key)
            if held is None:
                return Answer(404, {}, b"<Error><Code>NoSuchKey</Code></Error>")
            return Answer(200, {"etag": f'"{held[0].etag}"', "content-length": str(len(held[1]))}, held[1])
        only_if = ABSENT if headers.get("if-none-match") == "*" else None
        info = self._store.put(key, body, content_type=headers.get("content-type", ""), only_if=only_if)
        if info is None:
            return Answer(412, {}, b"<Error><Code>PreconditionFailed</Code></Error>")
        return Answer(200, {"etag": f'"{info.etag}"'}, b"")
