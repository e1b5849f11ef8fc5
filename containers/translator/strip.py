"""The pages of a strip beside each other: what a page's borders need of its neighbours, and what crosses them.

Pages are fetched and decoded once, whoever asks first; of a page that was read, only its first and last rows stay, and
those not for long: memory is bounded by the pages in work, not by the chapter. A neighbour that cannot be had costs
the seam, never the page.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field

from translator.lanes import Lane
from translator.pipeline.pages import DecodedPage, ReadPage
from translator.pipeline.pipeline import PagePipeline
from translator.pipeline.protocols import StageError
from translator.pipeline.seam import Seam
from translator.pipeline.seam_window import Edges, edges_of, is_short, is_strip
from translator.pipeline.watch import StageWatch
from translator.transfers import PageTransfers

_KEPT = 4
"""Rows and seams of pages that are farther than this from the last one read are dropped."""


@dataclass(frozen=True, slots=True)
class _Borders:
    """What crosses a page's borders; ``ms`` is what it took to find out, where that was done for this page."""

    seams: tuple[Seam, ...]
    warnings: tuple[str, ...]
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
    depends on them, nor they on others."""

    def __init__(
        self,
        pages: Collection[int],
        pipeline: PagePipeline,
        transfers: PageTransfers,
        lane: Lane,
        *,
        alone: Collection[int] = (),
    ) -> None:
        self._to_come, self._alone = set(pages), frozenset(alone)
        self._pipeline, self._transfers, self._lane = pipeline, transfers, lane
        self._sheets: defaultdict[int, _Sheet] = defaultdict(_Sheet)
        self._borders: defaultdict[int, _Border] = defaultdict(_Border)

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
            return await self._lane.run(
                self._pipeline.read_decoded,
                DecodedPage(decoded.page, {**decoded.timings_ms, "seam": borders.ms}),
                watch,
                seams=borders.seams,
                warnings=borders.warnings,
            )
        finally:
            self.release(page)

    async def _borders_of(self, page: int, watch: StageWatch) -> _Borders:
        """What crosses the borders of a page that was decoded: the one above it, the one below, and where the page
        above is short, the one above that."""
        uppers = [page - 1, page]
        if await self._is_short(page - 1, watch):
            uppers.insert(0, page - 2)
        looked = [await self._border(upper, watch) for upper in uppers]
        found = [border for border, _ in looked]
        seams = tuple(border.seam for border in found if border.seam is not None)
        warnings = tuple(border.why for border in found if border.why)
        return _Borders(seams, warnings, sum(ms for _, ms in looked))

    def release(self, page: int) -> None:
        """The page was read, or given up: its pixels are not needed any more, nor are rows of pages far from it."""
        self._to_come.discard(page)
        self._sheets[page].data = self._sheets[page].decoded = None
        for far in [other for other in self._sheets if abs(other - page) > _KEPT and not self._is_needed(other)]:
            del self._sheets[far]
        for far in [other for other, border in self._borders.items() if abs(other - page) > _KEPT]:
            if not self._borders[far].lock.locked():
                del self._borders[far]

    def _is_needed(self, page: int) -> bool:
        sheet = self._sheets[page]
        return sheet.lock.locked() or sheet.data is not None or sheet.decoded is not None

    async def _is_short(self, page: int, watch: StageWatch) -> bool:
        try:
            edges = await self._edges(page, watch)
        except StageError:
            return False
        return edges is not None and is_short(edges)

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
        if not all(self._transfers.reads(page) for page in (upper, upper + 1)):
            return None, 0
        if self._alone & {upper, upper + 1}:
            raise StageError("seam", "suspected", "attempts have died with one of the pages")
        above, below = [await self._needed(upper, watch)], [await self._needed(upper + 1, watch)]
        if not is_strip(above[0], below[0]):
            return None, 0
        for side, step in ((above, -1), (below, 1)):
            beyond = await self._beyond(side[0], step, watch)
            side += [beyond] if beyond else []
        return await self._lane.run(self._pipeline.seam, above, below, watch)

    async def _beyond(self, edges: Edges, step: int, watch: StageWatch) -> Edges | None:
        """The next page after a short one, if it can be had."""
        following = edges.number + step
        found = await self._edges(following, watch) if is_short(edges) else None
        return found if found is not None and is_strip(edges, found) else None

    async def _edges(self, page: int, watch: StageWatch) -> Edges | None:
        """The rows of a neighbour, ``None`` where there is no such page to read. Raises ``StageError``."""
        if not self._transfers.reads(page) or page in self._alone:
            return None
        return await self._needed(page, watch)

    async def _needed(self, page: int, watch: StageWatch) -> Edges:
        sheet = self._sheets[page]
        if sheet.edges is not None:
            return sheet.edges
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
