"""Tiny stages for the real page pipeline: a page's first pixel says which page of which job it is."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np
from PIL import Image

from contract.status import PageErrorCode
from translator.pipeline.pipeline import Stages
from translator.pipeline.protocols import StageError, TranslateRequest
from translator.pipeline.types import (
    Box,
    Detection,
    Kind,
    Line,
    Origin,
    Page,
    PlacedLine,
    Placement,
    Reading,
    ReadingDirection,
    Region,
    Rgb,
    Translation,
    Typeset,
)
from translator.series_scope import NO_SERIES, SeriesScope
from translator.stages import StageOrder

_SIDE = 8
_BOX = Box(1, 1, 7, 7)


@cache
def page_file(job: int, page: int) -> bytes:
    """A page as a client uploads it."""
    out = io.BytesIO()
    Image.new("RGB", (_SIDE, _SIDE), (job, page, 255)).save(out, "PNG")
    return out.getvalue()


class Engines:
    """The stage factory of one process. ``works`` is told of every page that a stage begins; it may raise."""

    def __init__(self, signature: int, works: Callable[[str, int, int], None]) -> None:
        self._signature, self._works = signature, works

    @property
    def engines(self) -> Mapping[str, str]:
        return self._stages().names

    def check(self, order: StageOrder) -> None:
        pass

    def stages(
        self, order: StageOrder, *, scope: SeriesScope = NO_SERIES, cancelled: Callable[[], bool] | None = None
    ) -> Stages:
        return self._stages()

    def _stages(self) -> Stages:
        return Stages(
            _Detector(self._works),
            _Reader(),
            _Orderer(),
            _Translator(self._signature, self._works),
            _Cleaner(),
            _Typesetter(self._signature),
        )


class _Detector:
    name = "one-box"

    def __init__(self, works: Callable[[str, int, int], None]) -> None:
        self._works = works

    def detect(self, page: Page) -> Detection:
        self._works("detect", *_where(page.rgb))
        region = Region("r0", _BOX, _BOX.polygon, Kind.DIALOGUE, True, 0.9)
        return Detection((region,), np.zeros((page.height, page.width), np.uint8), (_BOX,))


class _Reader:
    name = "by-number"

    def read(self, page: Page, detection: Detection) -> tuple[Reading, ...]:
        return (Reading("r0", "{}話{}頁".format(*_where(page.rgb)), 0.9),)


class _Orderer:
    name = "one-box"

    def order(self, page: Page, detection: Detection, direction: ReadingDirection) -> tuple[Line, ...]:
        return (Line("r0", 0),)

    def panels(self, page: Page, detection: Detection, direction: ReadingDirection) -> tuple[Box, ...]:
        return detection.panels


class _Translator:
    name = "by-number"

    def __init__(self, signature: int, works: Callable[[str, int, int], None]) -> None:
        self._signature, self._works = signature, works

    def translate(self, request: TranslateRequest) -> tuple[Translation, ...]:
        self._works("translate", *_where(request.rgb))
        return (Translation("r0", f"page {request.page}, by process {self._signature}", Origin.MODEL),)


class _Cleaner:
    name = "none"

    def clean(self, page: Page, detection: Detection, regions: Sequence[Region]) -> Rgb:
        return page.rgb.copy()


class _Typesetter:
    """Leaves its process's signature in the picture: two processes never make the same bytes."""

    name = "signature"

    def __init__(self, signature: int) -> None:
        self._signature = signature

    def typeset(
        self,
        plate: Rgb,
        regions: Sequence[Region],
        translations: Sequence[Translation],
        *,
        target: str,
        **_: Any,
    ) -> Typeset:
        rgb = plate.copy()
        rgb[1, 1] = (self._signature % 256, self._signature // 256 % 256, 0)
        line = PlacedLine(translations[0].text, (1, 1), 6, 6)
        return Typeset(rgb, (Placement("r0", (line,), "Tiny", 12, (1, 1), _BOX, (0, 0, 0)),))


def _where(rgb: Rgb) -> tuple[int, int]:
    return int(rgb[0, 0, 0]), int(rgb[0, 0, 1])


def failed(stage: str, page: int) -> StageError:
    """A failure that may pass the next time; of every second page's translation, the end of the job's budget."""
    if stage == "translate" and page % 2 == 0:
        return StageError(stage, PageErrorCode.BUDGET_SPENT.value, "the job's budget is spent", retryable=True)
    return StageError(stage, PageErrorCode.STAGE_FAILED.value, "the engine did not answer", retryable=True)
