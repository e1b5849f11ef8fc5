"""Reading order from rectangles alone: panels first, then the texts of each panel, by recursive XY-cut."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain
from math import inf

from translator.pipeline.types import Box, ReadingDirection

_OVERLAP = 0.25
"""Two boxes still lie one after the other when they share at most this much of the smaller one's extent."""
_ROWS_FIRST = 2.0
"""Rows come before columns unless the gap between the columns is this many times as wide (a page of two strips)."""


@dataclass(frozen=True, slots=True)
class _Item:
    index: int
    box: Box


def reading_order(texts: Sequence[Box], panels: Sequence[Box], direction: ReadingDirection) -> tuple[int, ...]:
    """The indices of ``texts`` in reading order. ``direction`` is any but ``AUTO``, which :func:`resolve` settles."""
    if direction is ReadingDirection.AUTO:
        raise ValueError("settle ReadingDirection.AUTO with resolve() first")
    rtl = direction is ReadingDirection.RTL
    items = [_Item(index, box) for index, box in enumerate(texts)]
    if direction is ReadingDirection.WEBTOON:
        return tuple(item.index for item in _xy_cut(items, rtl=False, rows_first=inf))
    frames = [_Item(index, box) for index, box in enumerate(panels)]
    sequence = [frame.box for frame in _xy_cut(frames, rtl=rtl, overlap=_OVERLAP)]
    homes = [_home(box, sequence) for box in texts]
    ordered: list[int] = []
    for number in sorted(set(homes)):
        inside = [item for item in items if homes[item.index] == number]
        ordered += [item.index for item in _xy_cut(inside, rtl=rtl)]
    return tuple(ordered)


def resolve(texts: Sequence[tuple[Box, bool]], page: Box) -> ReadingDirection:
    """What ``AUTO`` means for a page: its shape tells a strip, vertical text (the bool) tells right to left."""
    if page.height > 2.5 * page.width:
        return ReadingDirection.WEBTOON
    vertical = sum(box.area for box, is_vertical in texts if is_vertical)
    total = sum(box.area for box, _ in texts)
    return ReadingDirection.RTL if not total or 2 * vertical >= total else ReadingDirection.LTR


def _home(text: Box, panels: Sequence[Box]) -> int:
    """The panel that a text belongs to: the one it covers most of itself with, else the nearest."""
    if not panels:
        return 0
    shared = [panel.intersection(text).area for panel in panels]
    if max(shared) > 0:
        return max(range(len(panels)), key=lambda i: (shared[i], -panels[i].area))
    return min(range(len(panels)), key=lambda i: _distance(text, panels[i]))


def _distance(a: Box, b: Box) -> int:
    dx = max(a.x0 - b.x1, b.x0 - a.x1, 0)
    dy = max(a.y0 - b.y1, b.y0 - a.y1, 0)
    return dx * dx + dy * dy


def _xy_cut(items: Sequence[_Item], *, rtl: bool, overlap: float = 0.0, rows_first: float = _ROWS_FIRST) -> list[_Item]:
    """Cuts between rows, or between columns whose gap is clearly wider; what cannot be cut goes corner to corner."""
    if len(items) < 2:
        return list(items)
    rows = _cut(items, lambda box: (box.y0, box.y1), overlap)
    columns = _cut(items, lambda box: (box.x0, box.x1), overlap)
    if rows is not None and (columns is None or rows_first == inf or rows.gap * rows_first >= columns.gap):
        first, second = rows.before, rows.after
    elif columns is not None:
        first, second = (columns.after, columns.before) if rtl else (columns.before, columns.after)
    else:
        return sorted(items, key=lambda item: item.box.center[1] - item.box.center[0] * (1 if rtl else -1))
    ordered = (_xy_cut(part, rtl=rtl, overlap=overlap, rows_first=rows_first) for part in (first, second))
    return list(chain.from_iterable(ordered))


@dataclass(frozen=True, slots=True)
class _Cut:
    """A straight cut: what lies before and after it, and how wide the gap between them is (below 0: an overlap)."""

    before: list[_Item]
    after: list[_Item]
    gap: float


def _cut(items: Sequence[_Item], extent: Callable[[Box], tuple[int, int]], overlap: float) -> _Cut | None:
    """The widest gap across one axis; an overlap counts as a gap while it is small beside both neighbours."""
    ordered = sorted(items, key=lambda item: sum(extent(item.box)))
    best: _Cut | None = None
    for at in range(1, len(ordered)):
        before, after = ordered[:at], ordered[at:]
        last = max(before, key=lambda item: extent(item.box)[1])
        first = min(after, key=lambda item: extent(item.box)[0])
        gap = extent(first.box)[0] - extent(last.box)[1]
        sizes = [extent(item.box)[1] - extent(item.box)[0] for item in (first, last)]
        if gap >= -overlap * min(sizes) and (best is None or gap > best.gap):
            best = _Cut(before, after, gap)
    return best
