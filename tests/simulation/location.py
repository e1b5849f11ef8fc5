"""One of Cloudflare's locations: the real orchestrator, on its own view of KV. Every invocation can die at any step."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from edge.app import App
from edge.config import Config
from edge.http import BytesBody, Request
from edge.platform import Bucket, FetchResponse, Kv, Point
from tests.simulation.ambient import EPOCH
from tests.simulation.loop import OWNER, Owner, VirtualLoop, settle
from tests.simulation.message import BROKEN, Answer, Message, NoAnswer
from tests.simulation.network import Arrival, Network
from tests.simulation.outside import Outside, fetched
from tests.simulation.store import Bytes
from tests.simulation.weather import Fault, Weather

WAIT_UNTIL_S = 30.0
"""So long the background work may take after the response."""
_FATAL_STEPS = 120


class LocalPlatform:
    """The orchestrator's platform at one location."""

    def __init__(
        self,
        name: str,
        loop: VirtualLoop,
        *,
        kv: Kv,
        bucket: Bucket,
        network: Network,
        weather: Weather,
        entropy: random.Random,
        on_log: Callable[[str, str, Mapping[str, Any]], None],
    ) -> None:
        self._name, self._loop, self._kv, self._bucket = name, loop, kv, bucket
        self._network, self._entropy, self._on_log = network, entropy, on_log
        self._weather, self._outside = weather, Outside(name, network, weather, entropy)

    @property
    def outside(self) -> Outside:
        return self._outside

    @property
    def kv(self) -> Kv:
        return self._kv

    @property
    def bucket(self) -> Bucket:
        return self._bucket

    async def fetch(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        body: bytes = b"",
        timeout_s: float,
        limit: int = 1_000_000,
    ) -> FetchResponse:
        return await fetched(self._network, self._name, Message(method, url, dict(headers), body), timeout_s, limit)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def allow(self, key: str) -> bool:
        return not self._weather.strikes(Fault.RATE_LIMITED)

    def measure(self, point: Point) -> None:
        """Nobody looks."""

    def now(self) -> float:
        return EPOCH + self._loop.time()

    def random_bytes(self, count: int) -> bytes:
        return self._entropy.randbytes(count)

    def background(self, work: Awaitable[None]) -> None:
        async def go() -> None:
            await work

        self._loop.create_task(go())

    def log(self, event: str, fields: Mapping[str, Any]) -> None:
        json.dumps(dict(fields))
        self._on_log(self._name, event, fields)


class Location:
    """``owners`` gets every invocation."""

    def __init__(
        self,
        name: str,
        loop: VirtualLoop,
        config: Config,
        platform: LocalPlatform,
        *,
        weather: Weather,
        chance: random.Random,
        owners: list[Owner],
    ) -> None:
        self.name, self.platform = name, platform
        self._loop, self._weather, self._chance, self._owners = loop, weather, chance, owners
        self._app = App(config, platform)
        self.config = config
        self._invocations = 0

    def deploy(self, config: Config) -> None:
        """From now on; what is under way goes on as it began."""
        self.config, self._app = config, App(config, self.platform)

    async def serve(self, message: Message, arrival: Arrival | None) -> Answer:
        """A request's invocation. Raises :class:`NoAnswer` where it was killed."""
        owner = self._owner()
        if arrival is not None:
            arrival.add_done_callback(lambda done: self._left(owner) if done.cancelled() else None)
        request = Request(message.method, message.url, message.headers, BytesBody(message.body))
        answer: Answer = await self._invoke(lambda: self._answer(request), owner)
        return answer

    async def sweep(self) -> None:
        """The cron's invocation."""
        owner = self._owner()
        try:
            await self._invoke(self._app.sweep, owner)
        except NoAnswer:
            return

    async def _answer(self, request: Request) -> Answer:
        response = await self._app.handle(request)
        body = response.body.data if isinstance(response.body, Bytes) else response.body
        assert isinstance(body, bytes)
        return Answer(response.status, dict(response.headers), body)

    async def _invoke(self, work: Callable[[], Awaitable[Any]], owner: Owner) -> Any:
        done: asyncio.Future[Any] = self._loop.create_future()
        owner.mourners.append(lambda: settle(done, NoAnswer(BROKEN)))

        async def run() -> None:
            result = await work()
            settle(done, result)

        self._loop.spawn(run(), owner)
        result = await done
        self._loop.call_later(WAIT_UNTIL_S, owner.kill)
        if isinstance(result, NoAnswer):
            raise result
        return result

    def _owner(self) -> Owner:
        self._invocations += 1
        owner = Owner(f"{self.name}#{self._invocations}", began=self._loop.time())
        if self._weather.strikes(Fault.EDGE_KILLED):
            owner.dies_at = self._chance.randrange(1, _FATAL_STEPS)
        self._owners.append(owner)
        return owner

    def _left(self, owner: Owner) -> None:
        if owner.alive and self._weather.strikes(Fault.EDGE_ABANDONED):
            owner.kill()


def invocation_began() -> float | None:
    """When the invocation that this step belongs to began; ``None`` outside of one."""
    owner = OWNER.get()
    return owner.began if owner else None
