"""Lines made whole: the dashes and dots at a line's ends that the network leaves out of its box."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from translator.pipeline.ground import Ground
from translator.pipeline.grouping import is_tall
from translator.pipeline.types import Box, TextLine

_MARK = 0.6
"""A full stop or a dot at the end of a column is found as a line of its own: its size, in the column's thickness."""
_REACH, _GAP, _SIDE, _WIDEST = 3.0, 0.45, 0.2, 0.5
"""In line thicknesses: how far a mark may reach, how wide a gap may be, the sides left out, the widest mark."""
_LONG, _THIN, _WHOLE_BAR = 0.6, 0.16, 0.9
"""A dash: its length, its thickness and how far off the middle it is, in line thicknesses; how much of it is ink."""
_BESIDE, _BESET = 0.35, 0.4
"""How far beside a mark is looked for rays, in line thicknesses, and the share of its rows that may have any."""


def whole_lines(lines: Sequence[TextLine], ground: Ground) -> tuple[TextLine, ...]:
    """``lines``, each column grown along itself over the marks that follow it on the same flat ground.

    Only a clear column on one ground is grown, and never into another line: over art any stroke could follow.
    """
    grown = [_whole(line, [other.box for other in lines if other is not line], ground) for line in lines]
    columns = [line.box for line, before in zip(grown, lines, strict=True) if line is not before]
    return tuple(line for line in grown if not any(_is_mark_of(line.box, column) for column in columns))


def _is_mark_of(small: Box, column: Box) -> bool:
    """True for a box no larger than a mark, most of it in a column."""
    return max(small.width, small.height) <= _MARK * column.width and (
        column.intersection(small).area >= 0.7 * small.area
    )


def _whole(line: TextLine, others: Sequence[Box], ground: Ground) -> TextLine:
    label = ground.under(line.box)
    if is_tall(line.box) is not True or not label:
        return line
    box = line.box
    for down in (True, False):
        grown = _grown(box, ground, label, down=down)
        if grown == box or (_is_beset(grown, box, others, ground, label) and not _is_dash(grown, box, ground, label)):
            continue
        core, before = _core(grown), _core(box)
        if all(
            core.intersection(_core(other)).area == before.intersection(_core(other)).area or _is_mark_of(other, grown)
            for other in others
        ):
            box = grown
    return line if box == line.box else replace(line, box=box, polygon=box.polygon)


def _is_beset(grown: Box, box: Box, others: Sequence[Box], ground: Ground, label: int) -> bool:
    """True where more is drawn beside the marks than other lines: rays around a text, or the art below it."""
    by = round(_BESIDE * box.width)
    y0, y1 = (box.y1, grown.y1) if grown.y1 > box.y1 else (grown.y0, box.y0)
    x0, x1 = max(0, box.x0 - by), min(ground.labels.shape[1], box.x1 + by)
    drawn = ground.labels[y0:y1, x0:x1] != label
    drawn[:, box.x0 - x0 + round(_SIDE * box.width) : box.x1 - x0 - round(_SIDE * box.width)] = False
    for other in others:
        shared = other.intersection(Box(x0, y0, x1, y1))
        drawn[shared.y0 - y0 : shared.y1 - y0, shared.x0 - x0 : shared.x1 - x0] = False
    return int(drawn.any(axis=1).sum()) > _BESET * (y1 - y0)


def _is_dash(grown: Box, box: Box, ground: Ground, label: int) -> bool:
    """True where the column grew by one straight bar in its middle: no ray and no outline is that, whatever is near."""
    y0, y1 = (box.y1, grown.y1) if grown.y1 > box.y1 else (grown.y0, box.y0)
    side = round(_SIDE * box.width)
    drawn = ground.labels[y0:y1, box.x0 + side : box.x1 - side] != label
    rows = np.flatnonzero(drawn.any(axis=1))
    if len(rows) < _LONG * box.width or len(rows) < _WHOLE_BAR * (rows[-1] + 1 - rows[0]):
        return False
    bar = drawn[rows]
    first, last = bar.argmax(axis=1), bar.shape[1] - bar[:, ::-1].argmax(axis=1)
    middle = float(np.median(first + last)) / 2
    straight = np.percentile(last, 90) - np.percentile(first, 10) <= max(3.0, _THIN * box.width)
    return bool(straight) and abs(middle - bar.shape[1] / 2) <= _THIN * box.width


def _core(box: Box) -> Box:
    """The middle of a column, where its neighbours' boxes do not reach."""
    side = round(_SIDE * box.width)
    return Box(box.x0 + side, box.y0, box.x1 - side, box.y1)


def _grown(box: Box, ground: Ground, label: int, *, down: bool) -> Box:
    reach, height = round(_REACH * box.width), ground.labels.shape[0]
    y0, y1 = (box.y1, min(height, box.y1 + reach)) if down else (max(0, box.y0 - reach), box.y0)
    ink = ground.labels[y0:y1, box.x0 : box.x1] != label
    by = _marks(ink if down else ink[::-1])
    if not by:
        return box
    by = min(by + max(2, round(0.1 * box.width)), y1 - y0)
    return Box(box.x0, box.y0, box.x1, box.y1 + by) if down else Box(box.x0, box.y0 - by, box.x1, box.y1)


def _marks(ink: NDArray[np.bool_]) -> int:
    """How many rows of a strip, outwards from the line, belong to marks; 0 where none follow.

    A mark is narrow and stands in the middle; what is wide or reaches out of the middle is an outline or art, and so is
    all that touches it.
    """
    if not ink.size:
        return 0
    width = ink.shape[1]
    side = round(_SIDE * width)
    # The sides belong to the neighbours as well: boxes of columns set closely overlap.
    inner = ink[:, side : width - side]
    drawn = inner.sum(axis=1)
    foreign = (inner[:, 0] | inner[:, -1] | (drawn > _WIDEST * inner.shape[1])).tolist()
    marked = (drawn > 0).tolist()
    last = 0
    for row in range(len(ink)):
        if foreign[row]:
            return 0 if last == row else last
        if row - last > _GAP * width:
            break
        if marked[row]:
            last = row + 1
    return last
