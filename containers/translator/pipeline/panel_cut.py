"""The page cut along its gutters and frame lines, again and again, straight or slanted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from translator.pipeline.panel_layers import Flags, Layers
from translator.pipeline.panel_scan import FREE, GUTTER, INK, INSIDE, LINE, Field, Line, Sketch, steepest
from translator.pipeline.types import Polygon

_STEP = 0.02
"""Between two slopes: over a panel's length, a thin gutter is not missed for want of one between them."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How small a panel may be: ``thinnest`` of the page's short side, ``smallest`` of its area; ``deepest``: depth."""

    thinnest: float = 0.09
    smallest: float = 0.008
    deepest: int = 10


@dataclass(frozen=True, slots=True)
class _Part:
    """Cells of a page: which of the rectangle at ``x``, ``y`` belong to the part, ``(h, w)`` bool."""

    inside: Flags
    x: int
    y: int

    @property
    def where(self) -> tuple[slice, slice]:
        height, width = self.inside.shape
        return slice(self.y, self.y + height), slice(self.x, self.x + width)


def cut_panels(layers: Layers, limits: Limits) -> Iterator[Polygon]:
    """The outline of each part that no gutter cuts further, in cells, as they are found; all of them are convex."""
    cutter = _Cutter(layers, limits)
    smallest = limits.smallest * layers.drawn.size
    for part in cutter.split(cutter.trimmed(np.ones_like(layers.drawn), 0, 0), limits.deepest):
        drawn = part.inside & layers.drawn[part.where]
        if np.count_nonzero(drawn) >= smallest:
            yield _outline(drawn, part.x, part.y)


def _outline(drawn: Flags, x: int, y: int) -> Polygon:
    """The hull of the cells' corners."""
    rows = np.flatnonzero(drawn.any(axis=1))
    first, last = drawn[rows].argmax(axis=1), drawn.shape[1] - drawn[rows, ::-1].argmax(axis=1)
    corners = [(across, rows + below) for across in (first, last) for below in (0, 1)]
    points = np.concatenate([np.stack(corner, axis=1) for corner in corners]) + np.array([x, y])
    hull = cv2.convexHull(points.astype(np.int32))
    return tuple((int(a), int(b)) for a, b in hull.reshape(-1, 2))


class _Cutter:
    def __init__(self, layers: Layers, limits: Limits) -> None:
        self._layers = layers
        self._thinnest = max(1, round(limits.thinnest * layers.unit))
        base = layers.free * FREE + layers.gutter * GUTTER + layers.ink * INK + INSIDE
        self._rows = np.asarray(base + layers.row_line * LINE, dtype=np.uint8)
        self._columns = np.asarray(base + layers.column_line * LINE, dtype=np.uint8)
        steps = np.arange(_STEP, steepest() + 1e-9, _STEP)
        self._slopes = tuple(float(sign * step) for step in steps for sign in (1, -1))

    def split(self, part: _Part, depth: int) -> Iterator[_Part]:
        """The parts of a part, itself if nothing cuts it."""
        sides = self._cut(part) if depth and part.inside.size else None
        if sides is None:
            yield part
            return
        for side in sides:
            yield from self.split(side, depth - 1)

    def trimmed(self, inside: Flags, x: int, y: int) -> _Part:
        """Only the cells within the bounds of what is drawn."""
        part = _Part(inside, x, y)
        drawn = inside & self._layers.drawn[part.where]
        rows, columns = np.flatnonzero(drawn.any(axis=1)), np.flatnonzero(drawn.any(axis=0))
        if not rows.size:
            return _Part(inside[:0, :0], x, y)
        kept = inside[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        return _Part(kept, x + int(columns[0]), y + int(rows[0]))

    def _cut(self, part: _Part) -> tuple[_Part, _Part] | None:
        """Straight cuts first, slanted ones only where no straight one is clear."""
        fields = [field for field in self._fields(part) if field.codes.shape[0] >= 2 * self._thinnest]
        found = _clearest([(field, 0.0) for field in fields])
        if found is None:
            found = self._slanted(fields)
        if found is None:
            return None
        before = _before(part.inside.shape, *found)
        sides = (part.inside & before, part.inside & ~before)
        first, second = (self.trimmed(side, part.x, part.y) for side in sides)
        return first, second

    def _slanted(self, fields: Sequence[Field]) -> tuple[Field, Line] | None:
        sketches = [(field, Sketch(field)) for field in fields]
        promising = [(field, slope) for slope in self._slopes for field, sketch in sketches if sketch.promises(slope)]
        return _clearest(promising)

    def _fields(self, part: _Part) -> tuple[Field, Field]:
        rows = np.where(part.inside, self._rows[part.where], 0)
        columns = np.ascontiguousarray(np.where(part.inside, self._columns[part.where], 0).T)
        return (
            Field(rows, is_row=True, thinnest=self._thinnest, unit=self._layers.unit),
            Field(columns, is_row=False, thinnest=self._thinnest, unit=self._layers.unit),
        )


def _clearest(candidates: Sequence[tuple[Field, float]]) -> tuple[Field, Line] | None:
    lines = [(field, line) for field, slope in candidates if (line := field.best(slope)) is not None]
    return max(lines, key=lambda pair: pair[1].score, default=None)


def _before(shape: tuple[int, ...], field: Field, line: Line) -> NDArray[np.bool_]:
    """The cells that lie before a line, above it or left of it."""
    y, x = np.ogrid[0 : shape[0], 0 : shape[1]]
    if field.is_row:
        return np.asarray(y - np.rint(line.slope * x) < line.at)
    return np.asarray(x - np.rint(line.slope * y) < line.at)
