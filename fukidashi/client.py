"""The client, sync and async. Both only carry out the steps of the flows in ``operations`` and ``polling``."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar
from urllib.parse import urlsplit

import httpx

from contract.grant import Grant
from contract.job import JobRequest
from contract.view import JobView
from fukidashi.errors import ConnectionFailed, Timeout, UsageError
from fukidashi.flow import Answer, Call, Flow, NoAnswer, Outcome, Pause
from fukidashi.operations import Memory, Operations, Polled
from fukidashi.polling import Pace, Polling
from fukidashi.retry import RetryPolicy

T = TypeVar("T")
_TIMEOUT = httpx.Timeout(60.0, connect=10.0)


class Client:
    """Speaks to an orchestrator. Raises the tree of :mod:`fukidashi.errors`; nothing of httpx comes out.

    ``transport``, ``sleep`` and ``clock`` are for tests and for those who bring their own.
    """

    def __init__(
        self,
        base_url: str,
        api_key: str | None = None,
        *,
        policy: RetryPolicy | None = None,
        pace: Pace | None = None,
        transport: httpx.BaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._operations = _operations(base_url, api_key, policy)
        self._pace, self._sleep, self._clock = pace or Pace(), sleep, clock
        self._http = httpx.Client(timeout=_TIMEOUT, transport=transport, trust_env=not is_this_machine(base_url))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        self._http.close()

    def create(self, request: JobRequest, *, idempotency_key: str | None = None) -> JobView:
        """Creates a job; its ``uploads`` say where the pages go. The same key again: the same job, fresh uploads."""
        return self._run(self._operations.create(request, idempotency_key))

    def upload(self, grant: Grant, content: bytes | Path) -> bool:
        """Stores a page. ``False`` where it was there already."""
        return self._run(self._operations.upload(grant, _bytes(content)))

    def start(self, job_id: str) -> JobView:
        """All pages are uploaded: begin."""
        return self._run(self._operations.start(job_id))

    def get(self, job_id: str, etag: str | None = None) -> Polled:
        """The job, or an empty ``view`` where it has not changed since ``etag``."""
        return self._run(self._operations.get(job_id, etag))

    def wait(self, job_id: str, *, timeout_s: float | None = None) -> Iterator[JobView]:
        """The job each time it has changed, the last time ended. Raises :class:`Timeout` after ``timeout_s``."""
        polling = Polling(self._operations, job_id, pace=self._pace, clock=self._clock, timeout_s=timeout_s)
        while not polling.ended:
            yield self._run(polling.next())

    def cancel(self, job_id: str) -> JobView:
        """Asks the job to stop; harmless where it has ended."""
        return self._run(self._operations.cancel(job_id))

    def download(self, url: str) -> bytes:
        """A page image or document, by ``image_url`` or ``document_url``."""
        return self._run(self._operations.download(url))

    def get_memory(self, series_id: str) -> Memory:
        return self._run(self._operations.get_memory(series_id))

    def put_memory(self, series_id: str, document: dict[str, Any], *, etag: str | None = None) -> None:
        """Replaces the memory that ``etag`` names; creates it without one (412 where there is one)."""
        self._run(self._operations.put_memory(series_id, document, etag))

    def _run(self, flow: Flow[T]) -> T:
        outcome: Outcome = None
        while True:
            try:
                step = flow.send(outcome)
            except StopIteration as end:
                result: T = end.value
                return result
            if isinstance(step, Pause):
                self._sleep(step.seconds)
                outcome = None
            else:
                outcome = self._call(step)

    def _call(self, call: Call) -> Outcome:
        try:
            return _answer(self._http.send(_request(self._http, call), follow_redirects=_follows(call)))
        except (httpx.TransportError, httpx.TooManyRedirects, httpx.DecodingError) as error:
            return _no_answer(call, error)


class AsyncClient:
    """As :class:`Client`, for asyncio (any other loop: bring its ``sleep``)."""

    def __init__(
        self,
        base_url: str,
        api_key: str | None = None,
        *,
        policy: RetryPolicy | None = None,
        pace: Pace | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._operations = _operations(base_url, api_key, policy)
        self._pace, self._sleep, self._clock = pace or Pace(), sleep, clock
        self._http = httpx.AsyncClient(timeout=_TIMEOUT, transport=transport, trust_env=not is_this_machine(base_url))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        await self._http.aclose()

    async def create(self, request: JobRequest, *, idempotency_key: str | None = None) -> JobView:
        return await self._run(self._operations.create(request, idempotency_key))

    async def upload(self, grant: Grant, content: bytes | Path) -> bool:
        body = content if isinstance(content, bytes) else await asyncio.to_thread(_bytes, content)
        return await self._run(self._operations.upload(grant, body))

    async def start(self, job_id: str) -> JobView:
        return await self._run(self._operations.start(job_id))

    async def get(self, job_id: str, etag: str | None = None) -> Polled:
        return await self._run(self._operations.get(job_id, etag))

    async def wait(self, job_id: str, *, timeout_s: float | None = None) -> AsyncIterator[JobView]:
        polling = Polling(self._operations, job_id, pace=self._pace, clock=self._clock, timeout_s=timeout_s)
        while not polling.ended:
            yield await self._run(polling.next())

    async def cancel(self, job_id: str) -> JobView:
        return await self._run(self._operations.cancel(job_id))

    async def download(self, url: str) -> bytes:
        return await self._run(self._operations.download(url))

    async def get_memory(self, series_id: str) -> Memory:
        return await self._run(self._operations.get_memory(series_id))

    async def put_memory(self, series_id: str, document: dict[str, Any], *, etag: str | None = None) -> None:
        await self._run(self._operations.put_memory(series_id, document, etag))

    async def _run(self, flow: Flow[T]) -> T:
        outcome: Outcome = None
        while True:
            try:
                step = flow.send(outcome)
            except StopIteration as end:
                result: T = end.value
                return result
            if isinstance(step, Pause):
                await self._sleep(step.seconds)
                outcome = None
            else:
                outcome = await self._call(step)

    async def _call(self, call: Call) -> Outcome:
        try:
            return _answer(await self._http.send(_request(self._http, call), follow_redirects=_follows(call)))
        except (httpx.TransportError, httpx.TooManyRedirects, httpx.DecodingError) as error:
            return _no_answer(call, error)


def _operations(base_url: str, api_key: str | None, policy: RetryPolicy | None) -> Operations:
    if not _is_server(base_url):
        raise UsageError(f"{base_url[:200]!r} is no http(s) URL of a server")
    if api_key is not None and not (api_key.isascii() and api_key.isprintable() and " " not in api_key):
        raise UsageError("the API key holds characters that no key has")
    return Operations(base_url.rstrip("/"), api_key, policy or RetryPolicy(), random.random)


def _is_server(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def is_this_machine(url: str) -> bool:
    """A loopback URL: never to be asked through the environment's proxy, and plain http is no danger to a key."""
    if not _is_server(url):
        return False
    host = urlsplit(url).hostname or ""
    return host in ("localhost", "::1") or host.startswith("127.")


def _request(http: httpx.Client | httpx.AsyncClient, call: Call) -> httpx.Request:
    try:
        return http.build_request(call.method, call.url, headers=dict(call.headers), content=call.content)
    except (httpx.InvalidURL, ValueError):
        raise UsageError(f"{call.place} cannot be asked for") from None


def _follows(call: Call) -> bool:
    """An artifact may be handed out by a redirect to storage; httpx drops our key on the way to another origin."""
    return call.method == "GET"


def _answer(response: httpx.Response) -> Answer:
    return Answer(response.status_code, response.headers, response.content)


def _no_answer(call: Call, error: httpx.RequestError) -> NoAnswer:
    unsent = isinstance(
        error, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout | httpx.UnsupportedProtocol
    )
    if isinstance(error, httpx.TimeoutException) and not unsent:
        return NoAnswer(Timeout(f"{call.place}: no answer in time"))
    return NoAnswer(ConnectionFailed(f"{call.place}: {error or type(error).__name__}", unsent=unsent))


def _bytes(content: bytes | Path) -> bytes:
    return content if isinstance(content, bytes) else content.read_bytes()
