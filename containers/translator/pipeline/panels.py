"""Panels: the page cut along its gutters and frame lines.

A gutter is a band of the page's own ground (white, or black on a black page) that reaches the page's edge. A balloon or
a figure may stand in it: a cut counts when most of its length is clear.
"""

from __future__ import annotations

from collections.abc import Sequence

from translator.pipeline.panel_cut import Limits, cut_panels
from translator.pipeline.panel_layers import find_layers
from translator.pipeline.panel_order import panel_order
from translator.pipeline.types import Box, Rgb


def find_panels(rgb: Rgb, balloons: Sequence[Box] = (), *, limits: Limits | None = None) -> tuple[Box, ...]:
    """The panels of a page, ``(h, w, 3)`` RGB uint8, as boxes in page pixels; a page without gutters is one panel.

    ``balloons`` may stand across a gutter: under them a cut is neither clear nor blocked. The panels come as a
    right-to-left page is read, whatever the page's direction is: that is for the orderer to say.
    """
    height, width = rgb.shape[:2]
    layers = find_layers(rgb, balloons)
    found = [_box(cells, layers.scale, width, height) for cells in cut_panels(layers, limits or Limits())]
    return tuple(found[index] for index in panel_order(found, Box(0, 0, width, height)))


def _box(cells: Box, scale: tuple[float, float], width: int, height: int) -> Box:
    x, y = scale
    right, bottom = min(width, round(cells.x1 * x)), min(height, round(cells.y1 * y))
    return Box(int(cells.x0 * x), int(cells.y0 * y), right, bottom)
