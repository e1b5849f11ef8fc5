"""The client, sync and async. Both only carry out the steps of the flows in ``operations`` and ``polling``."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import httpx

from contract.glossary import Glossary, Term
from contract.grant import Grant
from contract.job import JobRequest
from contract.listing import JobItem
from contract.status import JobStatus
from contract.translation import BudgetWish
from contract.view import JobView, WebhookView
from fukidashi.errors import UsageError
from fukidashi.flow import Call, Flow, Outcome, Pause
from fukidashi.job_summary import JobSummary
from fukidashi.listing import LARGEST_PART, Listing
from fukidashi.operations import Memory, MemoryChange, Operations, Polled, SeriesGlossary
from fukidashi.polling import Pace, Polling
from fukidashi.retry import RetryPolicy
from fukidashi.wire import (
    ERRORS,
    TIMEOUT,
    answer_of,
    bytes_of,
    follows,
    is_server,
    is_this_machine,
    keep_capabilities_out_of_logs,
    no_answer,
    request_of,
)

T = TypeVar("T")


class Client:
    """Speaks to an orchestrator. Raises the tree of :mod:`fukidashi.errors`; nothing of httpx comes out.

    ``poll_token`` in place of a key reads the one job that it was given out with, and its finished pages: ``get``,
    ``summary``, ``wait`` and ``download`` work, all else is :class:`Unauthorized`. ``pace`` is that of :meth:`wait`.
    ``transport``, ``sleep`` and ``clock`` are for tests and for those who bring their own.
    """

    def __init__(
        self,
        base_url: str,
        api_key: str | None = None,
        *,
        poll_token: str | None = None,
        policy: RetryPolicy | None = None,
        pace: Pace | None = None,
        transport: httpx.BaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._operations = _operations(base_url, api_key, poll_token, policy)
        self._pace, self._sleep, self._clock = pace or Pace(), sleep, clock
        self._http = httpx.Client(timeout=TIMEOUT, transport=transport, trust_env=not is_this_machine(base_url))

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
        return self._run(self._operations.upload(grant, bytes_of(content)))

    def start(self, job_id: str) -> JobView:
        """All pages are uploaded: begin."""
        return self._run(self._operations.start(job_id))

    def jobs(self, status: JobStatus | None = None, *, part: int = LARGEST_PART) -> Iterator[JobItem]:
        """The key's jobs, the newest first, up to a minute behind :meth:`get`; asked for ``part`` at a time."""
        listing = Listing(self._operations, status=status, part=part)
        while not listing.ended:
            yield from self._run(listing.next())

    def get(self, job_id: str, etag: str | None = None, *, wait_s: int = 0) -> Polled[JobView]:
        """The job, or an empty ``view`` where it is still that of ``etag``; it may be held for ``wait_s`` (to 25)."""
        return self._run(self._operations.get(job_id, etag, wait_s=wait_s))

    def summary(self, job_id: str, etag: str | None = None, *, wait_s: int = 0) -> Polled[JobSummary]:
        """As :meth:`get`, without the pages; it has etags of its own."""
        return self._run(self._operations.summary(job_id, etag, wait_s=wait_s))

    def wait(self, job_id: str, *, timeout_s: float | None = None) -> Iterator[JobView]:
        """The job each time it has changed, the last time ended. Raises :class:`Timeout` after ``timeout_s``."""
        polling = Polling(self._operations, job_id, pace=self._pace, clock=self._clock, timeout_s=timeout_s)
        while not polling.ended:
            yield self._run(polling.next())

    def cancel(self, job_id: str) -> JobView:
        """Asks the job to stop; harmless where it has ended."""
        return self._run(self._operations.cancel(job_id))

    def retry(self, job_id: str, *, page: int | None = None, budget: BudgetWish | None = None) -> JobView:
        """A new job for what failed in one that has ended, or for one page of it; asked again, the same new job.

        A ``budget`` stands in for the old job's; either counts anew.
        """
        return self._run(self._operations.retry(job_id, page, budget))

    def redeliver(self, job_id: str, event_id: str) -> WebhookView:
        """Sends the webhook event again, under the same id."""
        return self._run(self._operations.redeliver(job_id, event_id))

    def download(self, url: str) -> bytes:
        """A page image or document, by ``image_url`` or ``document_url``."""
        return self._run(self._operations.download(url))

    def get_memory(self, series_id: str) -> Memory:
        return self._run(self._operations.get_memory(series_id))

    def put_memory(self, series_id: str, document: dict[str, Any], *, etag: str | None = None) -> None:
        """Replaces the memory that ``etag`` names; creates it without one (412 where there is one)."""
        self._run(self._operations.put_memory(series_id, document, etag))

    def merge_memory(self, series_id: str, document: dict[str, Any]) -> MemoryChange:
        """Merges a memory of one language pair into the series': its translations replace those of the same texts."""
        return self._run(self._operations.merge_memory(series_id, document))

    def get_glossary(self, series_id: str) -> SeriesGlossary:
        return self._run(self._operations.get_glossary(series_id))

    def put_glossary(self, series_id: str, glossary: Glossary, *, etag: str | None = None) -> None:
        """Replaces the glossary that ``etag`` names; creates it without one (412 where there is one)."""
        self._run(self._operations.put_glossary(series_id, glossary, etag))

    def merge_terms(self, series_id: str, terms: Sequence[Term]) -> tuple[Term, ...]:
        """Merges terms into the series' glossary; of two who do so at once neither loses anything."""
        return self._run(self._operations.merge_terms(series_id, terms))

    def accept_term(self, series_id: str, term_id: str, *, target: str | None = None) -> Term:
        """Accepts what is proposed for a term, into one language or all."""
        return self._run(self._operations.decide_term(series_id, term_id, accept=True, target=target))

    def reject_term(self, series_id: str, term_id: str, *, target: str | None = None) -> Term:
        """Rejects it: it will not be proposed again."""
        return self._run(self._operations.decide_term(series_id, term_id, accept=False, target=target))

    def remove_term(self, series_id: str, term_id: str) -> None:
        self._run(self._operations.remove_term(series_id, term_id))

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
            return answer_of(self._http.send(request_of(self._http, call), follow_redirects=follows(call)))
        except ERRORS as error:
            return no_answer(call, error)


