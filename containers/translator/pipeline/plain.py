"""Plain grounds: the even colour that a text without a known balloon stands on, and what of it is letters.

A caption box, a sign, a white panel: where one colour surrounds the letters, each stroke is an island in it, however
well or badly it has been marked, while an outline, a panel's border or a figure reaches out of the text's box.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from translator.pipeline.inpaint import dilate
from translator.pipeline.types import Box, Mask, Rgb

_NEAR = 24
"""Levels from the ground's colour within which a pixel is ground."""
_EVEN = 14
"""Levels between the 4th and the 96th percentile of one colour (JPEG noise)."""
_LEAST_IN_LINES, _LEAST_BESIDE = 0.45, 0.93
_DOT_PX, _MANY_DOTS = 9, 40
_OF_LETTER = 0.6
"""Share of an island that must lie in the text's lines."""


@dataclass(frozen=True, slots=True)
class PlainGround:
    """In the frame of a crop: the ground's ``colour``, its ``strokes`` to take off, and ``inside``, which holds the
    ground with all that stands in it."""

    colour: tuple[int, int, int]
    strokes: Mask
    inside: Mask


def plain_ground(crop_rgb: Rgb, marked: Mask, lines: Sequence[Box]) -> PlainGround | None:
    """The ground of the text whose ``lines`` (boxes in the crop) are ``marked``; ``None`` where it is not plain.

    ``crop_rgb`` is uint8 ``(h, w, 3)`` RGB with some of the page around the text; ``marked`` uint8 ``(h, w)``.
    """
    room = _room_of(lines, marked.shape)
    colour = _usual_colour(crop_rgb[room > 0])
    if colour is None:
        return None
    ground = np.abs(crop_rgb.astype(np.int16) - np.array(colour, np.int16)).max(axis=2) <= _NEAR
    main = _largest_in(ground, room)
    if main is None or float(np.mean(main[room > 0])) < _LEAST_IN_LINES:
        return None
    inside = _with_islands(main)
    strokes = _letters(inside & ~ground, room, marked)
    beside = inside & (room > 0) & (dilate(strokes | marked, 2) == 0)
    around = inside & (dilate(room, 8) > 0) & (dilate(strokes | marked, 2) == 0)
    plain = all(not part.any() or float(np.mean(ground[part])) >= _LEAST_BESIDE for part in (beside, around))
    if not plain or _is_dotted(strokes) or not _is_even(crop_rgb[around & ground]):
        return None
    return PlainGround(colour, strokes, np.where(inside, 255, 0).astype(np.uint8))


def _is_even(pixels: NDArray[np.uint8]) -> bool:
    """Whether it is one colour and no gradient that passes for one."""
    if not len(pixels):
        return True
    low, high = np.percentile(pixels, (4, 96), axis=0)
    return float((high - low).max()) <= _EVEN


def _room_of(lines: Sequence[Box], shape: tuple[int, ...]) -> Mask:
    room = np.zeros(shape[:2], np.uint8)
    for box in lines:
        room[max(0, box.y0) : max(0, box.y1), max(0, box.x0) : max(0, box.x1)] = 255
    return room


def _usual_colour(pixels: NDArray[np.uint8]) -> tuple[int, int, int] | None:
    """The colour that most of the pixels are near to."""
    if len(pixels) < 64:
        return None
    grey = pixels.astype(np.uint16).mean(axis=1).astype(np.intp)
    counts = np.convolve(np.bincount(grey, minlength=256), np.ones(9, np.intp), "same")
    near = pixels[np.abs(grey - int(np.argmax(counts))) <= 6]
    red, green, blue = (int(value) for value in np.rint(np.median(near, axis=0)))
    return red, green, blue


def _largest_in(ground: NDArray[np.bool_], room: Mask) -> NDArray[np.bool_] | None:
    """The connected ground that takes the most of the room."""
    _, labels = cv2.connectedComponents(ground.astype(np.uint8), connectivity=4)
    counts = np.bincount(labels[(room > 0) & ground], minlength=1)
    return np.asarray(labels == int(np.argmax(counts))) if counts.sum() else None


def _with_islands(main: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """``main`` and all that it encloses: what cannot be reached from the crop's edge without crossing it."""
    count, labels = cv2.connectedComponents((~main).astype(np.uint8), connectivity=8)
    outside = np.zeros(count, bool)
    outside[np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]])] = True
    outside[0] = False
    return np.asarray(~outside[labels])


def _letters(islands: NDArray[np.bool_], room: Mask, marked: Mask) -> Mask:
    """The islands that lie in the text's lines; one that reaches out of them goes where most of it was marked."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(islands.astype(np.uint8), connectivity=8)
    size = np.maximum(stats[:, cv2.CC_STAT_AREA], 1)
    in_lines = np.bincount(labels[room > 0], minlength=count) / size
    in_marks = np.bincount(labels[(marked > 0) & (room > 0)], minlength=count) / size
    own = (in_lines >= _OF_LETTER) | (in_marks >= _OF_LETTER)
    own[0] = False
    return np.where(own[labels], 255, 0).astype(np.uint8)


def _is_dotted(strokes: Mask) -> bool:
    """Whether so many of the strokes are dots that they are a screentone's."""
    count, _, stats, _ = cv2.connectedComponentsWithStats(strokes, connectivity=8)
    return int((stats[1:count, cv2.CC_STAT_AREA] < _DOT_PX).sum()) >= _MANY_DOTS
