"""Moves a text that is set to where the air around it is even: the last look of a letterer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from translator.pipeline.layout import Layout
from translator.pipeline.letters import SetLine
from translator.pipeline.shape import Area

_FAR, _STEPS = 0.8, 8
"""How far a text may be moved, in ems, and in how many steps to each side."""
_PLENTY, _PULL = 0.8, 0.35
"""Air in ems beyond which more looks no better, and what moving by an em must bring of it: the source's letterer has
centred the text already."""


def centred(layout: Layout, area: Area, thickness: int) -> Layout:
    """``layout`` in the middle of its balloon: moved as a whole, by little, and only where that leaves it more air.

    ``area`` is in the layout's own coordinates, transposed for columns; ``thickness`` is that of a line's band, pixels.
    """
    step = max(1.0, _FAR * layout.size / _STEPS)
    offsets = np.arange(-_STEPS, _STEPS + 1) * round(step)
    along, across = (grid.ravel() for grid in np.meshgrid(offsets, offsets))
    air = np.minimum(_least_air(layout.lines, area, thickness, (along, across)) / layout.size, _PLENTY)
    worth = air - _PULL * np.hypot(along, across) / layout.size
    best = int(np.argmax(np.round(worth, 6)))
    still = len(worth) // 2
    if worth[best] <= worth[still] + 1e-6:
        return layout
    dx, dy = float(along[best]), float(across[best])
    moved = (replace(line, along=line.along + dx, across=line.across + dy) for line in layout.lines)
    return replace(layout, lines=tuple(moved))


def _least_air(
    lines: Sequence[SetLine], area: Area, thickness: int, offsets: tuple[NDArray[np.int64], NDArray[np.int64]]
) -> NDArray[np.float64]:
    """For each offset, the least distance of the lines' upper and lower edges to the area's edge; 0.0 outside."""
    height, width = area.depth.shape
    framed = np.zeros((height + 2, width + 2))
    framed[1:-1, 1:-1] = area.depth
    air = np.full(len(offsets[0]), np.inf)
    for line in lines:
        for x in np.linspace(line.along, line.along + line.length - 1, 2 + int(line.length / thickness)):
            for y in (line.across, line.across + thickness - 1):
                column = np.clip(int(x) - area.box.x0 + offsets[0], -1, width) + 1
                row = np.clip(int(y) - area.box.y0 + offsets[1], -1, height) + 1
                air = np.minimum(air, framed[row, column])
    return air
