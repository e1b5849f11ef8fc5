"""Both clients behind one face: what one can do the other can."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

from contract.glossary import Glossary, Term
from contract.grant import Grant
from contract.job import JobRequest
from contract.listing import JobItem
from contract.status import JobStatus
from contract.translation import BudgetWish
from contract.view import JobView, WebhookView
from fukidashi import AsyncClient, Client
from fukidashi.job_summary import JobSummary
from fukidashi.operations import Memory, MemoryChange, Polled, SeriesGlossary

T = TypeVar("T")


class Blocking:
    """The async client behind the sync one's methods."""

    def __init__(self, url: str, key: str | None = None, **options: Any) -> None:
        self._loop = asyncio.new_event_loop()
        self._client = AsyncClient(url, key, **options)

    def _do(self, awaitable: Awaitable[T]) -> T:
        return self._loop.run_until_complete(awaitable)

    def close(self) -> None:
        self._do(self._client.aclose())
        self._loop.run_until_complete(self._loop.shutdown_default_executor())
        self._loop.close()

    def create(self, request: JobRequest, *, idempotency_key: str | None = None) -> JobView:
        return self._do(self._client.create(request, idempotency_key=idempotency_key))

    def upload(self, grant: Grant, content: bytes | Path) -> bool:
        return self._do(self._client.upload(grant, content))

    def start(self, job_id: str) -> JobView:
        return self._do(self._client.start(job_id))

    def jobs(self, status: JobStatus | None = None, *, part: int = 100) -> Iterator[JobItem]:
        async def collect() -> list[JobItem]:
            return [item async for item in self._client.jobs(status, part=part)]

        return iter(self._do(collect()))

    def get(self, job_id: str, etag: str | None = None, *, wait_s: int = 0) -> Polled[JobView]:
        return self._do(self._client.get(job_id, etag, wait_s=wait_s))

    def summary(self, job_id: str, etag: str | None = None, *, wait_s: int = 0) -> Polled[JobSummary]:
        return self._do(self._client.summary(job_id, etag, wait_s=wait_s))

    def wait(self, job_id: str, *, timeout_s: float | None = None) -> Iterator[JobView]:
        async def collect() -> list[JobView]:
            return [view async for view in self._client.wait(job_id, timeout_s=timeout_s)]

        return iter(self._do(collect()))

    def cancel(self, job_id: str) -> JobView:
        return self._do(self._client.cancel(job_id))

    def retry(self, job_id: str, *, page: int | None = None, budget: BudgetWish | None = None) -> JobView:
        return self._do(self._client.retry(job_id, page=page, budget=budget))

    def redeliver(self, job_id: str, event_id: str) -> WebhookView:
        return self._do(self._client.redeliver(job_id, event_id))

    def download(self, url: str) -> bytes:
        return self._do(self._client.download(url))

    def get_memory(self, series_id: str) -> Memory:
        return self._do(self._client.get_memory(series_id))

    def put_memory(self, series_id: str, document: dict[str, Any], *, etag: str | None = None) -> None:
        self._do(self._client.put_memory(series_id, document, etag=etag))

    def merge_memory(self, series_id: str, document: dict[str, Any]) -> MemoryChange:
        return self._do(self._client.merge_memory(series_id, document))

    def get_glossary(self, series_id: str) -> SeriesGlossary:
        return self._do(self._client.get_glossary(series_id))

    def put_glossary(self, series_id: str, glossary: Glossary, *, etag: str | None = None) -> None:
        self._do(self._client.put_glossary(series_id, glossary, etag=etag))

    def merge_terms(self, series_id: str, terms: Sequence[Term]) -> tuple[Term, ...]:
        return self._do(self._client.merge_terms(series_id, terms))

    def accept_term(self, series_id: str, term_id: str, *, target: str | None = None) -> Term:
        return self._do(self._client.accept_term(series_id, term_id, target=target))

    def reject_term(self, series_id: str, term_id: str, *, target: str | None = None) -> Term:
        return self._do(self._client.reject_term(series_id, term_id, target=target))

    def remove_term(self, series_id: str, term_id: str) -> None:
        self._do(self._client.remove_term(series_id, term_id))


AnyClient = Client | Blocking
Connect = Callable[..., AnyClient]
KINDS: dict[str, Callable[..., AnyClient]] = {"sync": Client, "async": Blocking}
