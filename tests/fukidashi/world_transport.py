"""The real orchestrator behind httpx, in this process: what the clients ask goes through ``App.handle``."""

from __future__ import annotations

import asyncio

import httpx

from tests.edge.world import World


class WorldTransport(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """``asked`` are the requests' methods and paths with their queries; ``keys`` what they were authorized with."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.asked: list[str] = []
        self.keys: list[str | None] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(f"{request.method} {request.url.raw_path.decode()}")
        self.keys.append(request.headers.get("authorization"))
        headers = {name.lower(): value for name, value in request.headers.items()}
        answer = self._world.call(request.method, str(request.url), body=request.read(), key=None, headers=headers)
        return httpx.Response(answer.status, headers=dict(answer.headers), content=answer.body)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await request.aread()
        # The world has a loop of its own, which cannot run within this one.
        return await asyncio.to_thread(self.handle_request, request)
