"""Rows of dots: an ellipsis that is a text of its own, which a text detector takes for dirt and a recognizer misreads.

The ink alone tells them: small islands of one size, evenly spaced on one straight line, and nothing else beside them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from translator.pipeline.ground import Ground, Interior
from translator.pipeline.ink import ink
from translator.pipeline.types import Box, Rgb, TextLine

_LEAST, _MOST = 3, 9
"""Two dots may be a face's eyes, and more than nine are a pattern."""
_ROUND, _ALIKE, _FULL = 1.7, 1.8, 0.55
"""Limits of a dot's sides against each other, of the dots' sizes against each other, of its area in its box."""
_EVEN, _WIDEST_STEP, _STRAIGHT = 1.6, 5.0, 0.6
"""The longest step against the shortest, a step in dots, and how far off the line a dot may stand, in dots."""
_LARGEST, _SMALLEST_PX = 0.45, 2
"""A dot's size in the thickness of the page's lines, and in pixels."""
_BALLOON, _ROOM = 0.85, 1.2
"""How full a silent balloon's shape is, and its smallest side, in line thicknesses."""
_THINNEST, _ENDS = 0.7, 0.35
"""The line's box around its dots: its thickness in that of the page's lines, and how much longer it is, in its own."""
_RIM = 0.35
"""How far an outline may reach into a line's crop from its sides, in the crop's height."""
_MOSTLY = 0.5
"""The least share of a line's length that its dots take; the rest is air, or an outline that cuts a corner."""
_SURE, _NEAR = 0.9, 0.15


@dataclass(frozen=True, slots=True)
class DotRow:
    """``count`` dots on a line that runs down (``vertical``) or across; ``box`` is around their ink."""

    box: Box
    count: int
    vertical: bool
    step: float


def dot_row(islands: NDArray[np.int32]) -> DotRow | None:
    """The row that all ``islands`` form, ``(n, 5)`` of x, y, width, height and area; None where they form none."""
    if not 2 <= len(islands) <= _MOST:
        return None
    x, y, w, h, area = (islands[:, i].astype(float) for i in range(5))
    size = np.maximum(w, h)
    is_round = np.all(size <= _ROUND * np.minimum(w, h)) and np.all(area >= _FULL * w * h)
    if not is_round or size.max() > _ALIKE * size.min() or size.min() < _SMALLEST_PX:
        return None
    cx, cy = x + w / 2, y + h / 2
    vertical = bool(np.ptp(cy) >= np.ptp(cx))
    along, across = (cy, cx) if vertical else (cx, cy)
    steps = np.diff(np.sort(along))
    dot = float(np.median(size))
    even = steps.max() <= max(_EVEN * steps.min(), steps.min() + 2) and dot < steps.max() <= _WIDEST_STEP * dot
    if not even or np.ptp(across) > max(2.0, _STRAIGHT * dot):
        return None
    box = Box(int(x.min()), int(y.min()), int((x + w).max()), int((y + h).max()))
    return DotRow(box, len(islands), vertical, float(np.median(steps)))


