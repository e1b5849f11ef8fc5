"""Where a text may stand: the inside of a balloon, or a rectangle on the art."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from translator.pipeline.types import Balloon, Box, Mask, Rgb

_SLIT_PX = 5
_SPECK_PX = 12
_ALIKE = 12
"""Levels that the colours of two balloons may differ by to be one ground."""
_DRAWN = 56
"""Levels from the balloon's colour from which a pixel is something drawn."""


@dataclass(frozen=True)
class Area:
    """A shape on the page.

    ``box`` is its frame in page pixels, ``inside`` its mask in that frame, ``depth`` float32 the distance of each pixel
    to the nearest pixel outside, ``anchor_xy`` the point in page pixels that text is centred on, ``roomy_xy`` another
    one for a text that is too large there.
    """

    box: Box
    inside: Mask
    depth: NDArray[np.float32]
    anchor_xy: tuple[float, float]
    roomy_xy: tuple[float, float]

    @cached_property
    def at_roomiest(self) -> Area:
        return replace(self, anchor_xy=self.roomy_xy)

    @property
    def is_rectangle(self) -> bool:
        return int(np.count_nonzero(self.inside)) > 0.93 * self.box.area

    @cached_property
    def transposed(self) -> Area:
        """The area mirrored at its diagonal: columns become rows."""
        box = Box(self.box.y0, self.box.x0, self.box.y1, self.box.x1)
        return Area(box, self.inside.T.copy(), self.depth.T.copy(), self.anchor_xy[::-1], self.roomy_xy[::-1])

    def half_widths(self, axis_x: float, margin: float) -> NDArray[np.float64]:
        """For each row of ``box``, how far one can go from ``axis_x`` to both sides and keep ``margin`` to the edge."""
        return self.narrowest(axis_x, margin, 1)

    def narrowest(self, axis_x: float, margin: float, rows: int) -> NDArray[np.float64]:
        """For each row, the smallest of :meth:`half_widths` over so many ``rows`` from it on; empty where there are
        fewer. A text is tried at many sizes in one place, so what was found is kept."""
        key = axis_x, margin, rows
        if key not in self._found:
            self._found[key] = self._half_widths(axis_x, margin) if rows == 1 else self._narrowest(*key)
        return self._found[key]

    @cached_property
    def _found(self) -> dict[tuple[float, float, int], NDArray[np.float64]]:
        return {}

    def _narrowest(self, axis_x: float, margin: float, rows: int) -> NDArray[np.float64]:
        half = self.half_widths(axis_x, margin)
        if len(half) < rows:
            return half[:0]
        return np.asarray(np.lib.stride_tricks.sliding_window_view(half, rows).min(axis=1), np.float64)

    def _half_widths(self, axis_x: float, margin: float) -> NDArray[np.float64]:
        free = self.depth > margin
        column = min(max(int(axis_x) - self.box.x0, 0), free.shape[1] - 1)
        right = _run_lengths(free[:, column:])
        left = _run_lengths(free[:, : column + 1][:, ::-1])
        return np.minimum(left, right).astype(np.float64)

    def room(self, axis_x: float, y: float, height: int) -> float:
        """How much text fits around ``(axis_x, y)``: the logarithm of the half widths summed over the middle rows."""
        half = self.half_widths(axis_x, 2.0)
        first = max(0, int(y - 0.4 * height) - self.box.y0)
        total = float(half[first : max(first + 1, int(y + 0.4 * height) - self.box.y0)].sum())
        return float(np.log(total + 1.0))

    def clearance(self, x0: float, y0: float, x1: float, y1: float) -> float:
        """The least depth at the corners of a rectangle in page pixels; 0.0 where a corner is outside."""
        height, width = self.depth.shape
        depths = []
        for x in (x0, x1 - 1):
            for y in (y0, y1 - 1):
                column, row = int(x) - self.box.x0, int(y) - self.box.y0
                seen = 0 <= column < width and 0 <= row < height
                depths.append(float(self.depth[row, column]) if seen else 0.0)
        return min(depths)


def balloon_area(plate: Rgb, balloon: Balloon, own: Box, others: Sequence[Box]) -> Area | None:
    """The part of a balloon that the text at ``own`` may take; ``None`` for a contour without an inside.

    ``plate`` is the cleaned page, uint8 ``(height, width, 3)`` RGB: in a plain balloon only pixels of its colour count,
    so that an outline inside a contour that has leaked still bounds the text, and the gap of a removed stroke does not.
    Where other texts stand in the same contour (joined balloons), each pixel goes to the text it is nearest to.
    """
    found = _inside(plate, balloon)
    return None if found is None else _nearest(*found, own, others)


