"""The Worker's entry point: Cloudflare's bindings as the orchestrator's Platform. The only file that knows them."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Awaitable, Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import js
from pyodide.ffi import JsException, to_js
from workers import Response, WorkerEntrypoint, fetch

from edge import http
from edge.app import App
from edge.config import Config
from edge.platform import (
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


class Default(WorkerEntrypoint):  # type: ignore[misc]
    """One instance a request. Bindings: ``KV``, ``BUCKET``, and if there ``RATE_LIMITER`` (a rate limit) and
    ``ANALYTICS`` (an Analytics Engine data set); variables and secrets: ``edge.config``."""

    async def fetch(self, request: Any) -> Any:
        headers = {name.lower(): value for name, value in request.headers.items()}
        answer = await self._app().handle(
            http.Request(
                method=str(request.js_object.method),
                url=str(request.url),
                headers=headers,
                body=_RequestBody(request.js_object.body, headers.get("content-length")),
            )
        )
        return Response(_response_body(answer.body), status=answer.status, headers=dict(answer.headers))

    async def scheduled(self, controller: Any, env: Any = None, ctx: Any = None) -> None:  # noqa: ARG002
        await self._app().sweep()

    def _app(self) -> App:
        return App(Config.from_env(_Variables(self.env)), CloudflarePlatform(self.env, self.ctx))


class _Variables(Mapping[str, str]):
    """The Worker's variables and secrets (strings among its bindings) as an environment."""

    def __init__(self, env: Any) -> None:
        self._env = env

    def __getitem__(self, name: str) -> str:
        value = getattr(self._env, name, None)
        if not isinstance(value, str):
            raise KeyError(name)
        return value

    def __iter__(self) -> Iterator[str]:
        return (name for name in js.Object.keys(self._env._env) if isinstance(getattr(self._env, name, None), str))

    def __len__(self) -> int:
        return sum(1 for _ in self)


class CloudflarePlatform:
    """The Platform over KV, R2, ``fetch`` and ``waitUntil``."""

    def __init__(self, env: Any, ctx: Any) -> None:
        self.kv = CloudflareKv(env.KV)
        self.bucket = CloudflareBucket(env.BUCKET)
        self.fetch = cloudflare_fetch
        self.outside = CloudflareOutside()
        self._limiter = getattr(env, "RATE_LIMITER", None)
        self._analytics = getattr(env, "ANALYTICS", None)
        self._ctx = ctx

    def now(self) -> float:
        return float(js.Date.now()) / 1000

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def allow(self, key: str) -> bool:
        if self._limiter is None:
            return True
        outcome = await _binding(self._limiter.limit(to_js({"key": key}, dict_converter=js.Object.fromEntries)))
        return bool(outcome.success if hasattr(outcome, "success") else outcome["success"])

    def measure(self, point: Point) -> None:
        if self._analytics is None:
            return
        data = {
            "indexes": [point.job_id[:96]],
            "blobs": [point.kind, point.outcome, point.mode],
            "doubles": [point.attempt, point.size, point.ms],
        }
        try:
            self._analytics.writeDataPoint(to_js(data, dict_converter=js.Object.fromEntries))
        except JsException as error:
            self.log("point_lost", {"error": str(error)[:200]})

    def random_bytes(self, count: int) -> bytes:
        return os.urandom(count)

    def background(self, work: Awaitable[None]) -> None:
        self._ctx.waitUntil(work)

    def log(self, event: str, fields: Mapping[str, Any]) -> None:
        js.console.log(json.dumps({"event": event, **fields}, ensure_ascii=False, default=str))


class CloudflareKv:
    def __init__(self, binding: Any) -> None:
        self._kv = binding

    async def get(self, key: str) -> str | None:
        value = await _binding(self._kv.get(key))
        return None if value is None else str(value)

    async def put(
        self, key: str, value: str, *, ttl_s: int | None = None, metadata: Mapping[str, Any] | None = None
    ) -> None:
        # An option that is None would become JS null, which KV refuses: leave it out.
        options: dict[str, Any] = {}
        if ttl_s is not None:
            options["expirationTtl"] = ttl_s
        if metadata is not None:
            options["metadata"] = dict(metadata)
        try:
            await self._kv.put(key, value, options)
        except JsException as error:
            # "KV PUT failed: 400 Invalid expiration_ttl ...", "... 414 UTF-8 encoded length ...", "... 413 ..."
            if any(f"failed: {status} " in str(error) for status in (400, 413, 414)):
                raise ValueError(str(error)) from error
            raise PlatformError(str(error)) from error

    async def delete(self, key: str) -> None:
        await _binding(self._kv.delete(key))

    async def list(self, *, prefix: str, cursor: str | None = None, limit: int = 1000) -> KvPage:
        options: dict[str, Any] = {"prefix": prefix, "limit": limit}
        if cursor is not None:
            options["cursor"] = cursor
        page = await _binding(self._kv.list(options))
        keys = tuple(KvKey(key["name"], dict(key.get("metadata") or {})) for key in page["keys"])
        return KvPage(keys, None if page["list_complete"] else page.get("cursor"))


