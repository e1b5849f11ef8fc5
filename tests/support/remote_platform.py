"""The Cloudflare adapter, running in workerd, as a Platform that a test in CPython can drive."""

from __future__ import annotations

import json
import shutil
from collections.abc import AsyncIterator, Awaitable, Mapping
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx

from edge.http import Body
from edge.platform import (
    Absent,
    BucketPage,
    Condition,
    FetchError,
    FetchResponse,
    KvKey,
    KvPage,
    ObjectInfo,
    Outside,
    PlatformError,
    Point,
    StoredObject,
)
from tests.support.processes import ROOT

_ERRORS = {400: ValueError, 502: PlatformError, 504: FetchError}


def probe_dist(worker_dist: Path, target: Path) -> Path:
    """The deployable Worker, its entry point replaced by the probe that imports it."""
    shutil.copytree(worker_dist, target)
    (target / "entry.py").rename(target / "worker_entry.py")
    shutil.copy(ROOT / "tests" / "workerd" / "probe" / "entry.py", target / "entry.py")
    return target


class _Door:
    def __init__(self, url: str, client: httpx.AsyncClient) -> None:
        self.url, self._client = url, client

    async def call(
        self, operation: str, arguments: Mapping[str, Any], content: bytes | AsyncIterator[bytes] = b"", size: int = -1
    ) -> httpx.Response:
        headers = {"x-arguments": json.dumps({k: v for k, v in arguments.items() if v is not None or k == "condition"})}
        if size >= 0:
            headers["content-length"] = str(size)
        response = await self._client.post(f"{self.url}/{operation}", content=content, headers=headers)
        if response.status_code in _ERRORS:
            raise _ERRORS[response.status_code](response.json()["detail"])
        assert response.status_code in (200, 404), response.text
        return response


class RemoteKv:
    def __init__(self, door: _Door) -> None:
        self._door = door

    async def get(self, key: str) -> str | None:
        value: str | None = (await self._door.call("kv_get", {"key": key})).json()["value"]
        return value

    async def put(
        self, key: str, value: str, *, ttl_s: int | None = None, metadata: Mapping[str, Any] | None = None
    ) -> None:
        await self._door.call("kv_put", {"key": key, "ttl_s": ttl_s, "metadata": metadata}, value.encode())

    async def delete(self, key: str) -> None:
        await self._door.call("kv_delete", {"key": key})

    async def list(self, *, prefix: str, cursor: str | None = None, limit: int = 1000) -> KvPage:
        page = (await self._door.call("kv_list", {"prefix": prefix, "cursor": cursor, "limit": limit})).json()
        return KvPage(tuple(KvKey(name, metadata) for name, metadata in page["keys"]), page["cursor"])


class RemoteBucket:
    def __init__(self, door: _Door) -> None:
        self._door = door

    async def head(self, key: str) -> ObjectInfo | None:
        return _info((await self._door.call("bucket_head", {"key": key})).json()["info"])

    async def read(self, key: str) -> tuple[ObjectInfo, bytes] | None:
        response = await self._door.call("bucket_read", {"key": key})
        return None if response.status_code == 404 else (_info_header(response), response.content)

    async def open(self, key: str, *, offset: int = 0, length: int | None = None) -> StoredObject | None:
        response = await self._door.call("bucket_open", {"key": key, "offset": offset, "length": length})
        return None if response.status_code == 404 else StoredObject(_info_header(response), response.content)

    async def put(
        self, key: str, data: bytes | Body, *, content_type: str, only_if: Condition | None = None
    ) -> ObjectInfo | None:
        condition = None if only_if is None else "absent" if isinstance(only_if, Absent) else only_if.etag
        streamed = not isinstance(data, bytes)
        content = data if isinstance(data, bytes) else await data.read(100_000_000)
        arguments = {"key": key, "content_type": content_type, "condition": condition, "streamed": streamed}
        return _info((await self._door.call("bucket_put", arguments, content)).json()["info"])

    async def delete(self, key: str) -> None:
        await self._door.call("bucket_delete", {"key": key})

    async def list(self, *, prefix: str, cursor: str | None = None, limit: int = 1000) -> BucketPage:
        page = (await self._door.call("bucket_list", {"prefix": prefix, "cursor": cursor, "limit": limit})).json()
        found = [_info(item) for item in page["objects"]]
        return BucketPage(tuple(item for item in found if item is not None), page["cursor"])


class RemotePlatform:
    def __init__(self, url: str, client: httpx.AsyncClient) -> None:
        self._door = _Door(url, client)
        self.kv = RemoteKv(self._door)
        self.bucket = RemoteBucket(self._door)

    @property
    def outside(self) -> Outside:
        raise NotImplementedError("downloads stay in the Worker: see copy_page")

    async def copy_page(self, url: str, key: str, *, max_bytes: int, timeout_s: float) -> dict[str, Any] | None:
        """Runs ``edge.page_copy`` in the Worker; the fault that it ended with."""
        arguments = {"url": url, "key": key, "max_bytes": max_bytes, "timeout_s": timeout_s}
        fault: dict[str, Any] | None = (await self._door.call("copy_page", arguments)).json()
        return fault

    async def fetch(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        body: bytes = b"",
        timeout_s: float,
        limit: int = 1_000_000,
    ) -> FetchResponse:
        arguments = {"method": method, "url": url, "headers": dict(headers), "timeout_s": timeout_s, "limit": limit}
        response = await self._door.call("fetch_once", arguments, body)
        status, found = json.loads(response.headers["x-answer"])
        return FetchResponse(status, found, response.content)

    def now(self) -> float:
        raise NotImplementedError("the clock is tested through the API")

    async def sleep(self, seconds: float) -> None:
        await self._door.call("sleep", {"seconds": seconds})

    async def allow(self, key: str) -> bool:
        answer: bool = (await self._door.call("allow", {"key": key})).json()["allowed"]
        return answer

    def measure(self, point: Point) -> None:
        """A call of its own that blocks: the protocol's method gives nothing to await."""
        httpx.post(f"{self._door.url}/measure", headers={"x-arguments": json.dumps(asdict(point))}).raise_for_status()

    def random_bytes(self, count: int) -> bytes:
        raise NotImplementedError("randomness is tested through the API")

    def background(self, work: Awaitable[None]) -> None:
        raise NotImplementedError("waitUntil is tested through the API")

    def log(self, event: str, fields: Mapping[str, Any]) -> None:
        raise NotImplementedError("logs are tested through the API")


def _info(found: dict[str, Any] | None) -> ObjectInfo | None:
    return None if found is None else _object_info(found)


def _object_info(found: dict[str, Any]) -> ObjectInfo:
    uploaded = datetime.fromisoformat(found["uploaded"])
    return ObjectInfo(found["key"], found["size"], found["etag"], uploaded, found["content_type"])


def _info_header(response: httpx.Response) -> ObjectInfo:
    return _object_info(json.loads(response.headers["x-info"]))
