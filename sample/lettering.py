"""Text as ink: columns or rows of characters with furigana, printed, by hand, or as a sound effect."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

import cv2
import numpy as np
from numpy.typing import NDArray

from sample.canvas import SCALE, Grey
from sample.errors import MissingGlyphError, SpecError
from sample.font import Face, has_glyph
from sample.geometry import Points, points, rectangle, rotate
from sample.glyph import PAD_EM, tile
from sample.markup import Marked, RubySpan

_CELLS = re.compile(r"[！？!?]{2}|(?<![0-9])[0-9]{2}(?![0-9])|.")
"""What shares one cell of a column: a pair of marks, or a number of two digits."""


@dataclass(frozen=True, slots=True)
class Style:
    """How a text is set. ``size`` is the em in page pixels, ``tilt`` degrees clockwise.

    ``leading`` is the distance of lines in ems, ``tracking`` the air between characters; ``jitter`` makes them dance,
    ``grow`` makes them larger towards the end of a line, ``stretch`` taller, ``rough`` eats at their edges,
    ``outline`` is a rim of the other colour in pixels.
    """

    face: Face = Face.GOTHIC
    size: int = 21
    vertical: bool = True
    tilt: float = 0.0
    white: bool = False
    outline: float = 0.0
    leading: float = 1.28
    jitter: float = 0.0
    grow: float = 0.0
    stretch: float = 1.0
    rough: float = 0.0
    tracking: float = 0.0


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: its characters, its em box's centre and its size, all in page pixels from the text's own origin."""

    chars: str
    x: float
    y: float
    size: float
    line: int
    ruby: bool = False


@dataclass(frozen=True, slots=True)
class Lettering:
    """A set text. ``coverage`` (uint8, cells) has its ink's centre at its own centre; polygons count from that centre.

    ``polygon`` is the turned rectangle of the ink, ``lines`` and ``ruby`` those of its lines and furigana, page pixels.
    """

    coverage: Grey
    polygon: Points
    lines: tuple[Points, ...]
    ruby: tuple[Points, ...]

    @property
    def size(self) -> tuple[float, float]:
        """Width and height of the ink in page pixels."""
        ys, xs = np.nonzero(self.coverage)
        return (int(xs.max()) + 1 - int(xs.min())) / SCALE, (int(ys.max()) + 1 - int(ys.min())) / SCALE


def set_text(marked: Marked, style: Style, rng: Random) -> Lettering:
    """Sets a text; raises :class:`MissingGlyphError`, and :class:`SpecError` for a size that cannot be drawn."""
    if not 6 <= style.size <= 400:
        raise SpecError("size", f"{style.size} px an em; 6 to 400 can be drawn")
    cells = [*_cells(marked, style), *_ruby_cells(marked, style)]
    for char in {char for cell in cells for char in cell.chars}:
        if not has_glyph(style.face, char):
            raise MissingGlyphError("text", f"{style.face.value} has no form for {char!r}")
    sheet = _Sheet(cells, style)
    for cell in cells:
        sheet.put(cell, style, rng)
    return sheet.finish(style, rng)


def _cells(marked: Marked, style: Style) -> Iterator[Cell]:
    leading = style.leading + (0.26 if marked.ruby else 0.0)
    for n, line in enumerate(marked.lines):
        parts = _CELLS.findall(line) if style.vertical else list(line)
        # Columns start at one height, rows are centred.
        along = (
            0.0 if style.vertical else -(sum(map(_advance, parts)) + style.tracking * (len(parts) - 1)) * style.size / 2
        )
        across = n * leading * style.size
        for i, chars in enumerate(parts):
            size = style.size * (1 + style.grow * i / max(1, len(parts) - 1))
            advance = size * (style.stretch if style.vertical else _advance(chars))
            middle = along + advance / 2
            yield Cell(chars, *((-across, middle) if style.vertical else (middle, across)), size, n)
            along += advance + style.tracking * size


def _advance(char: str) -> float:
    """Width of a character in ems, in a row: Latin and digits are half as wide."""
    return 0.56 if char.isascii() else 1.0


def _ruby_cells(marked: Marked, style: Style) -> Iterator[Cell]:
    for span in marked.ruby:
        yield from _span_cells(span, marked, style)


def _span_cells(span: RubySpan, marked: Marked, style: Style) -> Iterator[Cell]:
    """Furigana spread evenly beside its base, which lies in one line."""
    start, n = span.start, 0
    while start >= len(marked.lines[n]):
        start -= len(marked.lines[n])
        n += 1
    length, size = span.end - span.start, style.size * 0.5
    extent = max(length * style.size, len(span.text) * size * 0.98)
    first = (start + length / 2) * style.size - extent / 2
    across = n * (style.leading + 0.26) * style.size
    if not style.vertical:
        first -= sum(map(_advance, marked.lines[n])) * style.size / 2
    for i, char in enumerate(span.text):
        along = first + extent * (i + 0.5) / len(span.text)
        beside = style.size * 0.77
        yield Cell(
            char, *((-across + beside, along) if style.vertical else (along, across - beside)), size, n, ruby=True
        )


