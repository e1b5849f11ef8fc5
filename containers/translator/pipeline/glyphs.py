"""What the ink of a vertical line says about its characters, where the recognizer is known to be weak.

All of it works on a column that was turned 90 degrees counter-clockwise: text runs left to right, and what was the
column's right side is the crop's top.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

import cv2
import numpy as np
from numpy.typing import NDArray

from translator.pipeline.ink import ink
from translator.pipeline.types import Rgb

_SMALL = "ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮ"
_LARGE = "あいうえおつやゆよわアイウエオツヤユヨワ"
_TO_SMALL, _TO_LARGE = dict(zip(_LARGE, _SMALL, strict=True)), dict(zip(_SMALL, _LARGE, strict=True))
_SURE = 0.93
"""Above this confidence the recognizer is right about the size of a kana."""
_RIGHT, _CENTERED = -0.06, -0.045
"""A small kana sits this far right of the column's middle (in column widths), a large one stays nearer to it."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A stretch of a line, pixels of the crop, end exclusive."""

    start: int
    end: int

    def shares(self, other: Cell) -> bool:
        """True where the two are one cell rather than two in a row: they have half of the shorter one in common."""
        common = min(self.end, other.end) - max(self.start, other.start)
        return 2 * common > min(self.end - self.start, other.end - other.start)

    def union(self, other: Cell) -> Cell:
        return Cell(min(self.start, other.start), max(self.end, other.end))


@dataclass(frozen=True, slots=True)
class LineInk:
    """The ink of a turned column (bool ``(h, w)``) and the places of the characters read, in pixels along it."""

    mask: NDArray[np.bool_]
    centers: tuple[float, ...]

    @classmethod
    def of(cls, crop: Rgb, places: Sequence[float]) -> LineInk:
        """``places`` are 0.0 to 1.0 along the crop. The crop's outer seventh is cut: neighbours reach into it."""
        mask = ink(np.asarray(cv2.cvtColor(np.ascontiguousarray(crop), cv2.COLOR_RGB2GRAY), dtype=np.uint8)) > 0
        margin = round(0.14 * mask.shape[0])
        mask[:margin] = False
        mask[mask.shape[0] - margin :] = False
        return cls(mask, tuple(place * mask.shape[1] for place in places))

    @property
    def pitch(self) -> float:
        """From one character to the next; a line too short to tell is taken to be set in squares."""
        steps = [b - a for a, b in pairwise(self.centers)]
        square = 0.62 * self.mask.shape[0]
        return float(min(median(steps), 1.5 * square)) if len(steps) >= 2 else square

    def across(self, start: float, end: float) -> tuple[int, int] | None:
        """The rows that have ink between two places."""
        rows = np.flatnonzero(self.mask[:, max(0, int(start)) : max(0, int(end)) + 1].any(axis=1))
        return (int(rows[0]), int(rows[-1]) + 1) if rows.size else None

    def runs(self, start: float, end: float, *, bridge: float) -> list[Cell]:
        """Stretches with ink between two places; gaps up to ``bridge`` pixels do not end one."""
        first, last = max(0, int(start)), min(self.mask.shape[1], max(0, int(end)))
        columns = np.flatnonzero(self.mask[:, first:last].any(axis=0)) + first
        cells: list[Cell] = []
        for column in columns.tolist():
            if cells and column - cells[-1].end <= bridge:
                cells[-1] = Cell(cells[-1].start, column + 1)
            else:
                cells.append(Cell(column, column + 1))
        return cells


def kana_of_right_size(texts: Sequence[str], confidences: Sequence[float], line: LineInk) -> tuple[str, ...]:
    """Small and large kana told apart by their place: in vertical text a small one sits right of the middle."""
    reach = 0.4 * line.pitch
    spans = [line.across(center - reach, center + reach) for center in line.centers]
    drawn = [span for span in spans if span is not None]
    if len(drawn) < 2:
        return tuple(texts)
    top, bottom = min(a for a, _ in drawn), max(b for _, b in drawn)
    width = median(b - a for a, b in drawn)
    out = []
    for text, confidence, span in zip(texts, confidences, spans, strict=True):
        if span is None or confidence >= _SURE:
            out.append(text)
            continue
        offset = (sum(span) - top - bottom) / 2 / width
        table = _TO_SMALL if offset <= _RIGHT else _TO_LARGE if offset > _CENTERED else {}
        out.append(table.get(text, text))
    return tuple(out)


def unread(line: LineInk) -> tuple[Cell | None, Cell | None]:
    """Ink before the first and after the last character that was read, where it is large enough to be a character."""
    if not line.centers:
        return None, None
    reach, width = 0.55 * line.pitch, line.mask.shape[1]
    before = line.runs(0, line.centers[0] - reach, bridge=0.45 * line.pitch)
    after = line.runs(line.centers[-1] + reach, width, bridge=0.45 * line.pitch)
    return _large(before[-1:], line), _large(after[:1], line)


def _large(cells: Sequence[Cell], line: LineInk) -> Cell | None:
    return next((cell for cell in cells if cell.end - cell.start >= 0.3 * line.pitch), None)


def around(line: LineInk, index: int) -> Cell | None:
    """The ink of one character that was read."""
    center, reach = line.centers[index], 0.62 * line.pitch
    cells = line.runs(center - reach, center + reach, bridge=0.3 * line.pitch)
    return Cell(cells[0].start, cells[-1].end) if cells else None


def dashes(line: LineInk, cell: Cell) -> int:
    """How many long dashes a stretch of ink is: 0 where it is anything but one straight bar in the column's middle."""
    span = line.across(cell.start, cell.end - 1)
    length = cell.end - cell.start
    if span is None or length < 0.7 * line.pitch:
        return 0
    thin = span[1] - span[0] <= 0.2 * line.pitch
    middle = abs((span[0] + span[1]) / 2 - line.mask.shape[0] / 2) <= 0.15 * line.mask.shape[0]
    return max(1, round(length / line.pitch)) if thin and middle else 0


def side_by_side(cell: Rgb) -> bool:
    """True where an upright cell holds two marks next to each other, both of them tall."""
    mask = ink(np.asarray(cv2.cvtColor(np.ascontiguousarray(cell), cv2.COLOR_RGB2GRAY), dtype=np.uint8)) > 0
    drawn = np.flatnonzero(np.diff(np.concatenate([[0], mask.any(axis=0).astype(np.int8), [0]])))
    spans = list(zip(drawn[::2].tolist(), drawn[1::2].tolist(), strict=True))
    heights = [int(mask[:, start:end].any(axis=1).sum()) for start, end in spans]
    return sum(2 * height > max(heights) for height in heights) == 2


def upright(crop: Rgb, cell: Cell, *, margin: int = 2) -> Rgb:
    """A stretch of a turned column, turned back: what stands in one cell of the column, as it was drawn."""
    part = crop[:, max(0, cell.start - margin) : cell.end + margin]
    return np.rot90(part, -1)
