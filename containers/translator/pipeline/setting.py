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
from translator.pipeline.rubied import is_marked, plain
from translator.pipeline.runs import Run
from translator.pipeline.shape import Area, rectangle_area
from translator.pipeline.sizes import SizeRange, largest
from translator.pipeline.types import NO_PIN, Box, Pin, Region

_USUAL, _TIGHT, _CLOSEST = 0.36, 0.15, 0.085
"""Distances to the balloon's edge in ems: what the page's size is found with, and what divided words may have."""
_AIR = ((0.5, 0.0), (0.42, 0.15), (0.34, 0.7), (0.27, 1.5), (0.2, 3.3), (_TIGHT, 5.6), (_CLOSEST, 10.0))
_AIR_OF_SQUARES = ((_USUAL, 0.0), (0.27, 0.6), (0.2, 1.4), (_TIGHT, 2.2), (_CLOSEST, 8.0))
"""Distances to the balloon's edge in ems, and what each costs. Half an em looks right, and less around characters that
have air in their squares."""
_SIZES = ((0.95, 90.0), (0.77, 350.0))
"""What a size costs: the squares of what it lacks of such shares of the whole one, each times its price."""
_GOOD = 0.85
"""A share of the wanted size that a text is as good at as at the whole of it, where words would be divided."""
_LONG_WORDS = ((15, 0.75, 1.2), (12, 0.62, 1.25), (9, 0.62, 1.5))
"""A word of so many letters is divided where the text would be set at or below such a share of the page's size, if it
can be so much larger then. A shorter one is set small, as letterers do."""
_DIVISIBLE = 6
_OF_WIDEST, _A_HYPHEN = (1.95, 1.7, 1.45), 0.78
"""Shares of the widest half line that a part of a word may have, and what a hyphen more must be outweighed by."""
_CONCEDED, _A_SIZE = (0.93,), 16.0
"""What a text may be smaller by for better lines, and what a whole size costs, in squared ems a line."""
_LOUD = 0.5
"""How much of its emphasis a shout has before it has all the air."""
_ROOMY = 1.65
"""A balloon that could hold letters larger by so much is as roomy as any."""

NARROWER = ((0.93, 0.35), (0.86, 0.7), (0.8, 1.3))
"""Widths of letters that are tried where a text would be small, and what each costs besides the look of it: a reader
does not see the first. Of one long word they are higher for it, of many short words hardly."""
_DIVIDED = (1.0, 0.86, 0.8, 0.76)
"""Widths that are tried with words divided; the last saves a hyphen now and then."""


@dataclass(frozen=True, slots=True)
class _Fit:
    """The largest ``size`` at which a text fits, as ``block`` has it, in letters of the width ``stretch``. Lower
    ``cost`` looks better."""

    size: int
    block: Block
    stretch: float
    cost: float

    @property
    def looks(self) -> float:
        """The size that letters of their full width would have to look as large."""
        return self.size * math.sqrt(self.stretch)


@dataclass(frozen=True, slots=True)
class _Cut:
    """How words are divided: into parts of such a ``share`` of the widest half line, from ``shortest`` letters on."""

    share: float
    stretch: float
    margin: float
    shortest: int
    anywhere: bool


@dataclass(frozen=True, slots=True)
class _Division:
    """A text with words divided."""

    layout: Layout
    hyphens: int

    @property
    def worth(self) -> float:
        return self.layout.looks * float(_A_HYPHEN**self.hyphens)


