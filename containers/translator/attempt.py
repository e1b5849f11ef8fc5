"""One attempt at a job, from the first report to the delivered result."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, field

import httpx

from contract.attempt import AttemptOrder
from contract.job import Direction
from contract.report import Report
from contract.signing import Secret
from translator.backoff import Backoff
from translator.callbacks import REPORTS, CallbackError, CallbackLost, Callbacks, OrchestratorClock
from translator.chapter import Chapter
from translator.done_pages import DonePages, load_done_pages
from translator.grants import GrantBook
from translator.lanes import Lanes
from translator.log import enter_job
from translator.meter import Meter
from translator.metrics import Metrics
from translator.page_table import PageTable
from translator.pipeline.account import NO_ACCOUNT, Account
from translator.pipeline.pipeline import PagePipeline, PageSettings, Stages
from translator.pipeline.protocols import pacing_of
from translator.pipeline.types import ReadingDirection
from translator.remote import ObjectExists, Remote, RemoteError, Upload
from translator.reporter import Reporter, interval_s
from translator.series_work import SeriesWork
from translator.stages import StageFactory, StageOrder, Unsupported
from translator.stop import Stop, StopReason
from translator.transfers import PageTransfers

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Tempo:
    """How often and how long things are tried; shorter in tests. ``report_s`` is as the orchestrator's heartbeat asks
    for, where it is left out."""

    report_s: float | None = None
    grants_s: float = 60.0
    transfers: Backoff = field(default_factory=Backoff)
    callbacks: Backoff = field(default_factory=lambda: REPORTS)


@dataclass(frozen=True, slots=True)
class Means:
    """What every attempt of this process works with."""

    client: httpx.AsyncClient
    secrets: tuple[Secret, ...]
    clock: OrchestratorClock
    lanes: Lanes
    metrics: Metrics
    worker_id: str
    max_page_bytes: int
    max_page_pixels: int
    tempo: Tempo = Tempo()


class Attempt:
    """Runs once. It fails no job by itself: what it cannot report, the orchestrator finds out by its lease."""

    def __init__(self, order: AttemptOrder, factory: StageFactory, means: Means) -> None:
        self._order, self._factory, self._means = order, factory, means
        self.stop = Stop()
        self.was_dropped = False
        self._meter = Meter(order.callback_url)
        self._table = PageTable(page.page for page in order.pages)
        self._remote = Remote(means.client, backoff=means.tempo.transfers)
        self._callbacks = Callbacks(
            means.client,
            means.secrets,
            clock=means.clock,
            backoff=means.tempo.callbacks,
            retried=means.metrics.callback_retried,
        )
        self._book = GrantBook(
            order.pages,
            order.options.image_format,
            now=means.clock.now,
            patience_s=means.tempo.grants_s,
            result=order.result,
            neighbours=order.neighbours,
            learn=order.learn,
        )
        self._series = SeriesWork(order, self._remote, self._book, self._meter)
        self._account: Account = NO_ACCOUNT

    async def run(self) -> None:
        """Returns when the result was delivered, or there is nobody to deliver it to."""
        enter_job(self._order.job_id, self._order.attempt)
        reporter = self._reporter()
        try:
            await reporter.first()
        except CallbackError as error:
            # Who was not heard has taken nothing: without this, the order repeated would be "already taken" for ever.
            self.was_dropped = isinstance(error, CallbackLost)
            _LOG.warning("the attempt was dropped", extra={"why": f"{type(error).__name__}: {error}"})
            return
        _LOG.info("the attempt begins", extra={"pages": len(self._order.pages)})
        await self._work(reporter)
        await self._end(reporter)

    async def _work(self, reporter: Reporter) -> None:
        """The chapter, with heartbeats beside it; heartbeats end first only where the attempt is stale."""
        beats = asyncio.create_task(reporter.run())
        chapter = asyncio.create_task(self._chapter(reporter))
        try:
            await asyncio.wait({beats, chapter}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (beats, chapter):
                task.cancel()
            outcomes = await asyncio.gather(beats, chapter, return_exceptions=True)
        for outcome in outcomes:
            if isinstance(outcome, Exception):
                raise outcome

    async def _chapter(self, reporter: Reporter) -> None:
        try:
            stages, done = await self._stages()
            reporter.spent = stages.account.total
            self._account = stages.account
        except Unsupported as error:
            # An order that was claimed is nobody's to refuse any more: it ends, and says why.
            self._table.refuse(f"{error.field}: {error.detail}")
            return
        settings = PageSettings(
            source=self._order.source,
            target=self._order.target,
            direction=ReadingDirection(self._order.reading_direction.value),
            image_format=self._order.options.image_format,
            max_pixels=self._means.max_page_pixels,
            warnings=(*self._series.warnings, *done.warnings),
            policies=self._order.options.policies,
            clean_plates=self._order.options.clean_plates,
        )
        transfers = PageTransfers(
            self._remote,
            self._book,
            self._meter,
            attempt=self._order.attempt,
            max_bytes=self._means.max_page_bytes,
        )
        await Chapter(
            [page.page for page in self._order.pages],
            PagePipeline(stages, settings),
            transfers,
            table=self._table,
            stop=self.stop,
            lanes=self._means.lanes,
            meter=self._meter,
            metrics=self._means.metrics,
            alone=self._order.alone,
            is_strip=settings.direction is ReadingDirection.WEBTOON,
            page_count=self._order.page_count,
            done=done,
            direction=_settled(self._order),
            announce=reporter.tell,
        ).run()

    async def _stages(self) -> tuple[Stages, DonePages]:
        """The stages for this job, and what is known of the pages that are done. A memory that cannot be had costs the
        memory, not the chapter, and is told."""
        order, lane = self._order, self._means.lanes.read
        await self._series.fetch(lane)
        stages = await lane.run(
            self._factory.stages,
            StageOrder(order.source, order.target, order.options),
            scope=self._series.scope,
            cancelled=lambda: not self.stop.takes_pages,
        )
        is_told = pacing_of(stages.translator).context_pages > 0 or stages.account is not NO_ACCOUNT
        done = await load_done_pages(order, self._remote, self._meter, lane, is_told=is_told)
        return self._series.wrap(stages, done.lines), done

    async def _end(self, reporter: Reporter) -> None:
        reason = self.stop.reason
        await self._series.close()
        if account := self._account.to_json():
            _LOG.info("what was asked of models", extra={"ledger": account})
        if reason is StopReason.STALE:
            _LOG.info("another attempt has the job")
            return
        if reason is StopReason.DRAIN:
            # A result with pages left open: the orchestrator orders them from the next attempt at once.
            self._table.give_back()
        elif reason is StopReason.CANCEL:
            self._table.close("the job was canceled")
        try:
            await self._deliver(reporter.result(learned=await self._series.leave()))
        except CallbackError as error:
            _LOG.warning("the result was not taken", extra={"why": f"{type(error).__name__}: {error}"})

    async def _deliver(self, result: Report) -> None:
        """First to the storage, from where a lost callback's result is found, then to the orchestrator."""
        body = result.to_bytes()
        try:
            await self._remote.put(self._book.result, Upload(body), meter=self._meter)
        except ObjectExists:
            _LOG.info("the result is stored already")
        except RemoteError as error:
            _LOG.warning("the result was not stored", extra={"why": str(error)})
        await self._callbacks.send(self._order.callback_url, body)
        _LOG.info("the result is delivered", extra={"pages": len(result.pages)})

    def _reporter(self) -> Reporter:
        return Reporter(
            self._order,
            self._callbacks,
            worker_id=self._means.worker_id,
            table=self._table,
            book=self._book,
            stop=self.stop,
            meter=self._meter,
            engines=self._factory.engines,
            least_interval_s=self._means.tempo.report_s or interval_s(self._order.heartbeat_s),
        )


def _settled(order: AttemptOrder) -> ReadingDirection | None:
    """What attempts before have taken ``auto`` for; nothing that is no direction itself."""
    found = order.settled_direction
    return None if found is None or found is Direction.AUTO else ReadingDirection(found.value)
