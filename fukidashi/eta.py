"""How long a chapter still takes, from how fast its pages have come out."""

from __future__ import annotations


class Eta:
    """Counts from the first page seen in work. Says nothing before the first page is out: a guess would be one."""

    def __init__(self) -> None:
        self._began: float | None = None
        self._first: tuple[float, int] | None = None

    def seconds_left(self, now: float, *, ended: int, total: int, begun: bool) -> float | None:
        """``ended`` pages of ``total`` are done or failed at ``now`` (monotonic seconds)."""
        if begun and self._began is None:
            self._began = now
        if self._began is None or ended == 0:
            return None
        if self._first is None:
            self._first = (now, ended)
        since, before = self._first
        # The first page also paid for filling the pipeline: the pages after it tell the pace, once there are some.
        paced = ended > before and now > since
        pace_s = (now - since) / (ended - before) if paced else (now - self._began) / ended
        return pace_s * (total - ended)


def clock_text(seconds: float) -> str:
    """``0:07``, ``12:40``, ``1:02:00``."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
