"""Panels: the page cut along its gutters and frame lines, again and again, straight or slanted.

A gutter is a band of the page's own ground (white, or black on a black page) that reaches the page's edge. A balloon or
a figure may stand in it: a cut counts when most of its length is clear.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from translator.pipeline.types import Box, Mask, Rgb

_WORK, _LARGEST = 280, 1000
"""Short side of the page while cuts are searched, and the largest at which gutters and lines are, pixels."""
_SLOPES = (0.0, -0.03, 0.03, -0.06, 0.06, -0.1, 0.1, -0.15, 0.15, -0.2, 0.2, -0.27, 0.27, -0.35, 0.35)

_CODES = np.arange(8)
_WITH_FREE, _WITH_CLEAR, _WITH_DRAWN = (_CODES & bit > 0 for bit in (1, 2, 4))


@dataclass(frozen=True, slots=True)
class PanelCut:
    """``clear``: the share of a cut that must be; ``thinnest`` of the page's short side, ``smallest`` of its area."""

    clear: float = 0.8
    thinnest: float = 0.09
    smallest: float = 0.008
    deepest: int = 8


@dataclass(frozen=True, slots=True)
class _Part:
    """Pixels of one part of the page: coordinates, and whether each is drawn on, free (no balloon), clear for a cut."""

    x: NDArray[np.int32]
    y: NDArray[np.int32]
    drawn: NDArray[np.bool_]
    free: NDArray[np.bool_]
    clear_rows: NDArray[np.bool_]
    clear_columns: NDArray[np.bool_]

    def where(self, keep: NDArray[np.bool_]) -> _Part:
        return _Part(*(getattr(self, name)[keep] for name in _Part.__slots__))

    def codes(self, clear: NDArray[np.bool_]) -> NDArray[np.int32]:
        """One number a pixel for free, clear and drawn, so that a single count tells all three."""
        return np.asarray(self.free + 2 * clear.astype(np.int32) + 4 * self.drawn, dtype=np.int32)

    def trimmed(self) -> _Part:
        """Only the pixels within the bounds of what is drawn."""
        x, y = self.x[self.drawn], self.y[self.drawn]
        if not x.size:
            return self.where(np.zeros_like(self.drawn))
        return self.where((self.x >= x.min()) & (self.x <= x.max()) & (self.y >= y.min()) & (self.y <= y.max()))


def find_panels(rgb: Rgb, balloons: Sequence[Box] = (), *, cut: PanelCut | None = None) -> tuple[Box, ...]:
    """The panels of a page, ``(h, w, 3)`` RGB uint8, as boxes in page pixels; a page without gutters is one panel.

    ``balloons`` may stand across a gutter: under them a cut is neither clear nor blocked.
    """
    limits = cut or PanelCut()
    height, width = rgb.shape[:2]
    scale = min(1.0, _WORK / min(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    whole = _part(*_reduced(rgb, balloons), size).trimmed()
    smallest = limits.smallest * size[0] * size[1]
    parts = [part for part in _split(whole, limits, min(size), limits.deepest) if part.drawn.sum() >= smallest]
    return tuple(_box(part, width / size[0], height / size[1], width, height) for part in parts)


def _reduced(rgb: Rgb, balloons: Sequence[Box]) -> tuple[Rgb, Sequence[Box]]:
    """A large scan at the size where frame lines are two or three pixels wide."""
    factor = min(1.0, _LARGEST / min(rgb.shape[:2]))
    if factor == 1.0:
        return rgb, balloons
    size = (round(rgb.shape[1] * factor), round(rgb.shape[0] * factor))
    small = np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    return small, [Box(*(round(value * factor) for value in box.to_json())) for box in balloons]


def _part(rgb: Rgb, balloons: Sequence[Box], size: tuple[int, int]) -> _Part:
    gutters = find_gutters(rgb)
    gutter = np.asarray(cv2.resize(gutters, size, interpolation=cv2.INTER_AREA)) > 127
    rows, columns = (_shrunk(lines, size) for lines in find_frame_lines(rgb))
    free = np.full(rgb.shape[:2], 255, dtype=np.uint8)
    outline = max(2, round(min(rgb.shape[:2]) * 0.006))
    for balloon in balloons:
        box = balloon.pad(outline, width=rgb.shape[1], height=rgb.shape[0])
        free[box.y0 : box.y1, box.x0 : box.x1] = 0
    open_ = np.asarray(cv2.resize(free, size, interpolation=cv2.INTER_AREA)) > 127
    y, x = np.mgrid[0 : size[1], 0 : size[0]].astype(np.int32)
    layers = (~gutter, open_, gutter | rows, gutter | columns)
    return _Part(x.ravel(), y.ravel(), *(np.asarray(layer).ravel() for layer in layers))


def _shrunk(lines: Mask, size: tuple[int, int]) -> NDArray[np.bool_]:
    """A line one pixel wide must survive being shrunk: anything in a cell marks the cell and its neighbours."""
    small = cv2.resize(lines, size, interpolation=cv2.INTER_AREA) > 20
    return np.asarray(cv2.dilate(small.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0)


def find_frame_lines(rgb: Rgb) -> tuple[Mask, Mask]:
    """Thin straight dark lines, those along rows and those along columns: 255 on them, each ``(h, w)`` uint8."""
    dark = np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY) < 110, dtype=np.uint8) * np.uint8(255)
    length = max(15, round(min(dark.shape) * 0.06))
    thick = max(9, round(min(dark.shape) * 0.012))
    along_rows = _thin_lines(dark, length, thick)
    along_columns = _thin_lines(np.ascontiguousarray(dark.T), length, thick)
    return along_rows, np.ascontiguousarray(along_columns.T)


def _thin_lines(dark: Mask, length: int, thick: int) -> Mask:
    """Runs of at least ``length`` along a row that are less than ``thick`` high; a slight slant is allowed."""
    loose = cv2.dilate(dark, np.ones((3, 1), np.uint8))
    runs = np.asarray(cv2.morphologyEx(loose, cv2.MORPH_OPEN, np.ones((1, length), np.uint8)), dtype=np.uint8)
    areas = np.asarray(cv2.morphologyEx(loose, cv2.MORPH_OPEN, np.ones((thick, 1), np.uint8)), dtype=np.uint8)
    return runs & ~areas


def find_gutters(rgb: Rgb) -> Mask:
    """255 where the page's own ground runs between the panels, ``(h, w)`` uint8."""
    gray = np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), dtype=np.uint8)
    rim = np.concatenate([gray[0], gray[-1], gray[:, 0], gray[:, -1]])
    black = (rim < 40).mean() > 0.5
    ground = np.asarray(gray < 40 if black else gray > 225, dtype=np.uint8)
    narrow = max(3, round(min(gray.shape) * 0.006))
    opened = np.asarray(cv2.morphologyEx(ground, cv2.MORPH_OPEN, np.ones((narrow, narrow), np.uint8)), dtype=np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(opened, connectivity=4, ltype=cv2.CV_32S)
    keep = np.zeros(count, dtype=bool)
    keep[np.unique(np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]]))] = True
    longest = np.maximum(stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT])
    thickness = stats[:, cv2.CC_STAT_AREA] / np.maximum(longest, 1)
    # A gutter that balloons cut off from the margin is still a long thin band.
    keep |= (longest > 0.15 * min(gray.shape)) & (thickness < 0.04 * min(gray.shape))
    keep[0] = False
    return np.asarray(keep[labels], dtype=np.uint8) * np.uint8(255)


