"""Pages that share a text are reported done at one stroke.

A page that leaves a text to another takes its own part of it off. Reported done alone, it would stay so: whatever then
became of the other one (its process dies, its upload fails, the job is canceled), a part of a text would be gone. So
its word is held back until the other page is done as well, and one report tells both; a process that dies before
leaves both to the next attempt. Where the other page fails, the page is reported with a warning, and as unsettled: it
is done again with the other one, should that be tried again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from translator.pipeline.pages import Shared

Report = Callable[[tuple[str, ...], tuple[int, ...]], None]
"""Reports a page done: with these warnings besides its own, and as unsettled with these pages."""


@dataclass(frozen=True, slots=True)
class _Held:
    shared: Shared
    report: Report


class Together:
    """The pages of one attempt. Only used on the event loop's thread."""

    def __init__(self, pages: Iterable[int]) -> None:
        self._open, self._failed = set(pages), set[int]()
        self._held: dict[int, _Held] = {}

    def holds(self, page: int) -> bool:
        return page in self._held

    def stored(self, page: int, shared: Shared, report: Report) -> None:
        """The page is in the storage; it and what waited for it is reported once nothing is waited for."""
        self._held[page] = _Held(shared, report)
        self._release()

    def failed(self, page: int) -> None:
        if page in self._open:
            self._open.discard(page)
            self._failed.add(page)
            self._release()

    def close(self) -> None:
        """No other page will be done in this attempt, nor in another: what is held is reported as it is."""
        for page in list(self._held):
            self._tell(page, without=self._failed | self._open)

    def _release(self) -> None:
        """Pages may wait for each other in a ring: all that wait for nothing else go together."""
        going = set(self._held)
        while waiting := {page for page in going if self._held[page].shared.owners & (self._open - going)}:
            going -= waiting
        self._open -= going
        for page in sorted(going):
            self._tell(page, without=self._failed)

    def _tell(self, page: int, *, without: set[int]) -> None:
        held = self._held.pop(page)
        self._open.discard(page)
        missing = sorted(held.shared.owners & without)
        warnings = tuple(
            f"seam: page {owner}, to which a text of this page belongs, is not done: its part here is gone"
            for owner in missing
            if owner in held.shared.gone_to
        )
        held.report(warnings, tuple(sorted({*held.shared.unsettled, *missing})))
