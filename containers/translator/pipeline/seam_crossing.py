"""Which texts of a window cross its border, and of which the window may not show enough to tell."""

from __future__ import annotations

from itertools import pairwise
from math import hypot

import numpy as np
from numpy.typing import NDArray

from translator.pipeline.ground import ring
from translator.pipeline.seam_shape import text_hull
from translator.pipeline.seam_window import Window
from translator.pipeline.types import Box, Polygon, Region

_CLOSE_EM, _FARTHEST = 1.5, 0.1
"""A balloon's outline is this near to its text: line thicknesses, and page widths where letters are huge."""
_PLAIN, _PLAIN_SHARE, _BALLOON_SHARE = 26, 0.9, 0.6
"""Levels that JPEG may add to a colour; how much of one colour is between a text and the border, and around a text."""
_OVER_PX = 3


def is_of(region: Region, window: Window) -> bool:
    """Whether a text crosses this border, and none above it: each text belongs to the first border that it crosses."""
    crossed = [border for border in window.borders if _crosses(region, border)]
    return bool(crossed) and crossed[0] == window.border


def _crosses(region: Region, border: int) -> bool:
    hull = text_hull(region)
    boxes = [hull] if region.balloon is None else [hull, region.balloon.box]
    return any(box.y0 <= border - _OVER_PX and box.y1 >= border + _OVER_PX for box in boxes)


def may_cross(region: Region, window: Window) -> bool:
    """Whether a text without a known balloon may have one that crosses: near to the border, and nothing between."""
    hull = text_hull(region)
    gap = max(hull.y0 - window.border, window.border - hull.y1)
    if region.balloon is not None or gap > _outline_px(region, window):
        return False
    rows = slice(hull.y1, window.border) if hull.y1 <= window.border else slice(window.border, hull.y0)
    return _alike(window.rgb[rows, hull.x0 : hull.x1].reshape(-1, 3)) >= _PLAIN_SHARE


def may_go_on(region: Region, window: Window) -> bool:
    """Whether a text, or the balloon that is around it, may go on beyond the window."""
    if region.balloon is not None:
        return _reaches(region.balloon.box, window, _OVER_PX) or is_cut(region, window)
    has_balloon = _alike(ring(window.rgb, text_hull(region)).reshape(-1, 3)) >= _BALLOON_SHARE
    return is_cut(region, window) or (has_balloon and _reaches(text_hull(region), window, _outline_px(region, window)))


def is_cut(region: Region, window: Window) -> bool:
    """Whether the window ends in the text."""
    return _reaches(text_hull(region), window, _OVER_PX)


def _reaches(box: Box, window: Window, air: int) -> bool:
    return (window.open_above and box.y0 <= air) or (window.open_below and box.y1 >= window.height - air)


def _alike(pixels: NDArray[np.uint8]) -> float:
    """The share of pixels that have the usual colour."""
    if not pixels.size:
        return 1.0
    usual = np.median(pixels, axis=0)
    return float((np.abs(pixels.astype(np.int16) - usual).max(axis=1) <= _PLAIN).mean())


def _outline_px(region: Region, window: Window) -> int:
    return round(min(_CLOSE_EM * thickness(region), _FARTHEST * window.width))


def thickness(region: Region) -> float:
    """Of a tilted line its own, not its box's."""
    sizes = [_breadth(line.polygon) for line in region.lines]
    return float(np.median(sizes)) if sizes else float(min(region.box.width, region.box.height))


def _breadth(polygon: Polygon) -> float:
    first, second = (hypot(b[0] - a[0], b[1] - a[1]) for a, b in pairwise(polygon[:3]))
    return min(first, second)
