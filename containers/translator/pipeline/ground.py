"""The flat areas of a page: what a line of text stands on, and whether two lines stand on the same."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from translator.pipeline.types import Box, Rgb, TextLine

Labels = NDArray[np.int32]
Number = TypeVar("Number", bound=np.generic)

_LIGHT, _DARK = 190, 70
_WAIST = 0.7
"""Two balloons run into each other where the ground between is this narrow beside what it is at either text."""


@dataclass(frozen=True, slots=True)
class Ground:
    """The page's flat areas: ``labels`` int32 ``(h, w)``, 0 for none."""

    labels: Labels

    def under(self, box: Box) -> int:
        """The label that a line of text stands on; 0 where none holds most of its rim."""
        rim = ring(self.labels, box)
        if not rim.size:
            return 0
        label, count = most_common(rim)
        return label if label and count >= 0.6 * rim.size else 0


def find_ground(rgb: Rgb) -> Ground:
    """Connected light areas and connected dark areas of a page. Outlines, text and screentone separate them."""
    gray = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)
    count, light = cv2.connectedComponents((gray >= _LIGHT).astype(np.uint8), connectivity=4, ltype=cv2.CV_32S)
    _, dark = cv2.connectedComponents((gray <= _DARK).astype(np.uint8), connectivity=4, ltype=cv2.CV_32S)
    # In place: on a long strip each copy would be 40 MB. No pixel is both light and dark.
    np.add(dark, count, out=dark, where=dark > 0)
    return Ground(np.asarray(np.maximum(light, dark, out=light), dtype=np.int32))


def between(ground: Ground, first: TextLine, second: TextLine) -> bool:
    """True where two lines stand in two balloons: on different grounds, or in two lobes of one with a waist between."""
    a, b = ground.under(first.box), ground.under(second.box)
    if not a or not b:
        return False
    thin, thick = sorted((first.box.width, second.box.width))
    # Furigana beside its column has no balloon of its own, whatever the ground does there.
    return a != b or (thin > 0.66 * thick and _waisted(ground.labels, a, first.box, second.box))


def _waisted(labels: Labels, label: int, first: Box, second: Box) -> bool:
    """True where the ground is clearly narrower between two columns than at either of them."""
    left, right = (first, second) if first.center[0] <= second.center[0] else (second, first)
    y0, y1 = max(left.y0, right.y0), min(left.y1, right.y1)
    if y1 <= y0 or right.center[0] - left.center[0] < 0.5 * min(left.width, right.width):
        return False
    middle = (y0 + y1) // 2
    waist = [_run(labels, label, x, middle) for x in _places(left.center[0], right.center[0], parts=8)]
    lobes = [max(_run(labels, label, x, (box.y0 + box.y1) // 2) for x in (box.x0, box.x1 - 1)) for box in (left, right)]
    return max(waist[3:-3]) < _WAIST * min(lobes)


def _places(start: float, end: float, *, parts: int) -> list[int]:
    return [round(start + (end - start) * i / parts) for i in range(parts + 1)]


def _run(labels: Labels, label: int, x: int, y: int) -> int:
    """How far the ground goes up and down from a point between the columns, pixels."""
    column = labels[:, min(max(x, 0), labels.shape[1] - 1)] == label
    others = np.flatnonzero(~column)
    at = int(np.searchsorted(others, y))
    top = int(others[at - 1]) if at else -1
    bottom = int(others[at]) if at < others.size else len(column)
    return bottom - top - 1


def ring(labels: NDArray[Number], box: Box) -> NDArray[Number]:
    """The pixels on the sides of a box, inside the page."""
    height, width = labels.shape[:2]
    x0, x1 = max(0, box.x0), min(width, box.x1) - 1
    y0, y1 = max(0, box.y0), min(height, box.y1) - 1
    if x1 < x0 or y1 < y0:
        return labels[:0, 0]
    sides = (labels[y0 : y1 + 1, x0], labels[y0 : y1 + 1, x1], labels[y0, x0 : x1 + 1], labels[y1, x0 : x1 + 1])
    return np.concatenate(sides)


def most_common(values: Labels) -> tuple[int, int]:
    """The most frequent value and how often it occurs; ``values`` has at least one."""
    labels, counts = np.unique(values, return_counts=True)
    best = int(counts.argmax())
    return int(labels[best]), int(counts[best])
