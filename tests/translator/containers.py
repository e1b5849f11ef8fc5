"""A translator container inside the test's own process, on tiny stages."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from contract.attempt import AttemptOrder
from tests.support.secrets import CALLBACK_SECRETS, INTERNAL_TOKEN
from tests.translator.fake_orchestrator import FakeOrchestrator
from tests.translator.tiny_stages import Script, TinyFactory
from translator.app import Container, create_container
from translator.attempt import Tempo
from translator.backoff import Backoff
from translator.config import Config
from translator.stages import StageFactory

QUICK = Tempo(
    report_s=0.01,
    grants_s=2.0,
    transfers=Backoff(tries=4, base_s=0.001),
    callbacks=Backoff(tries=6, base_s=0.001),
)


@dataclass(frozen=True)
class Running:
    """A started container: ``http`` speaks to it, ``orchestrator`` is what it speaks to."""

    http: httpx.AsyncClient
    orchestrator: FakeOrchestrator
    script: Script
    container: Container

    async def dispatch(self, order: AttemptOrder, **signing: Any) -> httpx.Response:
        return await self.http.put(**self.orchestrator.dispatch(order, **signing))

    async def run(self, order: AttemptOrder) -> None:
        """Dispatches, and waits until the result came."""
        response = await self.dispatch(order)
        assert response.status_code == 202, response.text
        await until(lambda: bool(self.orchestrator.results))
        await self.idle()

    async def idle(self) -> None:
        await until(lambda: not self.container.runner.busy)


@asynccontextmanager
async def running(
    orchestrator: FakeOrchestrator | None = None,
    script: Script | None = None,
    *,
    load: Callable[[], StageFactory] | None = None,
    tempo: Tempo = QUICK,
    wait: bool = True,
    **config: Any,
) -> AsyncIterator[Running]:
    fake, script = orchestrator or FakeOrchestrator(), script or Script()
    settings = {"callback_secrets": CALLBACK_SECRETS, "internal_token": INTERNAL_TOKEN, "drain_s": 2.0, **config}
    container = create_container(
        Config(**settings), load or (lambda: TinyFactory(script)), client=fake.client, tempo=tempo
    )
    transport = httpx.ASGITransport(container.app, raise_app_exceptions=False)
    async with (
        container.app.router.lifespan_context(container.app),
        httpx.AsyncClient(transport=transport, base_url="http://translator.test") as http,
    ):
        if wait:
            await container.models.loaded()
        yield Running(http, fake, script, container)


async def until(condition: Callable[[], bool], *, timeout_s: float = 10.0) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "it did not come to pass"
        await asyncio.sleep(0.005)
