"""One text and how it may be set: the sizes, margins and last resorts that are tried, in order."""

from __future__ import annotations

import functools
import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

from translator.pipeline.fonts import FontChain, script_of
from translator.pipeline.layout import Block, Layout
from translator.pipeline.letters import Pen
from translator.pipeline.pieces import BY_CHARACTER, Piece, pieces_of, pieces_of_lines, split_long
from translator.pipeline.shape import Area, rectangle_area
from translator.pipeline.sizes import SizeRange, largest
from translator.pipeline.types import NO_PIN, Box, Pin, Region

MARGINS = (0.36, 0.25, 0.15)
"""Distances to the balloon's edge in ems: what looks right, and what a tight balloon may have."""
_GOOD = 0.85
"""A size of this share of the wanted one is kept, rather than going nearer to the edge."""
_LONG_WORDS, _WORTH_A_HYPHEN = ((15, 0.75), (12, 0.62)), 1.25
"""A word of so many letters is divided where the text would be set at or below such a share of the page's size, if it
can be so much larger then. A shorter one is set small, as letterers do."""
_DIVISIBLE = 6
_CONCEDED, _A_SIZE = (0.93,), 16.0
"""What a text may be smaller by for better lines, and what a whole size costs, in squared ems a line."""
_ROOMY = 1.65
"""A balloon that could hold letters larger by so much is as roomy as any."""


NARROWER = (0.93, 0.86, 0.8)
"""Widths of letters that are tried where a text would be small: a reader does not see the first."""
_GAIN = 0.7
"""Narrower letters must be so much higher: the width to minus this power. Of one long word they are, of many short
words they are not."""


@dataclass(frozen=True, slots=True)
class _Fit:
    """The largest ``size`` at which a text fits, as ``block`` has it, in letters of the width ``stretch``."""

    size: int
    block: Block
    stretch: float

    @property
    def looks(self) -> float:
        """The size that letters of their full width would have to look as large."""
        return self.size * math.sqrt(self.stretch)


