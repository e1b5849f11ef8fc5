"""The clock that calls the orchestrator's sweep, as Cloudflare's cron trigger does."""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

DEFAULT_EVERY_S = 60.0


class Cron:
    """Calls ``sweep`` at once and then every ``every_s`` seconds, never twice at a time.

    A sweep that takes longer delays the next one; one that raises is logged, and the next one comes as usual.
    """

    def __init__(
        self,
        sweep: Callable[[], Awaitable[None]],
        *,
        every_s: float = DEFAULT_EVERY_S,
        log: Callable[[str, Mapping[str, Any]], None],
    ) -> None:
        self._sweep, self._every_s, self._log = sweep, every_s, log
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._loop(), name="cron")

    async def stop(self) -> None:
        """Ends the loop, a sweep under way included: a sweep may be cut off at any point."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    async def _loop(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            started = loop.time()
            await self._once()
            await asyncio.sleep(max(0.0, started + self._every_s - loop.time()))

    async def _once(self) -> None:
        try:
            await self._sweep()
        except asyncio.CancelledError as error:
            # Not stopped from outside: something inside the sweep was canceled, and that must not end the loop.
            if self._task is None or self._task.cancelling():
                raise
            self._failed(error)
        except Exception as error:  # noqa: BLE001 - a failed sweep must not be the last one
            self._failed(error)

    def _failed(self, error: BaseException) -> None:
        self._log("sweep_failed", {"error": repr(error), "traceback": traceback.format_exc()})
