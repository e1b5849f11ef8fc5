"""Finds the lines of one text in its area at a given size, or says that it does not fit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from translator.pipeline.flow import Paragraph, break_lines, fits
from translator.pipeline.letters import Pen, SetLine
from translator.pipeline.pieces import Piece
from translator.pipeline.shape import Area

_SHIFTS = np.array((0.0, -0.3, 0.3, -0.6, 0.6))
"""How far a block may leave the anchor across its lines, in leadings, where that lets the text fit."""
_ROOM = 1.1
"""Clearance to the edge, in ems, beyond which more of it looks no better."""


@dataclass(frozen=True, slots=True)
class Layout:
    """A text set in an area, in the area's own page coordinates, by a pen of ``size`` and ``stretch``. Lower ``cost``
    looks better."""

    lines: tuple[SetLine, ...]
    size: int
    cost: float
    stretch: float = 1.0

    @property
    def looks(self) -> float:
        """The size that letters of their full width would have to look as large."""
        return float(self.size * np.sqrt(self.stretch))


@dataclass(frozen=True)
class Block:
    """The pieces of one text with the area they go to; for vertical setting the area is given transposed.

    ``one_a_line``: every piece is a line.
    """

    pieces: tuple[Piece, ...]
    area: Area
    margin_em: float = 0.45
    one_a_line: bool = False

    def fits_at(self, pen: Pen) -> bool:
        paragraph = pen.measured(self.pieces)
        return any(fits(paragraph, limits) for limits, _ in self._trials(paragraph, pen))

    def set_at(self, pen: Pen) -> Layout | None:
        """The best looking layout at the pen's size, or ``None`` where none fits."""
        paragraph = pen.measured(self.pieces)
        best: Layout | None = None
        for limits, top in self._trials(paragraph, pen):
            layout = self._set(paragraph, pen, limits, top) if fits(paragraph, limits) else None
            if layout is not None and (best is None or layout.cost < best.cost):
                best = layout
        return best

    def _trials(self, paragraph: Paragraph, pen: Pen) -> Iterator[tuple[NDArray[np.float64], float]]:
        """Numbers of lines and places of the block that could hold the text: the limits of its lines, in the order in
        which they are read, and its top."""
        axis, margin = self.area.anchor_xy[0], self.margin_em * pen.size
        half = self.area.half_widths(axis, margin)
        height, widest = pen.thickness, float(half.max(initial=0.0)) * 2
        if paragraph.widest_piece > widest:
            return
        narrowest = self.area.narrowest(axis, margin, height), self.area.narrowest(axis, margin, height + 1)
        most = min(paragraph.count, 1 + int((len(half) - height) // pen.leading))
        least = paragraph.count if self.one_a_line else max(1, int(np.ceil(paragraph.length / max(widest, 1.0))))
        for count in range(least, min(most, least + 7) + 1):
            tops = self.area.anchor_xy[1] - ((count - 1) * pen.leading + height) / 2 + _SHIFTS * pen.leading
            found = _limits(narrowest, tops - self.area.box.y0, count, pen.leading)
            could = (found.min(axis=1) > 0) & (found.sum(axis=1) >= paragraph.length * 0.98)
            for limits, top in zip(found[could], tops[could].tolist(), strict=True):
                yield limits[::-1] if pen.vertical else limits, top  # the first column stands at the right

    def _set(self, paragraph: Paragraph, pen: Pen, limits: NDArray[np.float64], top: float) -> Layout | None:
        bands = [top + band * pen.leading for band in range(len(limits))]
        if pen.vertical:
            bands = bands[::-1]
        ideals = _ideals(paragraph, limits, round_=not self.area.is_rectangle)
        broken = break_lines(paragraph, limits.tolist(), ideals)
        if broken is None:
            return None
        cost, ends = broken
        spans = list(zip((0, *ends[:-1]), ends, strict=True))
        lengths = [float(paragraph.widths[span]) for span in spans]
        along = _starts(self.area.anchor_xy[0], lengths, limits, flush=pen.vertical)
        placed = zip(spans, along, bands, lengths, strict=True)
        lines = tuple(SetLine(paragraph.line(*span), start, band, length) for span, start, band, length in placed)
        return Layout(lines, pen.size, cost + self._crowding(lines, pen, top), pen.stretch)

    def _crowding(self, lines: Sequence[SetLine], pen: Pen, top: float) -> float:
        """What it costs to stand near the edge, and away from the anchor."""
        body = pen.thickness
        room = min(
            self.area.clearance(line.along, line.across, line.along + line.length, line.across + body) for line in lines
        )
        middle = top + ((len(lines) - 1) * pen.leading + body) / 2
        away = abs(middle - self.area.anchor_xy[1]) / pen.leading
        return 3.0 * max(0.0, _ROOM - room / pen.size) + 1.5 * away


def _limits(
    narrowest: tuple[NDArray[np.float64], NDArray[np.float64]], tops: NDArray[np.float64], count: int, leading: int
) -> NDArray[np.float64]:
    """The width each line may take, ``(len(tops), count)``: twice the smallest half width over the rows of its band,
    one row more where it starts within a row; 0.0 for a line that would stick out."""
    rows = np.floor(tops)
    first = rows.astype(np.intp)[:, None] + leading * np.arange(count)
    limits = np.zeros(first.shape)
    for over, chosen in zip(narrowest, (rows == tops, rows != tops), strict=True):
        within = (first >= 0) & (first < len(over)) & chosen[:, None]
        limits[within] = 2 * over[first[within]]
    return limits


def _ideals(paragraph: Paragraph, limits: NDArray[np.float64], *, round_: bool) -> list[float]:
    """The widths that would fill the shape evenly; a balloon wants its middle lines a little longer still."""
    wanted = limits.copy()
    if round_ and len(limits) > 2:
        place = (np.arange(len(limits)) + 0.5) / len(limits) * 2 - 1
        wanted = np.minimum(limits, limits.max()) * np.sqrt(1 - 0.55 * place**2)
    return list(wanted * (paragraph.length / float(wanted.sum())))


def _starts(axis: float, lengths: Sequence[float], limits: NDArray[np.float64], *, flush: bool) -> list[float]:
    if not flush:
        return [axis - length / 2 for length in lengths]
    top = axis - max(lengths) / 2
    return [max(top, axis - float(limit) / 2) for limit in limits]
