"""Which attempts this process has: taken once, as many at a time as it may, ended in order."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Callable
from enum import Enum, auto
from typing import Protocol

from contract.attempt import AttemptOrder
from translator.metrics import Metrics
from translator.stop import Stop, StopReason

_LOG = logging.getLogger(__name__)
_REMEMBERED = 1000
_Key = tuple[str, int]


class Busy(Exception):  # noqa: N818
    """No room for another attempt now."""


class Draining(Exception):  # noqa: N818
    """This process is about to end and takes nothing more."""


class Taken(Enum):
    """What became of an order that was accepted."""

    NEW = auto()
    ALREADY = auto()


class Runnable(Protocol):
    """An attempt, as far as the runner sees it."""

    stop: Stop
    was_dropped: bool
    """Whether it ended without anybody knowing of it: the same order may begin it anew."""

    async def run(self) -> None: ...


class Runner:
    """Runs attempts as tasks of the event loop it is used on."""

    def __init__(self, make: Callable[[AttemptOrder], Runnable], *, max_jobs: int, metrics: Metrics) -> None:
        self._make, self._max_jobs, self._metrics = make, max_jobs, metrics
        self._running: dict[_Key, tuple[Runnable, asyncio.Task[None]]] = {}
        self._ended: OrderedDict[_Key, None] = OrderedDict()
        self._draining = False

    @property
    def draining(self) -> bool:
        return self._draining

    @property
    def busy(self) -> bool:
        """Whether any attempt is in work."""
        return bool(self._running)

    async def idle(self) -> None:
        """Returns once nothing is in work."""
        while self._running:
            await asyncio.wait({task for _, task in self._running.values()})

    def take(self, order: AttemptOrder) -> Taken:
        """Begins an attempt, or finds that it has begun. Raises :class:`Busy` or :class:`Draining`."""
        key = (order.job_id, order.attempt)
        if key in self._running or key in self._ended:
            return Taken.ALREADY
        if self._draining:
            raise Draining
        if len(self._running) >= self._max_jobs or any(job == order.job_id for job, _ in self._running):
            raise Busy
        attempt = self._make(order)
        task = asyncio.create_task(attempt.run(), name=f"{order.job_id}/{order.attempt}")
        self._running[key] = (attempt, task)
        self._metrics.jobs_in_work(len(self._running))
        task.add_done_callback(lambda done: self._end(key, done))
        return Taken.NEW

    def _end(self, key: _Key, task: asyncio.Task[None]) -> None:
        attempt, _ = self._running.pop(key)
        self._metrics.jobs_in_work(len(self._running))
        if not attempt.was_dropped:
            self._ended[key] = None
        while len(self._ended) > _REMEMBERED:
            self._ended.popitem(last=False)
        if not task.cancelled() and (error := task.exception()) is not None:
            job_id, number = key
            _LOG.error("an attempt broke", exc_info=error, extra={"job_id": job_id, "attempt": number})

    async def drain(self, grace_s: float) -> None:
        """Takes nothing more, lets the pages in work end and report, and after ``grace_s`` ends what is left."""
        self._draining = True
        for attempt, _ in self._running.values():
            attempt.stop.request(StopReason.DRAIN)
        await self._wait(grace_s * 0.7)
        for attempt, _ in self._running.values():
            attempt.stop.run_out_of_time()
        await self._wait(grace_s * 0.3)
        for _, task in self._running.values():
            task.cancel()
        await self._wait(1.0)

    async def _wait(self, seconds: float) -> None:
        tasks = {task for _, task in self._running.values()}
        if tasks:
            await asyncio.wait(tasks, timeout=seconds)
