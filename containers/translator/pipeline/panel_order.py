"""The order of a page's panels, from their rectangles alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf

from translator.pipeline.cuts import Item, Rules, cut_order, fewest_first, items_of, mirrored, mirrored_outlines
from translator.pipeline.types import Box, Polygon

_OVERLAP = 0.25
"""Frames of slanted or overlapping panels share this much of the smaller one's extent and are still apart."""
_SLACK = 0.02
"""What a frame may be off by, of the page's mean side."""
_INSIDE, _SMALLER = 0.9, 0.6
"""An inset lies in its host with this share of its area, and has at most this share of the host's sides."""
_FLUSH, _CORNER = 0.06, 0.1
"""A panel in the first corner of a larger one: at most so far from its edges, at least this share of its area."""
_SLOPES = tuple(sign * step / 25 for step in range(1, 10) for sign in (1, -1))
"""Slants of the gutters that may part rows or columns whose boxes overlap, up to 20 degrees."""
_SPREAD, _FOLD = 1.15, 0.06
"""A page this many times as wide as high is two; its fold is found within this share of its width."""


@dataclass(frozen=True, slots=True)
class PanelSettings:
    """``is_rtl``: columns from the right. ``is_strip``: rows before columns, whatever the gaps."""

    is_rtl: bool = True
    is_strip: bool = False


def panel_order(
    panels: Sequence[Box],
    page: Box,
    settings: PanelSettings | None = None,
    *,
    outlines: Sequence[Polygon] = (),
) -> tuple[int, ...]:
    """The indices of ``panels`` in reading order: rows and columns, an inset right after the panel it lies in.

    ``page`` tells a spread, whose right page comes first (in a left-to-right book, its left page). ``outlines``, of
    any of the panels and in any order, part what boxes cannot where gutters are slanted.
    """
    wanted = settings or PanelSettings()
    boxes, sheet, shapes = tuple(panels), page, _shapes(panels, outlines)
    if not wanted.is_rtl:
        *turned, sheet = mirrored((*panels, page))
        boxes, shapes = tuple(turned), mirrored_outlines(shapes, (*panels, page))
    hosts = [_host(index, boxes) for index in range(len(boxes))]
    rules = _rules(sheet, is_strip=wanted.is_strip, is_slanted=bool(outlines))
    return tuple(_with_insets(None, items_of(boxes, shapes), hosts, rules))


def bounds(outline: Polygon) -> Box:
    """The box around an outline, which has a point at least."""
    across, down = [x for x, _ in outline], [y for _, y in outline]
    return Box(min(across), min(down), max(across), max(down))


def is_spread(page: Box) -> bool:
    """Whether a page is two facing pages."""
    return page.width >= _SPREAD * page.height


def _shapes(panels: Sequence[Box], outlines: Sequence[Polygon]) -> tuple[Polygon, ...]:
    known = {bounds(outline): outline for outline in outlines}
    return tuple(known.get(panel, panel.polygon) for panel in panels)


def _rules(page: Box, *, is_strip: bool, is_slanted: bool) -> Rules:
    side = (page.width + page.height) / 2
    fold = (page.center[0], _FOLD * page.width) if is_spread(page) else None
    return Rules(_entangled, _OVERLAP, inf if is_strip else 2.0, _SLACK * side, fold, _SLOPES if is_slanted else ())


def _host(index: int, boxes: Sequence[Box]) -> int | None:
    """The smallest panel that this one is an inset of."""
    box = boxes[index]
    hosts = [
        number
        for number, other in enumerate(boxes)
        if box.area < other.area
        and box.width <= _SMALLER * other.width
        and box.height <= _SMALLER * other.height
        and other.intersection(box).area >= _INSIDE * box.area
        and not _opens(box, other)
    ]
    return min(hosts, key=lambda number: (boxes[number].area, number), default=None)


def _opens(box: Box, around: Box) -> bool:
    """Whether a panel stands where the one around it would be begun: that one is an L beside it, not its host."""
    corner = max((box.y0 - around.y0) / max(1, around.height), (around.x1 - box.x1) / max(1, around.width))
    return corner <= _FLUSH and box.area >= _CORNER * around.area


def _with_insets(host: int | None, items: Sequence[Item], hosts: Sequence[int | None], rules: Rules) -> list[int]:
    found: list[int] = []
    for item in cut_order([item for item in items if hosts[item.index] == host], rules):
        found += [item.index, *_with_insets(item.index, items, hosts, rules)]
    return found


def _entangled(items: Sequence[Item]) -> list[Item]:
    """Panels that no line parts (a whirl around a middle one)."""
    return fewest_first(items, _comes_before)


def _comes_before(a: Box, b: Box) -> bool:
    """Above it where they share a column, else right of it where they share a row, else above it."""
    column = min(a.x1, b.x1) - max(a.x0, b.x0) > _OVERLAP * min(a.width, b.width)
    row = min(a.y1, b.y1) - max(a.y0, b.y0) > _OVERLAP * min(a.height, b.height)
    if row and not column:
        return a.center[0] > b.center[0]
    return a.center[1] < b.center[1]
