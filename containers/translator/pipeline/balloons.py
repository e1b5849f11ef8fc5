"""Balloons and narration boxes: the flat ground that a text stands on, bounded by an outline."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from translator.pipeline.ground import most_common, ring
from translator.pipeline.types import Balloon, Box, Rgb, TextLine

_TOLERANCE = 26
_OUTLINED, _REACH = 0.7, 7
_OFF_CENTRE, _ROOMIER, _LARGEST = 0.3, 1.25, 24
_USUAL = 1200
"""Short side of a page on which an outline's gaps are the few pixels that ``_balloon`` tries to close."""


def find_balloons(rgb: Rgb, texts: Sequence[Sequence[TextLine]]) -> tuple[Balloon | None, ...]:
    """The balloon of each text block (its lines), None for text over art."""
    boxes = [_hull(lines) for lines in texts]
    return tuple(_balloon(rgb, box, [other for other in boxes if other is not box]) for box in boxes)


def _hull(lines: Sequence[TextLine]) -> Box:
    box = lines[0].box
    for line in lines[1:]:
        box = box.union(line.box)
    return box


def _balloon(rgb: Rgb, text: Box, others: Sequence[Box]) -> Balloon | None:
    """Flood out from around the text; what comes back is a balloon if it is bounded and full enough."""
    height, width = rgb.shape[:2]
    reach = max(round(1.25 * max(text.width, text.height)), 64)
    window = text.pad(reach, width=width, height=height)
    crop = rgb[window.y0 : window.y1, window.x0 : window.x1]
    inner = Box(text.x0 - window.x0, text.y0 - window.y0, text.x1 - window.x0, text.y1 - window.y0)
    fill = _fill_colour(crop, inner)
    if fill is None:
        return None
    flat = np.asarray((np.abs(crop.astype(np.int16) - fill).max(axis=2) <= _TOLERANCE), dtype=np.uint8)
    neighbours = [_shift(other, -window.x0, -window.y0) for other in others if window.intersection(other).area]
    unit = max(1.0, min(height, width) / _USUAL)
    for opening in (0, 5, 9, 15):
        area = _area_around(flat, inner, neighbours, round(opening * unit))
        contour = None if area is None else _contour(area, inner)
        if contour is not None and _outlined(contour, flat, neighbours) and _holds(contour, inner):
            return _as_balloon(contour, window, fill)
    return None


def _shift(box: Box, dx: int, dy: int) -> Box:
    return Box(box.x0 + dx, box.y0 + dy, box.x1 + dx, box.y1 + dy)


def _fill_colour(crop: Rgb, text: Box) -> NDArray[np.int16] | None:
    """The one colour that most pixels around and between the letters have, or None where they vary."""
    rim = ring(crop, text).reshape(-1, 3)
    inside = crop[text.y0 : text.y1, text.x0 : text.x1].reshape(-1, 3)
    if not rim.size:
        return None
    colour = np.median(rim, axis=0).astype(np.int16)
    return colour if _alike(rim, colour) >= 0.6 and _alike(inside, colour) >= 0.4 else None


def _alike(pixels: NDArray[np.uint8], colour: NDArray[np.int16]) -> float:
    """The share of pixels that have a colour, give or take what JPEG does to it."""
    return float((np.abs(pixels.astype(np.int16) - colour).max(axis=1) <= _TOLERANCE).mean())


def _area_around(flat: NDArray[np.uint8], text: Box, others: Sequence[Box], opening: int) -> NDArray[np.uint8] | None:
    """The filled flat area that the text stands in; ``opening`` closes gaps of an outline up to that width."""
    solid = flat.copy()
    # The letters are holes in the ground: filled first, so that they neither bound nor split it.
    for box in (text, *others):
        cv2.rectangle(solid, (box.x0, box.y0), (box.x1 - 1, box.y1 - 1), 1, -1)
    solid &= _grown(flat, text, others)
    if opening:
        kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (opening, opening))
        solid = np.asarray(cv2.morphologyEx(solid, cv2.MORPH_OPEN, kernel), dtype=np.uint8)
    _, labels = cv2.connectedComponents(solid, connectivity=4, ltype=cv2.CV_32S)
    inside = labels[max(0, text.y0) : text.y1, max(0, text.x0) : text.x1]
    label, count = most_common(np.asarray(inside[inside > 0], dtype=np.int32)) if (inside > 0).any() else (0, 0)
    if not label or count < 0.7 * inside.size:
        return None
    area = np.asarray(labels == label, dtype=np.uint8)
    # Between dots of screentone nothing is left of the ground but the text's own rectangle.
    return area if area.sum() >= _ROOMIER * text.area else None


