"""The rate limit of one process: a bucket of tokens for each key, that fills up again steadily."""

from __future__ import annotations

import time
from collections.abc import Callable

MINUTE_S = 60.0
_MAX_KEYS = 10_000


class RateLimit:
    """At most ``a_minute`` requests at once, and as many in every minute. ``clock`` in seconds, never going back."""

    def __init__(self, a_minute: int, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._most, self._clock = float(a_minute), clock
        self._buckets: dict[str, tuple[float, float]] = {}

    def allow(self, key: str) -> bool:
        """Takes a token, if there is one."""
        now = self._clock()
        tokens = self._tokens(key, now)
        allowed = tokens >= 1
        # Put at the end: the first keys are those that were used the longest ago.
        self._buckets.pop(key, None)
        self._buckets[key] = (tokens - 1 if allowed else tokens, now)
        self._forget(now)
        return allowed

    def _tokens(self, key: str, now: float) -> float:
        tokens, since = self._buckets.get(key, (self._most, now))
        return min(self._most, tokens + (now - since) * self._most / MINUTE_S)

    def _forget(self, now: float) -> None:
        """A bucket that is full again is as good as none; above the most, the oldest has to go in any case."""
        while self._buckets:
            key, (_, since) = next(iter(self._buckets.items()))
            if now - since < MINUTE_S and len(self._buckets) <= _MAX_KEYS:
                return
            del self._buckets[key]