@dataclass(frozen=True)
class Setting:
    """A text to set. ``scale`` is its emphasis; ``area`` its balloon, ``None`` where it has none."""

    region: Region
    text: str
    chain: FontChain
    target: str
    vertical: bool
    scale: float
    area: Area | None
    pin: Pin = NO_PIN

    @functools.cached_property
    def pieces(self) -> tuple[Piece, ...]:
        """The text cut where lines may break."""
        if self.pin.lines:
            return pieces_of_lines(self.pin.lines)
        return pieces_of(self.text, target=self.target)

    @property
    def ground(self) -> Box:
        """What other texts should leave free."""
        return self.region.box if self.area is None or self.region.balloon is None else self.area.box

    def pen(self, size: int, stretch: float = 1.0) -> Pen:
        """One pen a size and a width of letters, which remembers what it has measured."""
        key = size, stretch
        if key not in self._pens:
            vertical = self.vertical
            self._pens[key] = Pen(self.chain, size, language=self.target, vertical=vertical, stretch=stretch)
        return self._pens[key]

    def pen_of(self, layout: Layout) -> Pen:
        """The pen that a layout was made with."""
        return self.pen(layout.size, layout.stretch)

    @functools.cached_property
    def _pens(self) -> dict[tuple[int, float], Pen]:
        return {}

    def block(self, area: Area, margin_em: float) -> Block:
        return Block(self.pieces, area.transposed if self.vertical else area, margin_em, bool(self.pin.lines))

    def largest_in_balloon(self, sizes: SizeRange) -> int | None:
        """The largest size that keeps the good margin, up to where the balloon is roomy; ``None`` for a text without a
        balloon."""
        if self.area is None:
            return None
        most = round(_ROOMY * sizes.wanted * self.scale)
        found = self._largest(self.block(self.area, MARGINS[0]), sizes.least, most)
        return sizes.least if found is None else found

    @property
    def shouted(self) -> bool:
        return "!" in self.text[-4:] or "！" in self.text[-4:]

    def lay_out(self, area: Area, base: int, most: int, sizes: SizeRange) -> Layout | None:
        """Set at ``most``, or near the page's ``base``; off the middle, closer to the edge, smaller, in narrower
        letters, and with words divided, before ``None``, which says that it does not fit."""
        wanted = min(most, max(sizes.least, round(_GOOD * max(base, sizes.wanted))))
        fit = self._fit(area, sizes.least, most, enough=_GOOD * base)
        if self.pin.lines:
            return None if fit is None else fit.block.set_at(self.pen(fit.size, fit.stretch))
        if fit is None:
            return self._with_divided_words(area, sizes.least, wanted)
        return self._with_long_words_divided(area, fit, wanted) or self._best_looking(fit, sizes.least)

    def _with_long_words_divided(self, area: Area, fit: _Fit, wanted: int) -> Layout | None:
        """One long word must not make a whole text small."""
        least = math.ceil(fit.size * _WORTH_A_HYPHEN)
        for letters, share in _LONG_WORDS:
            if fit.looks <= share * wanted:
                larger = self._divided(area, least, wanted, shortest=letters, anywhere=False)
                if larger is not None:
                    return larger
        return None

    def _fit(self, area: Area, least: int, most: int, *, enough: float) -> _Fit | None:
        """The largest size, in letters as wide as can be."""
        plain = self._fit_at(area, least, most, enough, 1.0)
        best = plain
        for stretch in self._stretches:
            if best is not None and best.size >= enough:
                break
            narrow = self._fit_at(area, least, most, enough, stretch)
            gained = 0.0 if plain is None else plain.size * stretch**-_GAIN
            if narrow is not None and narrow.size >= gained and (best is None or narrow.size > best.size):
                best = narrow
        return best

    def _fit_at(self, area: Area, least: int, most: int, enough: float, stretch: float) -> _Fit | None:
        best: _Fit | None = None
        for block in self._blocks(area):
            size = self._largest(block, least, most, stretch)
            if size is not None and (best is None or size > best.size):
                best = _Fit(size, block, stretch)
            if best is not None and best.size >= enough:
                break
        return best

    @property
    def _stretches(self) -> tuple[float, ...]:
        return () if self.vertical or script_of(self.target) in BY_CHARACTER else NARROWER

    def _best_looking(self, fit: _Fit, least: int) -> Layout | None:
        """At its size, or a little smaller where the lines then break much better."""
        smaller = [px for px in (round(fit.size * by) for by in _CONCEDED) if least <= px < fit.size]
        pens = [self.pen(px, fit.stretch) for px in (fit.size, *smaller)]
        found = [layout for pen in pens if (layout := fit.block.set_at(pen)) is not None]
        return min(found, key=lambda layout: layout.cost + _A_SIZE * (fit.size - layout.size) / fit.size, default=None)

    def _blocks(self, area: Area) -> Iterator[Block]:
        if self.area is None:
            yield self.block(area, 0.0)
            return
        for margin in MARGINS:
            yield self.block(area, margin)
            if area.roomy_xy != area.anchor_xy:
                yield self.block(area.at_roomiest, margin)

    def _largest(self, block: Block, least: int, most: int, stretch: float = 1.0) -> int | None:
        return largest(least, most, lambda size: block.fits_at(self.pen(size, stretch)))

    def _with_divided_words(self, area: Area, least: int, most: int) -> Layout | None:
        """Divided where the language does, and only then wherever it has to be."""
        found = self._divided(area, least, most, shortest=_DIVISIBLE, anywhere=False)
        return found or self._divided(area, least, most, shortest=_DIVISIBLE, anywhere=True)

    def _divided(self, area: Area, least: int, most: int, *, shortest: int, anywhere: bool) -> Layout | None:
        """The largest size that needs no more hyphens than the smallest one; words of ``shortest`` letters and more may
        be divided."""
        if least > most:
            return None
        stretch = min(self._stretches, default=1.0)

        def block_at(size: int) -> Block:
            return self._with_hyphens(area, self.pen(size, stretch), shortest, anywhere=anywhere)

        def fits(size: int) -> bool:
            block = block_at(size)
            return _hyphens(block) <= fewest and block.fits_at(self.pen(size, stretch))

        fewest = _hyphens(block_at(least))
        size = largest(least, most, fits)
        return None if size is None else block_at(size).set_at(self.pen(size, stretch))

    def _with_hyphens(self, area: Area, pen: Pen, shortest: int, *, anywhere: bool) -> Block:
        block = self.block(area.at_roomiest, MARGINS[-1])
        half = block.area.half_widths(block.area.anchor_xy[0], MARGINS[-1] * pen.size)
        room = 1.7 * float(half.max(initial=0.0))
        cut = split_long(block.pieces, pen.length, room, target=self.target, shortest=shortest, anywhere=anywhere)
        return replace(block, pieces=cut)

    def spill(self, area: Area, size: int) -> Layout:
        """Set at ``size`` in a rectangle that grows until the text fits: more room than it may have."""
        pen, box = self.pen(size), area.box
        wide = round(pen.length(self.text)) + 4 * size
        while True:
            laid = self.block(rectangle_area(box), 0.0).set_at(pen)
            if laid is not None:
                return laid
            if min(box.width, box.height) > wide:
                raise ValueError(f"{len(self.text)} characters do not fit into {box}")
            box = Box(box.x0 - size, box.y0 - size, box.x1 + size, box.y1 + size)


def _hyphens(block: Block) -> int:
    return sum(piece.hyphen for piece in block.pieces)
