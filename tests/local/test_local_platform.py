"""The embedded platform as a whole: clock, randomness, background work, log lines."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from edge.platform import Platform
from local import platform as platform_module
from local.platform import LocalPlatform


@pytest.fixture
async def platform(tmp_path: Path) -> AsyncIterator[LocalPlatform]:
    platform = LocalPlatform(tmp_path / "new" / "folder", now=lambda: 12.5)
    yield platform
    await platform.aclose()


def logged(caplog: pytest.LogCaptureFixture) -> list[dict[str, object]]:
    return [json.loads(record.message) for record in caplog.records if record.name == "fukidashi.local"]


async def test_it_is_a_platform_in_a_folder_that_it_makes(platform: LocalPlatform, tmp_path: Path) -> None:
    whole: Platform = platform
    await whole.kv.put("key", "value")
    assert (tmp_path / "new" / "folder" / "kv.sqlite").exists()
    assert whole.now() == 12.5


async def test_random_bytes_differ(platform: LocalPlatform) -> None:
    assert len(platform.random_bytes(16)) == 16
    assert platform.random_bytes(16) != platform.random_bytes(16)


async def test_background_work_goes_on_and_is_waited_for_at_the_end(tmp_path: Path) -> None:
    platform = LocalPlatform(tmp_path)
    done: list[str | None] = []

    async def work() -> None:
        await asyncio.sleep(0.02)
        done.append(await platform.kv.get("key"))

    await platform.kv.put("key", "value")
    platform.background(work())
    assert done == []
    await platform.aclose()
    assert done == ["value"]


async def test_background_work_that_fails_is_logged(platform: LocalPlatform, caplog: pytest.LogCaptureFixture) -> None:
    async def work() -> None:
        raise RuntimeError("no luck")

    with caplog.at_level(logging.INFO):
        platform.background(work())
        await asyncio.sleep(0.01)
    assert logged(caplog) == [{"event": "background_failed", "error": "RuntimeError('no luck')"}]


async def test_background_work_has_an_end(
    platform: LocalPlatform, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(platform_module, "BACKGROUND_S", 0.01)
    with caplog.at_level(logging.INFO):
        platform.background(asyncio.sleep(60))
        await asyncio.sleep(0.05)
    assert [line["error"] for line in logged(caplog)] == ["TimeoutError()"]


async def test_background_work_does_not_hold_up_the_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform_module, "CLOSE_S", 0.01)
    platform = LocalPlatform(tmp_path)
    platform.background(asyncio.sleep(60))
    async with asyncio.timeout(5):
        await platform.aclose()


async def test_a_log_line_is_json_whatever_it_holds(platform: LocalPlatform, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        platform.log("job_created", {"pages": 40, "題": "吹き出し\n", "path": Path("x"), "none": None})
    assert logged(caplog) == [{"event": "job_created", "pages": 40, "題": "吹き出し\n", "path": "x", "none": None}]
