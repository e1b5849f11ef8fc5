"""Places for a text, drawn: balloons of several shapes on a grey page, and art without one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from translator.pipeline.types import Balloon, Box, Polygon, Rgb

WIDTH, HEIGHT = 830, 1170
X, Y = 400, 500
"""The middle of every place."""
_GREY = 190


@dataclass(frozen=True, slots=True)
class Place:
    """A page with a place; ``own`` is where the lettering stood, ``others`` where another text stands in it."""

    plate: Rgb
    own: Box
    balloon: Balloon | None
    others: tuple[Box, ...] = ()


def _paper() -> Rgb:
    return np.full((HEIGHT, WIDTH, 3), _GREY, np.uint8)


def _column(half_width: int = 26, half_height: int = 60, *, x: int = X, y: int = Y) -> Box:
    return Box(x - half_width, y - half_height, x + half_width, y + half_height)


def _filled(contour: NDArray[np.int32], *, fill: int = 255) -> tuple[Rgb, Balloon]:
    """A balloon with its outline on a new page."""
    plate = _paper()
    cv2.polylines(plate, [contour], True, (255 - fill,) * 3, 7, cv2.LINE_AA)
    cv2.fillPoly(plate, [contour], (fill,) * 3)
    points: Polygon = tuple((int(x), int(y)) for x, y in contour.reshape(-1, 2))
    box = Box(*contour.min(axis=0).tolist(), *(contour.max(axis=0) + 1).tolist())
    return plate, Balloon(box, points, (fill,) * 3)


def _ellipse(rx: int, ry: int, *, x: int = X, y: int = Y) -> NDArray[np.int32]:
    return np.asarray(cv2.ellipse2Poly((x, y), (rx, ry), 0, 0, 360, 3), np.int32)


def _oval(rx: int, ry: int, *, fill: int = 255) -> Place:
    plate, balloon = _filled(_ellipse(rx, ry), fill=fill)
    return Place(plate, _column(min(26, rx // 2), ry // 2), balloon)


def _star() -> Place:
    turns = np.linspace(0, 2 * np.pi, 36, endpoint=False)
    reach = np.where(np.arange(36) % 2, 82.0, 110.0)
    points = np.stack([X + 1.1 * reach * np.cos(turns), Y + reach * np.sin(turns)], axis=1)
    plate, balloon = _filled(np.asarray(np.rint(points), np.int32))
    return Place(plate, _column(), balloon)


def _cloud() -> Place:
    turns = np.linspace(0, 2 * np.pi, 240, endpoint=False)
    reach = 88 + 10 * np.abs(np.sin(5 * turns))
    points = np.stack([X + 1.15 * reach * np.cos(turns), Y + reach * np.sin(turns)], axis=1)
    plate, balloon = _filled(np.asarray(np.rint(points), np.int32))
    return Place(plate, _column(), balloon)


def _box() -> Place:
    plate, balloon = _filled(np.array([(320, 440), (480, 440), (480, 560), (320, 560)], np.int32))
    return Place(plate, _column(40, 45), balloon)


def _conjoined() -> Place:
    """Two ovals in one outline; the other one's text is there."""
    both = np.zeros((HEIGHT, WIDTH), np.uint8)
    for x, y in ((X, Y), (X + 95, Y - 85)):
        cv2.ellipse(both, (x, y), (70, 80), 0, 0, 360, 255, -1)
    contours, _ = cv2.findContours(both, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    plate, balloon = _filled(np.asarray(contours[0].reshape(-1, 2), np.int32))
    return Place(plate, _column(24, 45), balloon, (_column(24, 45, x=X + 95, y=Y - 85),))


def _cut() -> Place:
    """An oval that a panel's border cuts on the right."""
    whole = np.zeros((HEIGHT, WIDTH), np.uint8)
    cv2.ellipse(whole, (X + 40, Y), (85, 105), 0, 0, 360, 255, -1)
    whole[:, X + 50 :] = 0
    contours, _ = cv2.findContours(whole, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    plate, balloon = _filled(np.asarray(contours[0].reshape(-1, 2), np.int32))
    plate[:, X + 50 :] = 255
    plate[:, X + 50 : X + 54] = 0
    return Place(plate, _column(24, 60, x=X + 10), balloon)


def _art() -> Place:
    """Lines across, no balloon."""
    plate = _paper()
    for x in range(-HEIGHT, WIDTH, 9):
        cv2.line(plate, (x, 0), (x + HEIGHT, HEIGHT), (70,) * 3, 2, cv2.LINE_AA)
    return Place(plate, _column(20, 70), None)


def _quiet() -> Place:
    return Place(_paper(), _column(20, 70), None)


PLACES: Mapping[str, Callable[[], Place]] = {
    "round": lambda: _oval(95, 100),
    "narrow": lambda: _oval(48, 120),
    "wide": lambda: _oval(140, 62),
    "dark": lambda: _oval(95, 100, fill=12),
    "tight": lambda: _oval(38, 66),
    "cloud": _cloud,
    "star": _star,
    "box": _box,
    "conjoined": _conjoined,
    "cut": _cut,
    "art": _art,
    "quiet": _quiet,
}


def around(boxes: Sequence[Box], *, by: int = 8) -> Box:
    """A frame for all of them, on the page."""
    frame = boxes[0]
    for box in boxes[1:]:
        frame = frame.union(box)
    return frame.pad(by, width=WIDTH, height=HEIGHT)