class _Sheet:
    """A working surface that all cells fit on, in cells of ``1 / SCALE`` page pixels."""

    def __init__(self, cells: list[Cell], style: Style) -> None:
        room = max(c.size for c in cells) * (1.2 + style.stretch) + 8
        self.x0 = min(c.x for c in cells) - room
        self.y0 = min(c.y for c in cells) - room
        self.shape = (
            math.ceil((max(c.y for c in cells) + room - self.y0) * SCALE),
            math.ceil((max(c.x for c in cells) + room - self.x0) * SCALE),
        )
        self.layers: dict[tuple[bool, int], Grey] = {}

    def put(self, cell: Cell, style: Style, rng: Random) -> None:
        """Draws one cell into its line's layer."""
        em = max(4, round(cell.size * SCALE))
        ink = tile(style.face, cell.chars, em, vertical=style.vertical)
        turn = 0.0 if cell.ruby else style.jitter
        degrees, dx, dy = (rng.gauss(0, 1) * turn * k for k in (3.2, 0.02, 0.02))
        grown = 1 + rng.gauss(0, 1) * turn * 0.03
        center = ((cell.x - self.x0 + dx * cell.size) * SCALE, (cell.y - self.y0 + dy * cell.size) * SCALE)
        stretch = 1.0 if cell.ruby else style.stretch
        if turn or stretch != 1.0:
            ink = _turned(ink, degrees, grown, stretch)
        self._stamp(self.layers.setdefault((cell.ruby, cell.line), np.zeros(self.shape, np.uint8)), ink, center)

    def _stamp(self, layer: Grey, ink: Grey, center: tuple[float, float]) -> None:
        x, y = round(center[0] - ink.shape[1] / 2), round(center[1] - ink.shape[0] / 2)
        part = layer[y : y + ink.shape[0], x : x + ink.shape[1]]
        np.maximum(part, ink[: part.shape[0], : part.shape[1]], out=part)

    def finish(self, style: Style, rng: Random) -> Lettering:
        """All layers together, roughened, turned and cut to the ink with its centre in the middle."""
        whole = np.maximum.reduce(list(self.layers.values()))
        if style.rough:
            whole = _roughened(whole, style.rough, rng)
        if not (whole >= 128).any():
            raise SpecError("text", "nothing to draw: only blanks")
        left, top, right, bottom = _extent(whole)
        middle = ((left + right) / 2, (top + bottom) / 2)
        boxes = {key: _extent(layer) for key, layer in self.layers.items() if (layer >= 128).any()}
        turned = {k: rotate(rectangle(*b) - np.array(middle), style.tilt) / SCALE for k, b in boxes.items()}
        return Lettering(
            _cut(whole, middle, style.tilt),
            rotate(rectangle(left, top, right, bottom) - np.array(middle), style.tilt) / SCALE,
            tuple(turned[k] for k in sorted(turned) if not k[0]),
            tuple(turned[k] for k in sorted(turned) if k[0]),
        )


def _extent(coverage: Grey) -> tuple[int, int, int, int]:
    ys, xs = np.nonzero(coverage)
    return int(xs.min()), int(ys.min()), int(xs.max()) + 1, int(ys.max()) + 1


def _cut(whole: Grey, middle: tuple[float, float], tilt: float) -> Grey:
    """The ink turned by ``tilt`` about ``middle``, on a sheet with an even number of cells each way around it."""
    left, top, right, bottom = _extent(whole)
    corners = rotate(points(rectangle(left, top, right, bottom)) - np.array(middle), tilt)
    half_w, half_h = (math.ceil(v) + 2 for v in np.abs(corners).max(axis=0))
    matrix = cv2.getRotationMatrix2D(middle, -tilt, 1.0)
    matrix[:, 2] += np.array([half_w, half_h]) - np.array(middle)
    turned = cv2.warpAffine(
        whole, matrix, (2 * half_w, 2 * half_h), flags=cv2.INTER_LINEAR if tilt else cv2.INTER_NEAREST
    )
    return np.asarray(turned, dtype=np.uint8)


def _turned(ink: Grey, degrees: float, grown: float, stretch: float) -> Grey:
    """A tile turned, grown and stretched about its centre, on a sheet large enough for it."""
    side = ink.shape[0]
    out = math.ceil(side * max(1.0, stretch) * max(1.0, grown) * (1 + PAD_EM)) // 2 * 2
    matrix = cv2.getRotationMatrix2D((side / 2, side / 2), -degrees, grown)
    matrix[1] *= stretch
    matrix[:, 2] += out / 2 - np.array([side / 2, side / 2 * stretch])
    return np.asarray(cv2.warpAffine(ink, matrix, (out, out), flags=cv2.INTER_LINEAR), dtype=np.uint8)


def _roughened(coverage: Grey, amount: float, rng: Random) -> Grey:
    """Edges moved by smooth noise of about ``amount`` page pixels, as a dry brush leaves them."""
    h, w = coverage.shape
    dx, dy = (_noise(h, w, rng) * amount * SCALE for _ in range(2))
    x, y = np.meshgrid(np.arange(w, dtype=np.float32), np.arange(h, dtype=np.float32))
    return np.asarray(cv2.remap(coverage, x + dx, y + dy, cv2.INTER_LINEAR), dtype=np.uint8)


def _noise(h: int, w: int, rng: Random) -> NDArray[np.float32]:
    step = 14 * SCALE
    rows, columns = h // step + 2, w // step + 2
    coarse = np.array([[rng.uniform(-1, 1) for _ in range(columns)] for _ in range(rows)], dtype=np.float32)
    return np.asarray(cv2.resize(coarse, (w, h), interpolation=cv2.INTER_CUBIC), dtype=np.float32)
