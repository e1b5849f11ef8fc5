"""Shapes cut by a page's border."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import cv2
import numpy as np

from translator.pipeline.types import Box, Point, Polygon, Region


def text_hull(region: Region) -> Box:
    """The box around a region's lines and furigana, without the air that its own box has."""
    lines = (*region.lines, *region.ruby)
    if not lines:
        return region.box
    box = lines[0].box
    for line in lines[1:]:
        box = box.union(line.box)
    return box


def cut_polygon(polygon: Sequence[Point], top: int, bottom: int) -> Polygon:
    """The part of a closed polygon in rows ``top`` to ``bottom``, both inclusive; empty where it has none."""
    below = _half(tuple(polygon), top, keep_below=True)
    return _half(below, bottom, keep_below=False)


def area_between(polygon: Sequence[Point], top: int, bottom: int) -> float:
    """The area of a polygon between two rows, pixels."""
    part = cut_polygon(polygon, top, bottom)
    return float(cv2.contourArea(np.array(part, dtype=np.int32).reshape(-1, 1, 2))) if len(part) > 2 else 0.0


def _half(polygon: Polygon, row: int, *, keep_below: bool) -> Polygon:
    """Sutherland and Hodgman's clipping at one horizontal line (Communications of the ACM 17/1, 1974)."""
    if not polygon:
        return ()

    def inside(point: Point) -> bool:
        return point[1] >= row if keep_below else point[1] <= row

    kept: list[Point] = []
    for before, point in pairwise((polygon[-1], *polygon)):
        if inside(before) != inside(point):
            share = (row - before[1]) / (point[1] - before[1])
            kept.append((round(before[0] + share * (point[0] - before[0])), row))
        if inside(point):
            kept.append(point)
    return tuple(kept)
