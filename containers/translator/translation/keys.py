"""A pool of keys for one model: each within its own rate, at rest after a 429, out for good when it is refused."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from translator.translation.model import ApiKey, BadCredentials, ChatModel, UnknownModel

_WINDOW_S = 60.0
_GONE_S = 600.0
"""So long a model that was not found is not asked for again: one error for a chapter, not one call for each page."""


@dataclass(slots=True)
class _Slot:
    key: ApiKey
    model: ChatModel
    used: deque[float] = field(default_factory=deque)
    rests_until: float = 0.0
    out: str = ""

    def free_at(self, now: float, per_minute: int) -> float:
        """The earliest time at which it may be used, not before ``now``."""
        while self.used and self.used[0] <= now - _WINDOW_S:
            self.used.popleft()
        full = per_minute and len(self.used) >= per_minute
        return max(now, self.rests_until, self.used[-per_minute] + _WINDOW_S if full else now)


@dataclass(frozen=True, slots=True)
class Turn:
    """A key's turn: ``model`` may be called after ``wait_s`` seconds."""

    key: ApiKey
    model: ChatModel
    wait_s: float


class KeyPool:
    """Shared by all jobs of a process. ``per_minute`` is the most calls a minute with each key; 0 for no limit."""

    def __init__(
        self, models: Sequence[tuple[ApiKey, ChatModel]], *, clock: Callable[[], float], per_minute: int = 0
    ) -> None:
        if not models:
            raise ValueError("a pool needs at least one key")
        self._slots = [_Slot(key, model) for key, model in models]
        self._clock, self._per_minute = clock, per_minute
        self._gone_until, self._gone_detail = 0.0, ""
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._slots)

    @property
    def name(self) -> str:
        """The model's name."""
        return self._slots[0].model.name

    @property
    def keys(self) -> tuple[ApiKey, ...]:
        return tuple(slot.key for slot in self._slots)

    @property
    def models(self) -> tuple[ChatModel, ...]:
        return tuple(slot.model for slot in self._slots)

    def take(self, *, patience_s: float = float("inf")) -> Turn | None:
        """The key that is free first, booked for that time; of several that are free the one that was used least
        lately.

        None where none is free within ``patience_s``; nothing is booked then. Raises :class:`UnknownModel` where the
        model was not found lately, :class:`BadCredentials` where every key has been refused.
        """
        with self._lock:
            now = self._clock()
            if now < self._gone_until:
                raise UnknownModel(self.name, self._gone_detail)
            slots = [slot for slot in self._slots if not slot.out]
            if not slots:
                raise BadCredentials(self.name, "; ".join(f"{slot.key.label}: {slot.out}" for slot in self._slots))
            slot = min(slots, key=lambda one: (one.free_at(now, self._per_minute), one.used[-1] if one.used else 0.0))
            at = slot.free_at(now, self._per_minute)
            if at - now > patience_s:
                return None
            slot.used.append(at)
            return Turn(slot.key, slot.model, at - now)

    def rest(self, key: ApiKey, seconds: float) -> None:
        """This key is not used for so long; a longer rest stands."""
        with self._lock:
            slot = self._slot(key)
            slot.rests_until = max(slot.rests_until, self._clock() + seconds)

    def miss(self, detail: str) -> None:
        """The endpoint does not have the model."""
        with self._lock:
            self._gone_until, self._gone_detail = self._clock() + _GONE_S, detail

    def retire(self, key: ApiKey, why: str) -> None:
        """This key is never used again."""
        with self._lock:
            self._slot(key).out = why

    def _slot(self, key: ApiKey) -> _Slot:
        return next(slot for slot in self._slots if slot.key == key)
