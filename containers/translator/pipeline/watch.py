"""Who watches the stages: their times, where a page is, and whether to go on."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Protocol


class Stopped(Exception):  # noqa: N818 - nothing went wrong
    """The work was called off between two stages."""


class StageWatch(Protocol):
    """Told of every stage of one page. It is called from the threads that do the work."""

    def enter(self, stage: str) -> None:
        """A stage is about to begin; raises :class:`Stopped` where it must not."""
        ...

    def leave(self, stage: str, seconds: float) -> None:
        """A stage came to its end, well or not."""
        ...


class Stopwatch:
    """Times the stages of a page; ``timings_ms`` adds to those of the stages before."""

    def __init__(self, watch: StageWatch, before: Mapping[str, int] | None = None) -> None:
        self._watch = watch
        self.timings_ms: dict[str, int] = dict(before or {})

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        self._watch.enter(name)
        start = time.perf_counter()
        try:
            yield
        finally:
            seconds = time.perf_counter() - start
            self.timings_ms[name] = round(seconds * 1000)
            self._watch.leave(name, seconds)
