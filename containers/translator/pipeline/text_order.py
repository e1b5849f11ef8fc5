"""Which panel a text belongs to, and the order of the texts in one panel."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf

from translator.pipeline.cuts import Item, Rules, cut_order, items_of, mirrored
from translator.pipeline.types import Box

_AS_MUCH = 0.85
"""A panel that holds this share of what the best one holds of a text may be its home too."""
_INSIDE = 0.8
_ROWS_FIRST = 2.5
"""Texts are read in rows unless the gap between two columns of them is so many times as wide as that between rows."""


def home_of(text: Box, panels: Sequence[Box]) -> int:
    """The panel that a text belongs to: the one that holds most of it, else the nearest; -1 without panels.

    Where frames overlap and several hold it, an inset comes before its host, and of two slanted neighbours the one
    that has the text farther from its edges.
    """
    if not panels:
        return -1
    shared = [panel.intersection(text).area for panel in panels]
    if max(shared) == 0:
        return min(range(len(panels)), key=lambda i: (_distance(text, panels[i]), i))
    holders = [i for i, area in enumerate(shared) if area >= _AS_MUCH * max(shared)]
    smallest = min(holders, key=lambda i: (panels[i].area, i))
    inset = panels[smallest]
    if all(i == smallest or panels[i].intersection(inset).area >= _INSIDE * inset.area for i in holders):
        return smallest
    return max(holders, key=lambda i: (_depth(text, panels[i]), shared[i], -i))


def text_order(texts: Sequence[Box], *, is_rtl: bool, is_strip: bool = False) -> tuple[int, ...]:
    """The indices of the texts of one panel: upper rows first, in a row from the right (or the left).

    Texts whose columns are clearly apart are read column by column, except in a strip.
    """
    items = items_of(texts if is_rtl else mirrored(texts))
    rules = Rules(_staggered, rows_first=inf if is_strip else _ROWS_FIRST)
    return tuple(item.index for item in cut_order(items, rules))


def _staggered(items: Sequence[Item]) -> list[Item]:
    """Texts that overlap along both axes: again and again the one that the fewest come before."""
    left, ordered = list(items), list[Item]()
    while left:
        first = min(left, key=lambda item: (_earlier(item, left), *_corner(item)))
        left.remove(first)
        ordered.append(first)
    return ordered


def _earlier(item: Item, items: Sequence[Item]) -> int:
    return sum(_comes_before(other.box, item.box) for other in items if other is not item)


def _comes_before(a: Box, b: Box) -> bool:
    """Above it where they share more of a column than of a row, else right of it."""
    column = (min(a.x1, b.x1) - max(a.x0, b.x0)) / max(1, min(a.width, b.width))
    row = (min(a.y1, b.y1) - max(a.y0, b.y0)) / max(1, min(a.height, b.height))
    return a.center[1] < b.center[1] if column > row else a.center[0] > b.center[0]


def _corner(item: Item) -> tuple[float, int]:
    return item.box.center[1] - item.box.center[0], item.index


def _distance(a: Box, b: Box) -> int:
    dx = max(a.x0 - b.x1, b.x0 - a.x1, 0)
    dy = max(a.y0 - b.y1, b.y0 - a.y1, 0)
    return dx * dx + dy * dy


def _depth(text: Box, panel: Box) -> float:
    """How far the text's centre lies from the nearest edge of the panel."""
    x, y = text.center
    return min(x - panel.x0, panel.x1 - x, y - panel.y0, panel.y1 - y)
