"""The translator's ASGI application: five routes over the runner and the page service."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from contract import PROTOCOL
from contract.attempt import AttemptOrder
from translator.attempt import Attempt, Means, Tempo
from translator.callbacks import Callbacks, OrchestratorClock
from translator.config import Config
from translator.dispatch import Dispatch
from translator.lanes import Lanes
from translator.metrics import CONTENT_TYPE, Metrics
from translator.models import Models, NotReady
from translator.nonces import Nonces
from translator.page_route import PageRoute
from translator.page_service import PageService
from translator.problems import handlers
from translator.pull import Pace, Puller
from translator.render_route import RenderRoute
from translator.runner import Runner
from translator.stages import StageFactory


@dataclass(frozen=True, slots=True)
class Container:
    """The application and what the process that serves it has to know of it."""

    app: Starlette
    runner: Runner
    models: Models


def create_container(
    config: Config,
    load: Callable[[], StageFactory],
    *,
    client: Callable[[], httpx.AsyncClient] = httpx.AsyncClient,
    clock: OrchestratorClock | None = None,
    tempo: Tempo | None = None,
) -> Container:
    """Wires the parts. ``load`` is called in a thread once the application starts; ``client`` makes no redirects."""
    parts = _Parts(config, load, client, clock or OrchestratorClock(), tempo or Tempo())
    return Container(parts.app(), parts.runner, parts.models)


@dataclass(frozen=True, slots=True)
class Worker:
    """What a process that asks for work is made of."""

    puller: Puller
    models: Models
    aclose: Callable[[], Awaitable[None]]


def create_worker(
    config: Config,
    load: Callable[[], StageFactory],
    *,
    client: Callable[[], httpx.AsyncClient] = httpx.AsyncClient,
    clock: OrchestratorClock | None = None,
    tempo: Tempo | None = None,
) -> Worker:
    """As :func:`create_container`, for the mode ``job``. To be called on the event loop."""
    parts = _Parts(config, load, client, clock or OrchestratorClock(), tempo or Tempo())
    return Worker(parts.puller(), parts.models, parts.aclose)


class _Parts:
    """Everything with a life of its own, built once a process."""

    def __init__(
        self,
        config: Config,
        load: Callable[[], StageFactory],
        client: Callable[[], httpx.AsyncClient],
        clock: OrchestratorClock,
        tempo: Tempo,
    ) -> None:
        self.config, self.clock, self._tempo = config, clock, tempo
        self.metrics, self.models = Metrics(), Models(load)
        self.lanes, self.client = Lanes(jobs=config.jobs_at_a_time, readers=config.readers), client()
        self._worker_id = f"w-{secrets.token_hex(8)}"
        self.runner = Runner(self._attempt, max_jobs=config.jobs_at_a_time, metrics=self.metrics)

    def app(self) -> Starlette:
        dispatch = Dispatch(
            self.runner,
            self.models,
            secrets=self.config.callback_secrets,
            nonces=Nonces(self.clock.now),
            clock=self.clock,
        )
        pages = PageService(self.models, self.lanes, self.metrics)
        page = PageRoute(pages, self.models, self.config)
        render = RenderRoute(pages, self.models, self.config)
        return Starlette(
            routes=[
                Route("/jobs/{job_id}/attempts/{attempt:int}", dispatch.put, methods=["PUT"]),
                Route("/internal/translate/page", page.post, methods=["POST"]),
                Route("/internal/render/page", render.post, methods=["POST"]),
                Route("/healthz", self._health, methods=["GET"]),
                Route("/metrics", self._metrics_text, methods=["GET"]),
            ],
            exception_handlers=handlers(),
            lifespan=self._lifespan,
        )

    @asynccontextmanager
    async def _lifespan(self, _: Starlette) -> AsyncIterator[None]:
        self.models.start()
        try:
            yield
        finally:
            await self.runner.drain(self.config.drain_s)
            await self.aclose()

    async def aclose(self) -> None:
        await self.client.aclose()
        self.lanes.close()

    def puller(self) -> Puller:
        callbacks = Callbacks(
            self.client,
            self.config.callback_secrets,
            clock=self.clock,
            backoff=self._tempo.callbacks,
            retried=self.metrics.callback_retried,
        )
        pace = Pace(self.config.max_jobs, self.config.poll_interval_s, self.config.max_empty_polls)
        url = f"{self.config.orchestrator_url}/work/claim"
        return Puller(self.runner, callbacks, url=url, worker_id=self._worker_id, pace=pace)

    async def _health(self, _: Request) -> Response:
        status = self._status()
        code = 200 if status == "ok" else 503
        return JSONResponse({"status": status, "protocol": PROTOCOL}, status_code=code)

    def _status(self) -> str:
        if self.runner.draining:
            return "stopping"
        try:
            _ = self.models.factory
        except NotReady:
            return "failed" if self.models.error else "loading"
        return "ok"

    async def _metrics_text(self, _: Request) -> Response:
        return Response(self.metrics.to_bytes(), headers={"content-type": CONTENT_TYPE})

    def _attempt(self, order: AttemptOrder) -> Attempt:
        means = Means(
            client=self.client,
            secrets=self.config.callback_secrets,
            clock=self.clock,
            lanes=self.lanes,
            metrics=self.metrics,
            worker_id=self._worker_id,
            max_page_bytes=self.config.max_page_bytes,
            max_page_pixels=self.config.max_page_pixels,
            tempo=self._tempo,
        )
        return Attempt(order, self.models.factory, means)
