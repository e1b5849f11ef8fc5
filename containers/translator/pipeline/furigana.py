"""Furigana parted from the column beside it by the ink: the network often puts both into one box.

Works where a column stands on one flat ground. There the letters are islands, furigana is a strip of small islands
right of the column with a gap between, and what reaches out of the window is an outline or the next column.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from translator.pipeline.ground import Ground
from translator.pipeline.grouping import is_tall
from translator.pipeline.types import Box, TextLine

_BESIDE, _BEYOND = 0.5, 0.3
"""The window around a line's box, in its widths: for the furigana beside it, and for what sticks out at its ends."""
_SHORTEST, _SMALLEST, _LARGEST = 0.25, 0.37, 0.66
"""How long furigana is at least, and how wide at least (the dots of お are narrower) and at most, in base letters."""
_FARTHEST, _CLOSE, _THIN = 0.35, 0.3, 0.6
"""Furigana's gap to the base letters, in base letters: at most, and where a band so thin is nothing else."""
_THINNEST, _TALLEST = 0.34, 2.4
_LONGEST_GAP, _PART = 1.1, 0.8
_AIR = 0.2
"""The network's boxes are that much wider than the letters on either side, in letters."""


@dataclass(frozen=True, slots=True)
class _Islands:
    """The ink of a window: ``boxes`` int ``(n, 4)`` xyxy in page pixels."""

    boxes: NDArray[np.int64]

    def within(self, x0: int, x1: int) -> NDArray[np.int64]:
        middle = (self.boxes[:, 0] + self.boxes[:, 2]) / 2
        return self.boxes[(middle >= x0) & (middle < x1)]


def part_ruby(lines: Sequence[TextLine], ground: Ground) -> tuple[TextLine, ...]:
    """``lines`` with each column fitted to its base letters, and the furigana found beside them as lines of its own.

    A line that turns out to be a column's furigana is replaced by it; every other line is kept.
    """
    parted = [_part(line, [other for other in lines if other is not line], ground) for line in lines]
    ruby = _distinct([small for _, found in parted for small in found])
    columns = [base.box for base, found in parted if found]
    dropped = [_is_part_of(base.box, columns) if found else _is_one_of(base, ruby) for base, found in parted]
    return (*(base for (base, _), gone in zip(parted, dropped, strict=True) if not gone), *ruby)


def _distinct(ruby: Sequence[TextLine]) -> list[TextLine]:
    """Furigana once, though it was found from two boxes of one column."""
    kept: list[TextLine] = []
    for small in sorted(ruby, key=lambda line: -line.box.area):
        if all(2 * small.box.intersection(other.box).area < small.box.area for other in kept):
            kept.append(small)
    return kept


def _is_part_of(box: Box, columns: Sequence[Box]) -> bool:
    """True where a fitted line is a part of another: the network had drawn it across column and furigana."""
    return any(
        other.area > box.area and other.intersection(box).area >= _PART * box.area for other in columns if other != box
    )


def _is_one_of(line: TextLine, ruby: Sequence[TextLine]) -> bool:
    """True for a box around furigana that was found from the column beside it: no wider, and in the same place."""
    box = line.box
    cx, _ = box.center
    here = [
        small.box
        for small in ruby
        if abs(cx - small.box.center[0]) <= 0.6 * small.box.width
        and box.width <= 2.4 * small.box.width
        and box.y0 <= small.box.center[1] <= box.y1
    ]
    air = 2 * max((small.width for small in here), default=0)
    return bool(here) and box.height <= max(s.y1 for s in here) - min(s.y0 for s in here) + air


def _part(line: TextLine, others: Sequence[TextLine], ground: Ground) -> tuple[TextLine, list[TextLine]]:
    label = ground.under(line.box)
    if is_tall(line.box) is not True or not label:
        return line, []
    islands = _islands(line.box, ground, label)
    bands = _bands(islands)
    if not bands:
        return line, []
    base = max(bands, key=lambda band: _overlap(band, line.box) * (band[1] - band[0]))
    strips = [band for band in bands if base[1] <= band[0] <= base[1] + _FARTHEST * (base[1] - base[0])]
    if (
        not strips
        or not len(islands.within(*strips[0]))
        or _is_column(strips[0], base, line, others)
        or not _is_ruby(strips[0], base, line, islands)
    ):
        return line, []
    found = [_line(box, line.confidence) for box in _words(islands.within(*strips[0]), strips[0])]
    return _fitted(line, base), found


