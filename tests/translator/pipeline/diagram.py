"""Pages drawn as text: capitals are panels, digits are texts, anything else is paper.

A panel is the rectangle around its letters, a text the one around its digits. Layouts are drawn as they are read: the
panels are ``A``, ``B``, ``C``, the texts ``0``, ``1``, ``2``.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from translator.pipeline.types import Box, Polygon

WIDE, HIGH = 10, 20
"""One character, pixels: about as high beside its width as it looks."""


@dataclass(frozen=True)
class Layout:
    """A page with its panels and texts, both in the order in which they are to be read."""

    page: Box
    panels: tuple[Box, ...]
    texts: tuple[Box, ...]


def parse(diagram: str) -> Layout:
    """Reads a diagram; the first row and the first column that hold anything are the page's upper left corner."""
    lines = [line for line in diagram.splitlines() if line.strip()]
    indent = min(len(line) - len(line.lstrip()) for line in lines)
    rows = [line[indent:].rstrip() for line in lines]
    marks = sorted({c for row in rows for c in row if c.isalnum()})
    page = Box(0, 0, max(len(row) for row in rows) * WIDE, len(rows) * HIGH)
    panels = tuple(_bounds(rows, mark) for mark in marks if mark.isalpha())
    return Layout(page, panels, tuple(_bounds(rows, mark) for mark in marks if mark.isdigit()))


def outlines(diagram: str) -> tuple[Polygon, ...]:
    """The hulls of the panels' letters, for panels that are drawn slanted; the box around each is that of ``parse``."""
    lines = [line for line in diagram.splitlines() if line.strip()]
    indent = min(len(line) - len(line.lstrip()) for line in lines)
    rows = [line[indent:].rstrip() for line in lines]
    return tuple(_hull(rows, mark) for mark in sorted({c for row in rows for c in row if c.isalpha()}))


def _hull(rows: list[str], mark: str) -> Polygon:
    spots = [
        (x + dx, y + dy)
        for y, row in enumerate(rows)
        for x, c in enumerate(row)
        if c == mark
        for dx in (0, 1)
        for dy in (0, 1)
    ]
    points = np.array([(x * WIDE, y * HIGH) for x, y in spots], dtype=np.int32)
    return tuple((int(x), int(y)) for x, y in cv2.convexHull(points).reshape(-1, 2))


def _bounds(rows: list[str], mark: str) -> Box:
    spots = [(x, y) for y, row in enumerate(rows) for x, c in enumerate(row) if c == mark]
    xs, ys = [x for x, _ in spots], [y for _, y in spots]
    return Box(min(xs) * WIDE, min(ys) * HIGH, (max(xs) + 1) * WIDE, (max(ys) + 1) * HIGH)
