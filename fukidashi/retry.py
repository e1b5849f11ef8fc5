"""When a request is sent again, and after how long."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from itertools import count

from fukidashi.flow import Answer, Call, Flow, NoAnswer, pause, perform

REFUSED_FOR_NOW = frozenset({429, 503})
"""The server has not begun with the request: it may be repeated whatever it was."""
FAILED_FOR_NOW = frozenset({500, 502, 504}) | REFUSED_FOR_NOW


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """``attempts`` in all; pauses double from ``first_s``, with full jitter above a half. A ``Retry-After`` longer than
    ``longest_s`` is not waited for: the error says when."""

    attempts: int = 5
    first_s: float = 0.5
    longest_s: float = 60.0

    def pause_s(self, failed: int, random: float) -> float:
        """After ``failed`` attempts; ``random`` in [0, 1)."""
        return min(self.longest_s, self.first_s * 2.0 ** (failed - 1)) * (0.5 + random / 2)


def exchange(call: Call, *, policy: RetryPolicy, random: Callable[[], float]) -> Flow[Answer]:
    """The call's answer, of whatever status, after as many attempts as it takes and may take.

    Raises :class:`ConnectionFailed` or :class:`Timeout` where none of them was answered.
    """
    for attempt in count(1):
        outcome = yield from perform(call)
        wait_s = _wait_s(outcome, policy.pause_s(attempt, random()))
        last = attempt >= policy.attempts or wait_s > policy.longest_s
        if not _may_repeat(call, outcome) or last:
            return _answer(outcome)
        yield from pause(wait_s)
    raise AssertionError("count() does not end")


def retry_after_s(answer: Answer, *, now: datetime | None = None) -> float | None:
    """``Retry-After`` as seconds from now: a number or an HTTP date; ``None`` where absent or garbage."""
    value = answer.headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit():
        return float(value[:9])
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (moment - (now or datetime.now(UTC))).total_seconds())


def _wait_s(outcome: Answer | NoAnswer, backoff_s: float) -> float:
    asked = retry_after_s(outcome) if isinstance(outcome, Answer) else None
    return backoff_s if asked is None else max(asked, 0.05)


def _may_repeat(call: Call, outcome: Answer | NoAnswer) -> bool:
    if isinstance(outcome, NoAnswer):
        return call.repeatable or outcome.unsent
    return outcome.status in (FAILED_FOR_NOW if call.repeatable else REFUSED_FOR_NOW)


def _answer(outcome: Answer | NoAnswer) -> Answer:
    if isinstance(outcome, NoAnswer):
        raise outcome.error
    return outcome