def _islands(box: Box, ground: Ground, label: int) -> _Islands:
    """The ink around a line that neither reaches the window's rim nor is far too large for a letter."""
    height, width = ground.labels.shape
    x, y = round(_BESIDE * box.width), round(_BEYOND * box.width)
    window = Box(max(0, box.x0 - x), max(0, box.y0 - y), min(width, box.x1 + x), min(height, box.y1 + y))
    ink = np.asarray(ground.labels[window.y0 : window.y1, window.x0 : window.x1] != label, dtype=np.uint8)
    _, _, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8, ltype=cv2.CV_32S)
    found = np.asarray(stats[1:], dtype=np.int64)
    x0, y0, w, h = (found[:, i] for i in range(4))
    inside = (x0 > 0) & (x0 + w < ink.shape[1]) & (h <= 1.6 * box.width)
    inside &= (y0 + h > y) & (y0 < ink.shape[0] - y) & (y0 > 0) & (y0 + h < ink.shape[0])
    kept = np.stack([x0 + window.x0, y0 + window.y0, x0 + w + window.x0, y0 + h + window.y0], axis=1)[inside]
    return _Islands(kept)


def _bands(islands: _Islands) -> list[tuple[int, int]]:
    """Where the islands stand side by side: their extents across the column, those that overlap as one."""
    bands: list[tuple[int, int]] = []
    for x0, x1 in sorted((int(b[0]), int(b[2])) for b in islands.boxes):
        if bands and x0 < bands[-1][1]:
            bands[-1] = (bands[-1][0], max(bands[-1][1], x1))
        else:
            bands.append((x0, x1))
    return bands


def _overlap(band: tuple[int, int], box: Box) -> int:
    return max(0, min(band[1], box.x1) - max(band[0], box.x0))


def _is_column(band: tuple[int, int], base: tuple[int, int], line: TextLine, others: Sequence[TextLine]) -> bool:
    """True where the network saw a column of its own, as thick as this one, in the middle of which the band lies.

    It sees a few kana of furigana as a thick line as well, but no column is thin and stands so close.
    """
    full = base[1] - base[0]
    if band[0] - base[1] <= _CLOSE * full and band[1] - band[0] <= _THIN * full:
        return False
    middle = (band[0] + band[1]) / 2
    return any(
        other.box.width >= _LARGEST * line.box.width
        and other.box.x0 + other.box.width / 4 <= middle <= other.box.x1 - other.box.width / 4
        and min(other.box.y1, line.box.y1) > max(other.box.y0, line.box.y0)
        for other in others
    )


def _is_ruby(band: tuple[int, int], base: tuple[int, int], line: TextLine, islands: _Islands) -> bool:
    """A strip narrower than the base letters, of islands that are no larger than a few kana that touch.

    Letters of two upright parts (り, 川) are told by a base that would be too thin for the network's box.
    """
    full, size = base[1] - base[0], band[1] - band[0]
    small = islands.within(*band)
    tallest, extent = int((small[:, 3] - small[:, 1]).max()), int(small[:, 3].max() - small[:, 1].min())
    fits = _SMALLEST * full <= size <= _LARGEST * full and full >= _THINNEST * line.box.width
    return fits and tallest <= _TALLEST * size and extent >= _SHORTEST * full


def _words(boxes: NDArray[np.int64], band: tuple[int, int]) -> list[Box]:
    """The strip cut where it has a gap of about a kana: each part explains kanji of its own."""
    parts: list[list[int]] = []
    for y0, y1 in sorted((int(b[1]), int(b[3])) for b in boxes):
        if parts and y0 - parts[-1][1] <= _LONGEST_GAP * (band[1] - band[0]):
            parts[-1][1] = max(parts[-1][1], y1)
        else:
            parts.append([y0, y1])
    return [Box(band[0], y0, band[1], y1) for y0, y1 in parts]


def _line(box: Box, confidence: float) -> TextLine:
    """A strip with a little air: the recognizer reads no letters that touch the crop's sides."""
    x, y = max(1, round(0.1 * box.width)), max(1, round(0.25 * box.width))
    aired = Box(max(0, box.x0 - x), max(0, box.y0 - y), box.x1 + x, box.y1 + y)
    return TextLine(aired, aired.polygon, confidence)


def _fitted(line: TextLine, base: tuple[int, int]) -> TextLine:
    """The line around its base letters, with the air that the network leaves."""
    air = max(2, round(_AIR * (base[1] - base[0])))
    box = Box(max(0, base[0] - air), line.box.y0, base[1] + air, line.box.y1)
    return replace(line, box=box, polygon=box.polygon)
