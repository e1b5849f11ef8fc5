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
from translator.pipeline.shape import gap_between
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

_STRONG = 96
"""Levels of change that are a letter's stroke, and not the rim of one."""
_JOINED_PX = 5
"""How far apart the contours of two balloons are at most that run into each other."""


@dataclass(frozen=True, slots=True)
class SetText:
    """``outside_px``: ink beyond the contours of the balloon and of those that it runs into, 0 for a text without one.
    ``air_em``: the least distance of the ink to that edge, in letter sizes; ``None`` for a text without a balloon, or
    without ink. ``breaks`` is ``None`` for what was not set with all its letters."""

    region: Region
    text: str
    placement: Placement | None
    outside_px: int
    air_em: float | None
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
    balloons = [region.balloon for region in detection.regions if region.balloon is not None]
    texts = tuple(set_text(pair, translations[pair.index], (plate, done), target, balloons) for pair in pairs)
    return TypesetPage(truth, texts, done.warnings, wall, processor), done.rgb


def set_text(pair: Pair, text: str, page: tuple[Rgb, Typeset], target: str, balloons: Sequence[Balloon]) -> SetText:
    """What became of one text: ``page`` is the clean plate, and what was set on it; ``balloons`` are the page's."""
    plate, done = page
    placement = next((one for one in done.placements if one.region_id == pair.region.id), None)
    if placement is None:
        return SetText(pair.region, text, None, 0, None, None)
    balloon, outside, air = pair.region.balloon, 0, None
    if balloon is not None:
        inked = inked_by(placement.lines, plate, done.rgb)
        joined = [other for other in balloons if other is not balloon and _are_joined(balloon, other)]
        outside, air = ink_outside(balloon, joined, inked), air_around(balloon, joined, inked)
    lines = [line.text for line in placement.lines]
    air_em = None if air is None else air / placement.size_px
    return SetText(pair.region, text, placement, outside, air_em, breaks_of(text, lines, target=target))


def _are_joined(balloon: Balloon, other: Balloon) -> bool:
    return gap_between(balloon, other, at_most=_JOINED_PX) <= _JOINED_PX


def inked_by(lines: Sequence[PlacedLine], plate: Rgb, rgb: Rgb) -> Mask:
    """How much lines have changed each pixel, uint8 ``(h, w)``."""
    height, width = plate.shape[:2]
    inked = np.zeros((height, width), np.uint8)
    for line in lines:
        x, y = line.origin_xy
        box = Box(x, y, x + line.width, y + line.height).intersection(Box(0, 0, width, height))
        window = np.s_[box.y0 : box.y1, box.x0 : box.x1]
        changed = np.abs(rgb[window].astype(np.int16) - plate[window]).max(axis=2, initial=0)
        inked[window] = np.maximum(inked[window], changed)
    return inked


def ink_outside(balloon: Balloon, joined: Sequence[Balloon], inked: Mask) -> int:
    """The pixels that lines have changed beyond the contours of a balloon and of those ``joined`` to it."""
    return int(np.count_nonzero((inked > 0) & (_inside(balloon, joined, inked.shape) == 0)))


def air_around(balloon: Balloon, joined: Sequence[Balloon], inked: Mask) -> float | None:
    """The least distance of black on white (or what is as strong) to that edge, pixels; ``None`` without any."""
    framed = cv2.copyMakeBorder(_inside(balloon, joined, inked.shape), 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0)
    depths = cv2.distanceTransform(framed, cv2.DIST_L2, 5)[1:-1, 1:-1][inked > _STRONG]
    return max(0.0, float(depths.min()) - 1.0) if depths.size else None


def _inside(balloon: Balloon, joined: Sequence[Balloon], shape: tuple[int, ...]) -> Mask:
    mask = np.zeros(shape, np.uint8)
    for one in (balloon, *joined):
        if len(one.contour) >= 3:
            cv2.fillPoly(mask, [np.asarray(one.contour, np.int32).reshape(-1, 1, 2)], (255,))
    if not joined:
        return mask
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (7, 7))  # the slit between two contours is no edge
    return np.asarray(cv2.morphologyEx(mask, cv2.MORPH_CLOSE, disc), np.uint8)
