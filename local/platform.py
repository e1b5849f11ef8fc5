"""The embedded platform: one folder on one machine."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from edge.platform import Point
from local.bucket import FileBucket
from local.fetch import HttpxFetch
from local.kv import SqliteKv
from local.outside import HttpxOutside
from local.rate import RateLimit

BACKGROUND_S = 30.0
"""How long work may go on after its response: what Workers' ``waitUntil`` gives."""

CLOSE_S = 5.0
"""How long background work may hold up the end."""

_logger = logging.getLogger("fukidashi.local")


class LocalPlatform:
    """Implements :class:`edge.platform.Platform` with the files in ``folder``, which is made if need be."""

    def __init__(
        self, folder: Path, *, now: Callable[[], float] = time.time, rate_limit: RateLimit | None = None
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.kv = SqliteKv(folder / "kv.sqlite", now=now)
        self.bucket = FileBucket(folder / "bucket", now=now)
        self.fetch = HttpxFetch()
        self.outside = HttpxOutside()
        self._now, self._rate_limit = now, rate_limit
        self._background: set[asyncio.Task[None]] = set()

    def now(self) -> float:
        return self._now()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def allow(self, key: str) -> bool:
        return self._rate_limit is None or self._rate_limit.allow(key)

    def measure(self, point: Point) -> None:
        _logger.debug(json.dumps({"event": "point", **asdict(point)}))

    def random_bytes(self, count: int) -> bytes:
        return os.urandom(count)

    def background(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(self._run(work))
        # The loop itself holds tasks weakly only.
        self._background.add(task)
        task.add_done_callback(self._background.discard)

    def log(self, event: str, fields: Mapping[str, Any]) -> None:
        _logger.info(json.dumps({"event": event, **fields}, ensure_ascii=False, default=str))

    async def aclose(self) -> None:
        """Waits for background work (:data:`CLOSE_S`), cuts off what still goes on, closes the files."""
        if self._background:
            _, unfinished = await asyncio.wait(self._background, timeout=CLOSE_S)
            for task in unfinished:
                task.cancel()
            await asyncio.gather(*unfinished, return_exceptions=True)
        await self.fetch.aclose()
        await self.outside.aclose()
        self.kv.close()
        self.bucket.close()

    async def _run(self, work: Awaitable[None]) -> None:
        try:
            async with asyncio.timeout(BACKGROUND_S):
                await work
        except Exception as error:  # noqa: BLE001 - nobody else is there to see it
            self.log("background_failed", {"error": repr(error)})
