"""Pages gathered for one call of the translator: those that follow each other, as many as a call takes.

Which pages go together is settled before the first one is read, so that two attempts gather alike. A page that fails,
or is left, on its way here is not waited for.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Sequence
from typing import Generic, TypeVar

T = TypeVar("T")


def groups_of(
    pages: Sequence[int], *, size: int, alone: Collection[int] = (), told: Collection[int] = ()
) -> tuple[tuple[int, ...], ...]:
    """``pages``, in the order of the work, cut into groups of up to ``size``; a page of ``alone`` is one of its own. No
    group goes beyond a page that its last ones are to be ``told`` of."""
    groups: list[list[int]] = []
    for page in pages:
        if groups and len(groups[-1]) < size and _go_together(groups[-1][-1], page, alone, told):
            groups[-1].append(page)
        else:
            groups.append([page])
    return tuple(tuple(group) for group in groups)


def _go_together(one: int, following: int, alone: Collection[int], told: Collection[int]) -> bool:
    return not {one, following} & {*alone} and not any(one < page < following for page in told)


class Batches(Generic[T]):
    """Takes pages as they come, in order, and gives whole groups; holds no more than the largest of them. Only used on
    the event loop's thread."""

    def __init__(self, groups: Sequence[Sequence[int]]) -> None:
        self._groups = [list(group) for group in groups]
        self._room = asyncio.Semaphore(max((len(group) for group in groups), default=1))
        self._here: dict[int, T] = {}
        self._gone: set[int] = set()
        self._is_over = False
        self._news = asyncio.Event()

    async def put(self, page: int, value: T) -> None:
        """Waits until there is room for it."""
        await self._room.acquire()
        self._here[page] = value
        self._news.set()

    def left(self, page: int) -> None:
        """The page will not come. Said of a page that is here, or that went on, it changes nothing."""
        self._gone.add(page)
        self._news.set()

    def close(self) -> None:
        """No page will come any more."""
        self._is_over = True
        self._news.set()

    async def __aiter__(self) -> AsyncIterator[list[tuple[int, T]]]:
        """The groups in their order, each once all of its pages are here or gone; one with no page left is skipped."""
        for group in self._groups:
            while not self._is_over and any(page not in self._here and page not in self._gone for page in group):
                self._news.clear()
                await self._news.wait()
            whole = [(page, self._here.pop(page)) for page in group if page in self._here]
            for _ in whole:
                self._room.release()
            given = [whole] if whole else []
            del whole  # who waits for the next group must not keep this one in memory
            if given:
                yield given.pop()
