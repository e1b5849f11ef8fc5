"""A page whose annotated texts were taken off: whether they are gone, and whether anything else was touched."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import cv2
import numpy as np

from translator.evaluation.truth import TruePage
from translator.pipeline.clean import margin_px, reach_px
from translator.pipeline.protocols import Cleaner, Detector, Typesetter
from translator.pipeline.strokes import text_box_of
from translator.pipeline.types import Box, Detection, Mask, Page, Region, Rgb, TextLine

_SAME = 0.3
"""IoU from which a found block is an annotated one: a letterer's box and an engine's differ."""
_LEFT = 0.5
"""Share of a line found on the plate that lies in a block, if it is a part of that block's text: on a page without any
text, detectors take panels for letters."""
_AROUND = 0.12
"""How far letters reach out of a line's box, in line thicknesses."""


class FinishingStages(Protocol):
    """The stages that are measured; a job's ``Stages`` are such."""

    @property
    def detector(self) -> Detector: ...

    @property
    def cleaner(self) -> Cleaner: ...

    @property
    def typesetter(self) -> Typesetter: ...


@dataclass(frozen=True, slots=True)
class Pair:
    """An annotated text, by its place in the page's texts, and the region that was found for it."""

    index: int
    region: Region


@dataclass(frozen=True, slots=True)
class CleanedPage:
    """``left`` are the ids of the regions in which text is still found, ``outside_px`` the pixels changed beyond the
    margin of what was to go."""

    truth: TruePage
    pairs: tuple[Pair, ...]
    left: tuple[str, ...]
    outside_px: int
    seconds: float
    processor_s: float


def pairs_of(truth: TruePage, detection: Detection) -> tuple[Pair, ...]:
    """Each annotated text with the region that is most like it, every region once; texts without one are left out, and
    so are sound effects, which stay as drawn."""
    pairs: list[Pair] = []
    free = list(detection.regions)
    for index, text in enumerate(truth.texts):
        if not text.scored:
            continue
        best = max(free, key=lambda region: region.box.iou(text.box), default=None)
        if best is not None and best.box.iou(text.box) >= _SAME:
            free.remove(best)
            pairs.append(Pair(index, best))
    return tuple(pairs)


def clean_page(truth: TruePage, page: Page, stages: FinishingStages) -> tuple[CleanedPage, Rgb]:
    """Finds, cleans, and looks again with the same detector. Answers the clean plate as well, ``(h, w, 3)`` uint8."""
    detection = stages.detector.detect(page)
    pairs = pairs_of(truth, detection)
    regions = [pair.region for pair in pairs]
    wall, processor = time.perf_counter(), time.process_time()
    plate = stages.cleaner.clean(page, detection, regions)
    wall, processor = time.perf_counter() - wall, time.process_time() - processor
    again = stages.detector.detect(Page(page.number, plate))
    left, outside = _left(regions, detection, again), _outside(page, plate, detection, regions)
    return CleanedPage(truth, pairs, left, outside, wall, processor), plate


def _left(regions: Sequence[Region], detection: Detection, again: Detection) -> tuple[str, ...]:
    """The regions in which there is still a line; lines of texts that were to stay are none of theirs."""
    cleaned = {region.id for region in regions}
    staying = [line.box for region in detection.regions if region.id not in cleaned for line in _lines(region)]
    lines = [line.box for region in again.regions for line in _lines(region)]
    new = [box for box in lines if not any(box.iou(other) >= _SAME for other in staying)]
    return tuple(region.id for region in regions if any(_shares(box, region.box) for box in new))


def _shares(line: Box, region: Box) -> bool:
    return line.intersection(region).area >= _LEFT * max(1, line.area)


def _outside(page: Page, plate: Rgb, detection: Detection, regions: Sequence[Region]) -> int:
    """Pixels that differ and are neither near marked text nor in or near a line that was to go."""
    changed = (page.rgb != plate).any(axis=2)
    return int(np.count_nonzero(changed & (_allowed(page, detection, regions) == 0)))


def _allowed(page: Page, detection: Detection, regions: Sequence[Region]) -> Mask:
    own = np.zeros_like(detection.mask)
    margin = margin_px(page)
    for region in regions:
        near = text_box_of(region).pad(margin, width=page.width, height=page.height)
        window = np.s_[near.y0 : near.y1, near.x0 : near.x1]
        own[window] = np.maximum(own[window], detection.mask[window])
        for line in _lines(region):
            by = max(2, round(min(line.box.width, line.box.height) * _AROUND))
            box = line.box.pad(by, width=page.width, height=page.height)
            own[box.y0 : box.y1, box.x0 : box.x1] = 255
    across = 2 * reach_px(margin) + 1
    return np.asarray(cv2.dilate(own, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (across, across))), np.uint8)


def _lines(region: Region) -> tuple[TextLine, ...]:
    return (*region.lines, *region.ruby)
