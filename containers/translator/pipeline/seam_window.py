"""The rows on both sides of the border between two pages of a strip, stacked as they were before they were cut.

What a window shows depends on the pages beside the border alone, so that it is the same whichever of them looks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from translator.pipeline.types import Box, Page, Rgb

NEAR, FAR = 0.3, 0.9
"""How much is looked at on either side of a border, in page widths: at first, and where that did not hold all of it."""
REACH = 8
"""So many pages on either side of a border can be in a window, where they are short: slices of 81 rows, 720 wide."""
_MOST_ROWS = 1600
_ALIKE = 0.02
"""Widths that differ by no more are one strip's, saved carelessly."""
_PLAIN_BAND, _PLAIN = 0.035, 16
"""No two lines of a text block are so far apart, in page widths on either side; levels that JPEG may add."""


@dataclass(frozen=True, slots=True)
class Edges:
    """What a page's neighbours may need of it: its size and its first and last rows, RGB uint8.

    A page that is no longer than ``head`` and ``tail`` is whole in both.
    """

    number: int
    width: int
    height: int
    head: Rgb
    tail: Rgb


@dataclass(frozen=True, slots=True)
class Side:
    """The pages on one side of a border, from the border away. ``missing`` is the page behind them that would be needed
    and cannot be had, where there is one."""

    pages: tuple[Edges, ...]
    missing: int | None = None


@dataclass(frozen=True, slots=True)
class Piece:
    """The part of a window that one page gives: window rows ``top`` to ``bottom``, which begin at its row ``page_top``.

    ``scale``: page pixels a window pixel.
    """

    page: int
    top: int
    bottom: int
    page_top: int
    scale: float

    def of_page(self, x: float, y: float) -> tuple[int, int]:
        """A point of the window in the page's pixels."""
        return round(x * self.scale), self.page_top + round((y - self.top) * self.scale)

    def box_of_page(self, box: Box) -> Box:
        """A box of the window in the page's pixels, without what lies on other pages; empty where all of it does."""
        y0, y1 = (min(max(y, self.top), self.bottom) for y in (box.y0, box.y1))
        return Box(*self.of_page(box.x0, y0), *self.of_page(box.x1, y1))


@dataclass(frozen=True, slots=True)
class Window:
    """``border`` is the first row below the border in question; ``pieces`` from top to bottom. ``open_above`` and
    ``open_below``: whether the strip goes on there."""

    rgb: Rgb
    border: int
    pieces: tuple[Piece, ...]
    open_above: bool
    open_below: bool

    @property
    def width(self) -> int:
        return int(self.rgb.shape[1])

    @property
    def height(self) -> int:
        return int(self.rgb.shape[0])

    @property
    def borders(self) -> tuple[int, ...]:
        """The rows at which a page begins, the topmost page's left out."""
        return tuple(piece.top for piece in self.pieces[1:])


def edges_of(page: Page) -> Edges:
    """Copies, so that the page itself need not stay in memory."""
    rows = _rows(page.width, FAR) + 1
    return Edges(page.number, page.width, page.height, page.rgb[:rows].copy(), page.rgb[-rows:].copy())


def is_strip(upper: Edges, lower: Edges) -> bool:
    """Whether two pages have one width, or nearly."""
    return abs(upper.width - lower.width) <= _ALIKE * max(upper.width, lower.width)


def is_filled(pages: Sequence[Edges]) -> bool:
    """Whether a window has all its rows of these pages, and knows whether the strip goes on behind them."""
    width = pages[0].width
    return sum(edges.height * width / edges.width for edges in pages) > _rows(width, FAR)


def cut_window(above: Side, below: Side, share: float) -> Window:
    """The window of ``share`` page widths on either side of the border between the two sides, as wide as the page
    above it."""
    width = above.pages[0].width
    rows = _rows(width, share)
    upper, open_above = _side(above, width, rows, tail=True)
    lower, open_below = _side(below, width, rows, tail=False)
    parts = [*reversed(upper), *lower]
    pieces, top = [], 0
    for edges, part, page_top in parts:
        pieces.append(Piece(edges.number, top, top + part.shape[0], page_top, edges.width / width))
        top += part.shape[0]
    border = sum(part.shape[0] for _, part, _ in upper)
    return Window(np.concatenate([part for _, part, _ in parts]), border, tuple(pieces), open_above, open_below)


def is_gutter(window: Window) -> bool:
    """Whether the rows around the border are of one colour, and so many that no text block can cross them."""
    rows = max(8, round(_PLAIN_BAND * window.width))
    band = window.rgb[max(0, window.border - rows) : window.border + rows].reshape(-1, 3).astype(np.int16)
    return bool((band.max(axis=0) - band.min(axis=0) <= _PLAIN).all())


def _rows(width: int, share: float) -> int:
    return min(_MOST_ROWS, max(1, round(width * share)))


def _side(side: Side, width: int, rows: int, *, tail: bool) -> tuple[list[tuple[Edges, Rgb, int]], bool]:
    """The pages' parts on one side, nearest first, each with its first row in its page; whether more follows."""
    parts: list[tuple[Edges, Rgb, int]] = []
    for edges in side.pages:
        scale = edges.width / width
        whole = max(1, round(edges.height / scale))
        taken = min(rows, whole)
        of_page = min(edges.height, max(1, round(taken * scale)))
        part = edges.tail[-of_page:] if tail else edges.head[:of_page]
        parts.append((edges, _resized(part, width, taken), edges.height - of_page if tail else 0))
        rows -= taken
        if not rows:
            return parts, taken < whole or len(parts) < len(side.pages) or side.missing is not None
    return parts, side.missing is not None


def _resized(part: Rgb, width: int, height: int) -> Rgb:
    if part.shape[:2] == (height, width):
        return part
    return np.asarray(cv2.resize(part, (width, height), interpolation=cv2.INTER_AREA), dtype=np.uint8)
