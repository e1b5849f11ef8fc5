"""A grey surface drawn finer than the page, so that lines and dots come out as a scan of print does."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

from sample.geometry import BoxXyxy, Points, bounds, points, resample
from sample.screentone import dots

Grey = NDArray[np.uint8]
SCALE = 3
"""Cells a page pixel, each way."""
_SHIFT = 4


class Canvas:
    """A part of a page, ``box`` in page pixels; ``grey`` is uint8 ``(height * SCALE, width * SCALE)``, 0 is ink.

    All drawing is in page pixels, whatever part of the page this is; what falls outside is cut off.
    """

    def __init__(self, box: BoxXyxy, *, paper: int = 255, grey: Grey | None = None) -> None:
        self.box = box
        shape = ((box[3] - box[1]) * SCALE, (box[2] - box[0]) * SCALE)
        self.grey: Grey = np.full(shape, paper, np.uint8) if grey is None else grey

    @property
    def width(self) -> int:
        return self.box[2] - self.box[0]

    @property
    def height(self) -> int:
        return self.box[3] - self.box[1]

    def crop(self, box: BoxXyxy) -> Canvas:
        """A copy of a part of this canvas; ``box`` lies within it."""
        x, y = (box[0] - self.box[0]) * SCALE, (box[1] - self.box[1]) * SCALE
        part = self.grey[y : y + (box[3] - box[1]) * SCALE, x : x + (box[2] - box[0]) * SCALE]
        return Canvas(box, grey=part.copy())

    def paste(self, part: Canvas, within: ArrayLike) -> None:
        """Puts ``part`` back where it lies inside the polygon ``within``."""
        x, y = (part.box[0] - self.box[0]) * SCALE, (part.box[1] - self.box[1]) * SCALE
        target = self.grey[y : y + part.grey.shape[0], x : x + part.grey.shape[1]]
        np.copyto(target, part.grey, where=part.mask(within) > 0)

    def fill(self, polygon: ArrayLike, value: int = 255) -> None:
        """A flat polygon."""
        cv2.fillPoly(self.grey, [self._cells(polygon)], int(value), cv2.LINE_8, _SHIFT)

    def stroke(
        self, line: ArrayLike, width: float | Sequence[float] | Points, value: int = 0, *, closed: bool = False
    ) -> None:
        """A line whose ``width`` in page pixels is one number, or one for each of a few stations along it."""
        p = points(line)
        if closed:
            p = np.vstack([p, p[:1]])
        p = resample(p, 1.5)
        stations = np.atleast_1d(np.asarray(width, dtype=np.float64))
        widths = np.interp(
            np.linspace(0, 1, len(p) - 1),
            np.linspace(0, 1, max(2, len(stations))),
            stations if len(stations) > 1 else np.repeat(stations, 2),
        )
        cells = self._cells(p)
        for a, b, w in zip(cells[:-1], cells[1:], widths, strict=True):
            if w * SCALE >= 0.5:
                cv2.line(self.grey, a.tolist(), b.tolist(), int(value), max(1, round(w * SCALE)), cv2.LINE_8, _SHIFT)

    def tone(
        self,
        polygon: ArrayLike,
        density: float | tuple[float, float],
        *,
        pitch: float = 4.6,
        degrees: float = 45.0,
        value: int = 0,
    ) -> None:
        """Screentone in a polygon; a pair of densities runs from its top to its bottom."""
        x0, y0, x1, y1 = bounds(polygon)
        left, top = max(self.box[0], int(x0)), max(self.box[1], int(y0))
        right, bottom = min(self.box[2], int(x1) + 2), min(self.box[3], int(y1) + 2)
        if right <= left or bottom <= top:
            return
        part = self.crop((left, top, right, bottom))
        rows, columns = part.grey.shape
        ends = density if isinstance(density, tuple) else (density, density)
        y = np.arange(rows, dtype=np.float32) / SCALE + top
        d = np.interp(y, [y0, max(y1, y0 + 1e-3)], ends).astype(np.float32)[:, None]
        ink = dots(x0=left, y0=top, width=columns, height=rows, scale=SCALE, density=d, pitch=pitch, degrees=degrees)
        part.grey[ink & (part.mask(polygon) > 0)] = value
        self.paste(part, [(left, top), (right, top), (right, bottom), (left, bottom)])

    def ink(self, coverage: Grey, *, x: int, y: int, value: int) -> None:
        """Paints ``value`` through a uint8 coverage whose top left cell stands at cell ``(x, y)`` of this canvas."""
        x0, y0 = max(0, x), max(0, y)
        x1, y1 = min(self.grey.shape[1], x + coverage.shape[1]), min(self.grey.shape[0], y + coverage.shape[0])
        if x1 <= x0 or y1 <= y0:
            return
        alpha = coverage[y0 - y : y1 - y, x0 - x : x1 - x].astype(np.int32)
        under = self.grey[y0:y1, x0:x1].astype(np.int32)
        self.grey[y0:y1, x0:x1] = ((under * (255 - alpha) + value * alpha + 127) // 255).astype(np.uint8)

    def mask(self, polygon: ArrayLike) -> Grey:
        """255 inside the polygon, 0 elsewhere, one value a cell."""
        mask = np.zeros(self.grey.shape, np.uint8)
        cv2.fillPoly(mask, [self._cells(polygon)], 255, cv2.LINE_8, _SHIFT)
        return mask

    def pixels(self) -> Grey:
        """Page pixels: uint8 ``(height, width)``, each the mean of its cells."""
        return shrink(self.grey)

    def _cells(self, values: ArrayLike) -> NDArray[np.int32]:
        p = (points(values) - np.array(self.box[:2])) * SCALE - 0.5
        cells: NDArray[np.int32] = np.clip(np.round(p * (1 << _SHIFT)), -(1 << 26), 1 << 26).astype(np.int32)
        return cells


def shrink(cells: Grey) -> Grey:
    """Means of ``SCALE`` x ``SCALE`` cells; both sides of ``cells`` are multiples of it."""
    h, w = cells.shape[0] // SCALE, cells.shape[1] // SCALE
    total = cells.reshape(h, SCALE, w, SCALE).sum(axis=(1, 3), dtype=np.uint16)
    means: Grey = ((total + SCALE * SCALE // 2) // (SCALE * SCALE)).astype(np.uint8)
    return means
