"""Texts that stay as a page document has them, drawn again: the same letters in the same place, pixel for pixel."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass, replace

from translator.pipeline.letters import Ink, Pen, SetLine, blend, ink_of
from translator.pipeline.rubied import ruby_of, with_ruby
from translator.pipeline.setting import Setting
from translator.pipeline.types import Box, PlacedLine, Placement, Rgb

_LARGEST_PX = 2000


@dataclass(frozen=True, slots=True)
class Standing:
    """A text with the ink that it had, and its ``outline``, empty where it had none."""

    setting: Setting
    placement: Placement
    inks: tuple[Ink, ...]
    outline: tuple[Ink, ...]

    @property
    def size(self) -> int:
        return self.placement.size_px

    @property
    def box(self) -> Box:
        """The frame of its ink."""
        return functools.reduce(Box.union, self.line_boxes)

    @property
    def line_boxes(self) -> tuple[Box, ...]:
        return tuple(ink.box for ink in self.inks)


def standing(setting: Setting, placement: Placement) -> Standing | None:
    """``None`` where the fonts at hand do not give the ink that the placement tells of."""
    known = setting.chain.first.name == placement.font and setting.vertical == placement.vertical
    if not known or not placement.lines or not 0 < placement.size_px <= _LARGEST_PX:
        return None
    if any(ruby_of(with_ruby(line.text, line.ruby)) != line.ruby for line in placement.lines):
        return None
    pen = setting.pen(placement.size_px, placement.stretch)
    inks = tuple(_inks(placement, pen, 0))
    if any((ink.box.width, ink.box.height) != _size(line) for ink, line in zip(inks, placement.lines, strict=True)):
        return None
    outlined = placement.stroke_rgb is not None and 0 < placement.stroke_px <= placement.size_px
    return Standing(setting, placement, inks, tuple(_inks(placement, pen, placement.stroke_px)) if outlined else ())


def draw_again(one: Standing, page: Rgb) -> Placement:
    """Onto ``page``, in place: uint8 ``(h, w, 3)`` RGB."""
    placement = one.placement
    if placement.stroke_rgb is not None:
        for ink in one.outline:
            blend(page, ink, placement.stroke_rgb)
    for ink in one.inks:
        blend(page, ink, placement.fill_rgb)
    return placement


def _inks(placement: Placement, pen: Pen, stroke: int) -> Iterator[Ink]:
    for line in placement.lines:
        text = with_ruby(line.text, line.ruby)
        laid = SetLine(text, 0.0, 0.0, pen.length(text))
        corner, ink = ink_of(laid, pen).box, ink_of(laid, pen, stroke=stroke)
        yield replace(ink, box=_moved(ink.box, line.origin_xy[0] - corner.x0, line.origin_xy[1] - corner.y0))


def _moved(box: Box, dx: int, dy: int) -> Box:
    return Box(box.x0 + dx, box.y0 + dy, box.x1 + dx, box.y1 + dy)


def _size(line: PlacedLine) -> tuple[int, int]:
    return line.width, line.height
