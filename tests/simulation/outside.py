"""The hosts that clients name: servers of pages, and consumers."""

from __future__ import annotations

import random
from collections.abc import Mapping

from edge.http import BodyTooLarge
from edge.platform import Download, FetchError, FetchResponse
from tests.simulation.engines import page_file
from tests.simulation.message import Answer, Message, NoAnswer
from tests.simulation.network import Arrival, Network
from tests.simulation.weather import Fault, Weather


async def fetched(network: Network, who: str, message: Message, timeout_s: float, limit: int) -> FetchResponse:
    """One exchange, as a Worker's ``fetch``."""
    try:
        answer = await network.exchange(who, message, timeout_s=timeout_s)
    except NoAnswer as error:
        raise FetchError(error.how) from None
    return FetchResponse(answer.status, dict(answer.headers), answer.body[:limit])


class Outside:
    """``edge.platform.Outside``: an answer's body may break off in the middle."""

    def __init__(self, who: str, network: Network, weather: Weather, chance: random.Random) -> None:
        self._who, self._network, self._weather, self._chance = who, network, weather, chance

    async def fetch(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        body: bytes = b"",
        timeout_s: float,
        limit: int = 1_000_000,
        allow_private: bool = False,
    ) -> FetchResponse:
        return await fetched(self._network, self._who, Message(method, url, dict(headers), body), timeout_s, limit)

    async def download(
        self, url: str, *, headers: Mapping[str, str], timeout_s: float, allow_private: bool = False
    ) -> Download:
        answer = await fetched(self._network, self._who, Message("GET", url, dict(headers)), timeout_s, 10**9)
        body, breaks = answer.body, False
        if body and self._weather.strikes(Fault.ORIGIN_BREAKS_OFF):
            body, breaks = body[: self._chance.randrange(len(body))], True
        return _Downloaded(answer.status, answer.headers, body, breaks=breaks)


class _Downloaded:
    def __init__(self, status: int, headers: Mapping[str, str], data: bytes, *, breaks: bool) -> None:
        self.status, self.headers, self._data, self._breaks = status, headers, data, breaks

    async def head(self, count: int) -> bytes:
        if self._breaks and len(self._data) < count:
            raise FetchError("the connection broke")
        return self._data[:count]

    async def size(self, limit: int) -> int:
        if self._breaks:
            raise FetchError("the connection broke")
        return min(len(self._data), limit + 1)

    def body(self, size: int) -> _Body:
        return _Body(self._data, size, breaks=self._breaks)

    async def close(self) -> None:
        pass


class _Body:
    """Reading it fails where the answer broke off or is of another size."""

    def __init__(self, data: bytes, size: int, *, breaks: bool) -> None:
        self._data, self.size, self._breaks = data, size, breaks

    async def read(self, limit: int) -> bytes:
        if len(self._data) > limit:
            raise BodyTooLarge(limit)
        if self._breaks or len(self._data) != self.size:
            raise FetchError("the connection broke")
        return self._data


class Origin:
    """A server of pages: ``/{job}/{page}.png``."""

    def __init__(self, url: str, weather: Weather, chance: random.Random) -> None:
        self._url, self._weather, self._chance = url, weather, chance

    def url(self, job: int, page: int) -> str:
        return f"{self._url}/{job}/{page}.png"

    async def serve(self, message: Message, arrival: Arrival | None) -> Answer:
        if self._weather.strikes(Fault.ORIGIN_FAILS):
            return Answer(self._chance.choice((500, 503, 429)))
        if self._weather.strikes(Fault.ORIGIN_GONE):
            return Answer(404)
        if self._weather.strikes(Fault.ORIGIN_REDIRECTS):
            return Answer(302, {"location": message.path})
        job, page = message.path.removesuffix(".png").strip("/").split("/")
        body = page_file(int(job), int(page))
        declared = {"content-length": str(len(body))} if self._chance.random() < 0.7 else {}
        return Answer(200, {"content-type": "image/png", **declared}, body)
