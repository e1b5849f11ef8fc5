"""Lines across a part of a page, straight or slanted: which of them run along a gutter or a frame line.

A gutter is narrow, clear for most of its length, bounded on both sides and open at its ends; the blank of a picture
without background is broad, and a pillar or a window frame ends at the panel's own frame.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.int64]
Shares = NDArray[np.float64]

FREE, GUTTER, LINE, INK, INSIDE = 1, 2, 4, 8, 16
"""A cell's code is the sum of what holds for it; a cell outside the part has none."""
_CODES = 32
_BITS = np.arange(_CODES)
_OF = {bit: (_BITS & bit > 0) & (_BITS & FREE > 0) & (_BITS & INSIDE > 0) for bit in (GUTTER, LINE, INK)}
_EITHER, _SOLID = _OF[GUTTER] | _OF[LINE], _OF[INK] | _OF[LINE]
_ALL = _BITS & INSIDE > 0
_SUMS = np.stack([_ALL, _ALL & (_BITS & FREE > 0), _OF[GUTTER], _EITHER, _SOLID], axis=1).astype(np.float64)

_THICK = 3
"""Cells that a frame line covers across it, at most."""
_TRIED = 6
"""Places looked at on one slope, the clearest first."""
_BAND, _DROP = 0.55, 0.2
"""A band is at least so much gutter, and ends where it is so much less: at the frame of a panel that is blank there."""
_SLANTED, _STEEP = 0.06, 0.36
_LEAST_SEEN, _UNBROKEN = 0.2, 0.95
"""Of a gutter that balloons cover, what must be seen, and how much of that must be gutter."""


@dataclass(frozen=True, slots=True)
class Line:
    """A cut: cells whose across minus slope times along is below ``at`` lie before it. ``score``: higher is clearer."""

    slope: float
    at: int
    score: float


@dataclass(frozen=True, slots=True)
class _Seen:
    """What one line shows. All but ``slope`` and ``width`` are shares, 0 to 1.

    ``gutter`` and ``clear`` (gutter or frame line) of what no balloon covers, which is ``free``; ``flank``: ink or line
    right beside the band, on its emptier side; ``width`` of the band in 1/280 of the page's short side; ``ends``: how
    open the band is at its two ends, the more closed one first.
    """

    slope: float
    is_row: bool
    gutter: float
    clear: float
    free: float
    flank: float
    width: float
    ends: tuple[float, float] = (1.0, 1.0)

    @property
    def is_gutter(self) -> bool:
        if self.ends[1] < 0.75 or self.ends[0] < (0.5 if self.slope else 0.2):
            return False
        if self.free < 0.4:
            return self._is_hidden
        if abs(self.slope) > _SLANTED:
            return self.free >= 0.5 and self.width <= 16 and self.gutter >= 0.95 and self.flank >= 0.3
        return self._is_narrow or self._is_broad or self._is_crossed

    @property
    def _is_hidden(self) -> bool:
        """Balloons stand on most of it: a narrow gutter all the same where what is seen of it is one throughout.

        Slanted lines would fit the little that is seen wherever they went.
        """
        seen = not self.slope and self.free >= _LEAST_SEEN and self.gutter >= _UNBROKEN
        return seen and self.width <= 9 and self.flank >= 0.4 and self.ends[0] >= 0.5

    @property
    def _is_narrow(self) -> bool:
        along_frame = self.width <= 12 and self.gutter >= 0.5 and self.clear >= 0.93 and self.flank >= 0.45
        bounded = self.flank >= 0.2 or self.width <= 5
        return along_frame or (self.width <= 9 and self.gutter >= 0.8 and bounded)

    @property
    def _is_broad(self) -> bool:
        """The broader, the clearer and the better bounded."""
        if self.free < 0.5:
            return False
        framed = self.is_row and self.gutter >= 0.97 and self.flank >= 0.8
        fits = self.width <= 18 and self.gutter >= 0.9 and self.flank >= 0.3
        return framed or fits or (self.width <= 30 and self.gutter >= 0.85 and self.flank >= 0.45)

    @property
    def _is_crossed(self) -> bool:
        """A gutter between rows that a figure reaches across."""
        clear = self.is_row and self.gutter >= 0.68 and self.free >= 0.55
        return clear and self.width <= 20 and self.flank >= 0.5 and self.ends[0] >= 0.75

    @property
    def is_shared_frame(self) -> bool:
        """One line that is the frame of both panels, or of one beside a picture without background.

        Between columns it must be open at an end: it may be a pillar.
        """
        if self.slope or self.free <= 0.5:
            return False
        if self.is_row and self.clear >= 0.88 and self.ends[0] >= 0.9 and self.flank >= 0.15:
            return True
        whole = self.is_row and self.clear >= 0.97 and self.flank > 0.8
        return whole or (self.clear >= 0.92 and self.flank >= 0.75 and self.ends[1] >= 0.9)