def _split(part: _Part, limits: PanelCut, page: int, depth: int) -> Iterator[_Part]:
    found = _best_cut(part, limits, page) if depth and part.x.size else None
    if found is None:
        yield part
        return
    for side in found:
        yield from _split(side.trimmed(), limits, page, depth - 1)


def _best_cut(part: _Part, limits: PanelCut, page: int) -> tuple[_Part, _Part] | None:
    """The clearest cut: straight ones first, slanted ones only where no straight one is clear."""
    thinnest = round(limits.thinnest * page)
    axes = ((part.x, part.y, part.codes(part.clear_rows)), (part.y, part.x, part.codes(part.clear_columns)))
    for slopes in (_SLOPES[:1], _SLOPES[1:]):
        best, answer = limits.clear, None
        for slope in slopes:
            for along, across, codes in axes:
                offset = np.rint(across - np.float32(slope) * along).astype(np.int32) if slope else across
                offset = offset - offset.min()
                at, share = _clearest(offset, codes, thinnest)
                if share > best:
                    best, answer = share, offset < at
        if answer is not None:
            return part.where(answer), part.where(~answer)
    return None


def _clearest(offset: NDArray[np.int32], codes: NDArray[np.int32], thinnest: int) -> tuple[int, float]:
    """Where a line across the part is clear for the most of its length, and for how much of it."""
    length = int(offset.max()) + 1
    counts = np.bincount(offset * 8 + codes, minlength=length * 8).reshape(length, 8)
    total, free = counts.sum(axis=1), counts[:, _WITH_FREE].sum(axis=1)
    share = counts[:, _WITH_FREE & _WITH_CLEAR].sum(axis=1) / np.maximum(free, 1)
    # A corner of a slanted part has short lines, and a line that balloons cover says nothing.
    share[(total < 0.5 * np.median(total)) | (free < 0.4 * total)] = 0
    # What stands free of balloons bounds a panel: a cut must not shave a balloon off its panel.
    drawn = np.flatnonzero(counts[:, _WITH_FREE & _WITH_DRAWN].sum(axis=1) > 0.1 * total)
    if not drawn.size:
        return 0, 0.0
    first, last = int(drawn[0]) + thinnest, int(drawn[-1]) - thinnest
    if last <= first:
        return 0, 0.0
    best = share[first : last + 1].max()
    middle = np.flatnonzero(share[first : last + 1] >= best - 0.02)
    return first + int(middle[len(middle) // 2]), float(best)


def _box(part: _Part, sx: float, sy: float, width: int, height: int) -> Box:
    x, y = part.x[part.drawn], part.y[part.drawn]
    right, bottom = min(width, round((x.max() + 1) * sx)), min(height, round((y.max() + 1) * sy))
    return Box(int(x.min() * sx), int(y.min() * sy), right, bottom)
