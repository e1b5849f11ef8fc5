"""Chapters of a series through the real orchestrator and the real container, with a model on the wire: what one has
paid for, the next does not pay for again."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import httpx
import pytest

from contract.attempt import AttemptOrder
from contract.claim import ClaimRequest
from contract.signing import sign
from contract.status import JobStatus
from contract.view import JobView
from edge.config import Dispatch
from tests.edge.world import CALLBACK, World
from tests.fukidashi.world_transport import WorldTransport
from tests.support.llm_server import ModelServer, openai_server
from tests.translator.containers import QUICK, Running, running, until
from tests.translator.fake_orchestrator import FakeOrchestrator
from tests.translator.model_factory import ModelFactory
from tests.translator.tiny_stages import Script, image
from tests.translator.translation.jobs import endpoint, loaded


class OneAtATime(WorldTransport):
    """The world's loop runs one request at a time."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._lock = threading.Lock()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        with self._lock:
            answer = super().handle_request(request)
        return httpx.Response(answer.status_code, headers=answer.headers, stream=httpx.ByteStream(answer.content))


class Chain:
    """A container that gets its orders from the world, and sends everything there."""

    def __init__(self, world: World, it: Running) -> None:
        self._world, self._it = world, it

    async def chapter(self, name: str, pages: int) -> JobView:
        """A chapter of the series, from its creation to its end and whatever follows it."""
        job = await asyncio.to_thread(self._started, name, pages)
        self._it.container.runner.take(await asyncio.to_thread(self._claimed))
        await until(lambda: f"jobs/{job}/final.json" in self._world.platform.bucket.objects)
        await self._it.idle()
        return await asyncio.to_thread(self._world.view, job)

    def _started(self, name: str, pages: int) -> str:
        job = self._world.create(pages, chapter_id=name, series_id="s-1")
        for upload in job.uploads:
            assert self._world.use(upload.grant, image(grey=200 + upload.page)).status == 200
        assert self._world.call("POST", f"/jobs/{job.id}/start").status == 202
        return job.id

    def _claimed(self) -> AttemptOrder:
        body = ClaimRequest("worker-1").to_bytes()
        now = int(self._world.platform.now())
        headers = sign(body, CALLBACK, message_id=self._world.fresh_id(), timestamp=now)
        headers["content-type"] = "application/json"
        answer = self._world.call("POST", "/work/claim", body=body, key=None, headers=headers)
        assert answer.status == 200, answer.body
        return AttemptOrder.parse(answer.body)


class Wire(FakeOrchestrator):
    """Only its client is used: it leads to the world."""

    def __init__(self, transport: OneAtATime) -> None:
        super().__init__()
        self._transport = transport

    def client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=self._transport)


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with openai_server() as started:
        yield started


@pytest.fixture
def world() -> Iterator[World]:
    world = World(dispatch=Dispatch.PULL)
    yield world
    world.close()


@asynccontextmanager
async def chained(world: World, server: ModelServer) -> AsyncIterator[Chain]:
    script = Script()
    with loaded(endpoint(server, engine="openai", vision=False)) as service:
        wire = Wire(OneAtATime(world))
        async with running(
            wire, script, load=lambda: ModelFactory(script, service), tempo=QUICK, callback_secrets=CALLBACK
        ) as it:
            yield Chain(world, it)


async def test_the_second_chapter_pays_for_its_new_lines_only(server: ModelServer, world: World) -> None:
    async with chained(world, server) as chain:
        first = await chain.chapter("ch-1", 2)
        calls = len(server.calls)
        second = await chain.chapter("ch-2", 3)
    assert (first.status, second.status) == (JobStatus.SUCCESS, JobStatus.SUCCESS)
    assert calls == 2
    assert len(server.calls) == 3, "pages 1 and 2 hold the same lines, page 3 is new"
    memory = world.platform.bucket.objects["series/owner-a/s-1/memory.json"][1].decode()
    assert all(f"{page}頁r{line}" in memory for page in (1, 2, 3) for line in (0, 1))
    assert not [key for key in world.platform.bucket.objects if key.startswith("series_updates/")]
    kept = [key for key in world.platform.bucket.objects if key.startswith("decisions/owner-a/")]
    assert len(kept) == 3
