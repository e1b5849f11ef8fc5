"""The threads that work on pages: three lanes for the whole process, whatever number of jobs there is.

``read`` is where the time goes, so it may work on two pages at once: on two cores, a page with one onnxruntime thread
took a third less processor time than one with two (1.6 s against 2.3 s). ``finish`` has one thread, so that the fonts
are never used by two; a translator waits for others more than it computes, so it has some threads a job.
"""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from functools import partial
from typing import ParamSpec, TypeVar

TRANSLATED_AT_ONCE = 4
"""Calls of the translator of one job under way at once, where no page waits for another's translation."""
P = ParamSpec("P")
T = TypeVar("T")


class Lane:
    """Runs functions in turn, in the caller's context (so that its logs name the job)."""

    def __init__(self, name: str, threads: int) -> None:
        self._executor: Executor = ThreadPoolExecutor(threads, thread_name_prefix=name)

    async def run(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        call = partial(contextvars.copy_context().run, work, *args, **kwargs)
        return await asyncio.get_running_loop().run_in_executor(self._executor, call)

    def close(self) -> None:
        """What has begun ends; what waits does not begin."""
        self._executor.shutdown(wait=False, cancel_futures=True)


class Lanes:
    """The three lanes of a process."""

    def __init__(self, *, jobs: int = 1, readers: int = 1) -> None:
        self.readers = readers
        self.read = Lane("read", readers)
        self.translate = Lane("translate", jobs * TRANSLATED_AT_ONCE + 1)
        self.finish = Lane("finish", 1)

    def close(self) -> None:
        for lane in (self.read, self.translate, self.finish):
            lane.close()
