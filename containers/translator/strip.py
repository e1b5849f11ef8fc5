"""The pages of a strip beside each other: what a page's borders need of its neighbours, and what crosses them.

Pages are fetched and decoded once, whoever asks first; of a page that was read, only its first and last rows stay, and
those not for long: memory is bounded by the pages in work, not by the chapter. A neighbour that cannot be had costs
the seam, never the page.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from translator.gate import Gate
from translator.lanes import Lane
from translator.pipeline.pages import DecodedPage, ReadPage
from translator.pipeline.pipeline import PagePipeline
from translator.pipeline.protocols import StageError
from translator.pipeline.seam import Seam
from translator.pipeline.seam_done import DonePage, follow
from translator.pipeline.seam_window import REACH, Edges, Side, edges_of, is_filled, is_strip
from translator.pipeline.watch import StageWatch
from translator.transfers import PageTransfers

_NOT_DONE: Mapping[int, DonePage | StageError] = MappingProxyType({})
_KEPT, _KEPT_SHORT = 4, REACH + 1
"""Rows of pages that are farther than this from the last one read are dropped; those of short ones later."""


@dataclass(frozen=True, slots=True)
class _Borders:
    """What crosses a page's borders; ``ms`` is what it took to find out, where that was done for this page.
    ``unsettled`` are pages beyond a border that nothing could be found out about."""

    seams: tuple[Seam, ...]
    warnings: tuple[str, ...]
    unsettled: frozenset[int]
    ms: int = 0


@dataclass(slots=True)
class _Sheet:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    data: bytes | None = None
    decoded: DecodedPage | None = None
    edges: Edges | None = None


@dataclass(slots=True)
class _Border:
    """The border below a page, once it was looked at: ``seam``, or ``why`` there is none that could be read."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    is_known: bool = False
    seam: Seam | None = None
    why: str = ""


