"""One page, translated while its sender waits: no job, no orchestrator, no context of other pages."""

from __future__ import annotations

from dataclasses import dataclass

from translator.lanes import Lanes
from translator.metrics import Metrics
from translator.models import Models
from translator.pipeline.pipeline import PageOutcome, PagePipeline, PageSettings
from translator.pipeline.protocols import StageError

MOST_AT_ONCE = 2


class PageBusy(Exception):  # noqa: N818
    """As many pages as may wait are waiting."""


@dataclass(frozen=True, slots=True)
class _Watch:
    metrics: Metrics

    def enter(self, stage: str) -> None:
        pass

    def leave(self, stage: str, seconds: float) -> None:
        self.metrics.stage_took(stage, seconds)


class PageService:
    """Uses the same lanes as the jobs do, so that a page takes its turn with theirs."""

    def __init__(self, models: Models, lanes: Lanes, metrics: Metrics) -> None:
        self._models, self._lanes, self._metrics = models, lanes, metrics
        self._waiting = 0

    async def translate(self, data: bytes, settings: PageSettings, *, translator: str = "default") -> PageOutcome:
        """Raises ``StageError``, ``Unsupported``, ``NotReady`` or :class:`PageBusy`."""
        factory = self._models.factory
        factory.check(source=settings.source, target=settings.target, translator=translator)
        if self._waiting >= MOST_AT_ONCE:
            raise PageBusy
        self._waiting += 1
        try:
            finished = await self._run(data, settings, translator)
        except StageError as error:
            self._metrics.page_ended(error.code)
            raise
        finally:
            self._waiting -= 1
        self._metrics.page_ended("done")
        return finished

    async def _run(self, data: bytes, settings: PageSettings, translator: str) -> PageOutcome:
        lanes, watch = self._lanes, _Watch(self._metrics)
        stages = await lanes.read.run(
            self._models.factory.stages,
            source=settings.source,
            target=settings.target,
            translator=translator,
            memory=None,
        )
        pipeline = PagePipeline(stages, settings)
        read = await lanes.read.run(pipeline.read, data, 1, watch)
        translated = await lanes.translate.run(pipeline.translate, read, (), watch)
        return await lanes.finish.run(pipeline.finish, translated, watch)
