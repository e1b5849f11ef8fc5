"""Remembering which events were received."""

from __future__ import annotations

from typing import Protocol

KEEP_S = 7 * 24 * 3600
"""How long an id is remembered. Deliveries of one event, all with its id, may come over three days and some hours."""


class Nonces(Protocol):
    """Ids of received events. ``now`` and ``replayable_until`` are in unix seconds.

    An implementation keeps an id for :data:`KEEP_S`, and in any case for as long as the very same message would
    verify (``replayable_until``).
    """

    def spend(self, event_id: str, *, now: float, replayable_until: float) -> bool:
        """Takes an id, atomically: ``True`` for exactly one caller. Raises :class:`NonceStoreError`."""
        ...

    def release(self, event_id: str) -> None:
        """Gives an id back because handling its event failed, so that the next delivery is not taken for a repetition.

        Raises :class:`NonceStoreError`.
        """
        ...
