"""Text lines into text blocks: one balloon's text is one block, touching balloons are two. Pure geometry.

Vertical text is grouped as it is set: columns side by side with a narrow gap and their tops in one line. Whatever sees
the pixels (a balloon's outline between two columns) comes in as ``separated``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from statistics import median

from translator.pipeline.tilt import tilt
from translator.pipeline.types import Box, TextLine

Separated = Callable[[TextLine, TextLine], bool]
"""True where something drawn, such as a balloon's outline, stands between two lines."""
Together = Callable[[TextLine, TextLine], bool]
"""True where two lines are known to stand in one balloon."""


_LONG, _LEANING = 1.5, 8.0
"""How long a line is, in its box's thickness, whose tilt can be told, and degrees between two lines of two texts."""
_FAR = 2.5
"""In line thicknesses: more than any gap within a text."""


@dataclass(frozen=True, slots=True)
class Block:
    """One text: its base lines in reading order and the furigana beside them."""

    lines: tuple[TextLine, ...]
    ruby: tuple[TextLine, ...]
    vertical: bool

    @property
    def box(self) -> Box:
        box = self.lines[0].box
        for line in self.lines[1:] + self.ruby:
            box = box.union(line.box)
        return box

    @property
    def thickness(self) -> float:
        """The usual width of a column, or height of a row."""
        return median(thickness(line.box, vertical=self.vertical) for line in self.lines)


@dataclass(frozen=True, slots=True)
class Gaps:
    """Limits, in units of a line's thickness."""

    beside: float = 0.6
    starts_apart: float = 0.35
    after: float = 0.7
    thinnest: float = 0.6
    ruby_thickness: float = 0.66
    ruby_gap: float = 0.3
    row_beside: float = 0.8

    @property
    def in_one_balloon(self) -> Gaps:
        """Room for furigana between the columns. Their tops still tell joined balloons apart: no waist is sure."""
        return replace(self, beside=1.25, after=1.2)


def thickness(box: Box, *, vertical: bool) -> int:
    return box.width if vertical else box.height


def is_tall(box: Box) -> bool | None:
    """True for a column, False for a row, None for a box that could be either."""
    if box.height > box.width * 1.35:
        return True
    if box.width > box.height * 1.35:
        return False
    return None


def group(
    lines: Sequence[TextLine],
    *,
    vertical: bool,
    separated: Separated,
    together: Together = lambda _first, _second: False,
    gaps: Gaps | None = None,
) -> tuple[Block, ...]:
    """Blocks of the lines of a page; ``vertical`` is what a line is that could be either."""
    limits = gaps or Gaps()
    columns = [line for line in lines if _direction(line, lines, vertical)]
    rows = [line for line in lines if not _direction(line, lines, vertical)]
    upright = _blocks(columns, True, separated, together, limits)
    return upright + _blocks(rows, False, separated, together, limits)


def _direction(line: TextLine, lines: Sequence[TextLine], default: bool) -> bool:
    """A box that could be either follows the nearest line that is clearly one of them."""
    tall = is_tall(line.box)
    if tall is not None:
        return tall
    near = line.box.pad(max(line.box.width, line.box.height), width=1 << 30, height=1 << 30)
    votes = [is_tall(other.box) for other in lines if other is not line and near.intersection(other.box).area]
    return default if votes.count(True) == votes.count(False) else votes.count(True) > votes.count(False)


def _blocks(
    lines: Sequence[TextLine], vertical: bool, separated: Separated, together: Together, gaps: Gaps
) -> tuple[Block, ...]:
    ruby = _ruby_owners(lines, vertical, separated, gaps)
    base = [line for line in lines if id(line) not in ruby]
    parent = list(range(len(base)))
    for i, first in enumerate(base):
        for j in range(i):
            if _near(first.box, base[j].box) and _one_block(first, base[j], vertical, separated, together, gaps):
                parent[_root(parent, i)] = _root(parent, j)
    groups: dict[int, list[TextLine]] = {}
    for i, line in enumerate(base):
        groups.setdefault(_root(parent, i), []).append(line)
    return tuple(_block(members, lines, ruby, vertical) for members in groups.values())


def _near(a: Box, b: Box) -> bool:
    """False for boxes too far from each other for any rule: a strip has hundreds of lines, and tens of thousands of
    pairs."""
    by = _FAR * max(min(a.width, a.height), min(b.width, b.height))
    return max(a.x0 - b.x1, b.x0 - a.x1, a.y0 - b.y1, b.y0 - a.y1) <= by