def area_beside(
    plate: Rgb, balloon: Balloon, own: Box, taken: Sequence[Box], *, joined: Sequence[Balloon] = (), reach: int = 0
) -> Area | None:
    """The part of a balloon that the text at ``own`` may take where the others stand already: all that is not
    ``taken``. Otherwise as :func:`balloon_area`.

    Where balloons ``joined`` to it have its colour, the text may go ``reach`` pixels beyond the neck between them.
    """
    found = _inside(plate, balloon, [one for one in joined if _is_one_ground(balloon, one)], reach)
    if found is None:
        return None
    frame, inside = found
    for box in taken:
        seen = box.intersection(frame)
        inside[seen.y0 - frame.y0 : seen.y1 - frame.y0, seen.x0 - frame.x0 : seen.x1 - frame.x0] = 0
    return _area(frame, inside, own)


def _is_one_ground(balloon: Balloon, other: Balloon) -> bool:
    if balloon.fill_rgb is None or other.fill_rgb is None:
        return False
    return max(abs(a - b) for a, b in zip(balloon.fill_rgb, other.fill_rgb, strict=True)) <= _ALIKE


def _inside(plate: Rgb, balloon: Balloon, joined: Sequence[Balloon] = (), reach: int = 0) -> tuple[Box, Mask] | None:
    """A balloon's frame and its inside; ``None`` for a contour without one."""
    box = _frame(plate, balloon, reach if joined else 0)
    if box.width < 3 or box.height < 3:
        return None
    inside = _filled(balloon, box)
    if joined:
        near = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
        near_own = np.asarray(cv2.dilate(inside, near), np.uint8)
        for other in joined:
            inside |= _filled(other, box) & near_own
    if balloon.fill_rgb is not None:
        inside = _plain(plate[box.y0 : box.y1, box.x0 : box.x1], inside, balloon.fill_rgb)
    return box, inside


def _frame(plate: Rgb, balloon: Balloon, by: int) -> Box:
    """Around a contour, ``by`` pixels wider; empty for a contour without an inside."""
    points = np.asarray(balloon.contour, np.int32).reshape(-1, 2)
    if len(points) < 3:
        return Box(0, 0, 0, 0)
    low, high = points.min(axis=0) - by, points.max(axis=0) + 1 + by
    return Box(max(0, int(low[0])), max(0, int(low[1])), *_ends(high, low, plate.shape[1], plate.shape[0]))


def _filled(balloon: Balloon, frame: Box) -> Mask:
    inside = np.zeros((frame.height, frame.width), np.uint8)
    points = np.asarray(balloon.contour, np.int32).reshape(-1, 2) - np.array([frame.x0, frame.y0], np.int32)
    if len(points) >= 3:
        cv2.fillPoly(inside, [points.reshape(-1, 1, 2)], (255,))
    return inside


def gap_between(balloon: Balloon, other: Balloon, *, at_most: int) -> float:
    """Pixels between two contours; ``at_most`` and one more where they are farther apart."""
    far = float(at_most + 1)
    if len(balloon.contour) < 3 or len(other.contour) < 3:
        return far
    near = balloon.box.x0 - at_most <= other.box.x1 and other.box.x0 - at_most <= balloon.box.x1
    near = near and balloon.box.y0 - at_most <= other.box.y1 and other.box.y0 - at_most <= balloon.box.y1
    if not near:
        return far
    contour = np.asarray(other.contour, np.int32).reshape(-1, 1, 2)
    depths = [cv2.pointPolygonTest(contour, (float(x), float(y)), True) for x, y in balloon.contour]
    contour = np.asarray(balloon.contour, np.int32).reshape(-1, 1, 2)
    depths += [cv2.pointPolygonTest(contour, (float(x), float(y)), True) for x, y in other.contour]
    return min(far, max(0.0, -max(depths)))


def even_area(plate: Rgb, frame: Box, own: Box, others: Sequence[Box], colour: tuple[int, int, int]) -> Area | None:
    """The part of ``frame`` of one colour that hangs together around the text at ``own``."""
    whole = np.full((frame.height, frame.width), 255, np.uint8)
    even = _plain(plate[frame.y0 : frame.y1, frame.x0 : frame.x1], whole, colour)
    thin = np.ones((3, 3), np.uint8)  # what hangs together by a hair's breadth does not
    _, labels = cv2.connectedComponents(cv2.erode(even, thin), connectivity=4)
    under = labels[max(0, own.y0 - frame.y0) : own.y1 - frame.y0, max(0, own.x0 - frame.x0) : own.x1 - frame.x0]
    counts = np.bincount(under.ravel(), minlength=1)
    counts[0] = 0
    if not counts.any():
        return None
    main = np.where(labels == int(np.argmax(counts)), 255, 0).astype(np.uint8)
    return _nearest(frame, np.asarray(cv2.dilate(main, thin), np.uint8) & even, own, others)


