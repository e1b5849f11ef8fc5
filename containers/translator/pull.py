"""Asking for work instead of waiting for it: claims attempts one after the other, and ends when there are no more.

PullError
├── ClaimRefused    the orchestrator does not take our claims; the same again would not be taken either
└── ClaimLost       no answer, or 5xx, every time
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass

from contract.attempt import AttemptOrder
from contract.claim import ClaimRequest
from contract.errors import BadKey, BadMessage
from contract.keys import check_id
from translator.callbacks import CallbackLost, CallbackRefused, Callbacks
from translator.runner import Runner, Taken

NO_JOBS = "no jobs available; exiting"
_LOG = logging.getLogger(__name__)


class PullError(Exception):
    """Base of what pulling raises."""


class ClaimRefused(PullError):  # noqa: N818
    pass


class ClaimLost(PullError):  # noqa: N818
    pass


@dataclass(frozen=True, slots=True)
class Pace:
    """At most ``max_jobs`` jobs; the end after ``max_empty_polls`` claims in a row that were answered "none"."""

    max_jobs: int
    poll_interval_s: float
    max_empty_polls: int


class Puller:
    """One job at a time. ``stop`` lets the pages in work end, and claims nothing more."""

    def __init__(self, runner: Runner, callbacks: Callbacks, *, url: str, worker_id: str, pace: Pace) -> None:
        self._runner, self._callbacks = runner, callbacks
        self._url, self._worker_id, self._pace = url, worker_id, pace
        self._stopping = asyncio.Event()

    async def run(self) -> str:
        """Works until it is done; why it ended. Raises :class:`PullError`."""
        taken = empty = 0
        while not self._stopping.is_set() and taken < self._pace.max_jobs:
            order = await self._claim()
            if order is not None and self._runner.take(order) is Taken.NEW:
                taken, empty = taken + 1, 0
                await self._runner.idle()
                continue
            empty += 1
            if empty >= self._pace.max_empty_polls:
                return NO_JOBS
            await self._pause()
        return "told to stop; exiting" if self._stopping.is_set() else f"{taken} jobs taken; exiting"

    async def stop(self, grace_s: float) -> None:
        """Claims nothing more, and gives back what of the job in work does not end within ``grace_s``."""
        self._stopping.set()
        await self._runner.drain(grace_s)

    async def _claim(self) -> AttemptOrder | None:
        try:
            response = await self._callbacks.exchange(self._url, ClaimRequest(self._worker_id).to_bytes())
        except CallbackRefused as error:
            raise ClaimRefused(str(error)) from None
        except CallbackLost as error:
            raise ClaimLost(str(error)) from None
        if response.status_code == 204 or self._stopping.is_set():
            # An order that comes after the signal is left: nobody reports it, and its lease ends.
            return None
        if response.status_code != 200:
            raise ClaimRefused(f"status {response.status_code}")
        return _order(response.content)

    async def _pause(self) -> None:
        try:
            async with asyncio.timeout(self._pace.poll_interval_s):
                await self._stopping.wait()
        except TimeoutError:
            return


def _order(body: bytes) -> AttemptOrder:
    try:
        order = AttemptOrder.parse(body)
        check_id("job_id", order.job_id)
    except (BadMessage, BadKey) as error:
        raise ClaimRefused(f"the order is malformed: {error}") from None
    return order
