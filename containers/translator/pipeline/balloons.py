"""Balloons and narration boxes: the flat ground that a text stands on, bounded by an outline."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from translator.pipeline.ground import Ground, Interior, most_common, ring
from translator.pipeline.types import Balloon, Box, Rgb, TextLine

_TOLERANCE = 26
_OUTLINED, _REACH = 0.7, 7
_OFF_CENTRE, _ROOMIER, _LARGEST = 0.3, 1.25, 24
_HELD, _FULLER = 0.8, 0.06
_OPENINGS = (5, 9, 15)
"""Gaps of an outline that are closed, pixels; more is closed only where the shape gets clearly fuller by it."""
_USUAL = 1200
"""Short side of a page on which an outline's gaps are the few pixels that ``_balloon`` tries to close."""


def find_balloons(
    rgb: Rgb, texts: Sequence[Sequence[TextLine]], ground: Ground | None = None
) -> tuple[Balloon | None, ...]:
    """The balloon of each text block (its lines), None for text over art.

    Where ``ground`` already has a bounded area with no other text in it, that area is the balloon.
    """
    boxes = [_hull(lines) for lines in texts]
    labels = [0 if ground is None else _label(ground, lines) for lines in texts]
    out = []
    for box, label in zip(boxes, labels, strict=True):
        alone = ground is not None and label > 0 and labels.count(label) == 1
        found = _of_interior(rgb, ground.interior(label), box) if ground is not None and alone else None
        out.append(found or _balloon(rgb, box, [other for other in boxes if other is not box]))
    return tuple(out)


def _label(ground: Ground, lines: Sequence[TextLine]) -> int:
    """The ground that most of a text's lines stand on, 0 for none."""
    label, _ = most_common(np.array([ground.under(line.box) for line in lines], dtype=np.int32))
    return label


def _of_interior(rgb: Rgb, interior: Interior | None, text: Box) -> Balloon | None:
    """The balloon that a bounded area is, if it holds the text about in its middle and its shape is full enough."""
    if interior is None or interior.box.intersection(text).area < _HELD * text.area:
        return None
    box = interior.box
    inner = _shift(text, -box.x0, -box.y0)
    unit = max(1.0, min(rgb.shape[:2]) / _USUAL)
    contour = _shape(_fullest(interior.mask, inner, unit), inner)
    if contour is None or not _holds(contour, inner):
        return None
    colours = rgb[box.y0 : box.y1, box.x0 : box.x1][interior.mask > 0]
    return _as_balloon(contour, box, np.median(colours, axis=0).astype(np.int16))


def _fullest(mask: NDArray[np.uint8], text: Box, unit: float) -> NDArray[np.uint8]:
    """``mask`` without what it runs out into through a gap of its outline, where that makes it clearly fuller."""
    best, fullness = mask, _fullness(_largest(mask))
    padded = cv2.copyMakeBorder(mask, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=(0,))
    for width in _OPENINGS:
        if fullness > 1 - _FULLER:
            break
        kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (round(width * unit), round(width * unit)))
        opened = np.asarray(cv2.morphologyEx(padded, cv2.MORPH_OPEN, kernel)[1:-1, 1:-1], dtype=np.uint8)
        _, labels = cv2.connectedComponents(opened, connectivity=4, ltype=cv2.CV_32S)
        inside = labels[max(0, text.y0) : text.y1, max(0, text.x0) : text.x1]
        if not (inside > 0).any():
            break
        label, count = most_common(np.asarray(inside[inside > 0], dtype=np.int32))
        part = np.asarray(labels == label, dtype=np.uint8)
        if count >= _HELD * inside.size and _fullness(_largest(part)) >= fullness + _FULLER:
            best, fullness = part, _fullness(_largest(part))
    return best


def _fullness(contour: NDArray[np.int32]) -> float:
    """The share of its convex hull that an outline fills."""
    hull = cv2.contourArea(cv2.convexHull(contour))
    return cv2.contourArea(contour) / hull if hull > 0 else 0.0


def _largest(mask: NDArray[np.uint8]) -> NDArray[np.int32]:
    contours, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    return np.asarray(max(contours, key=cv2.contourArea), dtype=np.int32)


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
    solid = _solid(flat, inner, neighbours)
    best: NDArray[np.int32] | None = None
    for opening in (0, *_OPENINGS):
        if best is not None and _fullness(best) > 1 - _FULLER:
            break
        area = _area_around(solid, inner, round(opening * unit))
        contour = None if area is None else _contour(area, inner)
        if contour is None or not _outlined(contour, flat, neighbours) or not _holds(contour, inner):
            continue
        if best is None or _fullness(contour) >= _fullness(best) + _FULLER:
            best = contour
    return None if best is None else _as_balloon(best, window, fill)


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


def _solid(flat: NDArray[np.uint8], text: Box, others: Sequence[Box]) -> NDArray[np.uint8]:
    """The flat ground nearer to the text than to any other, without the holes that letters are: they neither bound nor
    split it."""
    solid = flat.copy()
    for box in (text, *others):
        cv2.rectangle(solid, (box.x0, box.y0), (box.x1 - 1, box.y1 - 1), 1, -1)
    solid &= _grown(flat, text, others)
    return solid


def _area_around(solid: NDArray[np.uint8], text: Box, opening: int) -> NDArray[np.uint8] | None:
    """The filled flat area that the text stands in; ``opening`` closes gaps of an outline up to that width."""
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
    return _shape(area, text)


def _shape(area: NDArray[np.uint8], text: Box) -> NDArray[np.int32] | None:
    contour = _largest(area)
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
