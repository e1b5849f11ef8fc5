"""Received ids in this process's memory: for one process, until it ends."""

from __future__ import annotations

import threading

from next_callbacks.errors import NonceStoreFull
from next_callbacks.nonces import KEEP_S


class MemoryNonces:
    """Implements :class:`next_callbacks.nonces.Nonces`, for several threads, with at most ``capacity`` ids.

    When it is full it forgets the oldest id whose message no longer verifies: a late delivery of that event would then
    count as new. An id that could still be replayed is never forgotten.
    """

    def __init__(self, *, capacity: int = 100_000, keep_s: float = KEEP_S) -> None:
        if capacity < 1:
            raise ValueError("the capacity is at least 1")
        self._capacity, self._keep_s = capacity, keep_s
        self._lock = threading.Lock()
        # In the order of arrival: (forget at, replayable until).
        self._ids: dict[str, tuple[float, float]] = {}

    def __len__(self) -> int:
        return len(self._ids)

    def spend(self, event_id: str, *, now: float, replayable_until: float) -> bool:
        """Raises :class:`NonceStoreFull`."""
        with self._lock:
            self._forget(now)
            known = self._ids.get(event_id)
            if known is not None and known[0] > now:
                return False
            self._ids.pop(event_id, None)
            if len(self._ids) >= self._capacity:
                self._evict(now)
            self._ids[event_id] = (max(now + self._keep_s, replayable_until + 1), replayable_until)
            return True

    def release(self, event_id: str) -> None:
        with self._lock:
            self._ids.pop(event_id, None)

    def _forget(self, now: float) -> None:
        # The oldest come first; one that must be kept longer than its elders only delays the rest.
        while self._ids:
            oldest = next(iter(self._ids))
            if self._ids[oldest][0] > now:
                return
            del self._ids[oldest]

    def _evict(self, now: float) -> None:
        for event_id, (_, replayable_until) in self._ids.items():
            if replayable_until < now:
                del self._ids[event_id]
                return
        raise NonceStoreFull(f"all {self._capacity} ids could still be replayed")
