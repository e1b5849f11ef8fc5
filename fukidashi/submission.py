"""One chapter's way through an orchestrator: create, upload, start; then its pages are collected."""

from __future__ import annotations

import asyncio
from uuid import uuid4

from contract.job import JobRequest
from contract.view import JobView, Upload
from fukidashi.chapter import Chapter, SourcePage
from fukidashi.client import AsyncClient
from fukidashi.collection import PARALLEL, Collection
from fukidashi.errors import BadAnswer, FukidashiError, Unauthorized
from fukidashi.progress import Reporter, State


class Submission:
    """Carries a chapter through. :attr:`job` is the job as last seen; it is known even if :meth:`run` is broken off."""

    def __init__(self, client: AsyncClient, chapter: Chapter, collection: Collection, reporter: Reporter) -> None:
        self._client, self._chapter, self._collection, self._reporter = client, chapter, collection, reporter
        self._key = uuid4().hex
        self._lanes = asyncio.Semaphore(PARALLEL)
        self._created: JobView | None = None

    @property
    def job(self) -> JobView | None:
        return self._collection.job or self._created

    async def run(self, request: JobRequest) -> JobView:
        """The ended job, its finished pages fetched. Cancelled, it cancels the job on the server first."""
        creation = asyncio.create_task(self._create(request))
        try:
            # Shielded: a Ctrl-C between request and answer would leave a job that nobody knows the id of.
            self._created = await asyncio.shield(creation)
            await self._upload(self._created, request)
            if not request.starts_by_itself:
                await self._client.start(self._created.id)
            return await self._collection.follow(self._created.id)
        except asyncio.CancelledError:
            self._created = self._created or await creation
            await self._cancel(self._created.id)
            raise

    async def _create(self, request: JobRequest) -> JobView:
        return await self._client.create(request, idempotency_key=self._key)

    async def _upload(self, job: JobView, request: JobRequest) -> None:
        wanted = [number for number, page in enumerate(request.pages, start=1) if not page.url]
        if sorted(upload.page for upload in job.uploads) != wanted:
            raise BadAnswer(f"job {job.id} came without an upload for each page")
        if not wanted:
            return
        self._reporter.show(State("uploading", 0, len(wanted)))
        uploads = [asyncio.create_task(self._upload_page(upload, request)) for upload in job.uploads]
        try:
            for done, uploaded in enumerate(asyncio.as_completed(uploads), start=1):
                await uploaded
                self._reporter.show(State("uploading", done, len(wanted)))
        finally:
            for task in uploads:
                task.cancel()

    async def _upload_page(self, upload: Upload, request: JobRequest) -> None:
        async with self._lanes:
            content = await asyncio.to_thread(_content, self._chapter.pages[upload.page - 1])
            try:
                await self._client.upload(upload.grant, content)
            except Unauthorized:
                # A grant lives for minutes, a chapter on a slow line takes longer: the same key brings fresh ones.
                fresh = await self._create(request)
                grant = next((again.grant for again in fresh.uploads if again.page == upload.page), upload.grant)
                await self._client.upload(grant, content)

    async def _cancel(self, job_id: str) -> None:
        self._reporter.note(f"Ctrl-C: canceling job {job_id} on the server (again to quit at once)")
        try:
            job = self._collection.job = await self._client.cancel(job_id)
        except FukidashiError as error:
            self._reporter.note(f"The job could not be canceled: {error}")
            return
        self._reporter.note(f"Job {job_id} is canceled." if job.status.is_terminal else "The server stops the job.")


def _content(page: SourcePage) -> bytes:
    if page.read is None:
        raise BadAnswer(f"{page.name} was asked for, and is not here")
    return page.read()
