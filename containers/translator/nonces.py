"""Message ids that were seen: a signed message is believed once."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from contract.signing import TOLERANCE_S


class Nonces:
    """Remembers an id for as long as its message would verify. In memory: a new process has no jobs to protect."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._seen: set[str] = set()
        self._ages: deque[tuple[float, str]] = deque()

    def spend(self, message_id: str) -> bool:
        """Whether the id is new; from now on it is not."""
        self._forget()
        if message_id in self._seen:
            return False
        self._seen.add(message_id)
        # Signed up to TOLERANCE_S in the future, believed until TOLERANCE_S after that.
        self._ages.append((self._now() + 2 * TOLERANCE_S, message_id))
        return True

    def _forget(self) -> None:
        while self._ages and self._ages[0][0] < self._now():
            self._seen.discard(self._ages.popleft()[1])
