"""One seed: a few jobs among unreliable peers, a storm, then calm, and what must hold at the end."""

from __future__ import annotations

import asyncio
import gc
import logging
import random
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any
from unittest.mock import patch

from edge import sweep
from tests.simulation.ambient import ambient
from tests.simulation.fleet import LogTap
from tests.simulation.loop import VirtualLoop
from tests.simulation.plot import Plot
from tests.simulation.sabotage import Safeguard, without
from tests.simulation.setting import Setting
from tests.simulation.trace import Trace
from tests.simulation.weather import Fault, Weather


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a seed."""

    seed: int
    violations: tuple[str, ...]
    digest: str
    lines: tuple[str, ...]
    faults: Counter[str]
    ends: Counter[str]
    facts: Counter[str]
    """``takeovers``, ``retranslated``, ``virtual_s`` and so on."""

    def without_lines(self) -> Outcome:
        return replace(self, lines=())


def tell(
    seed: int,
    *,
    lacking: Safeguard | None = None,
    only: frozenset[Fault] | None = None,
    show: Callable[[str], None] | None = None,
) -> Outcome:
    """Runs a seed. ``lacking`` takes out a safeguard; ``only`` lets some faults happen, always, and no others."""
    story = Story(seed, lacking=lacking, only=only, show=show)
    collecting = gc.isenabled()
    gc.disable()
    try:
        chance = random.Random(f"{seed}/ambient")
        with ambient(story.loop.time, chance), without(lacking), story.logs(), story.strides():
            return story.run()
    finally:
        if collecting:
            gc.enable()


class Story:
    """The telling of one seed."""

    def __init__(
        self,
        seed: int,
        *,
        lacking: Safeguard | None,
        only: frozenset[Fault] | None,
        show: Callable[[str], None] | None,
    ) -> None:
        self.seed = seed
        self.loop = VirtualLoop(takes_s=lambda executor: self._setting.fleet.takes_s(executor))
        self.loop.set_exception_handler(self._on_loop_error)
        self.loop.on_escape = lambda error: self._oracle.violated(f"escaped: {error}")
        self._trace = Trace(self.loop.time, show)
        self._weather = Weather(random.Random(f"{seed}/weather"), only=only)
        self._setting = Setting(seed, self.loop, self._trace, self._weather, lacking=lacking)
        self._oracle = self._setting.oracle
        self._plot = Plot(self._setting)
        self._strides_are_small = self._setting.dice.random() < 0.5

    def run(self) -> Outcome:
        try:
            self.loop.run_until_complete(self.loop.spawn(self._plot.run(), None))
            self._oracle.check_end(fair=self._plot.was_fair)
        finally:
            self._oracle.evidence.is_over = True
            with warnings.catch_warnings():
                # Of what was killed before its first step.
                warnings.filterwarnings("ignore", "coroutine .* was never awaited", RuntimeWarning)
                self.loop.bury(iter(self._setting.owners))
            self.loop.close()
        return self._outcome()

    @contextmanager
    def logs(self) -> Iterator[None]:
        tap, logger = LogTap(self._on_line), logging.getLogger("translator")
        level, propagates = logger.level, logger.propagate
        logger.addHandler(tap)
        logger.setLevel(logging.INFO)
        logger.propagate = False
        try:
            yield
        finally:
            logger.removeHandler(tap)
            logger.setLevel(level)
            logger.propagate = propagates

    @contextmanager
    def strides(self) -> Iterator[None]:
        """In some stories the sweep takes so small strides that it needs its cursors; in none are there 100 jobs."""
        if not self._strides_are_small:
            yield
            return
        walk = sweep._walk.__kwdefaults__
        with (
            patch.object(sweep, "JOBS_A_RUN", 2),
            patch.object(sweep, "_FOUND_A_RUN", 3),
            patch.dict(walk, limit=8),
        ):
            yield

    def _on_line(self, who: str, line: str) -> None:
        self._oracle.correspondence.line(who, line)
        broke = "a stage broke" in line and not self._weather.counts[Fault.STAGE_BREAKS]
        if broke or "an attempt broke" in line or "a request broke" in line:
            self._oracle.violated(f"an exception escaped in {who}: {line}")

    def _on_loop_error(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        self._oracle.violated(f"escaped to the loop: {context['message']}: {error!r}")

    def _outcome(self) -> Outcome:
        oracle, setting = self._oracle, self._setting
        facts = Counter(
            takeovers=oracle.attempts.takeovers,
            retranslated=sum(times > 1 for times in oracle.attempts.translations().values()),
            translated=len(oracle.attempts.translations()),
            webhooks=len(setting.consumer.deliveries),
            virtual_s=round(self.loop.time()),
            processes=len([owner for owner in setting.owners if owner.name.startswith("translator")]),
            invocations=len(setting.owners),
            r2_operations=setting.store.operations,
            listed=oracle.listings.seen,
            learned=oracle.lessons.learned,
            rotated=int(setting.rotation.is_over),
            fair=int(self._plot.was_fair),
        )
        return Outcome(
            self.seed,
            tuple(oracle.evidence.violations),
            self._trace.digest,
            tuple(self._trace.lines),
            Counter({fault.value: count for fault, count in self._weather.counts.items()}),
            oracle.ends,
            facts,
        )
