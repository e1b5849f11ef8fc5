"""How often a job is looked at: soon after a change, more rarely while nothing happens.

The server may hold a look until there is news (``?wait=``). The time that it was held counts: the next look follows at
once. A server that holds nothing is looked at as often as the pace says.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from contract.view import JobView
from fukidashi.errors import Timeout, UsageError
from fukidashi.flow import Flow, pause
from fukidashi.operations import Operations, Polled


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds from one look to the next; a ``Retry-After`` of the server's is the least. ``hold_s``: so long the server
    is asked to hold a look, at most 25 s; 0 where not at all."""

    first_s: float = 1.0
    factor: float = 1.5
    longest_s: float = 15.0
    hold_s: int = 20


def pace_of(environment: Mapping[str, str]) -> Pace:
    """``FUKIDASHI_POLL_S`` is the shortest pause, 1 by default. Raises :class:`UsageError`."""
    text = environment.get("FUKIDASHI_POLL_S") or "1"
    try:
        first_s = float(text)
    except ValueError:
        first_s = -1.0
    if not 0.01 <= first_s <= 60:
        raise UsageError("FUKIDASHI_POLL_S is no number of seconds from 0.01 to 60")
    return Pace(first_s=first_s, longest_s=15.0 * first_s)


class Polling:
    """Looks at one job until it has ended. :meth:`next` is the flow up to the next change."""

    def __init__(
        self,
        operations: Operations,
        job_id: str,
        *,
        pace: Pace,
        clock: Callable[[], float],
        timeout_s: float | None = None,
    ) -> None:
        self._operations, self._job_id, self._pace, self._clock = operations, job_id, pace, clock
        self._deadline = None if timeout_s is None else clock() + timeout_s
        self._etag: str | None = None
        self._wait_s = 0.0
        self._step_s = pace.first_s
        self.ended = False

    def next(self) -> Flow[JobView]:
        """The job as soon as it differs from what was seen last. Raises :class:`Timeout` at the deadline."""
        while True:
            yield from self._rest()
            asked_at = self._clock()
            polled = yield from self._operations.get(self._job_id, self._etag, wait_s=self._hold_s())
            self._remember(polled, held_s=self._clock() - asked_at)
            if polled.view is not None:
                self.ended = polled.view.status.is_terminal
                return polled.view

    def _rest(self) -> Flow[None]:
        if self._deadline is not None:
            left_s = self._deadline - self._clock()
            if left_s <= 0:
                raise Timeout(f"job {self._job_id} has not ended in the time given")
            self._wait_s = min(self._wait_s, left_s)
        if self._wait_s > 0:
            yield from pause(self._wait_s)

    def _hold_s(self) -> int:
        """The first look is answered at once: there is nothing yet that it could differ from."""
        if self._etag is None:
            return 0
        left_s = self._pace.hold_s if self._deadline is None else self._deadline - self._clock()
        return max(0, int(min(self._pace.hold_s, left_s)))

    def _remember(self, polled: Polled[JobView], *, held_s: float) -> None:
        self._etag = polled.etag
        changed = polled.view is not None
        self._step_s = self._pace.first_s if changed else min(self._pace.longest_s, self._step_s * self._pace.factor)
        self._wait_s = max(0.0, max(self._step_s, polled.retry_after_s or 0.0) - held_s)
