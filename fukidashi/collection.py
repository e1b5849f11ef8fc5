"""What comes of a job, brought here while it runs: each page as it is finished."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from contract.document import PageDocument
from contract.errors import BadMessage
from contract.status import PageStatus
from contract.view import JobView, PageView
from fukidashi.client import AsyncClient
from fukidashi.errors import BadAnswer
from fukidashi.output import Output
from fukidashi.progress import Reporter, progress_of
from fukidashi.summary import PageFiles

PARALLEL = 4
"""Transfers at a time."""
_WEBHOOK_WAIT_S = 8.0


@dataclass(frozen=True, slots=True)
class Fetched:
    """A finished page on disk; ``document`` is ``None`` where it is not readable as one."""

    files: PageFiles
    document: PageDocument | None


class Collection:
    """``job`` is the job as last seen, ``fetched`` what is on disk; both hold even if :meth:`follow` is broken off."""

    def __init__(self, client: AsyncClient, output: Output, reporter: Reporter, *, clock: Callable[[], float]) -> None:
        self._client, self._output, self._reporter, self._clock = client, output, reporter, clock
        self._lanes = asyncio.Semaphore(PARALLEL)
        self._downloads: dict[int, asyncio.Task[None]] = {}
        self.job: JobView | None = None
        self.fetched: dict[int, Fetched] = {}

    async def follow(self, job_id: str) -> JobView:
        """The ended job, its finished pages fetched."""
        update = progress_of(self._reporter.show, clock=self._clock)
        try:
            async for view in self._client.wait(job_id):
                self.job = view
                update(view)
                self._begin(view)
            await self._finish()
        finally:
            self._drop()
        return view

    async def take(self, view: JobView) -> JobView:
        """What is finished in this view, and no more."""
        self.job = view
        progress_of(self._reporter.show, clock=self._clock)(view)
        try:
            self._begin(view)
            await self._finish()
        finally:
            self._drop()
        return view

    async def settle_webhook(self, job: JobView) -> JobView:
        """The job again once its webhook is delivered; not waited for longer than a first retry takes."""
        deadline = self._clock() + _WEBHOOK_WAIT_S
        while job.webhook.state == "pending" and self._clock() < deadline:
            await asyncio.sleep(0.3)
            job = (await self._client.get(job.id)).view or job
        self.job = job
        return job

    def _begin(self, view: JobView) -> None:
        for page in view.pages:
            if page.status is PageStatus.DONE and page.page not in self._downloads:
                self._downloads[page.page] = asyncio.create_task(self._fetch(page))

    async def _finish(self) -> None:
        results = await asyncio.gather(*self._downloads.values(), return_exceptions=True)
        for result in results:
            if isinstance(result, BaseException):
                raise result

    def _drop(self) -> None:
        for task in self._downloads.values():
            task.cancel()

    async def _fetch(self, page: PageView) -> None:
        if page.image_url is None or page.document_url is None:
            raise BadAnswer(f"page {page.page} is done and has no URL")
        async with self._lanes:
            image = await self._client.download(page.image_url)
            document = await self._client.download(page.document_url)
            plate = await self._client.download(page.plate_url) if page.plate_url else None
        image_path = self._output.image(page, image)
        document_path = self._output.document(page, document)
        if plate is not None:
            self._output.plate(page, plate)
        files = PageFiles(f"pages/{image_path.name}", f"pages/{document_path.name}")
        self.fetched[page.page] = Fetched(files, _parse(document))


def _parse(document: bytes) -> PageDocument | None:
    try:
        return PageDocument.parse(document)
    except BadMessage:
        return None
