"""Panels: the page cut along its gutters and frame lines.

A gutter is a band of the page's own ground (white, or black on a black page) that reaches the page's edge. A balloon or
a figure may stand in it: a cut counts when most of its length is clear.
"""

from __future__ import annotations

from collections.abc import Sequence

from translator.pipeline.panel_cut import Limits, cut_panels
from translator.pipeline.panel_layers import find_layers
from translator.pipeline.panel_order import bounds, panel_order
from translator.pipeline.types import Box, Polygon, Rgb


def find_panels(rgb: Rgb, balloons: Sequence[Box] = (), *, limits: Limits | None = None) -> tuple[Box, ...]:
    """The panels of a page as boxes: those around :func:`find_outlines`."""
    return tuple(bounds(outline) for outline in find_outlines(rgb, balloons, limits=limits))


def find_outlines(rgb: Rgb, balloons: Sequence[Box] = (), *, limits: Limits | None = None) -> tuple[Polygon, ...]:
    """The panels of a page, ``(h, w, 3)`` RGB uint8, in page pixels; a page without gutters is one panel.

    ``balloons`` may stand across a gutter: under them a cut is neither clear nor blocked. The panels come as a
    right-to-left page is read, whatever the page's direction is: that is for the orderer to say.
    """
    height, width = rgb.shape[:2]
    layers = find_layers(rgb, balloons)
    found = [_enlarged(cells, layers.scale, width, height) for cells in cut_panels(layers, limits or Limits())]
    order = panel_order([bounds(outline) for outline in found], Box(0, 0, width, height), outlines=found)
    return tuple(found[index] for index in order)


def _enlarged(cells: Polygon, scale: tuple[float, float], width: int, height: int) -> Polygon:
    return tuple((min(width, round(x * scale[0])), min(height, round(y * scale[1]))) for x, y in cells)
