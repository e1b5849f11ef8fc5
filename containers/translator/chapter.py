"""A chapter as a pipeline: while one page is translated, the next is read and the one before is typeset.

Five stations in a row with a queue of one page between them, each on one page at a time, reading on two: about ten
pages are in memory, however long the chapter is. Pages leave every station in their order, so that a page's context is
ready when its turn comes. A translator that takes several pages a call, or needs no translations as context, gets them
so; then some more pages are in memory.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, ParamSpec, Protocol

from contract.report import PageError
from contract.status import PageErrorCode
from translator.batches import Batches, groups_of
from translator.fates import Fates
from translator.lanes import TRANSLATED_AT_ONCE, Lanes
from translator.meter import Meter
from translator.metrics import Metrics
from translator.page_table import PageTable
from translator.pipeline.pages import PageOutcome, Pairs, ReadPage, TranslatedPage
from translator.pipeline.pipeline import PagePipeline
from translator.pipeline.protocols import StageError
from translator.pipeline.watch import Stopped, Stopwatch
from translator.stop import Stop
from translator.strip import Strip
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
_Translated = dict[int, TranslatedPage]


class _Sink(Protocol):
    """Where a station's pages go; ``None`` is the last."""

    async def put(self, item: _Item | None, /) -> None: ...


class _Gathering:
    """The reading station's sink: pages wait for those of their call."""

    def __init__(self, batches: Batches[ReadPage]) -> None:
        self._batches = batches

    async def put(self, item: _Item | None, /) -> None:
        if item is None:
            self._batches.close()
        else:
            await self._batches.put(item.page, item.value)


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
        is_strip: bool = False,
        announce: Callable[[], Awaitable[None]] = _announce_nothing,
    ) -> None:
        """``is_strip``: texts may go on from one page to the next.

        Pages of ``alone`` come last, each with no other in work, and ``announce`` is awaited before they begin: if
        the process dies of one, its last words were about that page.
        """
        self._pages = sorted(pages, key=lambda page: (page in alone, page))
        self._alone, self._announce = frozenset(alone), announce
        self._inside, self._empty = 0, asyncio.Event()
        self._empty.set()
        self._pipeline, self._transfers = pipeline, transfers
        self._table, self._stop, self._lanes = table, stop, lanes
        self._meter, self._metrics = meter, metrics
        self._pacing = pipeline.pacing
        self._context: deque[Pairs] = deque(maxlen=self._pacing.context_pages)
        groups = groups_of(self._pages, size=self._pacing.pages_per_call, alone=self._alone)
        self._batches: Batches[ReadPage] = Batches(groups)
        self._strip = Strip(self._pages, pipeline, transfers, lanes.read, alone=alone) if is_strip else None
        self._fates = Fates(self._pages, alone=alone)

    async def run(self) -> None:
        """Returns when every page has ended, or was given up because of ``stop``. Cancelling it drops everything."""
        queues: list[asyncio.Queue[_Item | None]] = [asyncio.Queue(maxsize=1) for _ in range(4)]
        downloaded, read, finished, stored = queues
        async with asyncio.TaskGroup() as group:
            group.create_task(self._feed(downloaded))
            group.create_task(self._station(self._download, downloaded, read, 1))
            group.create_task(self._station(self._read, read, _Gathering(self._batches), self._lanes.readers))
            group.create_task(self._translating(finished))
            group.create_task(self._station(self._finish, finished, stored, 1))
            group.create_task(self._station(self._store, stored, None, 1))

    async def _feed(self, sink: asyncio.Queue[_Item | None]) -> None:
        fed = 0
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
            fed += 1
        for page in self._pages[fed:]:
            self._fates.left(page)
            self._batches.left(page)
        await sink.put(None)

    async def _station(self, work: _Work, source: asyncio.Queue[_Item | None], sink: _Sink | None, width: int) -> None:
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

    async def _translating(self, sink: asyncio.Queue[_Item | None]) -> None:
        """As a station, with groups of pages: one at a time where a page needs the translations before it."""
        width = 1 if self._pacing.waits else TRANSLATED_AT_ONCE
        slots, begun = asyncio.Semaphore(width), asyncio.Queue[tuple[list[int], asyncio.Task[_Translated]] | None]()
        async with asyncio.TaskGroup() as group:
            group.create_task(_hand_on_groups(begun, sink, slots))
            batches = aiter(self._batches)
            while True:
                await slots.acquire()  # first: what is taken from the batches makes room for more
                batch = await anext(batches, None)
                if batch is None:
                    break
                pages, reads = [page for page, _ in batch], [read for _, read in batch]
                context = self._context_of(reads)
                begun.put_nowait((pages, group.create_task(self._translate_group(reads, context))))
            begun.put_nowait(None)

    def _context_of(self, reads: Sequence[ReadPage]) -> tuple[Pairs, ...]:
        """The pages before these. Where no page waits for another's translation, only the texts of these are kept."""
        context = tuple(self._context)
        if not self._pacing.waits:
            self._context.extend(self._pipeline.plan(read).pairs for read in reads)
        return context

    async def _translate_group(self, reads: Sequence[ReadPage], context: Sequence[Pairs]) -> _Translated:
        """The pages that were translated; the others have their error."""
        pages = [read.page.number for read in reads]
        found: Sequence[TranslatedPage] | None = await self._contained(
            lambda _: self._translate(reads, context), *(_Item(page, None) for page in pages)
        )
        if found is None:
            for page in pages:
                self._drop(page)
        return {} if found is None else {page.read.page.number: page for page in found}

    async def _guarded(self, work: _Work, item: _Item) -> Any:
        value = await self._contained(work, item)
        if value is None:
            self._drop(item.page)
        return value

    def _drop(self, page: int) -> None:
        self._batches.left(page)
        self._leave()
        if self._strip is not None:
            self._strip.release(page)

    def _leave(self) -> None:
        self._inside -= 1
        if not self._inside:
            self._empty.set()

    async def _contained(self, work: _Work, *items: _Item) -> Any:
        """A page fails alone, or with those of its call: this is the boundary at which whatever happened to it becomes
        its error. ``work`` gets the first item."""
        try:
            return await work(items[0])
        except Stopped:
            for item in items:
                self._fates.left(item.page)
            return None
        except StageError as error:
            for item in items:
                self._fail(item.page, _page_error(error))
        except Exception as error:  # noqa: BLE001 - a bug in a stage costs its page, visibly, and no other
            stage = self._table.stage_of(items[0].page)
            _LOG.exception("a stage broke", extra={"page": items[0].page, "stage": stage})
            detail = f"{stage}: {type(error).__name__}: a defect, see the translator's log"
            for item in items:
                self._fail(item.page, PageError.of(PageErrorCode.STAGE_FAILED, detail))
        return None

    async def _download(self, item: _Item) -> bytes | Strip:
        """The page's file, or the strip that has it."""
        if not self._stop.takes_pages:
            raise Stopped
        with Stopwatch(self._watch(item.page)).stage("download"):
            if self._strip is None:
                return await self._transfers.download(item.page)
            await self._strip.download(item.page)
            return self._strip

    async def _read(self, item: _Item) -> ReadPage:
        watch = self._watch(item.page)
        if self._strip is None:
            return await self._lanes.read.run(self._pipeline.read, item.value, item.page, watch)
        return await self._strip.read(item.page, watch)

    async def _translate(self, reads: Sequence[ReadPage], context: Sequence[Pairs]) -> Sequence[TranslatedPage]:
        watches = [self._watch(read.page.number) for read in reads]
        translated = await self._lanes.translate.run(self._pipeline.translate_pages, reads, context, watches)
        for page in translated:
            if self._pacing.waits:
                self._context.append(page.pairs)
            self._fates.translated(page)
        return translated

    async def _finish(self, item: _Item) -> PageOutcome:
        translated = await self._fates.settled(item.value)
        return await self._lanes.finish.run(self._pipeline.finish, translated, self._watch(item.page))

    async def _store(self, item: _Item) -> None:
        finished: PageOutcome = item.value
        with Stopwatch(self._watch(item.page)).stage("upload"):
            output = await self._transfers.upload(finished)
        document = finished.document
        self._table.done(item.page, output, warnings=document.warnings, timings_ms=document.timings)
        self._metrics.page_ended("done")

    def _fail(self, page: int, error: PageError) -> None:
        _LOG.warning("page failed", extra={"page": page, "code": error.code.value, "detail": error.detail})
        self._fates.failed(page)
        self._table.fail(page, error)
        self._metrics.page_ended(error.code.value)

    def _watch(self, page: int) -> JobWatch:
        return JobWatch(page, table=self._table, stop=self._stop, meter=self._meter, metrics=self._metrics)


async def _hand_on_groups(
    begun: asyncio.Queue[tuple[list[int], asyncio.Task[_Translated]] | None],
    sink: asyncio.Queue[_Item | None],
    slots: asyncio.Semaphore,
) -> None:
    while (entry := await begun.get()) is not None:
        pages, task = entry
        found = await task
        for page in pages:
            if page in found:
                await sink.put(_Item(page, found[page]))
        slots.release()
    await sink.put(None)


async def _hand_on(
    begun: asyncio.Queue[tuple[_Item, asyncio.Task[Any]] | None],
    sink: _Sink | None,
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
