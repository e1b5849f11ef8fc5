"""One request brought to an answer: keys in turn, pauses between tries, never more than so many of them, and every
call entered."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from translator.translation.keys import KeyPool, Turn
from translator.translation.ledger import Ledger, estimate
from translator.translation.model import (
    BadCredentials,
    ModelError,
    ModelReply,
    ModelRequest,
    RateLimited,
    Unavailable,
    UnknownModel,
)
from translator.translation.waiting import Clockwork, OutOfTime, watched

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Patience:
    """How long and how often. ``tries`` calls at most for one request; ``page_s`` seconds for all calls of a page.

    ``silence_s`` is how long an endpoint may say nothing, ``call_s`` how long a call may take in all.
    """

    tries: int = 5
    repairs: int = 2
    base_s: float = 1.0
    cap_s: float = 30.0
    silence_s: float = 120.0
    call_s: float = 240.0
    page_s: float = 600.0


class Asker:
    """Asks one model, through its pool of keys."""

    def __init__(self, pool: KeyPool, ledger: Ledger, clockwork: Clockwork, patience: Patience) -> None:
        self._pool, self._ledger = pool, ledger
        self._clockwork, self._patience = clockwork, patience

    @property
    def model(self) -> str:
        return self._pool.name

    def ask(self, request: ModelRequest, *, pages: Sequence[int], answers: int, until: float) -> ModelReply:
        """One reply. Raises a :class:`ModelError`, ``BudgetSpent``, ``OutOfTime`` or ``Stopped``.

        A 429 rests its key and takes the next one; what may pass is tried again after a pause; all else ends the
        request.
        """
        tries = self._patience.tries + len(self._pool) - 1
        last: ModelError | None = None
        for number in range(tries):
            turn = self._turn(until, last)
            try:
                return self._call(turn, request, pages=pages, answers=answers, until=until)
            except UnknownModel as error:
                self._pool.miss(error.detail)
                raise
            except (RateLimited, Unavailable, BadCredentials) as error:
                last = error
                _log(error, turn, number + 1, pages)
                self._after(error, turn, number, until=until, again=number + 1 < tries)
        assert last is not None
        raise last

    def _turn(self, until: float, last: ModelError | None) -> Turn:
        """A key, when its time has come. Where that is after the page's time, the last error says more than a
        timeout."""
        self._clockwork.check()
        turn = self._pool.take(patience_s=until - self._clockwork.clock())
        if turn is None:
            raise last or OutOfTime
        self._clockwork.pause(turn.wait_s, until=until)
        return turn

    def _check(self, until: float) -> None:
        """Raises ``Stopped`` or ``OutOfTime``."""
        self._clockwork.check()
        if self._clockwork.clock() >= until:
            raise OutOfTime

    def _after(self, error: ModelError, turn: Turn, number: int, *, until: float, again: bool) -> None:
        """What an error means for the key that it came with, and the pause it asks for."""
        pause = self._clockwork.backoff(number, base_s=self._patience.base_s, cap_s=self._patience.cap_s)
        if isinstance(error, BadCredentials):
            self._pool.retire(turn.key, error.detail)
        elif isinstance(error, RateLimited):
            self._pool.rest(turn.key, pause if error.retry_after_s is None else error.retry_after_s)
        elif isinstance(error, Unavailable) and again:
            try:
                self._clockwork.pause(max(pause, error.retry_after_s or 0.0), until=until)
            except OutOfTime:
                raise error from None

    def _call(
        self, turn: Turn, request: ModelRequest, *, pages: Sequence[int], answers: int, until: float
    ) -> ModelReply:
        """One call, entered in the ledger however it ends."""
        expected = estimate(request, answers)
        reservation = self._ledger.reserve(self.model, expected, patiently=lambda: self._check(until))
        clock, usage, outcome = self._clockwork.clock, expected, "abandoned"
        began = clock()
        limit = min(self._patience.call_s, until - began)
        try:
            reply = watched(lambda stop: turn.model.complete(request, stop=stop), self._clockwork, limit_s=limit)
            usage, outcome = reply.usage, "answered"
        except ModelError as error:
            usage, outcome = error.usage, type(error).__name__
            raise
        except OutOfTime:
            # What was left behind may well be billed: it stays entered as it was expected.
            raise Unavailable(self.model, f"no whole answer within {limit:.0f} s") from None
        finally:
            self._ledger.enter(
                reservation,
                pages=pages,
                model=self.model,
                key=turn.key.label,
                usage=usage,
                outcome=outcome,
                seconds=clock() - began,
            )
        return reply


def _log(error: ModelError, turn: Turn, number: int, pages: Sequence[int]) -> None:
    said = {"outcome": type(error).__name__, "detail": error.detail}
    where = {"model": error.model, "key": turn.key.label, "pages": list(pages), "try": number}
    _LOG.warning("a model call failed", extra={**said, **where})
