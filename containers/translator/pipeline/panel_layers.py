"""What a page looks like to the panel cut: its gutters, its frame lines and what balloons cover, at a small size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from translator.pipeline.panel_bands import find_bands, opened
from translator.pipeline.types import Box, Mask, Rgb

Flags = NDArray[np.bool_]

_LARGEST = 1000
"""Short side at which gutters and lines are searched at most: there, frame lines are two or three pixels wide."""
_SHORT, _PIXELS = 360, 190_000
"""Short side and area of the layers, at most. A strip of many screens is cut at less detail, not in more time."""
_MOSTLY, _SOME = 80, 20
"""What of 255 must be marked for a cell to be blank (a thin gutter may lie astride two) or a line."""
_DARK, _LIGHT = 110, 145
"""The gray level below which a frame line is, and above which one on a black page is."""
_CUBE = np.ones((3, 3), np.uint8)


@dataclass(frozen=True, slots=True)
class Layers:
    """One flag a cell, ``(h, w)`` bool each.

    ``drawn``: no gutter. ``free``: no balloon, or a gutter all the same: a balloon's box is larger than the balloon,
    and the ground beside it tells as much there as anywhere. ``gutter``: a gutter or the frame line along it.
    ``row_line`` and ``column_line``: a thin straight line along a row, along a column. ``ink``: neither gutter nor
    other blank ground.
    ``scale`` is page pixels a cell, along x and y.
    """

    drawn: Flags
    free: Flags
    gutter: Flags
    row_line: Flags
    column_line: Flags
    ink: Flags
    scale: tuple[float, float]

    @property
    def unit(self) -> int:
        """The page's short side, cells."""
        return int(min(self.drawn.shape))


def find_layers(rgb: Rgb, balloons: Sequence[Box]) -> Layers:
    """The layers of a page, ``(h, w, 3)`` RGB uint8; ``balloons`` are boxes of what may stand across a gutter."""
    height, width = rgb.shape[:2]
    rgb, balloons = _reduced(rgb, balloons)
    small = min(1.0, _SHORT / min(rgb.shape[:2]), (_PIXELS / (rgb.shape[0] * rgb.shape[1])) ** 0.5)
    size = (max(1, round(rgb.shape[1] * small)), max(1, round(rgb.shape[0] * small)))
    gutter, blank = find_gutters(rgb, balloons)
    rows, columns = find_frame_lines(rgb)
    shares = np.asarray(cv2.resize(cv2.merge((gutter, blank, rows, columns)), size, interpolation=cv2.INTER_AREA))
    clear = shares[..., 0] > _MOSTLY
    return Layers(
        drawn=~clear,
        free=_uncovered(balloons, rgb, size) | clear,
        gutter=_widened(clear),
        row_line=_widened(shares[..., 2] > _SOME),
        column_line=_widened(shares[..., 3] > _SOME),
        ink=shares[..., 1] <= _MOSTLY,
        scale=(width / size[0], height / size[1]),
    )


def find_gutters(rgb: Rgb, balloons: Sequence[Box] = ()) -> tuple[Mask, Mask]:
    """Where the page's own ground runs between the panels, and all that is blank like it; 255 there, ``(h, w)`` uint8.

    The ground is white, or black on a black page, and reaches the page's edge, if only through a thin gutter between
    two frames. A long thin band that balloons cut off from the edge is a gutter too.
    """
    gray = np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), dtype=np.uint8)
    short = min(gray.shape)
    rim = np.concatenate([gray[0], gray[-1], gray[:, 0], gray[:, -1]])
    black = (rim < 40).mean() > 0.5
    ground = np.asarray(gray < 40 if black else gray > 225, dtype=np.uint8)
    narrow = max(2, round(short * 0.005))
    blank = opened(ground, narrow) | find_bands(ground, gray > _LIGHT if black else gray < _DARK)
    count, found, stats, _ = cv2.connectedComponentsWithStats(blank, connectivity=4, ltype=cv2.CV_32S)
    labels = np.asarray(found, dtype=np.int32)
    longest = np.maximum(stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT])
    is_band = (longest > 0.1 * short) & (stats[:, cv2.CC_STAT_AREA] < 0.03 * short * np.maximum(longest, 1))
    keep = is_band & _touched(labels, count, balloons)
    keep[np.unique(np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]]))] = True
    keep[0] = False
    return np.asarray(keep[labels], dtype=np.uint8) * np.uint8(255), blank * np.uint8(255)


def find_frame_lines(rgb: Rgb) -> tuple[Mask, Mask]:
    """Thin straight dark lines, those along rows and those along columns: 255 on them, each ``(h, w)`` uint8.

    The straight edge of a black area is one too: it is all that is seen of a frame around a dark picture.
    """
    dark = np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY) < _DARK, dtype=np.uint8) * np.uint8(255)
    # Odd: an opening with an even kernel moves what it keeps by a pixel.
    length = max(15, round(min(dark.shape) * 0.06)) | 1
    thick = (max(9, round(min(dark.shape) * 0.012)) - 1) | 1
    along_rows = _thin_lines(dark, length, thick)
    along_columns = _thin_lines(np.ascontiguousarray(dark.T), length, thick)
    return along_rows, np.ascontiguousarray(along_columns.T)


def _thin_lines(dark: Mask, length: int, thick: int) -> Mask:
    """Runs of at least ``length`` along a row, less than ``thick`` high or at the edge; a slight slant is allowed."""
    loose = cv2.dilate(dark, np.ones((3, 1), np.uint8))
    runs = np.asarray(cv2.morphologyEx(loose, cv2.MORPH_OPEN, np.ones((1, length), np.uint8)), dtype=np.uint8)
    areas = np.asarray(cv2.morphologyEx(loose, cv2.MORPH_OPEN, np.ones((thick, 1), np.uint8)), dtype=np.uint8)
    inner = np.asarray(cv2.erode(areas, np.ones((5, 1), np.uint8)), dtype=np.uint8)
    return runs & ~inner


def _touched(labels: NDArray[np.int32], count: int, balloons: Sequence[Box]) -> Flags:
    """Which components a balloon stands on or right beside."""
    touched = np.zeros(count, dtype=bool)
    height, width = labels.shape
    for balloon in balloons:
        box = balloon.pad(max(3, round(min(labels.shape) * 0.012)), width=width, height=height)
        touched[labels[box.y0 : box.y1, box.x0 : box.x1]] = True
    return touched


def _uncovered(balloons: Sequence[Box], rgb: Rgb, size: tuple[int, int]) -> Flags:
    """Cells that no balloon, with its outline, covers."""
    height, width = rgb.shape[:2]
    free = np.ones((size[1], size[0]), dtype=bool)
    outline, x, y = max(2, round(min(height, width) * 0.006)), size[0] / width, size[1] / height
    for balloon in balloons:
        box = balloon.pad(outline, width=width, height=height)
        free[round(box.y0 * y) : round(box.y1 * y), round(box.x0 * x) : round(box.x1 * x)] = False
    return free


def _reduced(rgb: Rgb, balloons: Sequence[Box]) -> tuple[Rgb, Sequence[Box]]:
    factor = min(1.0, _LARGEST / min(rgb.shape[:2]))
    if factor == 1.0:
        return rgb, balloons
    size = (round(rgb.shape[1] * factor), round(rgb.shape[0] * factor))
    small = np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    return small, [Box(*(round(value * factor) for value in box.to_json())) for box in balloons]


def _widened(flags: Flags) -> Flags:
    return np.asarray(cv2.dilate(flags.astype(np.uint8), _CUBE)) > 0
