"""One page, translated while its sender waits: no job, no orchestrator, no context of other pages."""

from __future__ import annotations

from collections.abc import Coroutine
from dataclasses import dataclass
from functools import partial
from typing import Any

from contract.document import PageDocument
from contract.job import Options
from translator.lanes import Lanes
from translator.metrics import Metrics
from translator.models import Models
from translator.pipeline.pages import PageOutcome
from translator.pipeline.pipeline import PagePipeline, PageSettings
from translator.pipeline.protocols import StageError
from translator.pipeline.render import render_page
from translator.stages import StageOrder

MOST_AT_ONCE = 2
RENDERING_SOURCE = "ja"
"""Rendering reads nothing: any language that the default engine knows."""


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

    async def translate(self, data: bytes, settings: PageSettings, options: Options) -> PageOutcome:
        """Raises ``StageError``, ``Unsupported``, ``NotReady`` or :class:`PageBusy`. ``options`` name the engines."""
        order = StageOrder(settings.source, settings.target, options)
        self._models.factory.check(order)
        return await self._in_turn(self._run(data, settings, order))

    async def render(self, document: PageDocument, plate: bytes, settings: PageSettings) -> PageOutcome:
        """An edited document, set again. Raises as :meth:`translate` does."""
        order = StageOrder(RENDERING_SOURCE, document.target)
        self._models.factory.check(order)
        return await self._in_turn(self._render(document, plate, settings, order))

    async def _in_turn(self, work: Coroutine[Any, Any, PageOutcome]) -> PageOutcome:
        if self._waiting >= MOST_AT_ONCE:
            work.close()
            raise PageBusy
        self._waiting += 1
        try:
            finished = await work
        except StageError as error:
            self._metrics.page_ended(error.code)
            raise
        finally:
            self._waiting -= 1
        self._metrics.page_ended("done")
        return finished

    async def _render(
        self, document: PageDocument, plate: bytes, settings: PageSettings, order: StageOrder
    ) -> PageOutcome:
        stages = await self._lanes.finish.run(self._models.factory.stages, order)
        render = partial(render_page, image_format=settings.image_format, max_pixels=settings.max_pixels)
        return await self._lanes.finish.run(render, document, plate, stages.typesetter)

    async def _run(self, data: bytes, settings: PageSettings, order: StageOrder) -> PageOutcome:
        lanes, watch = self._lanes, _Watch(self._metrics)
        stages = await lanes.read.run(self._models.factory.stages, order)
        pipeline = PagePipeline(stages, settings)
        read = await lanes.read.run(pipeline.read, data, 1, watch)
        translated = await lanes.translate.run(pipeline.translate, read, (), watch)
        return await lanes.finish.run(pipeline.finish, translated, watch)