def _nearest(frame: Box, inside: Mask, own: Box, others: Sequence[Box]) -> Area | None:
    """What of ``inside`` is nearest to ``own`` and to none of the ``others``."""
    nearest = _distance_to(own, frame)
    for other in others:
        if other.intersection(frame).area:
            inside[_distance_to(other, frame) < nearest] = 0
    return _area(frame, inside, own)


def _plain(crop: Rgb, inside: Mask, colour: tuple[int, int, int]) -> Mask:
    """``inside`` without what is drawn there, specks aside, and with the slits that strokes have cut into it."""
    framed = cv2.copyMakeBorder(inside, _SLIT_PX, _SLIT_PX, _SLIT_PX, _SLIT_PX, cv2.BORDER_CONSTANT, value=0)
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * _SLIT_PX + 1, 2 * _SLIT_PX + 1))
    closed = cv2.morphologyEx(framed, cv2.MORPH_CLOSE, disc)[_SLIT_PX:-_SLIT_PX, _SLIT_PX:-_SLIT_PX]
    drawn = (np.abs(crop.astype(np.int16) - np.array(colour, np.int16)).max(axis=2) > _DRAWN).astype(np.uint8)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(drawn, connectivity=8)
    drawn[stats[labels, cv2.CC_STAT_AREA] < _SPECK_PX] = 0
    return np.where((closed > 0) & (drawn == 0), 255, 0).astype(np.uint8)


def _ends(high: NDArray[np.int32], low: NDArray[np.int32], width: int, height: int) -> tuple[int, int]:
    return max(max(0, int(low[0])), min(width, int(high[0]))), max(max(0, int(low[1])), min(height, int(high[1])))


def rectangle_area(box: Box) -> Area:
    """A plain rectangle, its text centred."""
    inside = np.full((max(1, box.height), max(1, box.width)), 255, np.uint8)
    return Area(box, inside, _depth(inside), box.center, box.center)


def _area(box: Box, inside: Mask, own: Box) -> Area | None:
    depth = _depth(inside)
    weight = depth.astype(np.float64) ** 2
    total = float(weight.sum())
    if total <= 0.0:
        return None
    x = float((weight.sum(axis=0) * (np.arange(box.width) + 0.5)).sum()) / total + box.x0
    y = float((weight.sum(axis=1) * (np.arange(box.height) + 0.5)).sum()) / total + box.y0
    area = Area(box, inside, depth, own.center, own.center)
    deep_y, deep_x = divmod(int(np.argmax(depth)), box.width)
    columns = [_clamp(v, own.x0, own.x1) for v in (own.center[0], x, box.center[0], deep_x + box.x0 + 0.5)]
    rows = [_clamp(v, own.y0, own.y1) for v in (own.center[1], y, deep_y + box.y0 + 0.5)]
    places = [(column, row) for row in rows for column in columns]
    anchor = max(places, key=lambda place: _worth(area, own, place, 0.7))
    return replace(area, anchor_xy=anchor, roomy_xy=max(places, key=lambda place: _worth(area, own, place, 0.1)))


def _worth(area: Area, own: Box, place: tuple[float, float], pull: float) -> float:
    """Room against distance. The source's letterer has centred the text already: a contour that has leaked into the
    panel must not carry it away, while a box that misses a column may move by a little."""
    away = abs(place[0] - own.center[0]) / max(1, own.width) + abs(place[1] - own.center[1]) / max(1, own.height)
    return round(area.room(*place, own.height) - pull * away, 9)


def _clamp(value: float, low: int, high: int) -> float:
    """Keep the anchor over the source text."""
    return float(min(max(value, low), high))


def _depth(inside: Mask) -> NDArray[np.float32]:
    framed = cv2.copyMakeBorder(inside, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0)
    return np.asarray(cv2.distanceTransform(framed, cv2.DIST_L2, 5)[1:-1, 1:-1], np.float32)


def _distance_to(target: Box, frame: Box) -> NDArray[np.float64]:
    x = np.arange(frame.x0, frame.x1)
    y = np.arange(frame.y0, frame.y1)
    dx = np.maximum(np.maximum(target.x0 - x, x - target.x1 + 1), 0)
    dy = np.maximum(np.maximum(target.y0 - y, y - target.y1 + 1), 0)
    middle_x, middle_y = target.center  # where two texts overlap, each pixel goes to the one whose middle is nearer
    to_middle = np.hypot((x + 0.5 - middle_x)[None, :], (y + 0.5 - middle_y)[:, None])
    return np.asarray(np.hypot(dx[None, :], dy[:, None]) + 1e-3 * to_middle, np.float64)


def _run_lengths(free: NDArray[np.bool_]) -> NDArray[np.intp]:
    """For each row, how many pixels from the first column on are free."""
    stops = np.concatenate([free, np.zeros((free.shape[0], 1), bool)], axis=1)
    return np.asarray(np.argmin(stops, axis=1), np.intp)
