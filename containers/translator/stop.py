"""Why and how an attempt ends before its last page. Set on the event loop's thread, read by those that work."""

from __future__ import annotations

from enum import StrEnum

from translator.pipeline.watch import Stopped


class StopReason(StrEnum):
    CANCEL = "cancel"
    """The owner asked for it: stop after the stages in work and report the result."""
    STALE = "stale"
    """Another attempt has the job: stop and say nothing."""
    DRAIN = "drain"
    """This process is to end: finish the pages in work, leave the others to the next attempt."""


class Stop:
    """Set once, or twice where a reason overrides (a stale attempt has nothing left to say)."""

    def __init__(self) -> None:
        self._reason: StopReason | None = None
        self._out_of_time = False

    @property
    def reason(self) -> StopReason | None:
        return self._reason

    @property
    def takes_pages(self) -> bool:
        """Whether a page that has not begun may begin."""
        return self._reason is None

    def request(self, reason: StopReason) -> None:
        if self._reason is None or reason is StopReason.STALE:
            self._reason = reason

    def run_out_of_time(self) -> None:
        """A drain waits no longer: pages in work stop after their stage."""
        self._out_of_time = True

    def check(self) -> None:
        """Raises :class:`Stopped` where pages in work have to stop."""
        if self._out_of_time or self._reason in (StopReason.CANCEL, StopReason.STALE):
            raise Stopped(self._reason or StopReason.DRAIN)
