"""One text and how it may be set: the sizes, margins and last resorts that are tried, in order."""

from __future__ import annotations

import functools
import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

from translator.pipeline.fonts import FontChain
from translator.pipeline.layout import Block, Layout
from translator.pipeline.letters import Pen
from translator.pipeline.pieces import Piece, pieces_of, split_long
from translator.pipeline.shape import Area, rectangle_area
from translator.pipeline.sizes import SizeRange, largest
from translator.pipeline.types import Box, Region

MARGINS = (0.36, 0.25, 0.15)
"""Distances to the balloon's edge in ems: what looks right, and what a tight balloon may have."""
_GOOD = 0.85
"""A size of this share of the wanted one is kept, rather than going nearer to the edge."""
_SMALL_FOR_A_WORD = 0.65
"""At or below this share of the page's size a long word is divided, if that lets the text be so much larger: one of
so many letters, a shorter one is set small as letterers do."""
_LONG_WORD = 13
_CONCEDED, _A_SIZE = (0.93,), 16.0
"""What a text may be smaller by for better lines, and what a whole size costs, in squared ems a line."""
_ROOMY = 1.65
"""A balloon that could hold letters larger by so much is as roomy as any."""


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

    @functools.cached_property
    def pieces(self) -> tuple[Piece, ...]:
        """The text cut where lines may break."""
        return pieces_of(self.text, target=self.target)

    @property
    def ground(self) -> Box:
        """What other texts should leave free."""
        return self.region.box if self.area is None or self.region.balloon is None else self.area.box

    def pen(self, size: int) -> Pen:
        """One pen a size, which remembers what it has measured."""
        if size not in self._pens:
            self._pens[size] = Pen(self.chain, size, language=self.target, vertical=self.vertical)
        return self._pens[size]

    @functools.cached_property
    def _pens(self) -> dict[int, Pen]:
        return {}

    def block(self, area: Area, margin_em: float) -> Block:
        return Block(self.pieces, area.transposed if self.vertical else area, margin_em)

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
        """Set at ``most``, or near the page's ``base``; off the middle, closer to the edge, smaller, and with words
        broken, before ``None``, which says that it does not fit."""
        best: tuple[int, Block] | None = None
        for block in self._blocks(area):
            size = self._largest(block, sizes.least, most)
            if size is not None and (best is None or size > best[0]):
                best = (size, block)
            if best is not None and best[0] >= _GOOD * base:
                break
        wanted = max(sizes.least, round(_GOOD * max(base, sizes.wanted)))
        if best is None:
            return self._with_broken_words(area, sizes.least, wanted)
        if best[0] <= _SMALL_FOR_A_WORD * wanted:  # one long word must not make a whole text small
            larger = self._with_broken_words(area, math.ceil(best[0] / _SMALL_FOR_A_WORD), wanted, shortest=_LONG_WORD)
            if larger is not None:
                return larger
        return self._best_looking(best[1], best[0], sizes.least)

    def _best_looking(self, block: Block, size: int, least: int) -> Layout | None:
        """At ``size``, or a little smaller where the lines then break much better."""
        smaller = [px for px in (round(size * by) for by in _CONCEDED) if least <= px < size]
        found = [layout for px in (size, *smaller) if (layout := block.set_at(self.pen(px))) is not None]
        return min(found, key=lambda layout: layout.cost + _A_SIZE * (size - layout.size) / size, default=None)

    def _blocks(self, area: Area) -> Iterator[Block]:
        if self.area is None:
            yield self.block(area, 0.0)
            return
        for margin in MARGINS:
            yield self.block(area, margin)
            if area.roomy_xy != area.anchor_xy:
                yield self.block(area.at_roomiest, margin)

    def _largest(self, block: Block, least: int, most: int) -> int | None:
        return largest(least, most, lambda size: block.fits_at(self.pen(size)))

    def _with_broken_words(self, area: Area, least: int, most: int, *, shortest: int = 6) -> Layout | None:
        """The largest size that needs no more hyphens than the smallest one; words of ``shortest`` letters and more may
        be divided."""
        if least > most:
            return None
        fewest = _hyphens(self._broken(area, least, shortest))

        def fits(size: int) -> bool:
            block = self._broken(area, size, shortest)
            return _hyphens(block) <= fewest and block.fits_at(self.pen(size))

        size = largest(least, most, fits)
        return None if size is None else self._broken(area, size, shortest).set_at(self.pen(size))

    def _broken(self, area: Area, size: int, shortest: int) -> Block:
        block = self.block(area.at_roomiest, MARGINS[-1])
        half = block.area.half_widths(block.area.anchor_xy[0], MARGINS[-1] * size)
        room = 1.7 * float(half.max(initial=0.0))
        width = self.pen(size).length
        return replace(block, pieces=split_long(block.pieces, width, room, target=self.target, shortest=shortest))

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