@dataclass(frozen=True, slots=True)
class Field:
    """The codes of a part, ``(across, along)``, and what is needed to judge lines along its second axis.

    ``thinnest``: cells that both sides of a cut must have at least; ``unit``: the page's short side in cells.
    """

    codes: NDArray[np.uint8]
    is_row: bool
    thinnest: int
    unit: int

    def best(self, slope: float) -> Line | None:
        """The clearest cut on a slope, if there is any."""
        lowest, shift = _shift(slope, self.codes.shape[1])
        across = np.arange(self.codes.shape[0], dtype=np.intp)[:, None] - shift[None, :] - lowest
        length = self.codes.shape[0] + int(shift.max() - shift.min())
        flat = across * _CODES + self.codes
        counts = np.bincount(flat.ravel(), minlength=length * _CODES).reshape(length, _CODES)
        profile = _Profile.of(counts)
        score = profile.score(is_slanted=bool(slope))
        if not score.any():
            return None
        start, stop = profile.inner(self.thinnest)
        tried = np.zeros(length, dtype=bool)
        order = start + np.argsort(-score[start:stop], kind="stable") if stop > start else np.zeros(0, dtype=np.intp)
        looked = 0
        for place in map(int, order):
            if score[place] <= 0 or looked == _TRIED:
                break
            if tried[place]:
                continue
            looked += 1
            low, high = profile.band(place)
            tried[low : high + 1] = True
            found = self._judge(profile, slope, place, (low, high), (start, stop))
            if found is not None:
                at, flank = found
                return Line(slope, at + lowest, float(score[place]) + 0.2 * flank)
        return None

    def _judge(
        self,
        profile: _Profile,
        slope: float,
        place: int,
        band: tuple[int, int],
        limits: tuple[int, int],
    ) -> tuple[int, float] | None:
        """Where to cut and how well that is bounded, if the line is a gutter or a shared frame."""
        width = (band[1] - band[0]) * 280 / self.unit
        if profile.gutter[place] >= _BAND:
            seen = self._seen(profile, slope, place, profile.beside(*band), width)
            if seen.is_gutter and self._opened(seen, place).is_gutter:
                return min(max((band[0] + band[1]) // 2, limits[0]), limits[1] - 1), seen.flank
        seen = self._seen(profile, slope, place, profile.around(place), 0.0)
        if not (seen.is_shared_frame and self._opened(seen, place).is_shared_frame):
            return None
        # The line stays with the side that is drawn on.
        return place + (_THICK if profile.is_lower_end(place) else 0), seen.flank

    def _opened(self, seen: _Seen, place: int) -> _Seen:
        """The same with the ends looked at, which is only worth it for a line that all else speaks for."""
        return replace(seen, ends=self._ends(seen.slope, place))

    def _seen(self, profile: _Profile, slope: float, place: int, flank: float, width: float) -> _Seen:
        return _Seen(
            slope=slope,
            is_row=self.is_row,
            gutter=float(profile.gutter[place]),
            clear=float(profile.clear[place]),
            free=float(profile.free[place]),
            flank=flank,
            width=width,
        )

    def _ends(self, slope: float, place: int) -> tuple[float, float]:
        """How open the line is at its two ends; a balloon there tells half."""
        height, width = self.codes.shape
        lowest, shift = _shift(slope, width)
        along = np.tile(np.arange(width), 3)
        down = np.concatenate([place + lowest + shift + aside for aside in (-1, 0, 1)])
        kept = (down >= 0) & (down < height)
        along, codes = along[kept], self.codes[down[kept], along[kept]]
        along, codes = along[codes > 0], codes[codes > 0]
        if not along.size:
            return 0.0, 0.0
        openness = np.where(codes & FREE > 0, (codes & GUTTER > 0) * 1.0, 0.5)
        reach = 4 * self.unit / 360
        first = float(openness[along < along.min() + reach].mean())
        last = float(openness[along > along.max() - reach].mean())
        return min(first, last), max(first, last)


class Sketch:
    """A part at a third of the detail: enough to tell the slopes on which no gutter can be."""

    def __init__(self, field: Field) -> None:
        codes, self._edge = field.codes[::3, ::3], max(1, field.thinnest // 3)
        gutter, free = codes & GUTTER > 0, codes & FREE > 0
        self._states = np.asarray(np.where(codes > 0, 1 + free + (free & gutter), 0), dtype=np.intp)
        self._states += 4 * np.arange(codes.shape[0], dtype=np.intp)[:, None]
        inner = np.count_nonzero((self._states[self._edge : -self._edge] & 3) == 3)
        self._may_have_any = inner > 0.4 * min(codes.shape)

    def promises(self, slope: float) -> bool:
        """Whether some line on the slope is mostly gutter."""
        if not self._may_have_any:
            return False
        height, width = self._states.shape
        lowest, shift = _shift(slope, width)
        length = height + int(shift.max() - shift.min())
        places = self._states - 4 * (shift + lowest)[None, :]
        counts = np.bincount(places.ravel(), minlength=length * 4).reshape(length, 4)
        free = counts[:, 2] + counts[:, 3]
        drawn = np.flatnonzero(10 * counts[:, 2] > counts[:, 1] + free)
        if not drawn.size:
            return False
        inner = slice(int(drawn[0]) + self._edge, int(drawn[-1]) - self._edge + 1)
        return bool(((counts[:, 3] >= 0.6 * free) & (free >= 0.3 * width))[inner].any())


def _shift(slope: float, width: int) -> tuple[int, NDArray[np.intp]]:
    """How far a line has moved across at each place along it, and the lowest place across that any cell has."""
    shift = np.rint(slope * np.arange(width)).astype(np.intp)
    return -int(shift.max()), shift


@dataclass(frozen=True, slots=True)
class _Profile:
    """Shares along each of the parallel lines: gutter, gutter or line, free of balloons, ink or line; the lengths."""

    gutter: Shares
    clear: Shares
    free: Shares
    solid: Shares
    length: Shares

    @classmethod
    def of(cls, counts: Counts) -> _Profile:
        total, free, gutter, clear, solid = (counts.astype(np.float64) @ _SUMS).T
        seen = np.maximum(free, 1)
        return cls(
            gutter=gutter / seen,
            clear=clear / seen,
            free=free / np.maximum(total, 1),
            solid=solid / np.maximum(np.maximum(free, 0.4 * total), 1),
            length=total,
        )

    def score(self, *, is_slanted: bool) -> Shares:
        """How clear each line is, 0 for one that is out of the question."""
        along_frame = (self.gutter >= 0.5) & (self.clear >= 0.93)
        score = np.where(along_frame, np.maximum(self.gutter, self.clear - 0.05), self.gutter * (self.gutter >= 0.65))
        if not is_slanted:
            score = np.maximum(score, np.where(self.clear >= 0.88, self.clear - 0.1, 0.0))
        # A corner of a slanted part has short lines, and a line that balloons cover says little.
        is_seen = (self.free >= 0.4) | ((self.free >= _LEAST_SEEN) & (self.gutter >= _UNBROKEN))
        return np.asarray(score * ((self.length >= 0.4 * self.length.max()) & is_seen), dtype=np.float64)

    def inner(self, thinnest: int) -> tuple[int, int]:
        """From where to where a cut leaves enough on both sides."""
        drawn = np.flatnonzero((1 - self.gutter) * self.free > 0.1)
        return (int(drawn[0]) + thinnest, int(drawn[-1]) - thinnest + 1) if drawn.size else (0, 0)

    def band(self, place: int) -> tuple[int, int]:
        """The lines around one that are gutter like it, with the first ones that are not."""
        if self.gutter[place] < _BAND:
            return place, place
        closed = np.flatnonzero(self.gutter < max(_BAND, self.gutter[place] - _DROP))
        before, after = closed[closed < place], closed[closed > place]
        return (int(before[-1]) if before.size else 0), (int(after[0]) if after.size else len(self.gutter) - 1)

    def beside(self, low: int, high: int) -> float:
        """What bounds a band, on the side where less does."""
        return float(min(self.solid[max(0, low - 4) : low + 1].max(), self.solid[high : high + 5].max()))

    def around(self, place: int) -> float:
        """The same for a single line."""
        before, after = self.solid[max(0, place - 4) : place], self.solid[place + 1 : place + 5]
        return float(min(before.max(initial=0.0), after.max(initial=0.0)))

    def is_lower_end(self, place: int) -> bool:
        """Whether a line ends what lies before it rather than begins what lies after it."""
        before, after = self.solid[max(0, place - 4) : place], self.solid[place + _THICK : place + _THICK + 4]
        return bool(before.max(initial=0.0) > after.max(initial=0.0))


def steepest() -> float:
    """The steepest slope at which a gutter is looked for; beyond, it is one of the other axis."""
    return _STEEP
