"""The flat areas of a page: what a line of text stands on, and whether two lines stand on the same."""

from __future__ import annotations

from dataclasses import dataclass, field
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
_NECK, _CLOSE = 0.95, 0.1
"""A way between two texts is a neck where it is this shallow beside the shallower text; in a convex shape it never is.

Of 732 pairs of columns of one balloon on annotated pages two had less, both nearer than ``_CLOSE`` of a column, where
no outlines could come in between.
"""
_HELD = 0.5
"""The share of a line that lies in the balloon that it belongs to."""
_LARGEST, _ROOMIEST = 0.25, 12
"""The largest balloon beside the page, and beside two lines of its text."""


@dataclass(frozen=True, slots=True)
class Interior:
    """A flat area that is bounded on the page, its letters filled in: what a balloon is inside.

    ``mask`` uint8 ``(h, w)`` of 0 and 1 over ``box``; ``depth`` float32, how far each of its pixels is from the bound.
    """

    box: Box
    mask: NDArray[np.uint8]
    depth: NDArray[np.float32]

    @property
    def area(self) -> int:
        return int(np.count_nonzero(self.mask))


@dataclass(frozen=True, slots=True)
class Ground:
    """The page's flat areas: ``labels`` int32 ``(h, w)``, 0 for none; ``boxes`` int32 ``(n, 4)``, one a label, xyxy."""

    labels: Labels
    boxes: NDArray[np.int32]
    _interiors: dict[int, Interior | None] = field(default_factory=dict, compare=False)

    def under(self, box: Box) -> int:
        """The label that a line of text stands on; 0 where none holds most of its rim."""
        rim = ring(self.labels, box)
        if not rim.size:
            return 0
        label, count = most_common(rim)
        return label if label and count >= 0.6 * rim.size else 0

    def interior(self, label: int) -> Interior | None:
        """The area of a label; None for no label and for an area that reaches the page's edge."""
        if label not in self._interiors:
            self._interiors[label] = self._bounded(label) if label else None
        return self._interiors[label]

    def _bounded(self, label: int) -> Interior | None:
        height, width = self.labels.shape
        box = Box(*(int(value) for value in self.boxes[label]))
        if box.x0 <= 0 or box.y0 <= 0 or box.x1 >= width or box.y1 >= height or box.area > _LARGEST * width * height:
            return None
        area = np.asarray(self.labels[box.y0 : box.y1, box.x0 : box.x1] == label, dtype=np.uint8)
        contours, _ = cv2.findContours(area, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
        mask = np.zeros_like(area)
        cv2.drawContours(mask, contours, -1, (1,), -1)
        padded = cv2.copyMakeBorder(mask, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=(0,))
        depth = cv2.distanceTransform(padded, cv2.DIST_L2, cv2.DIST_MASK_5)[1:-1, 1:-1]
        return Interior(box, mask, np.asarray(depth, dtype=np.float32))


def find_ground(rgb: Rgb) -> Ground:
    """Connected light areas and connected dark areas of a page. Outlines, text and screentone separate them."""
    gray = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)
    count, light, lights, _ = _components(np.asarray(gray >= _LIGHT, dtype=np.uint8))
    _, dark, darks, _ = _components(np.asarray(gray <= _DARK, dtype=np.uint8))
    # In place: on a long strip each copy would be 40 MB. No pixel is both light and dark.
    np.add(dark, count, out=dark, where=dark > 0)
    boxes = np.concatenate([lights, darks])[:, :4].astype(np.int32)
    boxes[:, 2:] += boxes[:, :2]
    return Ground(np.asarray(np.maximum(light, dark, out=light), dtype=np.int32), boxes)


def _components(mask: NDArray[np.uint8]) -> tuple[int, Labels, Labels, NDArray[np.float64]]:
    count, labels, stats, centers = cv2.connectedComponentsWithStats(mask, connectivity=4, ltype=cv2.CV_32S)
    return count, np.asarray(labels, dtype=np.int32), np.asarray(stats, dtype=np.int32), np.asarray(centers)


