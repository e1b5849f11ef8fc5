"""Tells the orchestrator how an attempt stands, and takes in what it answers: cancel, stale, fresh grants."""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import replace

from contract.attempt import AttemptOrder
from contract.report import Reply, Report, ReportType
from contract.usage import NO_USAGE, Usage
from translator.callbacks import CallbackLost, CallbackRefused, Callbacks, StaleAttempt
from translator.grants import GrantBook
from translator.meter import Meter
from translator.page_table import PageTable
from translator.stop import Stop, StopReason

LEAST_INTERVAL_S, CALM_INTERVAL_S = 0.5, 5.0
_REPORTS_A_HEARTBEAT = 3
_LOG = logging.getLogger(__name__)


def interval_s(heartbeat_s: float) -> float:
    """How long news wait for more of them. Every report costs the orchestrator a dozen storage operations, so where
    heartbeats are seldom, news are gathered; a shorter heartbeat asks for livelier progress."""
    return max(LEAST_INTERVAL_S, min(CALM_INTERVAL_S, heartbeat_s / _REPORTS_A_HEARTBEAT))


class Reporter:
    """One attempt's reports. ``seq`` grows with each; every report holds the whole table."""

    def __init__(
        self,
        order: AttemptOrder,
        callbacks: Callbacks,
        *,
        worker_id: str,
        table: PageTable,
        book: GrantBook,
        stop: Stop,
        meter: Meter,
        engines: Mapping[str, str],
        least_interval_s: float,
    ) -> None:
        self._order, self._callbacks, self._worker_id = order, callbacks, worker_id
        self._table, self._book, self._stop, self._meter = table, book, stop, meter
        self._engines, self._least_interval_s = dict(engines), least_interval_s
        self._seq, self._sent_at = 0, 0.0
        self._news = asyncio.Event()
        self.spent: Callable[[], Usage] = lambda: NO_USAGE
        """What has been asked of models; whoever has the stages says."""
        table.changed = book.asked = self._news.set

    async def first(self) -> None:
        """Asks whether the attempt is ours, before any work. Raises ``CallbackError`` where it is not or cannot be."""
        await self._beat(once=False)

    async def run(self) -> None:
        """Reports news at once (but not too often), and that we live when there are none. Ends when we are stale."""
        while True:
            await self._until_due()
            try:
                await self._beat(once=True)
            except StaleAttempt:
                self._stop.request(StopReason.STALE)
                return
            except (CallbackLost, CallbackRefused) as error:
                # The next report holds all that this one did.
                _LOG.warning("a heartbeat was lost", extra={"why": str(error)})

    async def tell(self) -> None:
        """Reports at once how things stand, and waits until that has arrived, or got lost."""
        try:
            await self._beat(once=True)
        except StaleAttempt:
            self._stop.request(StopReason.STALE)
        except (CallbackLost, CallbackRefused) as error:
            _LOG.warning("a heartbeat was lost", extra={"why": str(error)})

    def result(self, *, learned: int | None = None) -> Report:
        """The end of the attempt: every page has ended, or was given back for the next attempt. ``learned`` as in
        :class:`~contract.report.Report`."""
        return replace(self._report(ReportType.RESULT, wants=False), learned=learned)

    async def _until_due(self) -> None:
        since = time.monotonic() - self._sent_at
        try:
            async with asyncio.timeout(max(0.0, self._order.heartbeat_s - since)):
                await self._news.wait()
        except TimeoutError:
            return
        await asyncio.sleep(max(0.0, self._least_interval_s - (time.monotonic() - self._sent_at)))

    async def _beat(self, *, once: bool) -> None:
        self._news.clear()
        report = self._report(ReportType.HEARTBEAT, wants=True)
        try:
            reply = await self._callbacks.send(self._order.callback_url, report.to_bytes(), once=once)
        finally:
            self._sent_at = time.monotonic()
        self._take(reply, report)

    def _take(self, reply: Reply, report: Report) -> None:
        self._book.renew(reply, report.wants)
        if reply.cancel:
            self._stop.request(StopReason.CANCEL)

    def _report(self, kind: ReportType, *, wants: bool) -> Report:
        report = Report(
            type=kind,
            event_id=f"evt_{secrets.token_hex(16)}",
            job_id=self._order.job_id,
            attempt=self._order.attempt,
            worker_id=self._worker_id,
            seq=self._seq,
            pages=self._table.reports,
            wants=self._book.wants(self._table.open_pages) if wants else (),
            transport=self._meter.transport,
            engines=self._engines,
            usage=self.spent(),
            protocol=self._order.protocol,
        )
        self._seq += 1
        return report
