"""A chapter as a pipeline: while one page is translated, the next is read and the one before is typeset.

Five stations in a row with a queue of one page between them, each on one page at a time, reading on two: about ten
pages are in memory, however long the chapter is. Pages leave every station in their order, so that a page's context is
ready when its turn comes. A translator that takes several pages a call, or needs no translations as context, gets them
so; then some more pages are in memory.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

from contract.document import PageDocument
from contract.job import Direction
from contract.report import PageError, PageOutput
from contract.status import PageErrorCode
from contract.translation import MOST_CONTEXT_PAGES
from translator.batches import Batches, groups_of
from translator.compass import MOST_WAITING, Compass
from translator.done_pages import NONE_DONE, DonePages
from translator.fates import Fates
from translator.gate import Gate
from translator.job_watch import JobWatch
from translator.lanes import TRANSLATED_AT_ONCE, Lanes
from translator.meter import Meter
from translator.metrics import Metrics
from translator.page_table import PageTable
from translator.pipeline.pages import PageOutcome, Pairs, ReadPage, TranslatedPage
from translator.pipeline.pipeline import PagePipeline
from translator.pipeline.protocols import Pacing, StageError
from translator.pipeline.types import ReadingDirection
from translator.pipeline.watch import Stopped, Stopwatch
from translator.stop import Stop, StopReason
from translator.strip import Strip
from translator.together import Together
from translator.transfers import PageTransfers

_LOG = logging.getLogger(__name__)


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
    """The reading station's sink: pages wait until the chapter's direction is settled, are ordered, and wait for those
    of their call."""

    def __init__(
        self, batches: Batches[ReadPage], compass: Compass[_Item], pipeline: PagePipeline, order: _Work
    ) -> None:
        self._batches, self._compass, self._pipeline, self._order = batches, compass, pipeline, order

    async def put(self, item: _Item | None, /) -> None:
        if item is None:
            await self._go_on(self._compass.end())
            self._batches.close()
        else:
            await self._go_on(self._compass.add(self._pipeline.evidence(item.value), item))

    async def _go_on(self, items: Sequence[_Item]) -> None:
        for item in items:
            if (value := await self._order(item)) is not None:
                await self._batches.put(item.page, value)


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
        page_count: int = 0,
        done: DonePages = NONE_DONE,
        direction: ReadingDirection | None = None,
        announce: Callable[[], Awaitable[None]] = _announce_nothing,
    ) -> None:
        """``is_strip``: texts may go on from one page to the next. ``page_count`` is that of the whole chapter, 0 where
        nobody knows. ``done`` are pages that attempts before have done, ``direction`` is what those have settled on,
        where the job leaves that open.

        Pages of ``alone`` come last, each with no other in work, and ``announce`` is awaited before they begin: if
        the process dies of one, its last words were about that page.
        """
        self._pages = sorted(pages, key=lambda page: (page in alone, page))
        self._alone, self._announce = frozenset(alone), announce
        self._pipeline, self._transfers = pipeline, transfers
        self._table, self._stop, self._lanes = table, stop, lanes
        self._meter, self._metrics = meter, metrics
        self._pacing = pipeline.pacing
        self._context = done.context
        self._gate = Gate(least=_least(self._pacing, waits=pipeline.leaves_direction_open))
        told = self._context if self._pacing.context_pages else ()
        groups = groups_of(self._pages, size=self._pacing.pages_per_call, alone=self._alone, told=told)
        self._batches: Batches[ReadPage] = Batches(groups)
        self._strip = (
            Strip(
                self._pages,
                pipeline,
                transfers,
                lanes.read,
                self._gate,
                alone=alone,
                done=done.seams,
                page_count=page_count,
            )
            if is_strip
            else None
        )
        self._compass: Compass[_Item] = Compass(
            pipeline.direction_of, waits=pipeline.leaves_direction_open and not alone
        )
        self._compass.direction = direction if pipeline.leaves_direction_open else None
        self._fates, self._together = Fates(self._pages, alone=alone), Together(self._pages)

    async def run(self) -> None:
        """Returns when every page has ended, or was given up because of ``stop``. Cancelling it drops everything."""
        queues: list[asyncio.Queue[_Item | None]] = [asyncio.Queue(maxsize=1) for _ in range(4)]
        downloaded, read, finished, stored = queues
        async with asyncio.TaskGroup() as group:
            group.create_task(self._feed(downloaded))
            group.create_task(self._station(self._download, downloaded, read, 1))
            gathering = _Gathering(self._batches, self._compass, self._pipeline, self._ordered)
            group.create_task(self._station(self._read, read, gathering, self._lanes.readers))
            group.create_task(self._translating(finished))
            group.create_task(self._station(self._finish, finished, stored, 1))
            group.create_task(self._station(self._store, stored, None, 1))
        if self._stop.reason is not StopReason.DRAIN:
            self._together.close()

    async def _feed(self, sink: asyncio.Queue[_Item | None]) -> None:
        fed = 0
        for page in self._pages:
            if page in self._alone:
                await self._gate.empty()
            await self._gate.enter(page)
            if not self._stop.takes_pages:
                break
            if page in self._alone:
                self._table.enter(page, "download")
                await self._announce()
            await sink.put(_Item(page, None))
            if page in self._alone:
                await self._gate.empty()
            fed += 1
        for page in self._pages[fed:]:
            self._fates.left(page)
            self._batches.left(page)
        await sink.put(None)

    async def _station(self, work: _Work, source: asyncio.Queue[_Item | None], sink: _Sink | None, width: int) -> None:
        """Works on up to ``width`` pages at once, and hands them on in the order in which they came."""
        slots, begun = asyncio.Semaphore(width), asyncio.Queue[tuple[int, asyncio.Task[Any]] | None]()
        async with asyncio.TaskGroup() as group:
            group.create_task(_hand_on(begun, sink, slots))
            while True:
                await slots.acquire()
                item = await source.get()
                if item is None:
                    break
                begun.put_nowait((item.page, group.create_task(self._guarded(work, item))))
                del item  # or its page would stay in memory until the next one comes; as below
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
                del batch, reads, context
            begun.put_nowait(None)

    def _context_of(self, reads: Sequence[ReadPage]) -> tuple[Pairs, ...]:
        """The pages before these, whoever did them and when; the translator takes the last of them. Where no page waits
        for another's translation, only the texts of these are kept."""
        first = min(read.page.number for read in reads)
        before = sorted(page for page in self._context if page < first)
        if not self._pacing.waits:
            self._context |= {read.page.number: self._pipeline.plan(read).pairs for read in reads}
        return tuple(self._context[page] for page in before[-MOST_CONTEXT_PAGES:])

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
        self._gate.left(page)
        if self._strip is not None:
            self._strip.release(page)

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
            decoded = await self._lanes.read.run(self._pipeline.decode, item.value, item.page, watch)
            async with self._gate.reading(item.page, decoded.page.rgb.nbytes):
                return await self._lanes.read.run(self._pipeline.read_decoded, decoded, watch)
        return await self._strip.read(item.page, watch)

    async def _ordered(self, item: _Item) -> ReadPage | None:
        """The page in the chapter's direction; ``None`` where that failed, which costs it as any stage does."""
        ordered: ReadPage | None = await self._guarded(self._order, item)
        return ordered

    async def _order(self, item: _Item) -> ReadPage:
        direction = self._compass.direction or item.value.direction
        if item.value.direction is direction:
            return item.value  # type: ignore[no-any-return]
        return await self._lanes.read.run(self._pipeline.ordered, item.value, direction, self._watch(item.page))

    async def _translate(self, reads: Sequence[ReadPage], context: Sequence[Pairs]) -> Sequence[TranslatedPage]:
        watches = [self._watch(read.page.number) for read in reads]
        translated = await self._lanes.translate.run(self._pipeline.translate_pages, reads, context, watches)
        for page in translated:
            if self._pacing.waits:
                self._context[page.read.page.number] = page.pairs
            if page.is_paid:
                self._fates.translated(page)
            else:
                self._fates.failed(page.read.page.number)
        return translated

    async def _finish(self, item: _Item) -> PageOutcome:
        translated = await self._fates.settled(item.value)
        return await self._lanes.finish.run(self._pipeline.finish, translated, self._watch(item.page))

    async def _store(self, item: _Item) -> None:
        finished: PageOutcome = item.value
        with Stopwatch(self._watch(item.page)).stage("upload"):
            output = await self._transfers.upload(finished)
        self._together.stored(item.page, finished.shared, partial(self._done, finished.document, output))
        if self._together.holds(item.page):
            self._table.wait(item.page)

    def _done(
        self, document: PageDocument, output: PageOutput, warnings: tuple[str, ...], unsettled: tuple[int, ...]
    ) -> None:
        told = (*document.warnings, *warnings)
        direction = Direction(document.reading_direction) if self._pipeline.leaves_direction_open else None
        self._table.done(
            document.page,
            output,
            warnings=told,
            timings_ms=document.timings,
            unsettled=unsettled,
            direction=direction,
        )
        self._metrics.page_ended("done")

    def _fail(self, page: int, error: PageError) -> None:
        _LOG.warning("page failed", extra={"page": page, "code": error.code.value, "detail": error.detail})
        self._fates.failed(page)
        self._table.fail(page, error)
        self._together.failed(page)
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
                await sink.put(_Item(page, found.pop(page)))
        del entry, task, found
        slots.release()
    await sink.put(None)


async def _hand_on(
    begun: asyncio.Queue[tuple[int, asyncio.Task[Any]] | None],
    sink: _Sink | None,
    slots: asyncio.Semaphore,
) -> None:
    """A page keeps its slot until the next station has room for it."""
    while (entry := await begun.get()) is not None:
        page, task = entry
        value = await task
        if value is not None and sink is not None:
            await sink.put(_Item(page, value))
        del entry, task, value
        slots.release()
    if sink is not None:
        await sink.put(None)


def _least(pacing: Pacing, *, waits: bool) -> int:
    """So many pages have to be let in: a call's and those of the next, where a text goes on, or those that a chapter's
    direction is settled by."""
    return max(2 * pacing.pages_per_call + 1, MOST_WAITING + 1 if waits else 0)


def _page_error(error: StageError) -> PageError:
    try:
        code = PageErrorCode(error.code)
    except ValueError:
        code = PageErrorCode.STAGE_FAILED
    return PageError(code, f"{error.stage}: {error.detail}"[:500], error.retryable or code.retryable)
