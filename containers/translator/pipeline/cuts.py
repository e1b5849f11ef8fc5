"""Recursive straight cuts through rectangles and slanted shapes: what lies before what, right to left or left to right.

Everything here thinks right to left; the other way is the same on the mirrored page.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain
from math import inf

from translator.pipeline.types import Box, Polygon

Rest = Callable[[Sequence["Item"]], list["Item"]]
"""Orders what no straight line parts."""
_Extent = Callable[["Item", float], tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Item:
    """A rectangle, its index in the list it came from, and the corners of what it bounds, its own if that is all."""

    index: int
    box: Box
    corners: Polygon

    def across(self, slope: float) -> tuple[float, float]:
        """From where to where it reaches along a row, seen along lines that go ``slope`` aside for each pixel down."""
        seen = [x - slope * y for x, y in self.corners]
        return min(seen), max(seen)

    def down(self, slope: float) -> tuple[float, float]:
        """The same along a column."""
        seen = [y - slope * x for x, y in self.corners]
        return min(seen), max(seen)


@dataclass(frozen=True, slots=True)
class Rules:
    """When a line parts rectangles, and which way to cut first.

    ``overlap``: two still lie one after the other when they share at most this much of the smaller one's extent.
    ``rows_first``: rows come before columns unless the gap between the columns is this many times as wide.
    ``slack``: what rectangles may be off by, pixels: rows that overlap by no more are rows all the same, and gaps of
    that size say nothing. ``fold``: where two facing pages meet, and how near to it a cut lies there.
    ``slopes``: of slanted lines that may go between rows or columns where no straight one does.
    """

    rest: Rest
    overlap: float = 0.0
    rows_first: float = 2.0
    slack: float = 0.0
    fold: tuple[float, float] | None = None
    slopes: tuple[float, ...] = ()


def fewest_first(items: Sequence[Item], comes_before: Callable[[Box, Box], bool]) -> list[Item]:
    """Orders as a :data:`Rest` does: again and again what the fewest come before, the nearest to the upper right
    first."""

    def rank(item: Item) -> tuple[int, float, int]:
        earlier = sum(comes_before(other.box, item.box) for other in left if other is not item)
        return earlier, item.box.center[1] - item.box.center[0], item.index

    left, ordered = list(items), list[Item]()
    while left:
        ordered.append(min(left, key=rank))
        left.remove(ordered[-1])
    return ordered


@dataclass(frozen=True, slots=True)
class _Cut:
    """What lies before and after a line, where the line is and how wide the gap (below 0: an overlap)."""

    before: list[Item]
    after: list[Item]
    at: float
    gap: float


def mirrored(boxes: Sequence[Box]) -> tuple[Box, ...]:
    """The same on the page's other side."""
    width = _mirror(boxes)
    return tuple(Box(width - box.x1, box.y0, width - box.x0, box.y1) for box in boxes)


def mirrored_outlines(outlines: Sequence[Polygon], boxes: Sequence[Box]) -> tuple[Polygon, ...]:
    """The outlines where :func:`mirrored` puts their ``boxes``."""
    width = _mirror(boxes)
    return tuple(tuple((width - x, y) for x, y in outline) for outline in outlines)


def _mirror(boxes: Sequence[Box]) -> int:
    return max((box.x1 for box in boxes), default=0) + min((box.x0 for box in boxes), default=0)


def items_of(boxes: Sequence[Box], outlines: Sequence[Polygon] = ()) -> list[Item]:
    """Each with its index; ``outlines`` are those of the boxes, one for each, or none."""
    shapes = outlines or [box.polygon for box in boxes]
    return [Item(index, box, shape) for index, (box, shape) in enumerate(zip(boxes, shapes, strict=True))]


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
        pages = _widest(items, _seen(Item.across), rules.overlap, within=(at - near, at + near))
        if pages is not None:
            return pages.after, pages.before
    rows, columns = _clear(items, Item.down, rules), _clear(items, Item.across, rules)
    if columns is not None and (_is_strips(items, columns) or _columns_come_first(rows, columns, rules)):
        return columns.after, columns.before
    return (rows.before, rows.after) if rows is not None else None


def _clear(items: Sequence[Item], extent: _Extent, rules: Rules) -> _Cut | None:
    """The widest gap along one axis: where only an overlap would do for one, a slanted gap comes before it."""
    straight = _widest(items, _seen(extent), rules.overlap)
    if straight is not None and straight.gap >= -rules.slack:
        return straight
    slanted = [_widest(items, _seen(extent, slope), 0.0, least=-rules.slack) for slope in rules.slopes]
    return max((cut for cut in slanted if cut is not None), key=lambda cut: cut.gap, default=straight)


def _seen(extent: _Extent, slope: float = 0.0) -> Callable[[Item], tuple[float, float]]:
    return lambda item: extent(item, slope)


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


def _widest(
    items: Sequence[Item],
    extent: Callable[[Item], tuple[float, float]],
    overlap: float,
    *,
    within: tuple[float, float] = (-inf, inf),
    least: float = 0.0,
) -> _Cut | None:
    """The widest gap along one axis: ``least`` pixels or more, or an overlap that is small beside both neighbours."""
    reach = {item.index: extent(item) for item in items}
    ordered = sorted(items, key=lambda item: (sum(reach[item.index]), item.index))
    best: _Cut | None = None
    for number in range(1, len(ordered)):
        before, after = ordered[:number], ordered[number:]
        last = max((reach[item.index] for item in before), key=lambda ends: ends[1])
        first = min((reach[item.index] for item in after), key=lambda ends: ends[0])
        gap, at = first[0] - last[1], (first[0] + last[1]) / 2
        smaller = min(end - start for start, end in (last, first))
        fits = gap >= min(least, -overlap * smaller) and within[0] <= at <= within[1]
        if fits and (best is None or gap > best.gap):
            best = _Cut(before, after, at, gap)
    return best
