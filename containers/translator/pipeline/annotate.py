"""Finds the place for a translation beside lettering that stays: near, clear of other texts, on quiet ground."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from translator.pipeline.free import panel_of
from translator.pipeline.layout import Layout
from translator.pipeline.setting import Setting
from translator.pipeline.shape import Area, rectangle_area
from translator.pipeline.sizes import SizeRange
from translator.pipeline.types import Box, Mask, Polygon, Region, Rgb

LEAST_PX = 10
"""No smaller than this, whatever the page's size: letters need about so many pixels to be read."""
_OF_BASE, _STEP, _STEPS = 0.8, 0.88, 4
_NEAR_EM, _CLEAR_EM, _RIM_PX = 3.0, 0.3, 3
"""How far from its lettering a text may stand, how near to any lettering, and how near to an edge."""
_LINES = 6
_WIDER = (1.03, 1.12, 1.25, 1.45)
_TONE_PX, _DRAWN = 1.5, 60.0
_ART, _SMALLER, _TURNED = 6.0, 0.8, 0.35
_STRANGER = 2.0
"""What it costs, an em, to stand nearer to another text than to the one that is annotated."""
_Costs = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Note:
    """An annotation with its lines, in page pixels."""

    area: Area
    layout: Layout


class Sides:
    """A page as the places where annotations may stand. What is taken stays taken."""

    def __init__(self, plate: Rgb, panels: Sequence[Box]) -> None:
        self._height, self._width = plate.shape[:2]
        self._panels = panels
        self._taken: Mask = np.zeros((self._height, self._width), np.uint8)
        self._balloons: dict[str, Polygon] = {}
        self._lettering: dict[str, list[Box]] = {}
        grey = cv2.GaussianBlur(cv2.cvtColor(plate, cv2.COLOR_RGB2GRAY), (0, 0), _TONE_PX)
        edges = cv2.morphologyEx(grey, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
        self._art = np.minimum(edges.astype(np.float32) / _DRAWN, 1.0)

    def take(self, shape: Box | Polygon) -> None:
        """Nothing will be set there."""
        if isinstance(shape, Box):
            self._lettering.setdefault("", []).append(shape)
        corners = shape.polygon if isinstance(shape, Box) else shape
        if len(corners) >= 3:
            cv2.fillPoly(self._taken, [np.asarray(corners, np.int32).reshape(-1, 1, 2)], (255,))

    def take_lettering(self, region: Region) -> None:
        """The lines of a text, leaning ones as they lean. Its balloon is for its own annotation only, which stands in
        it or outside, not across its outline."""
        for line in (*region.lines, *region.ruby):
            self.take(line.polygon)
        if not region.lines:
            self.take(region.polygon)
        self._lettering[region.id] = [line.box for line in region.lines] or [region.box]
        if region.balloon is not None:
            self._lettering[region.id].append(region.balloon.box)
            self._balloons[region.id] = region.balloon.contour
            outline = np.asarray(region.balloon.contour, np.int32).reshape(-1, 1, 2)
            cv2.polylines(self._taken, [outline], True, (255,), 2 * _RIM_PX)

    def beside(self, setting: Setting, base: int, sizes: SizeRange) -> Note | None:
        """The best place at the largest readable size that has one; ``None`` where there is no room.

        ``base`` is the page's size for dialogue. In the panel of the lettering, where that is known.
        """
        found: list[tuple[float, Note]] = []
        for rank, size in enumerate(_sizes(base, sizes)):
            window = self._window(setting, size)
            for lines in _shapes(setting, size):
                place = self._place(setting.region, lines.box, window, size)
                if place is not None:
                    price, corner = place
                    found.append((price + _SMALLER * rank, _moved(setting, lines, corner)))
        return min(found, key=lambda priced: priced[0])[1] if found else None

    def _window(self, setting: Setting, size: int) -> Box:
        own = setting.region.box
        reach = round(_NEAR_EM * size + setting.pen(size).length(setting.text))
        window = own.pad(reach, width=self._width, height=self._height)
        panel = panel_of(own, self._panels)
        window = window if panel is None else window.intersection(panel)
        rim = min(_RIM_PX, window.width // 2, window.height // 2)
        return Box(window.x0 + rim, window.y0 + rim, window.x1 - rim, window.y1 - rim)

    def _place(self, region: Region, shape: Box, window: Box, size: int) -> tuple[float, tuple[int, int]] | None:
        """The cheapest free corner for a rectangle, with its price."""
        rows, columns = window.height - shape.height + 1, window.width - shape.width + 1
        if rows <= 0 or columns <= 0:
            return None
        part = np.s_[window.y0 : window.y1, window.x0 : window.x1]
        clear = max(1, round(_CLEAR_EM * size))
        taken = cv2.dilate(self._taken_by_others(region)[part], np.ones((2 * clear + 1, 2 * clear + 1), np.uint8))
        free = _sums(np.where(taken > 0, 1.0, 0.0), shape) < 0.5
        x, y = np.arange(columns) + window.x0, np.arange(rows) + window.y0
        away = _gap(self._lettering[region.id], x, y, shape) / size
        usable = free & (away <= _NEAR_EM)
        if not usable.any():
            return None
        prices = _ART * _sums(self._art[part], shape) / max(1, shape.area) + away + _offset(region.box, x, y, shape)
        others = [box for name, boxes in self._lettering.items() if name != region.id for box in boxes]
        if others := [box for box in others if box.intersection(window).area]:
            prices += _STRANGER * np.maximum(away - _gap(others, x, y, shape) / size, 0.0)
        prices[~usable] = np.inf
        row, column = np.unravel_index(int(np.argmin(prices)), prices.shape)
        return float(prices[row, column]), (int(x[column]), int(y[row]))

    def _taken_by_others(self, region: Region) -> Mask:
        taken = self._taken.copy()
        for name, contour in self._balloons.items():
            if name != region.id:
                cv2.fillPoly(taken, [np.asarray(contour, np.int32).reshape(-1, 1, 2)], (255,))
        return taken


@dataclass(frozen=True, slots=True)
class _Lines:
    """A text broken into lines at the page's corner; ``box`` frames them."""

    area: Area
    size: int
    box: Box


def _sizes(base: int, sizes: SizeRange) -> Iterator[int]:
    """From what looks right beside the page's dialogue down to what can be read."""
    least = max(LEAST_PX, sizes.least)
    wanted = max(least, round(_OF_BASE * base))
    yield from sorted({max(least, round(wanted * _STEP**step)) for step in range(_STEPS)}, reverse=True)


def _shapes(setting: Setting, size: int) -> Iterator[_Lines]:
    """The text in one line, in two, in three, as narrow as each goes."""
    pen = setting.pen(size)
    paragraph = pen.measured(setting.pieces)
    seen = 0
    for count in range(1, min(_LINES, paragraph.count) + 1):
        height = (count - 1) * pen.leading + pen.thickness
        for wider in _WIDER:
            width = int(np.ceil(max(paragraph.widest_piece, paragraph.length / count) * wider)) + 2
            area = rectangle_area(Box(0, 0, width, height))
            layout = setting.block(area, 0.0).set_at(pen)
            if layout is not None and len(layout.lines) > seen:
                seen = len(layout.lines)
                yield _Lines(area, size, area.box)
                break


def _moved(setting: Setting, lines: _Lines, corner: tuple[int, int]) -> Note:
    x, y = corner
    area = rectangle_area(Box(x, y, x + lines.box.width, y + lines.box.height))
    layout = setting.block(area, 0.0).set_at(setting.pen(lines.size))
    if layout is None:
        raise ValueError(f"{setting.text!r} fits into {lines.box} and not into {area.box}")
    return Note(area, layout)


def _sums(values: NDArray[np.float32] | _Costs, shape: Box) -> _Costs:
    """The sum under a rectangle of ``shape``'s size at each place where it fits."""
    total = cv2.integral(values.astype(np.float64))
    h, w = shape.height, shape.width
    return np.asarray(total[h:, w:] - total[:-h, w:] - total[h:, :-w] + total[:-h, :-w], np.float64)


def _gap(boxes: Sequence[Box], x: NDArray[np.intp], y: NDArray[np.intp], shape: Box) -> _Costs:
    """Pixels between ``boxes`` and a rectangle of ``shape``'s size with its corner at each ``x`` and ``y``."""
    gaps = []
    for box in boxes:
        dx = np.maximum(np.maximum(box.x0 - (x + shape.width), x - box.x1), 0)
        dy = np.maximum(np.maximum(box.y0 - (y + shape.height), y - box.y1), 0)
        gaps.append(np.hypot(dx[None, :], dy[:, None]))
    return np.asarray(np.minimum.reduce(gaps), np.float64)


def _offset(own: Box, x: NDArray[np.intp], y: NDArray[np.intp], shape: Box) -> _Costs:
    """Under or over the lettering's middle, or level with it, looks meant; off a corner does not."""
    dx = np.abs(x + shape.width / 2 - own.center[0]) / max(1, own.width + shape.width) * 2
    dy = np.abs(y + shape.height / 2 - own.center[1]) / max(1, own.height + shape.height) * 2
    return np.asarray(
        _TURNED * np.minimum(dx[None, :] + 0.0 * dy[:, None], dy[:, None] + 0.0 * dx[None, :]), np.float64
    )
