"""The tails of balloons: where the one who speaks is.

A tail is told only where it is sure: a narrow, pointed piece of the contour, the only one of its balloon, on a shape
that is clearly drawn around its text.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from translator.pipeline.types import Balloon, Box, Mask, Region

_SIDE = 96
"""A balloon is looked at as large as a square of so many pixels."""
_OPENING = 13
"""Radius of what a tail is too narrow for, on that scale."""
_SHORT, _LONG, _SLIM, _ALONE, _LEAST = 6.5, 24.0, 1.5, 0.4, 6
"""Of a tail: its least and largest length on that scale (what is longer is a gap of the outline), its length against
its mean width, the longest other piece against it, and the least cells of what counts as a piece."""
_FULL, _OFF_CENTRE, _LARGEST = 0.95, 0.18, 6 * _SIDE
_TIGHTEST, _ROOMIEST = 0.7, 5.0
"""Of a balloon that may have one: its body's area against its hull's, how far from its middle the text may stand, and
how much smaller and larger than the text's box it may be."""
_CLEAR, _EDGE = 0.2, 4.0
"""How far from other balloons a tail is, against its balloon's size, and from its panel's edges, pixels."""
_DIRECTIONS = ("right", "down right", "down", "down left", "left", "up left", "up", "up right")


@dataclass(frozen=True, slots=True)
class Tail:
    """A balloon's tail: where it leaves the balloon, and its tip; page pixels."""

    root: tuple[float, float]
    tip: tuple[float, float]

    @property
    def direction(self) -> str:
        """The nearest of eight directions, in words."""
        turn = np.arctan2(self.tip[1] - self.root[1], self.tip[0] - self.root[0]) / (np.pi / 4)
        return _DIRECTIONS[round(float(turn)) % 8]


@dataclass(frozen=True, slots=True)
class _Piece:
    length: float
    slim: float
    tail: Tail


def tail_of(region: Region, others: Sequence[Region] = (), panels: Sequence[Box] = ()) -> Tail | None:
    """The tail of a text's balloon, if it surely has one and only one.

    What looks like one where a balloon meets one of the ``others`` may be a corner that was cut there, and does not
    count; one that ends at its panel's edge may be a corner as well.
    """
    balloon = region.balloon
    if balloon is None:
        return None
    shape = _Shape.of(balloon, region.box)
    if shape is None or not shape.has_a_narrow_part() or not shape.is_around(region.box):
        return None
    reach = _CLEAR * shape.area**0.5
    others = [other for other in others if other.id != region.id]
    long = [piece for piece in shape.pieces() if piece.length > _ALONE * _SHORT]
    pieces = [piece for piece in long if not any(_meets(piece.tail, other, reach) for other in others)]
    pieces.sort(key=lambda piece: -piece.length)
    if not pieces or not _SHORT <= pieces[0].length <= _LONG or pieces[0].slim < _SLIM:
        return None
    if len(pieces) > 1 and pieces[1].length > _ALONE * pieces[0].length:
        return None
    tail = pieces[0].tail
    return None if any(_ends_at(tail.tip, panel) for panel in panels) else tail


@dataclass(frozen=True, slots=True)
class _Shape:
    """A balloon drawn on the scale of ``_SIDE``, and how far ``away`` each cell is from its body: what is left of it
    without all that is narrow. ``origin`` is the page's point at the drawing's corner."""

    area: float
    scale: float
    origin: NDArray[np.float32]
    mask: Mask
    away: NDArray[np.float32]

    @classmethod
    def of(cls, balloon: Balloon, text: Box) -> _Shape | None:
        """``None`` for what is too small or too large to be the balloon of its text."""
        contour = np.array(balloon.contour, dtype=np.float32).reshape(-1, 2)
        area = float(cv2.contourArea(contour)) if len(contour) > 2 else 0.0
        if area <= 0 or not _TIGHTEST * text.area <= area <= _ROOMIEST * text.area:
            return None
        scale, margin = _SIDE / area**0.5, 2
        drawn = np.rint((contour - contour.min(axis=0)) * scale).astype(np.int32) + margin
        width, height = (int(end) + margin + 1 for end in drawn.max(axis=0))
        if max(width, height) > _LARGEST:
            return None
        mask = np.zeros((height, width), np.uint8)
        cv2.fillPoly(mask, [drawn], (1,))
        core = np.asarray(cv2.distanceTransform(mask, cv2.DIST_L2, 5)) < _OPENING
        away = np.asarray(cv2.distanceTransform(core.astype(np.uint8), cv2.DIST_L2, 5), dtype=np.float32) - _OPENING
        return cls(area, scale, contour.min(axis=0) - margin / scale, mask, away)

    def has_a_narrow_part(self) -> bool:
        """Most balloons have none: they are done with."""
        return float((self.away * self.mask).max()) >= _SHORT

    def is_around(self, text: Box) -> bool:
        """False for what has leaked: a balloon without its tail is convex, but for waves, around its text."""
        body = (self.away <= 0).astype(np.uint8)
        contours, _ = cv2.findContours(body, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
        if len(contours) != 1:
            return False
        x, y, w, h = cv2.boundingRect(contours[0])
        middle = np.array((x + w / 2, y + h / 2)) / self.scale + self.origin
        off = np.abs(middle - text.center) / (np.array((w, h)) / self.scale)
        full = cv2.contourArea(contours[0]) / max(1.0, cv2.contourArea(cv2.convexHull(contours[0])))
        return full >= _FULL and float(off.max()) <= _OFF_CENTRE

    def pieces(self) -> Iterator[_Piece]:
        """What is left of the balloon without its body."""
        rest = self.mask * (self.away > 0).astype(np.uint8)
        _, labels, stats, _ = cv2.connectedComponentsWithStats(rest, connectivity=8)
        for label, (x, y, w, h, size) in enumerate(stats.tolist()):
            window = (slice(y, y + h), slice(x, x + w))
            if label and size >= _LEAST:
                yield self._piece(labels[window] == label, self.away[window], (x, y))

    def _piece(self, inside: NDArray[np.bool_], away: NDArray[np.float32], corner: tuple[int, int]) -> _Piece:
        depth = np.where(inside, away, 0)
        top, length = np.argwhere(depth == depth.max())[0], float(depth.max())
        root = np.argwhere(inside & (away <= float(away[inside].min()) + 0.6)).mean(axis=0)
        tail = Tail(self._on_page(root, corner), self._on_page(top, corner))
        return _Piece(length, length * length / int(inside.sum()), tail)

    def _on_page(self, cell: NDArray[Any], corner: tuple[int, int]) -> tuple[float, float]:
        x, y = ((float(cell[1 - axis]) + corner[axis]) / self.scale + float(self.origin[axis]) for axis in (0, 1))
        return x, y


def _meets(tail: Tail, other: Region, reach: float) -> bool:
    if other.balloon is None or len(other.balloon.contour) < 3:
        return False
    contour = np.array(other.balloon.contour, dtype=np.int32).reshape(-1, 1, 2)
    return any(cv2.pointPolygonTest(contour, point, True) > -reach for point in (tail.root, tail.tip))


def _ends_at(tip: tuple[float, float], panel: Box) -> bool:
    x, y = tip
    if not (panel.x0 - _EDGE <= x <= panel.x1 + _EDGE and panel.y0 - _EDGE <= y <= panel.y1 + _EDGE):
        return False
    return min(abs(x - panel.x0), abs(panel.x1 - x), abs(y - panel.y0), abs(panel.y1 - y)) <= _EDGE