def _grown(flat: NDArray[np.uint8], text: Box, others: Sequence[Box]) -> NDArray[np.uint8]:
    """1 where a pixel may belong to this text's balloon: nearer to it than to any other text."""
    if not others:
        return np.ones_like(flat)
    height, width = flat.shape
    own = _distance(text, height, width)
    nearest = np.minimum.reduce([_distance(other, height, width) for other in others])
    return np.asarray(own <= nearest, dtype=np.uint8)


def _distance(box: Box, height: int, width: int) -> NDArray[np.float32]:
    """Squared distance of each pixel to a box."""
    x, y = np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32)
    dx = np.maximum(np.maximum(box.x0 - x, x - box.x1 + 1), 0)
    dy = np.maximum(np.maximum(box.y0 - y, y - box.y1 + 1), 0)
    return np.asarray(dx[None, :] ** 2 + dy[:, None] ** 2, dtype=np.float32)


def _contour(area: NDArray[np.uint8], text: Box) -> NDArray[np.int32] | None:
    """The outer contour, if the area is bounded within the window and not much larger than its text."""
    rim = np.concatenate([area[0], area[-1], area[:, 0], area[:, -1]])
    if rim.mean() > 0.12:
        return None
    contours, _ = cv2.findContours(area, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    contour = np.asarray(max(contours, key=cv2.contourArea), dtype=np.int32)
    size = cv2.contourArea(contour)
    hull = cv2.contourArea(cv2.convexHull(contour))
    if hull <= 0 or size > _LARGEST * text.area:
        return None
    # The more room there is around a text, the surer the shape must be: art has large bright areas as well.
    return contour if size / hull >= (0.7 if size <= _LARGEST / 2 * text.area else 0.9) else None


def _outlined(contour: NDArray[np.int32], flat: NDArray[np.uint8], others: Sequence[Box]) -> bool:
    """True where most of the contour runs along something drawn; an area cut off by us, or by the window, does not.

    Where the balloons of two texts run into each other there is no outline, and none is asked for.
    """
    height, width = flat.shape
    path = np.zeros_like(flat)
    cv2.drawContours(path, [contour], -1, (1,), 1)
    drawn = np.asarray(cv2.dilate(1 - flat, np.ones((_REACH, _REACH), np.uint8)), dtype=np.uint8)
    for other in others:
        beside = other.pad(max(other.width, other.height) // 4, width=width, height=height)
        path[max(0, beside.y0) : beside.y1, max(0, beside.x0) : beside.x1] = 0
    length = int(path.sum())
    return length > 0 and int((path & drawn).sum()) >= _OUTLINED * length


def _holds(contour: NDArray[np.int32], text: Box) -> bool:
    """True where the text stands about in the middle, as lettering does; a sound drawn in a bright corner does not."""
    x, y, w, h = cv2.boundingRect(contour)
    cx, cy = text.center
    return abs(cx - x - w / 2) <= _OFF_CENTRE * w and abs(cy - y - h / 2) <= _OFF_CENTRE * h


def _as_balloon(contour: NDArray[np.int32], window: Box, fill: NDArray[np.int16]) -> Balloon:
    simple = cv2.approxPolyDP(contour, 1.0, True).reshape(-1, 2)
    x, y, w, h = cv2.boundingRect(contour)
    box = Box(x + window.x0, y + window.y0, x + w + window.x0, y + h + window.y0)
    points = tuple((int(px) + window.x0, int(py) + window.y0) for px, py in simple)
    return Balloon(box, points, (int(fill[0]), int(fill[1]), int(fill[2])))
