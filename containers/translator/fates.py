"""What became of the texts that a page's border cuts, on the page that has most of them.

A page that leaves such a text to another takes its own part of it off, so it waits until the other one has its
translation: where there is none, the part stays as it was drawn, as the rest of the text does.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from translator.pipeline.pages import TranslatedPage
from translator.pipeline.types import Origin


@dataclass(frozen=True, slots=True)
class _Fate:
    """``kept`` are the regions that the page has no translation of."""

    kept: frozenset[str] = frozenset()
    has_failed: bool = False


class Fates:
    """The pages of one attempt. Only used on the event loop's thread; what is told of a page first, holds."""

    def __init__(self, pages: Iterable[int], *, alone: Collection[int] = ()) -> None:
        self._fates: dict[int, asyncio.Future[_Fate]] = {
            page: asyncio.get_running_loop().create_future() for page in pages
        }
        self._alone = frozenset(alone)

    def translated(self, page: TranslatedPage) -> None:
        self._tell(page.read.page.number, _Fate(page.kept))

    def failed(self, page: int) -> None:
        self._tell(page, _Fate(has_failed=True))

    def left(self, page: int) -> None:
        """Another attempt will do the page."""
        self._tell(page, _Fate())

    async def settled(self, page: TranslatedPage) -> TranslatedPage:
        """The page with those parts kept whose texts no page has a translation of. Waits for pages in work; a page that
        another attempt has done, or will do, is believed to have one."""
        for name, part in page.read.parts.items():
            if page.translations[name].origin is not Origin.ELSEWHERE:
                continue
            fate = await self._fate(part.text.owner, page.read.page.number)
            if fate.has_failed or name in fate.kept:
                what = "failed" if fate.has_failed else "has no translation of it"
                page = page.keeping([name], f"page {part.text.owner}, to which this text belongs, {what}")
        return page

    async def _fate(self, owner: int, asker: int) -> _Fate:
        future = self._fates.get(owner)
        if future is None or (not future.done() and self._alone & {owner, asker}):
            return _Fate()
        return await future

    def _tell(self, page: int, fate: _Fate) -> None:
        if not self._fates[page].done():
            self._fates[page].set_result(fate)