class CloudflareBucket:
    def __init__(self, binding: Any) -> None:
        self._bucket = binding

    async def head(self, key: str) -> ObjectInfo | None:
        found = await _binding(self._bucket.head(key))
        return None if found is None else _info(found)

    async def read(self, key: str) -> tuple[ObjectInfo, bytes] | None:
        found = await _binding(self._bucket.get(key))
        return None if found is None else (_info(found), bytes(await _binding(found.arrayBuffer())))

    async def open(self, key: str, *, offset: int = 0, length: int | None = None) -> StoredObject | None:
        wanted = {"offset": offset} if length is None else {"offset": offset, "length": length}
        found = await _binding(self._bucket.get(key, {"range": wanted}))
        return None if found is None else StoredObject(_info(found), _Stream(found.body))

    async def put(
        self, key: str, data: bytes | http.Body, *, content_type: str, only_if: Condition | None = None
    ) -> ObjectInfo | None:
        options: dict[str, Any] = {"httpMetadata": {"contentType": content_type}}
        if isinstance(only_if, EtagIs):
            options["onlyIf"] = {"etagMatches": only_if.etag}
        elif only_if is not None:
            options["onlyIf"] = {"etagDoesNotMatch": "*"}
        if isinstance(data, _DownloadBody):
            return await data.put(lambda stream: _binding(self._bucket.put(key, stream, options)))
        stored = await _binding(self._bucket.put(key, _payload(data), options))
        return None if stored is None else _info(stored)

    async def delete(self, key: str) -> None:
        await _binding(self._bucket.delete(key))

    async def list(self, *, prefix: str, cursor: str | None = None, limit: int = 1000) -> BucketPage:
        options: dict[str, Any] = {"prefix": prefix, "limit": limit}
        if cursor is not None:
            options["cursor"] = cursor
        page = await _binding(self._bucket.list(options))
        # The items of a list are raw JS objects, unlike what head and get answer.
        objects = tuple(
            ObjectInfo(str(o.key), int(o.size), str(o.etag), datetime.fromtimestamp(o.uploaded.getTime() / 1000, UTC))
            for o in page.objects
        )
        return BucketPage(objects, page.cursor if page.truncated else None)


async def cloudflare_fetch(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str],
    body: bytes = b"",
    timeout_s: float,
    limit: int = 1_000_000,
) -> FetchResponse:
    options: dict[str, Any] = {"body": body} if body else {}
    try:
        answer = await fetch(
            url,
            method=method,
            headers=dict(headers),
            redirect="manual",
            signal=js.AbortSignal.timeout(int(timeout_s * 1000)),
            **options,
        )
        data = await _read(answer.js_object.body, limit, truncate=True)
    except (OSError, JsException) as error:
        raise FetchError(type(error).__name__) from error
    return FetchResponse(answer.status, {name.lower(): value for name, value in answer.headers.items()}, data)


class CloudflareOutside:
    """To what clients name. No private network can be reached from Workers; a workerd of one's own has to be told so
    (``network = (allow = ["public"])``, its default). Names are resolved by the runtime, out of our sight."""

    async def fetch(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        body: bytes = b"",
        timeout_s: float,
        limit: int = 1_000_000,
        allow_private: bool = False,  # noqa: ARG002 - the runtime's network decides
    ) -> FetchResponse:
        return await cloudflare_fetch(method, url, headers=headers, body=body, timeout_s=timeout_s, limit=limit)

    async def download(
        self,
        url: str,
        *,
        headers: Mapping[str, str],
        timeout_s: float,
        allow_private: bool = False,  # noqa: ARG002 - the runtime's network decides
    ) -> CloudflareDownload:
        abort = js.AbortController.new()
        signal = js.AbortSignal.any(to_js([abort.signal, js.AbortSignal.timeout(int(timeout_s * 1000))]))
        try:
            answer = await fetch(url, method="GET", headers=dict(headers), redirect="manual", signal=signal)
        except (OSError, JsException) as error:
            raise FetchError(type(error).__name__) from error
        return CloudflareDownload(answer, abort)


