"""Panels and what is drawn in them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from random import Random
from typing import Protocol

from sample.canvas import Canvas
from sample.geometry import BoxXyxy, bounds

BORDER_PX = 2.6


class Drawing(Protocol):
    """A figure, a piece of scenery or an effect. It knows where on the page it stands."""

    def draw(self, canvas: Canvas, rng: Random, /) -> None:
        """Draws itself; the canvas may be any part of the page."""


@dataclass(frozen=True, slots=True)
class Panel:
    """A panel: ``corners`` in page pixels (beyond the page where it bleeds), ``drawings`` from back to front."""

    corners: tuple[tuple[float, float], ...]
    drawings: tuple[Drawing, ...] = ()
    border: bool = True
    paper: int = 255

    def box(self, width: int, height: int) -> BoxXyxy:
        """The part of the page it takes, clipped to a page of this size."""
        x0, y0, x1, y1 = bounds(self.corners)
        return max(0, math.floor(x0)), max(0, math.floor(y0)), min(width, math.ceil(x1)), min(height, math.ceil(y1))


def draw_panel(canvas: Canvas, panel: Panel, rng: Random) -> None:
    """Draws a panel's art, cut off at its edges, and its border."""
    x0, y0, x1, y1 = panel.box(canvas.box[2], canvas.box[3])
    if x1 <= x0 or y1 <= y0:
        return
    part = canvas.crop((x0, y0, x1, y1))
    part.grey[:] = panel.paper
    for drawing in panel.drawings:
        drawing.draw(part, rng)
    canvas.paste(part, panel.corners)
    if panel.border:
        canvas.stroke(panel.corners, BORDER_PX, closed=True)
