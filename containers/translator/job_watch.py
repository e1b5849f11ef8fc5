"""What an attempt sees of the stages of its pages."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from functools import partial
from typing import ParamSpec

from translator.meter import Meter
from translator.metrics import Metrics
from translator.page_table import PageTable
from translator.stop import Stop

_TRANSFERS = frozenset({"download", "upload"})
P = ParamSpec("P")


class JobWatch:
    """What the attempt sees of one page's stages; called from any thread."""

    def __init__(self, page: int, *, table: PageTable, stop: Stop, meter: Meter, metrics: Metrics) -> None:
        self._page, self._table, self._stop = page, table, stop
        self._meter, self._metrics = meter, metrics
        self._loop, self._loop_thread = asyncio.get_running_loop(), threading.get_ident()

    def enter(self, stage: str) -> None:
        self._stop.check()
        self._tell(self._table.enter, self._page, stage)

    def leave(self, stage: str, seconds: float) -> None:
        self._metrics.stage_took(stage, seconds)
        if stage not in _TRANSFERS:
            self._tell(self._meter.computed_for, seconds)

    def _tell(self, method: Callable[P, None], *args: P.args, **kwargs: P.kwargs) -> None:
        if threading.get_ident() == self._loop_thread:
            method(*args, **kwargs)
        else:
            self._loop.call_soon_threadsafe(partial(method, *args, **kwargs))