def between(ground: Ground, first: TextLine, second: TextLine) -> bool:
    """True where two lines stand in two balloons: on different grounds, or in two lobes of one with a waist between."""
    a, b = ground.under(first.box), ground.under(second.box)
    if not a or not b:
        inside, outside = (first, second) if a else (second, first)
        return _left_out(ground.interior(a or b), inside.box, outside.box)
    thin, thick = sorted((first.box.width, second.box.width))
    # Furigana beside its column has no balloon of its own, whatever the ground does there.
    return a != b or (thin > 0.66 * thick and _apart(ground, a, first.box, second.box))


def _left_out(interior: Interior | None, inside: Box, outside: Box) -> bool:
    """True where a line stands in a balloon and the other one, which stands on no ground of its own, does not."""
    if interior is None or interior.area > _ROOMIEST * (inside.area + outside.area):
        return False
    common = interior.box.intersection(outside)
    x, y = common.x0 - interior.box.x0, common.y0 - interior.box.y0
    held = np.count_nonzero(interior.mask[y : y + common.height, x : x + common.width]) if common.area else 0
    return bool(held < _HELD * outside.area)


def together(ground: Ground, first: TextLine, second: TextLine) -> bool:
    """True where two lines stand in one balloon: on one bounded ground without a waist, and not lost in it."""
    a, b = ground.under(first.box), ground.under(second.box)
    interior = ground.interior(a) if a == b else None
    if interior is None or interior.area > _ROOMIEST * (first.box.area + second.box.area):
        return False
    return not _necked(interior, first.box, second.box)


def _apart(ground: Ground, label: int, first: Box, second: Box) -> bool:
    interior = ground.interior(label)
    if interior is None or interior.area > _ROOMIEST * (first.area + second.area):
        return _waisted(ground.labels, label, first, second)
    return _necked(interior, first, second)


def _necked(interior: Interior, first: Box, second: Box) -> bool:
    """True where every way between the deepest places of two lines runs through a clearly shallower one."""
    across = max(first.x0, second.x0) - min(first.x1, second.x1)
    gap = max(across, max(first.y0, second.y0) - min(first.y1, second.y1))
    if gap <= _CLOSE * min(first.width, second.width):
        return False
    (x0, y0, depth0), (x1, y1, depth1) = (_deepest(interior, box) for box in (first, second))
    level = _NECK * min(depth0, depth1)
    _, pools = cv2.connectedComponents(np.asarray(interior.depth >= level, dtype=np.uint8), connectivity=8)
    return bool(pools[y0, x0] != pools[y1, x1])


def _deepest(interior: Interior, box: Box) -> tuple[int, int, float]:
    inside = interior.box.intersection(box)
    x, y = inside.x0 - interior.box.x0, inside.y0 - interior.box.y0
    part = interior.depth[y : y + inside.height, x : x + inside.width]
    if not part.size:
        return 0, 0, 0.0
    row, column = np.unravel_index(int(part.argmax()), part.shape)
    return x + int(column), y + int(row), float(part[row, column])


def _waisted(labels: Labels, label: int, first: Box, second: Box) -> bool:
    """True where the ground is clearly narrower between two columns than at either of them."""
    left, right = (first, second) if first.center[0] <= second.center[0] else (second, first)
    y0, y1 = max(left.y0, right.y0), min(left.y1, right.y1)
    if y1 <= y0 or right.center[0] - left.center[0] < 0.5 * min(left.width, right.width):
        return False
    # At several heights: furigana between the columns ends a run as an outline does.
    heights = _places(y0, y1, parts=6)[1:-1]
    between = _places(left.center[0], right.center[0], parts=8)[3:-3]
    waist = max(_run(labels, label, x, y) for x in between for y in heights)
    lobes = [max(_run(labels, label, x, (box.y0 + box.y1) // 2) for x in (box.x0, box.x1 - 1)) for box in (left, right)]
    return waist < _WAIST * min(lobes)


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