def ellipsis(crop: Rgb) -> str:
    """The dots that a line's crop (text running left to right) shows and nothing else; empty where it is another text.

    Japanese has characters for three dots and for two, and no count of them is changed.
    """
    mask = ink(np.asarray(cv2.cvtColor(np.ascontiguousarray(crop), cv2.COLOR_RGB2GRAY), dtype=np.uint8))
    islands = _islands(np.asarray(mask > 0, dtype=np.uint8))
    # A narrow balloon's outline runs along the crop's long sides.
    tops, bottoms = islands[:, 1], islands[:, 1] + islands[:, 3]
    inside = (tops > 0) & (bottoms < len(mask))
    middle = (tops < (1 - _RIM) * len(mask)) & (bottoms > _RIM * len(mask))
    if (middle & ~inside).any():
        return ""  # letters that fill a narrow crop, and a few specks between them
    row = dot_row(islands[inside])
    if row is None or row.vertical or row.box.height > _LARGEST * len(mask):
        return ""
    twos = -row.count % 3
    return "…" * ((row.count - 2 * twos) // 3) + "‥" * twos if row.count - 2 * twos >= 0 else "‥"


def with_dots(lines: Sequence[TextLine], ground: Ground) -> tuple[TextLine, ...]:
    """``lines``, those of dots alone fitted to them, and the rows of dots in a balloon that were not found."""
    if not lines:
        return ()
    usual = _usual_thickness(lines)
    fitted = tuple(_fitted(line, ground, usual) for line in lines)
    return fitted + tuple(_missed(fitted, ground, usual))


def _usual_thickness(lines: Sequence[TextLine]) -> float:
    """The thickness that half of the page's lines reach, by length: furigana and dirt are many, but short."""
    sides = sorted((min(line.box.width, line.box.height), max(line.box.width, line.box.height)) for line in lines)
    lengths = np.cumsum([length for _, length in sides])
    return float(sides[int(np.searchsorted(lengths, lengths[-1] / 2))][0])


def _fitted(line: TextLine, ground: Ground, usual: float) -> TextLine:
    label = ground.under(line.box)
    if not label:
        return line
    box = line.box
    islands = _islands(np.asarray(ground.labels[box.y0 : box.y1, box.x0 : box.x1] != label, dtype=np.uint8))
    x, y, w, h = (islands[:, i] for i in range(4))
    inside = (x > 0) & (y > 0) & (x + w < box.width) & (y + h < box.height)
    row = dot_row(islands[inside])
    if row is None or row.count < _LEAST or max(row.box.width, row.box.height) < _MOSTLY * max(box.width, box.height):
        return line
    around = _cell(replace(row, box=_shifted(row.box, box.x0, box.y0)), usual)
    return replace(line, box=around, polygon=around.polygon, dots=row.count)


def _missed(lines: Sequence[TextLine], ground: Ground, usual: float) -> list[TextLine]:
    found = []
    boxes = np.array([line.box.to_json() for line in lines], dtype=np.int32)
    air = np.rint(_NEAR * np.minimum(boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1])).astype(np.int32)
    aired = boxes + air[:, None] * np.array([-1, -1, 1, 1], dtype=np.int32)
    for label in _roomy(ground, usual):
        interior = ground.interior(int(label))
        row = None if interior is None else _row_in(interior, ground, int(label), aired, usual)
        if row is not None:
            box = _cell(row, usual)
            found.append(TextLine(box, box.polygon, _SURE, row.count))
    return found


def _roomy(ground: Ground, usual: float) -> NDArray[np.intp]:
    """The labels of areas that are large enough for a balloon."""
    width, height = ground.boxes[:, 2] - ground.boxes[:, 0], ground.boxes[:, 3] - ground.boxes[:, 1]
    roomy = (width >= _ROOM * usual) & (height >= _ROOM * usual)
    roomy[0] = False
    return np.flatnonzero(roomy)


def _row_in(interior: Interior, ground: Ground, label: int, lines: NDArray[np.int32], usual: float) -> DotRow | None:
    """The dots that are all the ink of a balloon, or all that its lines (boxes with some air, xyxy) leave."""
    box = interior.box
    labels = ground.labels[box.y0 : box.y1, box.x0 : box.x1]
    holes = np.asarray((labels != label) & (interior.mask > 0), dtype=np.uint8)
    shared = (lines[:, 0] < box.x1) & (lines[:, 2] > box.x0) & (lines[:, 1] < box.y1) & (lines[:, 3] > box.y0)
    for x0, y0, x1, y1 in np.maximum(lines[shared] - (box.x0, box.y0, box.x0, box.y0), 0).tolist():
        holes[y0:y1, x0:x1] = 0
    islands = _islands(holes)
    row = dot_row(islands)
    if row is None or row.count < _LEAST or islands[:, 2:4].max() > _LARGEST * usual:
        return None
    return replace(row, box=_shifted(row.box, box.x0, box.y0)) if shared.any() or _is_full(interior.mask) else None


def _is_full(mask: NDArray[np.uint8]) -> bool:
    contours, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    contour = max(contours, key=cv2.contourArea)
    return cv2.contourArea(contour) >= _BALLOON * cv2.contourArea(cv2.convexHull(contour))


def _islands(mask: NDArray[np.uint8]) -> NDArray[np.int32]:
    """``(n, 5)`` of x, y, width, height, area; single pixels are noise."""
    _, _, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8, ltype=cv2.CV_32S)
    found = np.asarray(stats[1:], dtype=np.int32)
    return found[found[:, cv2.CC_STAT_AREA] > 2]


def _cell(row: DotRow, usual: float) -> Box:
    """The box that letters of the dots' size would have: three dots are as long as one letter."""
    thickness = min(max(3 * row.step, _THINNEST * usual), usual)
    (cx, cy), half, ends, box = row.box.center, round(thickness / 2), round(_ENDS * thickness), row.box
    if row.vertical:
        x0 = max(0, round(cx) - half)
        return Box(min(x0, box.x0), max(0, box.y0 - ends), max(x0 + 2 * half, box.x1), box.y1 + ends)
    y0 = max(0, round(cy) - half)
    return Box(max(0, box.x0 - ends), min(y0, box.y0), box.x1 + ends, max(y0 + 2 * half, box.y1))


def _shifted(box: Box, dx: int, dy: int) -> Box:
    return Box(box.x0 + dx, box.y0 + dy, box.x1 + dx, box.y1 + dy)