class CloudflareDownload:
    """Implements :class:`edge.platform.Download`. Only the first pieces pass through Python."""

    def __init__(self, answer: Any, abort: Any) -> None:
        self._stream, self._abort = answer.js_object.body, abort
        self.status = int(answer.status)
        self.headers = {name.lower(): value for name, value in answer.headers.items()}
        self._held: list[Any] = []

    async def head(self, count: int) -> bytes:
        if not self._stream:
            return b""
        head = b""
        reader = self._stream.getReader()
        try:
            while len(head) < count and not (part := await reader.read()).done:
                self._held.append(part.value)
                head += part.value.to_bytes()
        except JsException as error:
            raise FetchError("the answer broke off") from error
        finally:
            reader.releaseLock()
        return head[:count]

    async def size(self, limit: int) -> int:
        size = sum(int(part.byteLength) for part in self._held)
        if not self._stream:
            return size
        reader = self._stream.getReader()
        try:
            while size <= limit and not (part := await reader.read()).done:
                size += int(part.value.byteLength)
        except JsException as error:
            raise FetchError("the answer broke off") from error
        return size

    def body(self, size: int) -> _DownloadBody:
        return _DownloadBody(self._held, self._stream, size)

    async def close(self) -> None:
        self._abort.abort()


class _DownloadBody:
    """What R2 takes: a stream of a known length (measured: it refuses any other). The length is enforced by
    ``FixedLengthStream``, through which the runtime pipes the answer without waking Python."""

    def __init__(self, held: list[Any], js_stream: Any, size: int) -> None:
        self._held, self._js_stream, self.size = held, js_stream, size

    async def read(self, limit: int) -> bytes:  # noqa: ARG002 - Body's signature
        raise PlatformError("a download goes into the bucket, not into memory")

    async def put(self, store: Callable[[Any], Awaitable[Any]]) -> ObjectInfo | None:
        fixed = js.FixedLengthStream.new(self.size)
        pump = asyncio.ensure_future(self._pump(fixed.writable))
        try:
            stored = await store(fixed.readable)
        except PlatformError:
            if await pump:
                raise FetchError("the answer broke off, or is not as long as it should be") from None
            raise
        finally:
            pump.cancel()
        return None if stored is None else _info(stored)

    async def _pump(self, writable: Any) -> bool:
        """Whether the source broke, or was of another size. Where R2 broke, the source can still be read."""
        try:
            writer = writable.getWriter()
            for part in self._held:
                await writer.write(part)
            writer.releaseLock()
            if self._js_stream:
                await self._js_stream.pipeTo(writable, preventCancel=True)
        except JsException as error:
            return "FixedLengthStream" in str(error) or await self._is_broken()
        return False

    async def _is_broken(self) -> bool:
        try:
            await self._js_stream.getReader().read()
        except JsException:
            return True
        return False


class _Stream:
    """An object's ReadableStream on its way into a response; no byte of it passes through Python."""

    def __init__(self, js_stream: Any) -> None:
        self.js_stream = js_stream


class _RequestBody:
    def __init__(self, js_stream: Any, content_length: str | None) -> None:
        self.js_stream = js_stream
        self._size = int(content_length) if content_length and content_length.isdecimal() else None

    @property
    def size(self) -> int | None:
        return self._size

    async def read(self, limit: int) -> bytes:
        if self._size is not None and self._size > limit:
            raise http.BodyTooLarge(limit)
        return await _read(self.js_stream, limit, truncate=False)


def _response_body(body: bytes | http.Stream) -> Any:
    if isinstance(body, _Stream):
        return body.js_stream
    # A copy on the JavaScript side: the SDK hands over a view of Python's memory and frees it before the runtime of
    # 2024 has read it (measured: garbage in the body).
    return to_js(body) if body else None


async def _read(js_stream: Any, limit: int, *, truncate: bool) -> bytes:
    """Reads a ReadableStream up to ``limit`` bytes; what is beyond is left unread or refused."""
    if not js_stream:
        return b""
    chunks: list[bytes] = []
    size = 0
    reader = js_stream.getReader()
    while not (part := await reader.read()).done:
        chunks.append(part.value.to_bytes())
        size += len(chunks[-1])
        if size > limit:
            await reader.cancel()
            if not truncate:
                raise http.BodyTooLarge(limit)
            break
    return b"".join(chunks)[:limit]


def _payload(data: bytes | http.Body) -> Any:
    if isinstance(data, bytes):
        return data
    if isinstance(data, http.BytesBody):
        return data.data
    if isinstance(data, _RequestBody) and data.size is not None:
        return data.js_stream or b""
    raise PlatformError("a stream of unknown length cannot be stored")


def _info(found: Any) -> ObjectInfo:
    # `uploaded` is naive, in the runtime's local time: astimezone reads it as such.
    return ObjectInfo(
        key=str(found.key),
        size=int(found.size),
        etag=str(found.etag),
        uploaded=found.uploaded.astimezone(UTC),
        content_type=str((found.httpMetadata or {}).get("contentType") or ""),
    )


async def _binding(call: Awaitable[Any]) -> Any:
    try:
        return await call
    except JsException as error:
        raise PlatformError(str(error)) from error
