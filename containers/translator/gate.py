"""How many pages a chapter has in work: as many as its stations hold, and of large ones fewer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

BUDGET_BYTES = 100_000_000
"""What the pixels of the pages in work may take. A strip of 720 x 14,046 has 30 MB, an ordinary page 3 to 6."""
READ_AT_ONCE = 2
"""Large pages that are read at once, however many readers there are: the networks need 180 MB for a part of each."""
_LARGE = 1 / 16
"""A page that takes this share of the budget is a large one. A text reaches over two of them at most, with any number
of small ones between."""


class Gate:
    """Only used on the event loop's thread. ``least`` large pages are let in whatever they take: fewer might wait for
    one that is outside."""

    def __init__(self, *, least: int, budget: int = BUDGET_BYTES) -> None:
        self._least, self._budget = least, budget
        self._inside: dict[int, int | None] = {}
        self._largest = 0
        self._news, self._reading = asyncio.Event(), asyncio.Semaphore(READ_AT_ONCE)

    async def enter(self, page: int) -> None:
        """Waits until there is room for a page as large as the largest so far."""
        while self._is_full():
            await self._wait()
        self._inside[page] = None

    def saw(self, page: int, size: int) -> None:
        """The page's pixels have ``size`` bytes."""
        self._largest = max(self._largest, size)
        if page in self._inside:
            self._inside[page] = size
            self._news.set()

    @asynccontextmanager
    async def reading(self, page: int, size: int) -> AsyncIterator[None]:
        """The page's pixels, ``size`` bytes, are in memory; waits until it may be read."""
        self.saw(page, size)
        if not self._is_large(size):
            yield
            return
        async with self._reading:
            yield

    def left(self, page: int) -> None:
        """The page is done, or given up."""
        self._inside.pop(page, None)
        self._news.set()

    async def empty(self) -> None:
        """Waits until no page is inside."""
        while self._inside:
            await self._wait()

    def _is_full(self) -> bool:
        sizes = [self._largest if size is None else size for size in self._inside.values()]
        large = sum(map(self._is_large, sizes))
        return large >= self._least and sum(sizes) + self._largest > self._budget

    def _is_large(self, size: int) -> bool:
        return size >= _LARGE * self._budget

    async def _wait(self) -> None:
        self._news.clear()
        await self._news.wait()
