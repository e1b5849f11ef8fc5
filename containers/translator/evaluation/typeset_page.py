"""A page whose annotated texts were replaced by given translations: what each looks like, measured."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

import cv2
import numpy as np

from translator.evaluation.clean_page import FinishingStages, Pair, pairs_of
from translator.evaluation.truth import TruePage
from translator.evaluation.typeset_breaks import Breaks, breaks_of
from translator.pipeline.types import (
    Balloon,
    Box,
    Mask,
    Origin,
    Page,
    PlacedLine,
    Placement,
    Region,
    Rgb,
    Translation,
    Typeset,
)


@dataclass(frozen=True, slots=True)
class SetText:
    """``outside_px``: ink beyond the balloon's contour, 0 for a text without one. ``breaks`` is ``None`` for what was
    not set with all its letters."""

    region: Region
    text: str
    placement: Placement | None
    outside_px: int
    breaks: Breaks | None

    @property
    def is_flawed(self) -> bool:
        if self.placement is None or self.breaks is None:
            return True
        return self.placement.overflow or self.outside_px > 0 or self.breaks != Breaks()


@dataclass(frozen=True, slots=True)
class TypesetPage:
    """The texts that were found and have a translation. ``seconds`` are of typesetting alone."""

    truth: TruePage
    texts: tuple[SetText, ...]
    warnings: tuple[str, ...]
    seconds: float
    processor_s: float

    @property
    def balloon_sizes(self) -> tuple[int, ...]:
        """Letter sizes in balloons, pixels."""
        return tuple(one.placement.size_px for one in self.texts if one.placement and one.region.balloon)

    @property
    def spread(self) -> float | None:
        """The largest over the smallest size in balloons; ``None`` for a page with less than two."""
        sizes = self.balloon_sizes
        return max(sizes) / min(sizes) if len(sizes) > 1 else None

    @property
    def usual_size(self) -> float | None:
        sizes = self.balloon_sizes
        return float(median(sizes)) if sizes else None


def typeset_page(
    truth: TruePage, page: Page, translations: Sequence[str], stages: FinishingStages, *, target: str
) -> tuple[TypesetPage, Rgb]:
    """``translations`` are those of the page's texts, in their order; an empty one leaves its text as it is. Answers
    the page as it was set as well, ``(h, w, 3)`` uint8."""
    detection = stages.detector.detect(page)
    pairs = [pair for pair in pairs_of(truth, detection) if translations[pair.index]]
    regions = [pair.region for pair in pairs]
    plate = stages.cleaner.clean(page, detection, regions)
    given = [Translation(pair.region.id, translations[pair.index], Origin.USER) for pair in pairs]
    kept = [region.box for region in detection.regions if region not in regions]
    wall, processor = time.perf_counter(), time.process_time()
    done = stages.typesetter.typeset(plate, regions, given, target=target, panels=detection.panels, kept=kept)
    wall, processor = time.perf_counter() - wall, time.process_time() - processor
    texts = tuple(_set_text(pair, translations[pair.index], plate, done, target) for pair in pairs)
    return TypesetPage(truth, texts, done.warnings, wall, processor), done.rgb


def _set_text(pair: Pair, text: str, plate: Rgb, done: Typeset, target: str) -> SetText:
    placement = next((one for one in done.placements if one.region_id == pair.region.id), None)
    if placement is None:
        return SetText(pair.region, text, None, 0, None)
    lines = [line.text for line in placement.lines]
    outside = 0 if pair.region.balloon is None else ink_outside(pair.region.balloon, placement.lines, plate, done.rgb)
    return SetText(pair.region, text, placement, outside, breaks_of(text, lines, target=target))


def ink_outside(balloon: Balloon, lines: Sequence[PlacedLine], plate: Rgb, rgb: Rgb) -> int:
    """The pixels that lines have changed beyond a balloon's contour."""
    height, width = plate.shape[:2]
    inked = np.zeros((height, width), bool)
    for line in lines:
        x, y = line.origin_xy
        box = Box(x, y, x + line.width, y + line.height).intersection(Box(0, 0, width, height))
        window = np.s_[box.y0 : box.y1, box.x0 : box.x1]
        inked[window] |= (rgb[window] != plate[window]).any(axis=2)
    return int(np.count_nonzero(inked & (_inside(balloon, (height, width)) == 0)))


def _inside(balloon: Balloon, shape: tuple[int, int]) -> Mask:
    mask = np.zeros(shape, np.uint8)
    if len(balloon.contour) >= 3:
        cv2.fillPoly(mask, [np.asarray(balloon.contour, np.int32).reshape(-1, 1, 2)], (255,))
    return mask
