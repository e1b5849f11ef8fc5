"""The server process: says where it listens, drains on SIGTERM, ends with an error if the models cannot be loaded."""

from __future__ import annotations

import asyncio
import json
import logging
import socket
import sys
from types import FrameType

import uvicorn

from translator.app import Container

_LOG = logging.getLogger(__name__)


class DrainingServer(uvicorn.Server):
    """uvicorn that keeps answering while the runner drains: a load balancer sees ``/healthz`` turn 503 meanwhile."""

    def __init__(self, config: uvicorn.Config, container: Container, *, grace_s: float) -> None:
        super().__init__(config)
        self._container, self._grace_s = container, grace_s
        self._loop: asyncio.AbstractEventLoop | None = None
        self._drain: asyncio.Task[None] | None = None

    @property
    def failed(self) -> bool:
        return self._container.models.error is not None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        self._loop = asyncio.get_running_loop()
        await super().startup(sockets=sockets)
        sys.stdout.write(json.dumps({"url": self._url()}) + "\n")
        sys.stdout.flush()

    async def on_tick(self, counter: int) -> bool:
        if self.failed:
            _LOG.error("the models could not be loaded", exc_info=self._container.models.error)
            return True
        return await super().on_tick(counter)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002 - uvicorn's signature
        """The first signal drains; a second one ends the process without waiting."""
        if self._loop is None or self._drain is not None:
            self.should_exit = self.force_exit = True
            return
        self._loop.call_soon_threadsafe(self._begin_drain)

    def _begin_drain(self) -> None:
        if self._drain is None:
            _LOG.info("draining", extra={"grace_s": self._grace_s})
            self._drain = asyncio.ensure_future(self._drained())

    async def _drained(self) -> None:
        await self._container.runner.drain(self._grace_s)
        self.should_exit = True

    def _url(self) -> str:
        host, port = self.servers[0].sockets[0].getsockname()[:2]
        name = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, host)  # noqa: S104 - to be read, not bound
        return f"http://{name}:{port}"