class Strip:
    """Only used on the event loop's thread. ``pages`` are those to do; ``alone`` are under suspicion: no other page
    depends on them, nor they on others. ``done`` is what others have made of theirs, or why that is not known.
    ``page_count``: how many pages the strip has, 0 where nobody knows."""

    def __init__(
        self,
        pages: Collection[int],
        pipeline: PagePipeline,
        transfers: PageTransfers,
        lane: Lane,
        gate: Gate,
        *,
        alone: Collection[int] = (),
        done: Mapping[int, DonePage | StageError] = _NOT_DONE,
        page_count: int = 0,
    ) -> None:
        self._to_come, self._alone, self._page_count = set(pages), frozenset(alone), page_count
        self._pipeline, self._transfers, self._lane, self._gate = pipeline, transfers, lane, gate
        self._sheets: defaultdict[int, _Sheet] = defaultdict(_Sheet)
        self._borders: defaultdict[int, _Border] = defaultdict(_Border)
        self._done = done

    async def download(self, page: int) -> None:
        """Fetches a page, unless a neighbour has needed it already. Raises ``StageError``."""
        sheet = self._sheets[page]
        async with sheet.lock:
            if sheet.data is None and sheet.decoded is None:
                sheet.data = await self._transfers.download(page)

    async def read(self, page: int, watch: StageWatch) -> ReadPage:
        """The page with what crosses its borders. Raises ``StageError``."""
        sheet = self._sheets[page]
        async with sheet.lock:
            decoded = await self._decoded(sheet, page, watch)
        borders = await self._borders_of(page, watch)
        try:
            async with self._gate.reading(page, decoded.page.rgb.nbytes):
                return await self._lane.run(
                    self._pipeline.read_decoded,
                    DecodedPage(decoded.page, {**decoded.timings_ms, "seam": borders.ms}),
                    watch,
                    seams=borders.seams,
                    warnings=borders.warnings,
                    unsettled=borders.unsettled,
                )
        finally:
            self.release(page)

    async def _borders_of(self, page: int, watch: StageWatch) -> _Borders:
        """What crosses the borders of a page that was decoded: the one below it, the one above, and where pages above
        are short, those above them."""
        above = await self._side(page, -1, watch)
        looked = [(number, *await self._border(number, watch)) for number in (*_reaching(above), page)]
        found = [border for _, border, _ in looked]
        return _Borders(
            seams=tuple(border.seam for border in found if border.seam is not None),
            warnings=tuple(border.why for border in found if border.why),
            unsettled=frozenset(other for upper, border, _ in looked for other in _unsettled(upper, border, page)),
            ms=sum(ms for _, _, ms in looked),
        )

    def release(self, page: int) -> None:
        """The page was read, or given up: its pixels are not needed any more, nor are rows of pages far from it."""
        self._to_come.discard(page)
        self._sheets[page].data = self._sheets[page].decoded = None
        for far in [other for other in self._sheets if self._is_far(other, page) and not self._is_needed(other)]:
            del self._sheets[far]
        for far in [other for other in self._borders if abs(other - page) > _KEPT_SHORT]:
            if not self._borders[far].lock.locked():
                del self._borders[far]

    def _is_far(self, other: int, page: int) -> bool:
        edges = self._sheets[other].edges
        is_short = edges is not None and not is_filled([edges])
        return abs(other - page) > (_KEPT_SHORT if is_short else _KEPT)

    def _is_needed(self, page: int) -> bool:
        sheet = self._sheets[page]
        return sheet.lock.locked() or sheet.data is not None or sheet.decoded is not None

    async def _border(self, upper: int, watch: StageWatch) -> tuple[_Border, int]:
        """The border below a page, and the milliseconds that it took now. A failure is remembered as well: the pages on
        both sides have to do without the seam, or one would leave to the other what that does not take."""
        border = self._borders[upper]
        async with border.lock:
            if border.is_known:
                return border, 0
            try:
                border.seam, ms = await self._look(upper, watch)
            except StageError as error:
                border.why, ms = f"seam: texts across the border below page {upper} are not joined: {error.detail}", 0
            border.is_known = True
            return border, ms

    async def _look(self, upper: int, watch: StageWatch) -> tuple[Seam | None, int]:
        """The seam below a page; ``None`` where the strip has none. Raises ``StageError``."""
        if not all(self._exists(page) for page in (upper, upper + 1)):
            return None, 0
        if self._alone & {upper, upper + 1}:
            raise StageError("seam", "suspected", "attempts have died with one of the pages")
        first, second = await self._needed(upper, watch), await self._needed(upper + 1, watch)
        if not is_strip(first, second):
            return None, 0
        above, below = await self._side(upper + 1, -1, watch), await self._side(upper, 1, watch)
        seam, ms = await self._lane.run(self._pipeline.seam, above, below, watch)
        beside = {edges.number for side in (above, below) for edges in side.pages}
        return follow(seam, [self._done_page(page) for page in sorted(beside & self._done.keys())]), ms

    def _done_page(self, page: int) -> DonePage:
        """Raises ``StageError``."""
        found = self._done[page]
        if isinstance(found, StageError):
            raise StageError("seam", found.code, f"what became of page {page} could not be read: {found.detail}")
        return found

    async def _side(self, page: int, step: int, watch: StageWatch) -> Side:
        """The pages on from ``page`` that a window reaches over. One that cannot be had ends the side, and so does the
        strip's end."""
        pages: list[Edges] = []
        while not (pages and is_filled(pages)):
            following = page + step * (len(pages) + 1)
            if not self._exists(following):
                break
            if len(pages) == REACH or following in self._alone:
                return Side(tuple(pages), following)
            try:
                edges = await self._needed(following, watch)
            except StageError:
                return Side(tuple(pages), following)
            if pages and not is_strip(pages[0], edges):
                break
            pages.append(edges)
        return Side(tuple(pages))

    def _exists(self, page: int) -> bool:
        return self._transfers.reads(page) or 1 <= page <= self._page_count

    async def _needed(self, page: int, watch: StageWatch) -> Edges:
        """The rows of a page. Raises ``StageError``."""
        sheet = self._sheets[page]
        if sheet.edges is not None:
            return sheet.edges
        if not self._transfers.reads(page):
            raise StageError(
                "seam", "not_readable", f"attempts have died with page {page}, or it was lost on its way in"
            )
        async with sheet.lock:
            decoded = await self._decoded(sheet, page, watch)
            edges = sheet.edges or edges_of(decoded.page)
            if page not in self._to_come:
                sheet.decoded = None
            return edges

    async def _decoded(self, sheet: _Sheet, page: int, watch: StageWatch) -> DecodedPage:
        """Raises ``StageError``; what failed is tried again by the next who asks."""
        if sheet.decoded is None:
            data = sheet.data if sheet.data is not None else await self._transfers.download(page)
            sheet.decoded = await self._lane.run(self._pipeline.decode, data, page, watch)
            sheet.data, sheet.edges = None, edges_of(sheet.decoded.page)
        return sheet.decoded


def _reaching(above: Side) -> list[int]:
    """The borders above a page from which a text may reach it, from the top: the last is its own upper one. What comes
    from behind a page that cannot be had is told at the next border."""
    if not above.pages:
        return [] if above.missing is None else [above.missing]
    return sorted(edges.number for edges in above.pages)


def _unsettled(upper: int, border: _Border, page: int) -> set[int]:
    """The pages that may have a part of a text that ``page`` has to do without."""
    if border.why:
        return {upper, upper + 1} - {page}
    return set(border.seam.missing) - {page} if border.seam else set()
