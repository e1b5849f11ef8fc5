"""The cron loop."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from local.cron import Cron


class Log:
    def __init__(self) -> None:
        self.lines: list[tuple[str, Mapping[str, Any]]] = []

    def __call__(self, event: str, fields: Mapping[str, Any]) -> None:
        self.lines.append((event, fields))


class Sweeps:
    """Counts sweeps up to ``enough``; each takes ``takes_s`` and the ones in ``failing`` raise."""

    def __init__(self, *, enough: int, takes_s: float = 0.0, failing: tuple[int, ...] = ()) -> None:
        self._enough, self._takes_s, self._failing = enough, takes_s, failing
        self.count = self.at_once = self.most_at_once = 0
        self.reached = asyncio.Event()

    async def __call__(self) -> None:
        self.count += 1
        if self.count == self._enough:
            self.reached.set()
        number = self.count
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            await asyncio.sleep(self._takes_s)
            if number in self._failing:
                raise RuntimeError(f"sweep {number} failed")
        finally:
            self.at_once -= 1


async def run(sweeps: Sweeps, log: Log, *, every_s: float) -> None:
    cron = Cron(sweeps, every_s=every_s, log=log)
    cron.start()
    async with asyncio.timeout(10):
        await sweeps.reached.wait()
    await cron.stop()


async def test_the_first_sweep_is_at_once() -> None:
    sweeps = Sweeps(enough=1)
    await run(sweeps, Log(), every_s=3600)
    assert sweeps.count == 1


async def test_a_sweep_that_takes_longer_than_the_interval_never_overlaps() -> None:
    sweeps = Sweeps(enough=5, takes_s=0.03)
    await run(sweeps, Log(), every_s=0.005)
    assert sweeps.most_at_once == 1


async def test_a_sweep_that_fails_is_logged_with_its_traceback_and_the_next_one_comes() -> None:
    log = Log()
    await run(Sweeps(enough=4, failing=(1, 2)), log, every_s=0.005)
    assert [event for event, _ in log.lines] == ["sweep_failed", "sweep_failed"]
    assert "sweep 1 failed" in log.lines[0][1]["error"]
    assert "test_cron.py" in log.lines[0][1]["traceback"]


async def test_something_canceled_inside_a_sweep_does_not_end_the_loop() -> None:
    log = Log()
    calls = 0
    again = asyncio.Event()

    async def sweep() -> None:
        nonlocal calls
        calls += 1
        if calls == 3:
            again.set()
        raise asyncio.CancelledError

    cron = Cron(sweep, every_s=0.001, log=log)
    cron.start()
    async with asyncio.timeout(5):
        await again.wait()
    await cron.stop()
    assert {event for event, _ in log.lines} == {"sweep_failed"}


async def test_stopping_cuts_off_a_sweep_under_way() -> None:
    sweeps = Sweeps(enough=1, takes_s=60)
    async with asyncio.timeout(5):
        await run(sweeps, Log(), every_s=1)
    assert sweeps.at_once == 0


async def test_no_sweep_comes_after_the_stop() -> None:
    sweeps = Sweeps(enough=3)
    await run(sweeps, Log(), every_s=0.005)
    count = sweeps.count
    await asyncio.sleep(0.05)
    assert sweeps.count == count


async def test_stopping_what_never_started_does_no_harm() -> None:
    await Cron(Sweeps(enough=1), log=Log()).stop()
