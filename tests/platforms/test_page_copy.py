"""A page from a URL into the bucket, through every platform's own streams."""

from __future__ import annotations

import time
from typing import Any

import pytest

from edge.page_copy import PageFault, Rules, copy_page
from edge.platform import ABSENT, Platform
from tests.platforms.origin import PNG, Origin
from tests.support.remote_platform import RemotePlatform


async def copied(
    platform: Platform, url: str, key: str, *, max_bytes: int = 1_000_000, timeout_s: float = 20.0
) -> dict[str, Any] | None:
    """The fault, if there was one; wherever the platform is, it runs the same code."""
    if isinstance(platform, RemotePlatform):
        return await platform.copy_page(url, key, max_bytes=max_bytes, timeout_s=timeout_s)
    try:
        await copy_page(platform, url, key, Rules(max_bytes, platform.now() + timeout_s, allow_private=True))
    except PageFault as fault:
        return {**fault.error.to_json(), "passes": fault.passes}
    return None


@pytest.mark.parametrize("path", ["/picture", "/chunked-picture", "/moved/picture"])
async def test_a_page_arrives_byte_for_byte_with_its_true_type(
    platform: Platform, origin: Origin, space: str, path: str
) -> None:
    assert await copied(platform, f"{origin.url}{path}", f"{space}page") is None
    found = await platform.bucket.read(f"{space}page")
    assert found is not None
    assert (found[0].content_type, found[1]) == ("image/png", PNG)


async def test_a_page_of_unknown_size_is_asked_for_twice(platform: Platform, origin: Origin, space: str) -> None:
    await copied(platform, f"{origin.url}/chunked-picture", f"{space}page")
    assert len(origin.seen) == 2


async def test_a_page_that_is_there_already_stays(platform: Platform, origin: Origin, space: str) -> None:
    await platform.bucket.put(f"{space}page", b"first", content_type="image/png", only_if=ABSENT)
    assert await copied(platform, f"{origin.url}/picture", f"{space}page") is None
    found = await platform.bucket.read(f"{space}page")
    assert found is not None
    assert found[1] == b"first"


@pytest.mark.parametrize(
    ("path", "code", "passes"),
    [
        ("/cut-picture", "download_failed", True),
        ("/cut-chunked-picture", "download_failed", True),
        ("/hangs-up", "download_failed", True),
        ("/no-http", "download_failed", True),
        ("/broken", "download_failed", True),
        ("/loop", "download_failed", False),
        ("/plain", "not_an_image", False),
        ("/empty", "empty_page", False),
    ],
)
async def test_what_is_no_whole_page_leaves_nothing(
    platform: Platform, origin: Origin, space: str, path: str, code: str, passes: bool
) -> None:
    fault = await copied(platform, f"{origin.url}{path}", f"{space}page")
    assert fault is not None
    assert (fault["code"], fault["passes"]) == (code, passes)
    assert origin.url not in fault["detail"]
    assert await platform.bucket.head(f"{space}page") is None


@pytest.mark.parametrize("path", ["/picture", "/chunked-picture"])
async def test_a_page_that_is_too_large_leaves_nothing(
    platform: Platform, origin: Origin, space: str, path: str
) -> None:
    fault = await copied(platform, f"{origin.url}{path}", f"{space}page", max_bytes=len(PNG) - 1)
    assert fault is not None
    assert fault["code"] == "image_too_large"
    assert await platform.bucket.head(f"{space}page") is None
    assert await copied(platform, f"{origin.url}{path}", f"{space}page", max_bytes=len(PNG)) is None


async def test_a_page_that_comes_too_slowly_is_given_up_soon(platform: Platform, origin: Origin, space: str) -> None:
    started = time.monotonic()
    fault = await copied(platform, f"{origin.url}/slow-picture", f"{space}page", timeout_s=1.0)
    assert fault is not None
    assert (fault["code"], fault["passes"]) == ("download_failed", True)
    assert time.monotonic() - started < 8
    assert await platform.bucket.head(f"{space}page") is None