@dataclass(frozen=True)
class Setting:
    """A text to set, its ruby marked. ``scale`` is its emphasis; ``area`` its balloon, ``None`` where it has none."""

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
            self._pens[key] = Pen(
                self.chain,
                size,
                language=self.target,
                vertical=self.vertical,
                stretch=stretch,
                rubied=is_marked(self.text),
                cut=self._cut,
            )
        return self._pens[key]

    def pen_of(self, layout: Layout) -> Pen:
        """The pen that a layout was made with."""
        return self.pen(layout.size, layout.stretch)

    @functools.cached_property
    def _cut(self) -> dict[str, tuple[Run, ...]]:
        return {}

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
        found = self._largest(self.block(self.area, _USUAL), sizes.least, most)
        return sizes.least if found is None else found

    @property
    def shouted(self) -> bool:
        end = plain(self.text)[-4:]
        return "!" in end or "！" in end

    def _whole_size(self, base: int) -> int:
        """The size that air is weighed against: a shout that was drawn larger may have a little less of it."""
        return round(base * (1 + _LOUD * (self.scale - 1))) if self.shouted else base

    def lay_out(self, area: Area, base: int, most: int, sizes: SizeRange) -> Layout | None:
        """Set at ``most``, or near the page's ``base``; off the middle, closer to the edge, smaller, in narrower
        letters, and with words divided, before ``None``, which says that it does not fit."""
        wanted = min(most, max(sizes.least, round(_GOOD * max(base, sizes.wanted))))
        fit = self._fit(area, sizes.least, most, min(most, self._whole_size(base)))
        if self.pin.lines:
            return None if fit is None else fit.block.set_at(self.pen(fit.size, fit.stretch))
        if fit is None:
            return self._with_divided_words(area, sizes.least, wanted)
        return self._with_long_words_divided(area, fit, wanted) or self._best_looking(fit, sizes.least)

    def _with_long_words_divided(self, area: Area, fit: _Fit, wanted: int) -> Layout | None:
        """One long word must not make a whole text small."""
        longest = max(len(plain(piece.text)) for piece in self.pieces)
        if longest < _LONG_WORDS[-1][0]:
            return None
        largest_whole = self._largest_whole(area, fit, wanted)
        for letters, share, gain in _LONG_WORDS:
            if largest_whole.looks <= share * wanted:
                least = math.ceil(largest_whole.size * gain)
                larger = self._divided(area, least, wanted, shortest=letters, anywhere=False)
                if larger is not None and larger.hyphens:
                    return larger.layout
        return None

    def _largest_whole(self, area: Area, fit: _Fit, most: int) -> _Fit:
        """What the text could be at most without a word divided, or ``fit`` where that looks larger: little air alone
        is no reason for a hyphen."""
        stretch = self._stretches[-1][0]
        block = self.block(area.at_roomiest, _TIGHT)
        size = self._largest(block, fit.size, max(fit.size, most), stretch)
        close = fit if size is None else replace(fit, size=size, block=block, stretch=stretch)
        return max(fit, close, key=lambda one: one.looks)

    def _fit(self, area: Area, least: int, most: int, full: int) -> _Fit | None:
        """The size, the air around it and the width of letters that look best together; ``full`` is a whole size."""
        best: _Fit | None = None
        for stretch, price in self._stretches:
            best = self._fit_in(area, (least, most, full), stretch, price, best)
        return best

    def _fit_in(
        self, area: Area, sizes: tuple[int, int, int], stretch: float, price: float, best: _Fit | None
    ) -> _Fit | None:
        """``best``, or what looks better than it in letters of the width ``stretch``."""
        least, most, full = sizes
        if best is not None and price + _price_of_size(most * math.sqrt(stretch) / full) >= best.cost:
            return best
        blocks = tuple(self._blocks(area))
        reached = [self._largest(block, least, most, stretch) for block, air in blocks if air == blocks[-1][1]]
        most = max(filter(None, reached), default=0)  # no more air, no larger letters
        held: dict[tuple[float, float], int] = {}  # nor smaller ones than with more air in the same place
        for block, air in blocks if most else ():
            if best is not None and price + air + _price_of_size(most * math.sqrt(stretch) / full) >= best.cost:
                break
            place = block.area.anchor_xy
            size = self._largest(block, held.get(place, least - 1) + 1, most, stretch) or held.get(place)
            if size is None:
                continue
            held[place] = size
            cost = price + air + _price_of_size(size * math.sqrt(stretch) / full)
            if best is None or cost < best.cost:
                best = _Fit(size, block, stretch, cost)
        return best

    @property
    def _stretches(self) -> tuple[tuple[float, float], ...]:
        narrower = () if self.vertical or script_of(self.target) in BY_CHARACTER else NARROWER
        return ((1.0, 0.0), *narrower)

    def _best_looking(self, fit: _Fit, least: int) -> Layout | None:
        """At its size, or a little smaller where the lines then break much better."""
        smaller = [px for px in (round(fit.size * by) for by in _CONCEDED) if least <= px < fit.size]
        pens = [self.pen(px, fit.stretch) for px in (fit.size, *smaller)]
        found = [layout for pen in pens if (layout := fit.block.set_at(pen)) is not None]
        return min(found, key=lambda layout: layout.cost + _A_SIZE * (fit.size - layout.size) / fit.size, default=None)

    def _blocks(self, area: Area) -> Iterator[tuple[Block, float]]:
        """With what the air around each costs."""
        if self.area is None:
            yield self.block(area, 0.0), 0.0
            return
        for margin, air in _AIR_OF_SQUARES if script_of(self.target) in BY_CHARACTER else _AIR:
            yield self.block(area, margin), air
            if area.roomy_xy != area.anchor_xy:
                yield self.block(area.at_roomiest, margin), air

    def _largest(self, block: Block, least: int, most: int, stretch: float = 1.0) -> int | None:
        return largest(least, most, lambda size: block.fits_at(self.pen(size, stretch)))

    def _with_divided_words(self, area: Area, least: int, most: int) -> Layout | None:
        """Divided where the language does, and only then wherever it has to be."""
        for anywhere in (False, True):
            found = self._divided(area, least, most, shortest=_DIVISIBLE, anywhere=anywhere)
            if found is not None:
                return found.layout
        return None

    def _divided(self, area: Area, least: int, most: int, *, shortest: int, anywhere: bool) -> _Division | None:
        """The size and the division that look best; words of ``shortest`` letters and more may be divided."""
        if least > most:
            return None
        for margin in (_TIGHT, _CLOSEST):
            cuts = [
                _Cut(share, stretch, margin, shortest, anywhere)
                for share in _OF_WIDEST
                for stretch in (_DIVIDED if len(self._stretches) > 1 else (1.0,))
            ]
            found = [self._divided_into(area, least, most, cut) for cut in cuts]
            best = max(filter(None, found), key=lambda one: one.worth, default=None)
            if best is not None:
                return best
        return None

    def _divided_into(self, area: Area, least: int, most: int, cut: _Cut) -> _Division | None:
        """The largest size that needs no more hyphens than the smallest one."""

        def block_at(size: int) -> Block:
            return self._with_hyphens(area, self.pen(size, cut.stretch), cut)

        def fits(size: int) -> bool:
            block = block_at(size)
            return _hyphens(block) <= fewest and block.fits_at(self.pen(size, cut.stretch))

        fewest = _hyphens(block_at(least))
        size = largest(least, most, fits)
        layout = None if size is None else block_at(size).set_at(self.pen(size, cut.stretch))
        return None if layout is None else _Division(layout, _hyphens(block_at(layout.size)))

    def _with_hyphens(self, area: Area, pen: Pen, cut: _Cut) -> Block:
        block = self.block(area.at_roomiest, cut.margin)
        half = block.area.half_widths(block.area.anchor_xy[0], cut.margin * pen.size)
        pieces = split_long(
            block.pieces,
            pen.length,
            cut.share * float(half.max(initial=0.0)),
            target=self.target,
            shortest=cut.shortest,
            anywhere=cut.anywhere,
        )
        return replace(block, pieces=pieces)

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


def _price_of_size(share: float) -> float:
    """Of letters that look of such a share of the whole size."""
    return sum(price * max(0.0, wanted - share) ** 2 for wanted, price in _SIZES)


def _hyphens(block: Block) -> int:
    return sum(piece.hyphen for piece in block.pieces)
