"""Finds room for a text that has no balloon: a quiet rectangle at the place of the source text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from translator.pipeline.flow import Paragraph
from translator.pipeline.shape import Area, even_area, rectangle_area
from translator.pipeline.types import Box, Rgb

_RATIOS = (0.8, 1.1, 1.5, 2.0, 2.8)
_HELD, _EVEN, _MOSTLY, _RIM = 0.8, 32, 0.9, 0.15
_TONE_PX, _LINE, _TAKEN = 1.5, 60.0, 40.0
_STEPS = (0.0, -0.25, 0.25, -0.5, 0.5, -0.75, 0.75)


@dataclass(frozen=True)
class Surroundings:
    """A page seen as places where text may stand: ``cost`` is the integral image of what covering a pixel costs."""

    cost: NDArray[np.float64]
    width: int
    height: int

    def price(self, box: Box) -> float:
        """The mean cost of a pixel of ``box``: 0.0 on an empty ground, about 1.0 on busy art, more on other texts."""
        total = (
            self.cost[box.y1, box.x1]
            - self.cost[box.y0, box.x1]
            - self.cost[box.y1, box.x0]
            + self.cost[box.y0, box.x0]
        )
        return float(total) / max(1, box.area)


def surroundings(plate: Rgb, taken: Sequence[Box], frame: Box) -> Surroundings:
    """Look at the part ``frame`` of a clean plate; ``taken`` are boxes of other texts and balloons on the page."""
    grey = cv2.cvtColor(plate[frame.y0 : frame.y1, frame.x0 : frame.x1], cv2.COLOR_RGB2GRAY)
    grey = cv2.GaussianBlur(grey, (0, 0), _TONE_PX)  # lines count, the dots of a screentone do not
    edges = cv2.morphologyEx(grey, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
    cost = np.minimum(edges.astype(np.float64) / _LINE, 1.0)
    for box in taken:
        seen = box.intersection(frame)
        cost[seen.y0 - frame.y0 : seen.y1 - frame.y0, seen.x0 - frame.x0 : seen.x1 - frame.x0] = _TAKEN
    return Surroundings(np.asarray(cv2.integral(cost), np.float64), frame.width, frame.height)


def panel_of(own: Box, panels: Sequence[Box]) -> Box | None:
    """The smallest panel that holds nearly all of a text."""
    holding = [panel for panel in panels if panel.intersection(own).area >= _HELD * own.area]
    return min(holding, key=lambda panel: panel.area, default=None)


def quiet_area(plate: Rgb, own: Box, taken: Sequence[Box], panel: Box | None) -> Area | None:
    """The even ground around a text whose balloon was not found, as far as nothing is drawn on it: an open balloon, a
    caption box, a panel's white. ``None`` where the ground under the text is not even.

    Each pixel belongs to the nearest text: ``taken`` are the boxes of the others.
    """
    height, width = plate.shape[:2]
    frame = own.pad(max(own.width, own.height, 8), width=width, height=height)
    frame = frame if panel is None else frame.intersection(panel)
    dx, dy = round(own.width * _RIM), round(own.height * _RIM)  # a text's box may reach over its ground's edge
    under = Box(own.x0 + dx, own.y0 + dy, own.x1 - dx, own.y1 - dy).intersection(frame)
    if under.area < 64:
        return None
    pixels = plate[under.y0 : under.y1, under.x0 : under.x1].reshape(-1, 3)
    colour = np.median(pixels, axis=0)
    if float(np.mean(np.abs(pixels - colour).max(axis=1) <= _EVEN)) < _MOSTLY:
        return None
    return even_area(plate, frame, own, taken, (int(colour[0]), int(colour[1]), int(colour[2])))


def free_area(
    plate: Rgb, own: Box, taken: Sequence[Box], measured: Sequence[tuple[Paragraph, int]], *, panel: Box | None = None
) -> Area:
    """A rectangle around ``own`` for a text: little art covered, little moved, a pleasant shape.

    ``measured`` is the text at the sizes it may have, each with its leading, the wanted one first. ``panel`` is what
    the text should not leave; where it is too small for the longest word, it may.
    """
    height, width = plate.shape[:2]
    widest = round(max(paragraph.widest_piece for paragraph, _ in measured))
    frame = own.pad(max(own.width, own.height, widest), width=width, height=height)
    if panel is not None and panel.width >= widest + 4 and not frame.intersection(panel).area < own.area:
        frame = frame.intersection(panel)
    around = surroundings(plate, taken, frame)
    best, best_price = own, np.inf
    for rank, (paragraph, leading) in enumerate(measured):
        for box in _candidates(own, frame, paragraph, leading, padding=leading // 3):
            local = Box(box.x0 - frame.x0, box.y0 - frame.y0, box.x1 - frame.x0, box.y1 - frame.y0)
            price = 0.3 * rank + 15.0 * around.price(local) + _displacement(own, box, leading)
            if price < best_price - 1e-9:
                best, best_price = box, price
    return rectangle_area(best)


def _candidates(own: Box, frame: Box, paragraph: Paragraph, leading: int, *, padding: int) -> list[Box]:
    """Rectangles of several proportions and places, all inside ``frame``; those most like ``own`` come first."""
    boxes = []
    ink = paragraph.length * leading
    for ratio in (min(max(own.width / max(1, own.height), 0.8), 4.0), *_RATIOS):
        line = max(paragraph.widest_piece, min(paragraph.length, (ink * ratio) ** 0.5 * 1.1))
        w = min(frame.width, round(line) + 2 * padding)
        count = int(np.ceil(paragraph.length / max(1.0, line) * 1.15))
        h = min(frame.height, count * leading + 2 * padding)
        for dy in _STEPS:
            for dx in _STEPS:
                x = own.center[0] - w / 2 + dx * max(own.width, w) / 2
                y = own.center[1] - h / 2 + dy * max(own.height, h) / 2
                x0 = round(min(max(x, frame.x0), frame.x1 - w))
                y0 = round(min(max(y, frame.y0), frame.y1 - h))
                boxes.append(Box(x0, y0, x0 + w, y0 + h))
    return boxes


def _displacement(own: Box, box: Box, leading: int) -> float:
    dx, dy = box.center[0] - own.center[0], box.center[1] - own.center[1]
    outside = 1.0 - box.intersection(own).area / max(1, min(box.area, own.area))
    return 0.7 * float(np.hypot(dx, dy)) / (2 * leading) + 0.7 * outside
