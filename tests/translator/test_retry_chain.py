"""A retry through the real orchestrator and the real container: what the job before has paid for is known to it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from contract.document import PageDocument
from contract.keys import page_name
from contract.status import JobStatus
from contract.view import JobView
from edge.config import Dispatch
from tests.edge.world import CALLBACK, World
from tests.support.llm_server import ModelServer, openai_server
from tests.support.llm_wire import english
from tests.translator.containers import QUICK, running, until
from tests.translator.model_factory import ModelFactory
from tests.translator.test_done_pages import LINE, pair, told_in
from tests.translator.test_never_twice import asked
from tests.translator.test_series_chain import Chain, OneAtATime, Wire
from tests.translator.tiny_stages import Script, image
from tests.translator.translation.jobs import endpoint, loaded
from translator.pipeline.protocols import StageError

BROKEN = StageError("read", "stage_failed", "it broke", retryable=True)


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with openai_server() as started:
        yield started


@pytest.fixture
def world() -> Iterator[World]:
    world = World(dispatch=Dispatch.PULL)
    yield world
    world.close()


class Retried(Chain):
    async def job(self, pages: int) -> JobView:
        return await self._done(await asyncio.to_thread(self._created, pages))

    async def retry(self, old: JobView) -> JobView:
        return await self._done(await asyncio.to_thread(self._again, old))

    def _created(self, pages: int) -> str:
        job = self._world.create(pages)
        for upload in job.uploads:
            assert self._world.use(upload.grant, image(grey=200 + upload.page)).status == 200
        assert self._world.call("POST", f"/jobs/{job.id}/start").status == 202
        return job.id

    def _again(self, old: JobView) -> str:
        answer = self._world.call("POST", f"/jobs/{old.id}/retry")
        assert answer.status == 202, answer.body
        return JobView.parse(answer.body).id

    async def _done(self, job: str) -> JobView:
        self._it.container.runner.take(await asyncio.to_thread(self._claimed))
        await until(lambda: f"jobs/{job}/final.json" in self._world.platform.bucket.objects)
        await self._it.idle()
        return await asyncio.to_thread(self._world.view, job)


async def test_a_retry_shows_the_model_the_pages_before_and_does_not_ask_their_lines(
    server: ModelServer, world: World
) -> None:
    script = Script(faults={("read", 4): BROKEN})
    with loaded(endpoint(server, engine="openai", vision=False)) as service:
        async with running(
            Wire(OneAtATime(world)),
            script,
            load=lambda: ModelFactory(script, service),
            tempo=QUICK,
            callback_secrets=CALLBACK,
        ) as it:
            chain = Retried(world, it)
            old = await chain.job(5)
            server.calls.clear()
            script.faults.clear()
            script.texts = LINE
            new = await chain.retry(old)
    assert (old.status, new.status) == (JobStatus.PARTIAL, JobStatus.SUCCESS)
    assert asked(server) == ["4頁r1"]
    assert told_in(server.calls[0]) == [pair(f"{page}頁r{n}") for page in (1, 2, 3) for n in (0, 1)]
    (key,) = [
        key
        for key in world.platform.bucket.objects
        if key.startswith("outputs/") and new.id in key and key.endswith(f"/{page_name(4)}.json")
    ]
    region = PageDocument.parse(world.platform.bucket.objects[key][1]).regions[0]
    assert (region.translation, region.note) == (english("2頁r0"), "as on page 2")
