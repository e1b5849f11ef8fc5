"""Draws laid out texts onto the page: their colour by the ground they stand on, and an outline where that is busy."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from translator.pipeline.layout import Layout
from translator.pipeline.letters import SetLine, blend, ink_of, placed_line
from translator.pipeline.setting import Setting
from translator.pipeline.shape import Area
from translator.pipeline.types import Box, Placement, Rgb

_Colour = tuple[int, int, int]
_BLACK, _WHITE = (0, 0, 0), (255, 255, 255)
_STROKE_EM = 0.13
_BUSY = 0.02
"""Share of edge pixels under a text from which it gets an outline."""


@dataclass(frozen=True, slots=True)
class Laid:
    """A text with its lines, before anything is drawn. ``outlined``: it gets an outline whatever it stands on."""

    setting: Setting
    area: Area
    layout: Layout
    overflow: bool
    outlined: bool = False

    @property
    def size(self) -> int:
        return self.layout.size

    @property
    def box(self) -> Box:
        """The frame of the lines' bands."""
        return functools.reduce(Box.union, self.line_boxes)

    @property
    def line_boxes(self) -> tuple[Box, ...]:
        """The lines' bands."""
        return tuple(self._line_box(line) for line in self.layout.lines)

    def _line_box(self, line: SetLine) -> Box:
        x0, y0 = line.along, line.across
        x1, y1 = x0 + line.length, y0 + self.setting.pen_of(self.layout).thickness
        corners = (y0, x0, y1, x1) if self.setting.vertical else (x0, y0, x1, y1)
        return Box(*(round(value) for value in corners))


def draw(one: Laid, page: Rgb, plate: Rgb) -> Placement:
    """Onto ``page``, in place; ``plate`` is the page before anything was set. Both uint8 ``(h, w, 3)`` RGB."""
    setting, area, laid, overflow = one.setting, one.area, one.layout, one.overflow
    pen = setting.pen_of(laid)
    inks = [ink_of(line, pen) for line in laid.lines]
    lines = tuple(placed_line(line, ink) for line, ink in zip(laid.lines, inks, strict=True))
    fill, stroke = _colours(setting, plate, [ink.box for ink in inks], outlined=overflow or one.outlined)
    stroke_px = max(2, round(laid.size * _STROKE_EM)) if stroke is not None else 0
    if stroke is not None:
        for line in laid.lines:
            blend(page, ink_of(line, pen, stroke=stroke_px), stroke)
    for ink in inks:
        blend(page, ink, fill)
    return Placement(
        region_id=setting.region.id,
        lines=lines,
        font=setting.chain.first.name,
        size_px=laid.size,
        origin_xy=(min(line.origin_xy[0] for line in lines), min(line.origin_xy[1] for line in lines)),
        area=area.box,
        fill_rgb=fill,
        stroke_rgb=stroke,
        stroke_px=stroke_px,
        vertical=setting.vertical,
        overflow=overflow,
        stretch=laid.stretch,
    )


def _colours(setting: Setting, plate: Rgb, inks: Sequence[Box], *, outlined: bool) -> tuple[_Colour, _Colour | None]:
    """The text's colour by the ground it really stands on, and an outline where that ground is not plain."""
    around = inks[0]
    for ink in inks[1:]:
        around = around.union(ink)
    seen = around.intersection(Box(0, 0, plate.shape[1], plate.shape[0]))
    if seen.area == 0:
        return _BLACK, _WHITE
    grey = cv2.cvtColor(plate[seen.y0 : seen.y1, seen.x0 : seen.x1], cv2.COLOR_RGB2GRAY)
    balloon = setting.region.balloon
    flat = balloon is not None and balloon.fill_rgb is not None
    dark = balloon.is_dark if flat and balloon is not None else float(np.mean(grey)) < 105
    edges = cv2.morphologyEx(grey, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
    outlined = outlined or float(np.mean(edges > 48)) > _BUSY
    fill, stroke = (_WHITE, _BLACK) if dark else (_BLACK, _WHITE)
    return fill, stroke if outlined else None