class AsyncClient:
    """As :class:`Client`, for asyncio (any other loop: bring its ``sleep``)."""

    def __init__(
        self,
        base_url: str,
        api_key: str | None = None,
        *,
        poll_token: str | None = None,
        policy: RetryPolicy | None = None,
        pace: Pace | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._operations = _operations(base_url, api_key, poll_token, policy)
        self._pace, self._sleep, self._clock = pace or Pace(), sleep, clock
        self._http = httpx.AsyncClient(timeout=TIMEOUT, transport=transport, trust_env=not is_this_machine(base_url))

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
        body = content if isinstance(content, bytes) else await asyncio.to_thread(bytes_of, content)
        return await self._run(self._operations.upload(grant, body))

    async def start(self, job_id: str) -> JobView:
        return await self._run(self._operations.start(job_id))

    async def jobs(self, status: JobStatus | None = None, *, part: int = LARGEST_PART) -> AsyncIterator[JobItem]:
        listing = Listing(self._operations, status=status, part=part)
        while not listing.ended:
            for item in await self._run(listing.next()):
                yield item

    async def get(self, job_id: str, etag: str | None = None, *, wait_s: int = 0) -> Polled[JobView]:
        return await self._run(self._operations.get(job_id, etag, wait_s=wait_s))

    async def summary(self, job_id: str, etag: str | None = None, *, wait_s: int = 0) -> Polled[JobSummary]:
        return await self._run(self._operations.summary(job_id, etag, wait_s=wait_s))

    async def wait(self, job_id: str, *, timeout_s: float | None = None) -> AsyncIterator[JobView]:
        polling = Polling(self._operations, job_id, pace=self._pace, clock=self._clock, timeout_s=timeout_s)
        while not polling.ended:
            yield await self._run(polling.next())

    async def cancel(self, job_id: str) -> JobView:
        return await self._run(self._operations.cancel(job_id))

    async def retry(self, job_id: str, *, page: int | None = None, budget: BudgetWish | None = None) -> JobView:
        return await self._run(self._operations.retry(job_id, page, budget))

    async def redeliver(self, job_id: str, event_id: str) -> WebhookView:
        return await self._run(self._operations.redeliver(job_id, event_id))

    async def download(self, url: str) -> bytes:
        return await self._run(self._operations.download(url))

    async def get_memory(self, series_id: str) -> Memory:
        return await self._run(self._operations.get_memory(series_id))

    async def put_memory(self, series_id: str, document: dict[str, Any], *, etag: str | None = None) -> None:
        await self._run(self._operations.put_memory(series_id, document, etag))

    async def merge_memory(self, series_id: str, document: dict[str, Any]) -> MemoryChange:
        return await self._run(self._operations.merge_memory(series_id, document))

    async def get_glossary(self, series_id: str) -> SeriesGlossary:
        return await self._run(self._operations.get_glossary(series_id))

    async def put_glossary(self, series_id: str, glossary: Glossary, *, etag: str | None = None) -> None:
        await self._run(self._operations.put_glossary(series_id, glossary, etag))

    async def merge_terms(self, series_id: str, terms: Sequence[Term]) -> tuple[Term, ...]:
        return await self._run(self._operations.merge_terms(series_id, terms))

    async def accept_term(self, series_id: str, term_id: str, *, target: str | None = None) -> Term:
        return await self._run(self._operations.decide_term(series_id, term_id, accept=True, target=target))

    async def reject_term(self, series_id: str, term_id: str, *, target: str | None = None) -> Term:
        return await self._run(self._operations.decide_term(series_id, term_id, accept=False, target=target))

    async def remove_term(self, series_id: str, term_id: str) -> None:
        await self._run(self._operations.remove_term(series_id, term_id))

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
            return answer_of(await self._http.send(request_of(self._http, call), follow_redirects=follows(call)))
        except ERRORS as error:
            return no_answer(call, error)


def _operations(base_url: str, api_key: str | None, poll_token: str | None, policy: RetryPolicy | None) -> Operations:
    if not is_server(base_url):
        raise UsageError(f"{base_url[:200]!r} is no http(s) URL of a server")
    if api_key is not None and poll_token is not None:
        raise UsageError("an API key and a poll token: one of them is enough")
    for what, value in (("API key", api_key), ("poll token", poll_token)):
        if value is not None and not (value.isascii() and value.isprintable() and " " not in value):
            raise UsageError(f"the {what} holds characters that none has")
    keep_capabilities_out_of_logs()
    return Operations(base_url.rstrip("/"), api_key, policy or RetryPolicy(), random.random, poll_token)
