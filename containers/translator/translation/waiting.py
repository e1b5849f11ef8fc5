"""Time, as a translation sees it: how long it may take, pauses that end when the work is called off, calls that can
be left behind."""

from __future__ import annotations

import contextvars
import random
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import TypeVar

from translator.pipeline.watch import Stopped

T = TypeVar("T")
_SLICE_S = 0.25
_POLL_S = 0.05


class OutOfTime(Exception):  # noqa: N818
    """The page's time is up."""


def never() -> bool:
    """Nobody calls anything off."""
    return False


@dataclass(frozen=True, slots=True)
class Clockwork:
    """Clock, sleep and randomness. ``cancelled`` is asked between all steps and during every pause."""

    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    jitter: Callable[[], float] = random.random
    """From 0 up to 1; it is no secret."""
    cancelled: Callable[[], bool] = never

    def check(self) -> None:
        """Raises :class:`~translator.pipeline.watch.Stopped` where the work was called off."""
        if self.cancelled():
            raise Stopped("the translation was called off")

    def pause(self, seconds: float, *, until: float) -> None:
        """Waits. Raises :class:`OutOfTime` at once where the pause would end after the time ``until``, and
        ``Stopped``."""
        end = self.clock() + seconds
        if end > until:
            raise OutOfTime
        while (left := end - self.clock()) > 0:
            self.check()
            self.sleep(min(left, _SLICE_S))
        self.check()

    def backoff(self, retry: int, *, base_s: float, cap_s: float) -> float:
        """The pause before retry ``retry`` (from 0): doubling, half of it random, so that workers do not retry in
        step."""
        full = min(cap_s, base_s * 2.0**retry)
        return full / 2 + full / 2 * self.jitter()


def watched(work: Callable[[Callable[[], bool]], T], clockwork: Clockwork, *, limit_s: float) -> T:
    """Runs ``work`` on a thread of its own and waits for it, so that neither a shutdown nor a page's time waits for a
    socket.

    ``work`` is given a function that tells it that nobody waits any more. Raises what it raises, :class:`OutOfTime`
    after ``limit_s`` real seconds, and ``Stopped``. What is left behind dies with the process: the thread is a
    daemon.
    """
    outcome: Future[T] = Future()
    left = threading.Event()

    def run() -> None:
        try:
            outcome.set_result(work(left.is_set))
        except BaseException as error:  # noqa: BLE001 - raised again on the thread that waits
            outcome.set_exception(error)

    context = contextvars.copy_context()
    threading.Thread(target=context.run, args=(run,), name="model-call", daemon=True).start()
    end = time.monotonic() + limit_s
    try:
        while time.monotonic() < end:
            clockwork.check()
            try:
                return outcome.result(timeout=_POLL_S)
            except TimeoutError:
                if outcome.done():
                    raise
        raise OutOfTime
    finally:
        left.set()
