"""A chapter as a pipeline: while one page is translated, the next is read and the one before is typeset.

Five stations in a row with a queue of one page between them, each on one page at a time, reading on two: about ten
pages are in memory, however long the chapter is. Pages leave every station in their order, so that a page's context is
ready when its turn comes.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, ParamSpec

from contract.report import PageError
from contract.status import PageErrorCode
from translator.lanes import Lanes
from translator.meter import Meter
from translator.metrics import Metrics
from translator.page_table import PageTable
from translator.pipeline.pipeline import (
    CONTEXT_PAGES,
    PageOutcome,
    PagePipeline,
    Pairs,
    ReadPage,
    TranslatedPage,
)
from translator.pipeline.protocols import StageError
from translator.pipeline.watch import Stopped, Stopwatch
from translator.stop import Stop
from translator.transfers import PageTransfers

_LOG = logging.getLogger(__name__)
_TRANSFERS = frozenset({"download", "upload"})
P = ParamSpec("P")


class JobWatch:
    """What the attempt sees of one page's stages; called from any thread."""

    def __init__(self, page: int, *, table: PageTable, stop: Stop, meter: Meter, metrics: Metrics) -> None:
        self._page, self._table, self._stop = page, table, stop
        self._meter, self._metrics = meter, metrics
        self._loop, self._loop_thread = asyncio.get_running_loop(), threading.get_ident()

    def enter(self, stage: str) -> None:
        self._stop.check()
        self._tell(self._table.enter, self._page, stage)

    def leave(self, stage: str, seconds: float) -> None:
        self._metrics.stage_took(stage, seconds)
        if stage not in _TRANSFERS:
            self._tell(self._meter.computed_for, seconds)

    def _tell(self, method: Callable[P, None], *args: P.args, **kwargs: P.kwargs) -> None:
        if threading.get_ident() == self._loop_thread:
            method(*args, **kwargs)
        else:
            self._loop.call_soon_threadsafe(partial(method, *args, **kwargs))


@dataclass(frozen=True, slots=True)
class _Item:
    """A page between two stations; ``value`` is what the next one works on."""

    page: int
    value: Any


_Work = Callable[[_Item], Awaitable[Any]]


async def _announce_nothing() -> None:
    """Nobody listens."""