def _one_block(
    first: TextLine, second: TextLine, vertical: bool, separated: Separated, together: Together, gaps: Gaps
) -> bool:
    if _lean_apart(first, second, vertical):
        return False
    if _joined(first.box, second.box, vertical, gaps):
        return not separated(first, second)
    loose = vertical and _joined(first.box, second.box, vertical, gaps.in_one_balloon)
    return loose and together(first, second)


def _lean_apart(first: TextLine, second: TextLine, vertical: bool) -> bool:
    """True where one line is upright and the other leans: type beside lettering. Of a short line nobody can tell."""
    long = all(
        (line.box.height if vertical else line.box.width) >= _LONG * thickness(line.box, vertical=vertical)
        for line in (first, second)
    )
    return long and abs(tilt(first.polygon) - tilt(second.polygon)) >= _LEANING


def _block(members: list[TextLine], lines: Sequence[TextLine], ruby: dict[int, int], vertical: bool) -> Block:
    owners = {id(line) for line in members}
    own = tuple(line for line in lines if ruby.get(id(line)) in owners)
    return Block(in_reading_order(members, vertical=vertical), own, vertical)


def _root(parent: list[int], index: int) -> int:
    while parent[index] != index:
        parent[index] = parent[parent[index]]
        index = parent[index]
    return index


def _ruby_owners(lines: Sequence[TextLine], vertical: bool, separated: Separated, gaps: Gaps) -> dict[int, int]:
    """Each furigana line to the line it stands beside, both by ``id``."""
    owners: dict[int, int] = {}
    for small in lines:
        near = [
            line
            for line in lines
            if line is not small and _near(small.box, line.box) and _is_ruby_of(small.box, line.box, vertical, gaps)
        ]
        hosts = [line for line in near if not separated(small, line)]
        if hosts:
            shared = [_shared(small.box, host.box, along=True, vertical=vertical) for host in hosts]
            owners[id(small)] = id(hosts[shared.index(max(shared))])
    return {small: host for small, host in owners.items() if host not in owners}


def _is_ruby_of(small: Box, host: Box, vertical: bool, gaps: Gaps) -> bool:
    """Thin, right of its column (above its row), touching it, and beside it along its whole length."""
    size, full = thickness(small, vertical=vertical), thickness(host, vertical=vertical)
    if size > gaps.ruby_thickness * full:
        return False
    length = small.height if vertical else small.width
    gap = small.x0 - host.x1 if vertical else host.y0 - small.y1
    beyond = small.center[0] > host.center[0] if vertical else small.center[1] < host.center[1]
    beside = _shared(small, host, along=True, vertical=vertical) >= 0.7 * length
    return beyond and beside and -0.5 * full <= gap <= gaps.ruby_gap * full


def _shared(a: Box, b: Box, *, along: bool, vertical: bool) -> int:
    """The common extent of two boxes along the line, or across it."""
    if along == vertical:
        return min(a.y1, b.y1) - max(a.y0, b.y0)
    return min(a.x1, b.x1) - max(a.x0, b.x0)


def _joined(a: Box, b: Box, vertical: bool, gaps: Gaps) -> bool:
    thin, thick = sorted((thickness(a, vertical=vertical), thickness(b, vertical=vertical)))
    if thin < gaps.thinnest * thick:
        return False
    across, along = (_shared(a, b, along=flag, vertical=vertical) for flag in (False, True))
    if across > 0.6 * thin:
        return -along <= gaps.after * thick
    starts = abs(a.y0 - b.y0) if vertical else abs(a.x0 - b.x0)
    if not vertical:
        middle = abs(a.center[0] - b.center[0])
        return -across <= gaps.row_beside * thick and along > 0 and min(starts, middle) <= 2 * thick
    return -across <= gaps.beside * thick and along > 0 and starts <= gaps.starts_apart * thick


def in_reading_order(lines: Sequence[TextLine], *, vertical: bool) -> tuple[TextLine, ...]:
    """Columns right to left, rows top to bottom; parts of one column or row follow each other."""
    tracks: list[list[TextLine]] = []
    for line in sorted(lines, key=lambda item: -item.box.center[0] if vertical else item.box.center[1]):
        for track in tracks:
            if _on_track(line.box, track[0].box, vertical):
                track.append(line)
                break
        else:
            tracks.append([line])
    ordered: list[TextLine] = []
    for track in tracks:
        ordered += sorted(track, key=lambda item: item.box.y0 if vertical else item.box.x0)
    return tuple(ordered)


def _on_track(a: Box, b: Box, vertical: bool) -> bool:
    thin = min(thickness(a, vertical=vertical), thickness(b, vertical=vertical))
    return _shared(a, b, along=False, vertical=vertical) > 0.6 * thin
