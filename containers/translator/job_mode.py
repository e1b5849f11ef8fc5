"""``WORKER_MODE=job``: a process that asks for work, does it, and exits 0 when there is none. It listens to nobody."""

from __future__ import annotations

import asyncio
import logging
import signal
import sys

from translator.app import Worker
from translator.pull import Puller, PullError

_LOG = logging.getLogger(__name__)


async def work(worker: Worker, *, grace_s: float) -> int:
    """The exit code: 0 at the end of the work or after a signal, 1 where models or orchestrator cannot be had."""
    try:
        # Before the first claim: a claimed job's lease does not wait for models.
        worker.models.start()
        await worker.models.loaded()
    except Exception:  # noqa: BLE001 - whatever an engine raises that cannot load
        _LOG.exception("the models could not be loaded")
        return 1
    draining = _drain_on_signal(worker.puller, grace_s)
    try:
        why = await worker.puller.run()
        await draining.ended()
    except PullError as error:
        _LOG.error("claiming failed", extra={"why": f"{type(error).__name__}: {error}"})
        return 1
    finally:
        await worker.aclose()
    _LOG.info(why)
    sys.stdout.write(f"{why}\n")
    sys.stdout.flush()
    return 0


class _Draining:
    """What the first signal began."""

    def __init__(self) -> None:
        self.task: asyncio.Task[None] | None = None

    async def ended(self) -> None:
        if self.task is not None:
            await self.task


def _drain_on_signal(puller: Puller, grace_s: float) -> _Draining:
    draining, loop = _Draining(), asyncio.get_running_loop()

    def drain() -> None:
        if draining.task is None:
            _LOG.info("draining", extra={"grace_s": grace_s})
            draining.task = loop.create_task(puller.stop(grace_s))

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, drain)
    return draining
