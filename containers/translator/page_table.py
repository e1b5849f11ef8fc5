"""The state of every page of an attempt, as reports tell it. Only used on the event loop's thread."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from contract.job import Direction
from contract.report import PageError, PageOutput, PageReport
from contract.status import PageErrorCode, PageStatus


class PageTable:
    """A page that has ended stays as it is. ``changed`` is called after every change."""

    def __init__(self, pages: Iterable[int], *, changed: Callable[[], None] = lambda: None) -> None:
        self._pages = {page: PageReport(page, PageStatus.QUEUED) for page in sorted(pages)}
        self.changed = changed

    @property
    def reports(self) -> tuple[PageReport, ...]:
        return tuple(self._pages.values())

    @property
    def open_pages(self) -> tuple[int, ...]:
        """Pages that have not ended, in their order."""
        return tuple(page for page, report in self._pages.items() if not report.status.is_terminal)

    def stage_of(self, page: int) -> str:
        return self._pages[page].stage

    def enter(self, page: int, stage: str) -> None:
        self._set(replace(self._pages[page], status=PageStatus.RUNNING, stage=stage))

    def wait(self, page: int) -> None:
        """The page is stored, and is not reported done before others are: it would not be the one to die of."""
        self._set(PageReport(page, PageStatus.QUEUED))

    def done(
        self,
        page: int,
        output: PageOutput,
        *,
        warnings: tuple[str, ...],
        timings_ms: Mapping[str, int],
        unsettled: tuple[int, ...] = (),
        direction: Direction | None = None,
    ) -> None:
        report = PageReport(page, PageStatus.DONE, output=output, warnings=warnings, timings_ms=dict(timings_ms))
        self._set(replace(report, unsettled=unsettled, direction=direction))

    def fail(self, page: int, error: PageError) -> None:
        """The page has failed in the stage it was in."""
        self._set(PageReport(page, PageStatus.FAILED, stage=self.stage_of(page), error=error))

    def give_back(self) -> None:
        """Whatever was begun and has not ended waits again, for the next attempt."""
        for page in self.open_pages:
            self._set(PageReport(page, PageStatus.QUEUED))

    def refuse(self, detail: str) -> None:
        """Nothing of it can be done here, nor anywhere like it."""
        for page in self.open_pages:
            self.fail(page, PageError(PageErrorCode.STAGE_FAILED, detail[:500], retryable=False))

    def close(self, detail: str) -> None:
        """Whatever has not ended was not reached."""
        for page in self.open_pages:
            self.fail(page, PageError.of(PageErrorCode.NOT_REACHED, detail))

    def _set(self, report: PageReport) -> None:
        if not self._pages[report.page].status.is_terminal:
            self._pages[report.page] = report
            self.changed()
