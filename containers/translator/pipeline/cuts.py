"""Recursive straight cuts through rectangles: what lies before what, right to left or left to right.

Everything here thinks right to left; the other way is the same on the mirrored page.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain
from math import inf

from translator.pipeline.types import Box

Rest = Callable[[Sequence["Item"]], list["Item"]]
"""Orders what no straight line parts."""


@dataclass(frozen=True, slots=True)
class Item:
    """A rectangle and its index in the list it came from."""

    index: int
    box: Box


@dataclass(frozen=True, slots=True)
class Rules:
    """When a line parts rectangles, and which way to cut first.

    ``overlap``: two still lie one after the other when they share at most this much of the smaller one's extent.
    ``rows_first``: rows come before columns unless the gap between the columns is this many times as wide.
    ``slack``: what rectangles may be off by, pixels: rows that overlap by no more are rows all the same, and gaps of
    that size say nothing. ``fold``: where two facing pages meet, and how near to it a cut lies there.
    """

    rest: Rest
    overlap: float = 0.0
    rows_first: float = 2.0
    slack: float = 0.0
    fold: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class _Cut:
    """What lies before and after a line, where the line is and how wide the gap (below 0: an overlap)."""

    before: list[Item]
    after: list[Item]
    at: float
    gap: float


def mirrored(boxes: Sequence[Box]) -> tuple[Box, ...]:
    """The same on the page's other side."""
    width = max((box.x1 for box in boxes), default=0) + min((box.x0 for box in boxes), default=0)
    return tuple(Box(width - box.x1, box.y0, width - box.x0, box.y1) for box in boxes)


def items_of(boxes: Sequence[Box]) -> list[Item]:
    """Each with its index."""
    return [Item(index, box) for index, box in enumerate(boxes)]


def cut_order(items: Sequence[Item], rules: Rules) -> list[Item]:
    """All items: rows from the top, columns from the right, again and again."""
    if len(items) < 2:
        return list(items)
    parts = _parts(items, rules)
    if parts is None:
        return rules.rest(items)
    return list(chain.from_iterable(cut_order(part, rules) for part in parts))


def _parts(items: Sequence[Item], rules: Rules) -> tuple[list[Item], list[Item]] | None:
    if rules.fold is not None:
        at, near = rules.fold
        pages = _widest(items, _across, rules.overlap, within=(at - near, at + near))
        if pages is not None:
            return pages.after, pages.before
    rows = _widest(items, _down, rules.overlap)
    columns = _widest(items, _across, rules.overlap)
    if columns is not None and (_is_strips(items, columns) or _columns_come_first(rows, columns, rules)):
        return columns.after, columns.before
    return (rows.before, rows.after) if rows is not None else None


def _columns_come_first(rows: _Cut | None, columns: _Cut, rules: Rules) -> bool:
    if rows is None:
        return True
    if rules.rows_first == inf:
        return False
    return rows.gap < -rules.slack or columns.gap > rules.rows_first * max(rows.gap, 2 * rules.slack)


def _is_strips(items: Sequence[Item], columns: _Cut) -> bool:
    """Two strips of four or more alike, side by side: each is a story of its own (yonkoma)."""
    sides = (columns.before, columns.after)
    if any(len(side) < 4 or _widest_row(side) > 1 for side in sides) or len(sides[0]) != len(sides[1]):
        return False
    widths, heights = [item.box.width for item in items], [item.box.height for item in items]
    return min(widths) >= 0.85 * max(widths) and min(heights) >= 0.85 * max(heights)


def _widest_row(items: Sequence[Item]) -> int:
    """The most items that one height has."""
    return max(sum(other.box.y0 <= item.box.center[1] < other.box.y1 for other in items) for item in items)


def _down(box: Box) -> tuple[int, int]:
    return box.y0, box.y1


def _across(box: Box) -> tuple[int, int]:
    return box.x0, box.x1


def _widest(
    items: Sequence[Item],
    extent: Callable[[Box], tuple[int, int]],
    overlap: float,
    *,
    within: tuple[float, float] = (-inf, inf),
) -> _Cut | None:
    """The widest gap along one axis; an overlap counts as a gap while it is small beside both neighbours."""
    ordered = sorted(items, key=lambda item: (sum(extent(item.box)), item.index))
    best: _Cut | None = None
    for number in range(1, len(ordered)):
        before, after = ordered[:number], ordered[number:]
        last = max(before, key=lambda item: extent(item.box)[1])
        first = min(after, key=lambda item: extent(item.box)[0])
        end, start = extent(last.box)[1], extent(first.box)[0]
        smaller = min(extent(item.box)[1] - extent(item.box)[0] for item in (last, first))
        at = (start + end) / 2
        fits = start - end >= -overlap * smaller and within[0] <= at <= within[1]
        if fits and (best is None or start - end > best.gap):
            best = _Cut(before, after, at, start - end)
    return best