class Chapter:
    """Runs the pages of one attempt; how each ended stands in ``table``."""

    def __init__(
        self,
        pages: Sequence[int],
        pipeline: PagePipeline,
        transfers: PageTransfers,
        *,
        table: PageTable,
        stop: Stop,
        lanes: Lanes,
        meter: Meter,
        metrics: Metrics,
        alone: Sequence[int] = (),
        announce: Callable[[], Awaitable[None]] = _announce_nothing,
    ) -> None:
        """Pages of ``alone`` come last, each with no other in work, and ``announce`` is awaited before they begin: if
        the process dies of one, its last words were about that page."""
        self._pages = sorted(pages, key=lambda page: (page in alone, page))
        self._alone, self._announce = frozenset(alone), announce
        self._inside, self._empty = 0, asyncio.Event()
        self._empty.set()
        self._pipeline, self._transfers = pipeline, transfers
        self._table, self._stop, self._lanes = table, stop, lanes
        self._meter, self._metrics = meter, metrics
        self._context: deque[Pairs] = deque(maxlen=CONTEXT_PAGES)

    async def run(self) -> None:
        """Returns when every page has ended, or was given up because of ``stop``. Cancelling it drops everything."""
        works: tuple[_Work, ...] = (self._download, self._read, self._translate, self._finish, self._store)
        queues: list[asyncio.Queue[_Item | None]] = [asyncio.Queue(maxsize=1) for _ in works]
        async with asyncio.TaskGroup() as group:
            group.create_task(self._feed(queues[0]))
            for index, work in enumerate(works):
                sink = queues[index + 1] if index + 1 < len(works) else None
                width = self._lanes.readers if work == self._read else 1
                group.create_task(self._station(work, queues[index], sink, width))

    async def _feed(self, sink: asyncio.Queue[_Item | None]) -> None:
        for page in self._pages:
            if page in self._alone:
                await self._empty.wait()
            if not self._stop.takes_pages:
                break
            if page in self._alone:
                self._table.enter(page, "download")
                await self._announce()
            self._inside += 1
            self._empty.clear()
            await sink.put(_Item(page, None))
            if page in self._alone:
                await self._empty.wait()
        await sink.put(None)

    async def _station(
        self, work: _Work, source: asyncio.Queue[_Item | None], sink: asyncio.Queue[_Item | None] | None, width: int
    ) -> None:
        """Works on up to ``width`` pages at once, and hands them on in the order in which they came."""
        slots, begun = asyncio.Semaphore(width), asyncio.Queue[tuple[_Item, asyncio.Task[Any]] | None]()
        async with asyncio.TaskGroup() as group:
            group.create_task(_hand_on(begun, sink, slots))
            while True:
                await slots.acquire()
                item = await source.get()
                if item is None:
                    break
                begun.put_nowait((item, group.create_task(self._guarded(work, item))))
            begun.put_nowait(None)

    async def _guarded(self, work: _Work, item: _Item) -> Any:
        value = await self._contained(work, item)
        if value is None:
            self._leave()
        return value

    def _leave(self) -> None:
        self._inside -= 1
        if not self._inside:
            self._empty.set()

    async def _contained(self, work: _Work, item: _Item) -> Any:
        """A page fails alone: this is the boundary at which whatever happened to it becomes its error."""
        try:
            return await work(item)
        except Stopped:
            return None
        except StageError as error:
            self._fail(item.page, _page_error(error))
        except Exception as error:  # noqa: BLE001 - a bug in a stage costs its page, visibly, and no other
            stage = self._table.stage_of(item.page)
            _LOG.exception("a stage broke", extra={"page": item.page, "stage": stage})
            detail = f"{stage}: {type(error).__name__}: a defect, see the translator's log"
            self._fail(item.page, PageError.of(PageErrorCode.STAGE_FAILED, detail))
        return None

    async def _download(self, item: _Item) -> bytes:
        if not self._stop.takes_pages:
            raise Stopped
        with Stopwatch(self._watch(item.page)).stage("download"):
            return await self._transfers.download(item.page)

    async def _read(self, item: _Item) -> ReadPage:
        return await self._lanes.read.run(self._pipeline.read, item.value, item.page, self._watch(item.page))

    async def _translate(self, item: _Item) -> TranslatedPage:
        context, watch = tuple(self._context), self._watch(item.page)
        translated = await self._lanes.translate.run(self._pipeline.translate, item.value, context, watch)
        self._context.append(translated.pairs)
        return translated

    async def _finish(self, item: _Item) -> PageOutcome:
        return await self._lanes.finish.run(self._pipeline.finish, item.value, self._watch(item.page))

    async def _store(self, item: _Item) -> None:
        finished: PageOutcome = item.value
        with Stopwatch(self._watch(item.page)).stage("upload"):
            output = await self._transfers.upload(finished)
        document = finished.document
        self._table.done(item.page, output, warnings=document.warnings, timings_ms=document.timings)
        self._metrics.page_ended("done")

    def _fail(self, page: int, error: PageError) -> None:
        _LOG.warning("page failed", extra={"page": page, "code": error.code.value, "detail": error.detail})
        self._table.fail(page, error)
        self._metrics.page_ended(error.code.value)

    def _watch(self, page: int) -> JobWatch:
        return JobWatch(page, table=self._table, stop=self._stop, meter=self._meter, metrics=self._metrics)


async def _hand_on(
    begun: asyncio.Queue[tuple[_Item, asyncio.Task[Any]] | None],
    sink: asyncio.Queue[_Item | None] | None,
    slots: asyncio.Semaphore,
) -> None:
    """A page keeps its slot until the next station has room for it."""
    while (entry := await begun.get()) is not None:
        item, task = entry
        value = await task
        if value is not None and sink is not None:
            await sink.put(_Item(item.page, value))
        slots.release()
    if sink is not None:
        await sink.put(None)


def _page_error(error: StageError) -> PageError:
    try:
        code = PageErrorCode(error.code)
    except ValueError:
        code = PageErrorCode.STAGE_FAILED
    return PageError(code, f"{error.stage}: {error.detail}"[:500], error.retryable or code.retryable)
