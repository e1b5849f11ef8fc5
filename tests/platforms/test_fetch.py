"""What every platform's fetch does."""

from __future__ import annotations

import time

import pytest

from edge.platform import FetchError, Platform
from tests.platforms.origin import Origin


async def test_a_request_arrives_whole_and_its_answer_comes_back(platform: Platform, origin: Origin) -> None:
    answer = await platform.fetch(
        "PUT",
        f"{origin.url}/plain?t=1%2F2",
        headers={"x-test": "yes", "content-type": "a/b"},
        body=b"\x00\xff",
        timeout_s=10,
    )
    assert (answer.status, answer.body) == (200, "答え".encode())
    assert answer.headers["x-mixed-case"] == "Yes"
    assert all(name == name.lower() for name in answer.headers)
    [(first, headers, body)] = origin.seen
    assert first == "PUT /plain?t=1%2F2 HTTP/1.1"
    assert (headers["x-test"], headers["content-type"], body) == ("yes", "a/b", b"\x00\xff")


async def test_a_redirect_is_an_answer(platform: Platform, origin: Origin) -> None:
    answer = await platform.fetch("GET", f"{origin.url}/redirect", headers={}, timeout_s=10)
    assert (answer.status, answer.headers["location"]) == (302, "/plain")
    assert len(origin.seen) == 1


async def test_a_servers_error_is_an_answer(platform: Platform, origin: Origin) -> None:
    answer = await platform.fetch("POST", f"{origin.url}/broken", headers={}, body=b"{}", timeout_s=10)
    assert (answer.status, answer.headers["retry-after"], answer.body) == (503, "7", b"later")


async def test_at_most_the_limit_is_read(platform: Platform, origin: Origin) -> None:
    answer = await platform.fetch("GET", f"{origin.url}/large", headers={}, timeout_s=10, limit=1000)
    assert answer.body == b"x" * 1000


async def test_no_cookie_is_kept(platform: Platform, origin: Origin) -> None:
    for _ in range(2):
        await platform.fetch("GET", f"{origin.url}/plain", headers={}, timeout_s=10)
    assert "cookie" not in origin.seen[1][1]


@pytest.mark.parametrize("path", ["/silent", "/dripping"])
async def test_no_answer_in_time_is_an_error_soon_after(platform: Platform, origin: Origin, path: str) -> None:
    started = time.monotonic()
    with pytest.raises(FetchError):
        await platform.fetch("GET", f"{origin.url}{path}", headers={}, timeout_s=0.5)
    assert time.monotonic() - started < 5


@pytest.mark.parametrize("path", ["/cut", "/no-http", "/hangs-up"])
async def test_a_broken_answer_is_an_error(platform: Platform, origin: Origin, path: str) -> None:
    with pytest.raises(FetchError):
        await platform.fetch("GET", f"{origin.url}{path}", headers={}, timeout_s=10)


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/", "http://nowhere.invalid/", "http://[/", "gopher://127.0.0.1/"])
async def test_what_cannot_be_reached_is_an_error(platform: Platform, url: str) -> None:
    with pytest.raises(FetchError):
        await platform.fetch("GET", url, headers={}, timeout_s=10)
