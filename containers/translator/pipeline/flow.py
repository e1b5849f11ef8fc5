"""Pieces → lines with the least raggedness in given widths.

The line breaking is optimal over the whole paragraph (D. E. Knuth, M. F. Plass, *Breaking paragraphs into lines*,
1981), with a width and an ideal width for each line, because a balloon is narrow at its top and bottom.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from translator.pipeline.pieces import Piece
from translator.pipeline.rubied import plain

_ALONE, _ALONE_INSIDE, _ONE_LETTER = 1.5, 2.0, 3.0
"""Prices of a line that is one short word: at the paragraph's ends, between longer lines, and of a single letter."""


@dataclass(frozen=True)
class Paragraph:
    """Pieces measured at one size: ``widths[i, j]`` is the width of the line of pieces ``i`` to ``j - 1``."""

    pieces: tuple[Piece, ...]
    widths: NDArray[np.float64]
    extra: NDArray[np.float64]
    size: float

    @property
    def count(self) -> int:
        return len(self.pieces)

    @property
    def widest_piece(self) -> float:
        return float(max(self.widths[i, i + 1] for i in range(self.count)))

    @property
    def length(self) -> float:
        """The width of the whole text in one line."""
        return float(self.widths[0, self.count])

    def line(self, start: int, end: int) -> str:
        return line_text(self.pieces, start, end)


def line_text(pieces: Sequence[Piece], start: int, end: int) -> str:
    parts = [(" " if piece.space and i > 0 else "") + piece.text for i, piece in enumerate(pieces[start:end])]
    return "".join(parts) + ("-" if pieces[end - 1].hyphen and end < len(pieces) else "")


def measure(pieces: tuple[Piece, ...], width: Callable[[str], float], size: float) -> Paragraph:
    """Measure ``pieces`` with ``width`` (pixels of a string at ``size``)."""
    n = len(pieces)
    own = np.array([width(piece.text) for piece in pieces])
    blank = width(" ")
    gaps = np.array([blank if piece.space else 0.0 for piece in pieces])
    total = np.concatenate(([0.0], np.cumsum(own + gaps)))
    widths = np.full((n + 1, n + 1), np.inf)
    extra = np.zeros((n + 1, n + 1))
    hyphen = np.array([width("-") if piece.hyphen else 0.0 for piece in pieces])
    for start in range(n):
        ends = np.arange(start + 1, n + 1)
        widths[start, ends] = total[ends] - total[start] - gaps[start] + np.where(ends < n, hyphen[ends - 1], 0.0)
        extra[start, ends] = pieces[start].penalty if start else 0.0
        if n > 1:
            extra[start, start + 1] += _alone(plain(pieces[start].text), inside=0 < start < n - 1)
    return Paragraph(pieces, widths, extra, size)


def _alone(word: str, *, inside: bool) -> float:
    if len(word) == 1 and word.isalpha() and word.isascii():
        return _ONE_LETTER
    if inside and len(word) <= 4:
        return _ALONE_INSIDE
    return _ALONE if len(word) <= 3 else 0.0


def fits(paragraph: Paragraph, limits: NDArray[np.float64]) -> bool:
    """Whether the paragraph can be set in exactly ``len(limits)`` lines, none wider than its limit and none empty."""
    reached = np.zeros(paragraph.count + 1, bool)
    reached[0] = True
    for limit in limits:
        reached = (paragraph.widths[reached] <= limit + 1e-6).any(axis=0)
    return bool(reached[paragraph.count])


def break_lines(
    paragraph: Paragraph, limits: Sequence[float], ideals: Sequence[float]
) -> tuple[float, tuple[int, ...]] | None:
    """The cheapest way to set the paragraph in exactly ``len(limits)`` lines.

    Returns its cost (squared deviations from ``ideals`` in ems, and penalties, a line) and the piece that each line
    ends before; ``None`` where a line would be wider than its limit.
    """
    count = paragraph.count
    best = np.full(count + 1, np.inf)
    best[0] = 0.0
    back: list[NDArray[np.intp]] = []
    for limit, ideal in zip(limits, ideals, strict=True):
        deviation = ((paragraph.widths - ideal) / paragraph.size) ** 2 + paragraph.extra
        price = best[:, None] + np.where(paragraph.widths <= limit + 1e-6, deviation, np.inf)
        back.append(np.argmin(price, axis=0))
        best = price[back[-1], np.arange(count + 1)]
    if not np.isfinite(best[count]):
        return None
    ends, end = [count], count
    for choices in reversed(back[1:]):
        end = int(choices[end])
        ends.append(end)
    return float(best[count]) / len(limits), tuple(reversed(ends))
