"""Rate limit, measurements and sleep: the same behaviour everywhere."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from edge.platform import Platform, Point
from local.platform import LocalPlatform
from tests.platforms.conftest import RATE_LIMIT


async def test_a_key_is_allowed_so_many_requests_and_then_refused(platform: Platform, space: str) -> None:
    assert [await platform.allow(space) for _ in range(RATE_LIMIT + 2)] == [True] * RATE_LIMIT + [False] * 2


async def test_keys_do_not_use_up_each_others_requests(platform: Platform, space: str) -> None:
    for _ in range(RATE_LIMIT + 1):
        await platform.allow(f"{space}one")
    assert await platform.allow(f"{space}another")


@pytest.mark.parametrize("name", ["job_a", "j" * 200, "吹き出し"])
async def test_a_point_is_taken_whatever_it_is_called(platform: Platform, name: str) -> None:
    platform.measure(Point("callback", name, "heartbeat", "presigned", attempt=1, size=10**12, ms=3))


async def test_sleeping_takes_its_time(platform: Platform) -> None:
    began = time.monotonic()
    await platform.sleep(0.2)
    assert 0.15 < time.monotonic() - began < 5


async def test_without_a_rate_limit_everything_is_allowed(tmp_path: Path) -> None:
    platform = LocalPlatform(tmp_path)
    assert all([await platform.allow("owner:a") for _ in range(1000)])
    await platform.aclose()
