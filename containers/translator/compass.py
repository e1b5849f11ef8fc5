"""What ``auto`` means for the pages of a chapter: one direction for all of them, settled by the first of them.

Pages come in their order, whatever order they were read in, so that two attempts which begin alike settle alike. Few
pages wait: as soon as some of them have lettering, or are pieces of a strip, they settle it for the others. Once pages
are done, later attempts are told what they were read in, and settle nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from translator.pipeline.direction import Evidence
from translator.pipeline.types import ReadingDirection

MOST_WAITING = 8
"""So many pages settle it, whatever they are,"""
_LETTERED, _STRIPS = 3, 2
"""or so many with lettering, or so many pieces of a strip."""
T = TypeVar("T")


class Compass(Generic[T]):
    """Holds pages until ``settle`` was asked about the first of them. ``waits``: whether a page may wait for others."""

    def __init__(self, settle: Callable[[Sequence[Evidence]], ReadingDirection], *, waits: bool = True) -> None:
        self._settle, self._waits = settle, waits
        self._found: list[Evidence] = []
        self._waiting: list[T] = []
        self.direction: ReadingDirection | None = None

    def add(self, found: Evidence, page: T) -> list[T]:
        """The pages that wait no longer, this one among them or not."""
        self._waiting.append(page)
        if self.direction is None:
            self._found.append(found)
            if self._waits and not self._is_enough():
                return []
        return self.end()

    def end(self) -> list[T]:
        """No other page will come: the pages that have waited."""
        if self.direction is None and self._found:
            self.direction = self._settle(self._found)
        ready, self._waiting = self._waiting, []
        return ready

    def _is_enough(self) -> bool:
        lettered = sum(found.vertical_share is not None for found in self._found)
        strips = sum(found.strips for found in self._found)
        return lettered >= _LETTERED or strips >= _STRIPS or len(self._found) >= MOST_WAITING
