"""Which panel a text belongs to, and the order of the texts in one panel."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf

from translator.pipeline.cuts import Item, Rules, cut_order, fewest_first, items_of, mirrored
from translator.pipeline.types import Box

_AS_MUCH = 0.85
"""A panel that holds this share of what the best one holds of a text may be its home too."""
_INSIDE = 0.8
_ROWS_FIRST, _ROWS_FIRST_ON_PAGE = 2.5, 5.0
"""Texts are read in rows unless the gap between two columns of them is so many times as wide as that between rows.

On a page whose panels are not known, rows of panels are more likely than one picture with two columns of texts.
"""


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


def unframed(texts: Sequence[Box], panels: Sequence[Box]) -> list[Box]:
    """What stands where no panel is, as panels of their own: texts together where no panel lies between them.

    A panel that was not found leaves its texts behind; added to the nearest panel's they would be read among those. A
    text that is near its panel, in a gutter or out in the margin, is not meant.
    """
    found: list[Box] = []
    if not panels:
        return found
    for text in texts:
        if any(_is_near(text, panel) for panel in panels):
            continue
        for number, other in enumerate(found):
            union = other.union(text)
            if not any(panel.intersection(union).area for panel in panels):
                found[number] = union
                break
        else:
            found.append(text)
    return found


def _is_near(text: Box, panel: Box) -> bool:
    return 4 * _distance(text, panel) <= min(text.width, text.height) ** 2


def text_order(texts: Sequence[Box], *, is_rtl: bool, is_strip: bool = False, is_page: bool = False) -> tuple[int, ...]:
    """The indices of the texts of one panel, or of a page that is not cut into any (``is_page``).

    Upper rows first, in a row from the right (or the left). Texts whose columns are clearly apart are read column by
    column, except in a strip.
    """
    items = items_of(texts if is_rtl else mirrored(texts))
    within = _ROWS_FIRST_ON_PAGE if is_page else _ROWS_FIRST
    rules = Rules(_staggered, rows_first=inf if is_strip else within)
    return tuple(item.index for item in cut_order(items, rules))


def _staggered(items: Sequence[Item]) -> list[Item]:
    """Texts that overlap along both axes."""
    return fewest_first(items, _comes_before)


def _comes_before(a: Box, b: Box) -> bool:
    """Above it where they share more of a column than of a row, else right of it."""
    column = (min(a.x1, b.x1) - max(a.x0, b.x0)) / max(1, min(a.width, b.width))
    row = (min(a.y1, b.y1) - max(a.y0, b.y0)) / max(1, min(a.height, b.height))
    return a.center[1] < b.center[1] if column > row else a.center[0] > b.center[0]


def _distance(a: Box, b: Box) -> int:
    dx = max(a.x0 - b.x1, b.x0 - a.x1, 0)
    dy = max(a.y0 - b.y1, b.y0 - a.y1, 0)
    return dx * dx + dy * dy


def _depth(text: Box, panel: Box) -> float:
    """How far the text's centre lies from the nearest edge of the panel."""
    x, y = text.center
    return min(x - panel.x0, panel.x1 - x, y - panel.y0, panel.y1 - y)
