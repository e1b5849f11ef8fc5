"""One chapter's way through an orchestrator: create, upload, start, wait, fetch each page as it is finished."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from uuid import uuid4

from contract.document import PageDocument
from contract.errors import BadMessage
from contract.job import JobRequest
from contract.status import PageStatus
from contract.view import JobView, PageView, Upload
from fukidashi.chapter import Chapter
from fukidashi.client import AsyncClient
from fukidashi.errors import BadAnswer, FukidashiError, Unauthorized
from fukidashi.output import Output
from fukidashi.progress import Reporter, State, progress_of
from fukidashi.summary import PageFiles

PARALLEL = 4
"""Uploads, and downloads, at a time."""
_WEBHOOK_WAIT_S = 8.0


@dataclass(frozen=True, slots=True)
class Fetched:
    """A finished page on disk; ``document`` is ``None`` where it is not readable as one."""

    files: PageFiles
    document: PageDocument | None


class Submission:
    """Carries a chapter through. :attr:`job` is the job as last seen; it is known even if :meth:`run` is broken off."""

    def __init__(
        self,
        client: AsyncClient,
        chapter: Chapter,
        output: Output,
        reporter: Reporter,
        *,
        clock: Callable[[], float],
    ) -> None:
        self._client, self._chapter, self._output, self._reporter = client, chapter, output, reporter
        self._clock = clock
        self._key = uuid4().hex
        self._lanes = asyncio.Semaphore(PARALLEL)
        self._downloads: dict[int, asyncio.Task[None]] = {}
        self.job: JobView | None = None
        self.fetched: dict[int, Fetched] = {}

    async def run(self, request: JobRequest) -> JobView:
        """The ended job, its finished pages fetched. Cancelled, it cancels the job on the server first."""
        creation = asyncio.create_task(self._create(request))
        try:
            # Shielded: a Ctrl-C between request and answer would leave a job that nobody knows the id of.
            self.job = await asyncio.shield(creation)
            await self._upload(self.job, request)
            await self._client.start(self.job.id)
            return await self._follow(self.job.id)
        except asyncio.CancelledError:
            self.job = self.job or await creation
            await self._cancel(self.job.id)
            raise
        finally:
            for task in self._downloads.values():
                task.cancel()

    async def settle_webhook(self, job: JobView) -> JobView:
        """The job again once its webhook is delivered; not waited for longer than a first retry takes."""
        deadline = self._clock() + _WEBHOOK_WAIT_S
        while job.webhook.state == "pending" and self._clock() < deadline:
            await asyncio.sleep(0.3)
            job = (await self._client.get(job.id)).view or job
        self.job = job
        return job

    async def _create(self, request: JobRequest) -> JobView:
        return await self._client.create(request, idempotency_key=self._key)

    async def _upload(self, job: JobView, request: JobRequest) -> None:
        if sorted(upload.page for upload in job.uploads) != list(range(1, len(self._chapter.pages) + 1)):
            raise BadAnswer(f"job {job.id} came without an upload for each page")
        self._reporter.show(State("uploading", 0, len(job.uploads)))
        uploads = [asyncio.create_task(self._upload_page(upload, request)) for upload in job.uploads]
        try:
            for done, uploaded in enumerate(asyncio.as_completed(uploads), start=1):
                await uploaded
                self._reporter.show(State("uploading", done, len(job.uploads)))
        finally:
            for task in uploads:
                task.cancel()

    async def _upload_page(self, upload: Upload, request: JobRequest) -> None:
        async with self._lanes:
            content = await asyncio.to_thread(self._chapter.pages[upload.page - 1].read)
            try:
                await self._client.upload(upload.grant, content)
            except Unauthorized:
                # A grant lives for minutes, a chapter on a slow line takes longer: the same key brings fresh ones.
                fresh = await self._create(request)
                grant = next((again.grant for again in fresh.uploads if again.page == upload.page), upload.grant)
                await self._client.upload(grant, content)

    async def _follow(self, job_id: str) -> JobView:
        update = progress_of(self._reporter.show, clock=self._clock)
        async for view in self._client.wait(job_id):
            self.job = view
            update(view)
            self._fetch_finished(view)
        await self._finish_downloads()
        return view

    def _fetch_finished(self, view: JobView) -> None:
        for page in view.pages:
            if page.status is PageStatus.DONE and page.page not in self._downloads:
                self._downloads[page.page] = asyncio.create_task(self._fetch(page))

    async def _finish_downloads(self) -> None:
        results = await asyncio.gather(*self._downloads.values(), return_exceptions=True)
        for result in results:
            if isinstance(result, BaseException):
                raise result

    async def _fetch(self, page: PageView) -> None:
        if page.image_url is None or page.document_url is None:
            raise BadAnswer(f"page {page.page} is done and has no URL")
        async with self._lanes:
            image = await self._client.download(page.image_url)
            document = await self._client.download(page.document_url)
        image_path = self._output.image(page, image)
        document_path = self._output.document(page, document)
        files = PageFiles(f"pages/{image_path.name}", f"pages/{document_path.name}")
        self.fetched[page.page] = Fetched(files, _parse(document))

    async def _cancel(self, job_id: str) -> None:
        self._reporter.note(f"Ctrl-C: canceling job {job_id} on the server (again to quit at once)")
        try:
            self.job = await self._client.cancel(job_id)
        except FukidashiError as error:
            self._reporter.note(f"The job could not be canceled: {error}")
            return
        self._reporter.note(
            f"Job {job_id} is canceled." if self.job.status.is_terminal else "The server stops the job."
        )


def _parse(document: bytes) -> PageDocument | None:
    try:
        return PageDocument.parse(document)
    except BadMessage:
        return None
