"""How long to wait between tries: exponential, with full jitter, so that many translators do not retry in step."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Backoff:
    """``tries`` in all; before the k-th retry a random time of at most ``base_s * 2**k``, capped at ``cap_s``."""

    tries: int = 5
    base_s: float = 0.5
    cap_s: float = 20.0

    def pauses(self) -> Iterator[float | None]:
        """One item a try: the pause after it, ``None`` after the last."""
        for retry in range(self.tries - 1):
            # Jitter is no secret: a predictable one does no harm.
            yield random.uniform(0, min(self.cap_s, self.base_s * 2**retry))  # noqa: S311
        yield None


def retry_after_s(value: str | None, *, cap_s: float = 60.0) -> float:
    """The seconds of a ``Retry-After`` header; 0.0 for none, or for a date, which nobody here sends."""
    try:
        return min(cap_s, max(0.0, float(value or 0)))
    except ValueError:
        return 0.0
