"""The local platform goes where a client's URL leads only if that is public, and to the very address it has judged."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import httpx
import pytest

from edge.platform import FetchError
from edge.ssrf import BlockedAddress
from local.outside import CONNECTIONS, HttpxOutside
from tests.platforms.origin import PNG, Origin, serve_origin

PUBLIC = "93.184.215.14"


class Wire(httpx.AsyncBaseTransport):
    """Where connections would go; ``dead`` addresses answer nobody."""

    def __init__(self, *dead: str) -> None:
        self.requests: list[httpx.Request] = []
        self._dead = dead

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        if request.url.host in self._dead:
            raise httpx.ConnectError("no route")
        return httpx.Response(200, content=b"hello")


class Names:
    """A name server that gives its answers one after the other."""

    def __init__(self, *answers: list[str]) -> None:
        self._answers, self.asked = list(answers), 0

    async def __call__(self, host: str, port: int) -> list[str]:
        self.asked += 1
        return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]


@asynccontextmanager
async def outside(names: Names, wire: Wire | None = None) -> AsyncIterator[HttpxOutside]:
    made = HttpxOutside(resolver=names, transport=wire)
    try:
        yield made
    finally:
        await made.aclose()


async def get(made: HttpxOutside, url: str, *, allow_private: bool = False) -> bytes:
    answer = await made.fetch("GET", url, headers={}, timeout_s=5, allow_private=allow_private)
    return answer.body


async def test_the_connection_goes_to_the_address_that_was_judged() -> None:
    wire, names = Wire(), Names([PUBLIC], ["127.0.0.1"])
    async with outside(names, wire) as made:
        assert await get(made, "https://pages.test:8443/1.png?a=1") == b"hello"
    [request] = wire.requests
    assert str(request.url) == f"https://{PUBLIC}:8443/1.png?a=1"
    assert request.headers["host"] == "pages.test:8443"
    assert request.extensions["sni_hostname"] == "pages.test"
    assert names.asked == 1, "a second question could be answered otherwise"


async def test_a_name_that_changes_its_answer_is_judged_by_each_answer() -> None:
    wire = Wire()
    async with outside(Names([PUBLIC], ["169.254.169.254"]), wire) as made:
        await get(made, "http://rebound.test/")
        with pytest.raises(BlockedAddress):
            await get(made, "http://rebound.test/")
    assert len(wire.requests) == 1


@pytest.mark.parametrize(
    "addresses",
    [
        ["127.0.0.1"],
        ["::1"],
        ["10.0.0.1"],
        ["100.100.100.200"],
        ["fe80::1%eth0"],
        ["::ffff:169.254.169.254"],
        ["64:ff9b::7f00:1"],
        [PUBLIC, "192.168.0.1"],
        [],
    ],
)
async def test_a_name_that_leads_to_a_private_address_is_not_gone_to(addresses: list[str]) -> None:
    wire = Wire()
    async with outside(Names(addresses), wire) as made:
        with pytest.raises(BlockedAddress):
            await get(made, "http://pages.test/")
        with pytest.raises(BlockedAddress):
            await made.download("http://pages.test/", headers={}, timeout_s=5)
    assert not wire.requests


async def test_a_literal_address_is_judged_too() -> None:
    wire = Wire()
    async with outside(Names([PUBLIC]), wire) as made:
        for host in ("127.0.0.1", "[::1]", "[::ffff:10.0.0.1]"):
            with pytest.raises(BlockedAddress):
                await get(made, f"http://{host}/")
    assert not wire.requests


async def test_another_address_of_the_name_is_tried_where_one_is_dead() -> None:
    wire = Wire("2606:4700::1")
    async with outside(Names(["2606:4700::1", PUBLIC]), wire) as made:
        assert await get(made, "http://pages.test/") == b"hello"
    assert [request.url.host for request in wire.requests] == ["2606:4700::1", PUBLIC]


async def test_a_name_that_does_not_resolve_is_no_answer() -> None:
    async def nowhere(host: str, port: int) -> list[str]:
        raise OSError("no such name")

    made = HttpxOutside(resolver=nowhere, transport=Wire())
    with pytest.raises(FetchError):
        await get(made, "http://nowhere.test/")
    await made.aclose()


async def test_what_is_private_is_gone_to_where_that_is_allowed() -> None:
    async with serve_origin() as origin, outside(Names([PUBLIC])) as made:
        with pytest.raises(BlockedAddress):
            await get(made, f"{origin.url}/plain")
        assert await get(made, f"{origin.url}/plain", allow_private=True) == "答え".encode()


async def test_at_most_six_downloads_are_open_at_a_time() -> None:
    async with serve_origin() as origin, outside(Names([PUBLIC])) as made:
        first = [await _open(made, origin) for _ in range(CONNECTIONS)]
        waiting = asyncio.create_task(_open(made, origin))
        await asyncio.sleep(0.2)
        assert not waiting.done()
        await first[0].close()
        await first[0].close()
        seventh = await asyncio.wait_for(waiting, 5)
        for download in (*first[1:], seventh):
            await download.close()


async def _open(made: HttpxOutside, origin: Origin):  # type: ignore[no-untyped-def]
    return await made.download(f"{origin.url}/picture", headers={}, timeout_s=10, allow_private=True)


async def test_a_download_that_fails_gives_its_place_back() -> None:
    async with outside(Names([PUBLIC])) as made:
        for _ in range(CONNECTIONS + 2):
            with pytest.raises(FetchError):
                await made.download("http://127.0.0.1:9/", headers={}, timeout_s=5, allow_private=True)


async def test_the_body_comes_in_pieces_with_its_head() -> None:
    async with serve_origin() as origin, outside(Names([PUBLIC])) as made:
        download = await _open(made, origin)
        assert await download.head(8) == PNG[:8]
        pieces = [piece async for piece in download.body(len(PNG)).chunks()]
        await download.close()
    assert b"".join(pieces) == PNG
    assert max(map(len, pieces)) < len(PNG), "the page was in memory whole"


@pytest.mark.parametrize("change", [lambda size: size - 1, lambda size: size + 1])
async def test_a_body_of_another_size_is_an_error(change: Callable[[int], int]) -> None:
    async with serve_origin() as origin, outside(Names([PUBLIC])) as made:
        download = await _open(made, origin)
        with pytest.raises(FetchError):
            async for _ in download.body(change(len(PNG))).chunks():
                pass
        await download.close()
