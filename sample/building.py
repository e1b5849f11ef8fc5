"""Houses from afar, a window, a door."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from sample.canvas import Canvas
from sample.geometry import ellipse, points, rectangle
from sample.ink import pen, shape
from sample.sky import NightSky

Rect = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Town:
    """A row of houses with lit windows on ``ground``, from ``x0`` to ``x1``; black, or in line with hatched roofs."""

    x0: float
    x1: float
    ground: float
    height: float = 60.0
    black: bool = True

    def draw(self, canvas: Canvas, rng: Random, /) -> None:
        x = self.x0
        while x < self.x1:
            w, h = rng.uniform(0.6, 1.15) * self.height, rng.uniform(0.55, 1.0) * self.height
            self._house(canvas, x, w, h, rng)
            x += w * rng.uniform(0.94, 1.16)

    def _house(self, canvas: Canvas, x: float, w: float, h: float, rng: Random) -> None:
        wall, eave, peak = self.ground - h * 0.62, w * 0.08, self.ground - h
        body = rectangle(x, wall, x + w, self.ground + 2)
        roof = points([(x - eave, wall), (x + w * 0.22, peak), (x + w * 0.78, peak), (x + w + eave, wall)])
        chimney = rectangle(x + w * 0.6, peak - h * 0.14, x + w * 0.72, peak + 2)
        for part in (chimney, body, roof):
            shape(canvas, part, width=1.6, fill=0 if self.black else 255, ink=255 if self.black else 0)
        if not self.black:
            canvas.tone(roof, 0.35)
            canvas.tone(body, (0.04, 0.16))
        side = h * 0.19
        for k in range(max(1, int(w / (side * 2.2)))):
            wx, wy = x + w * 0.16 + k * side * 2.1, wall + h * 0.2
            if wx + side < x + w * 0.92:
                lit = rng.random() < 0.6
                shape(canvas, rectangle(wx, wy, wx + side, wy + side), width=1.2, fill=255 if lit else 0,
                      ink=0 if not self.black else 255)  # fmt: skip
                if lit:
                    canvas.stroke([(wx + side / 2, wy), (wx + side / 2, wy + side)], 1.0)
                    canvas.stroke([(wx, wy + side / 2), (wx + side, wy + side / 2)], 1.0)


@dataclass(frozen=True, slots=True)
class Window:
    """A window from inside or outside, with curtains; the night stands in it."""

    box: Rect
    curtains: bool = True
    night: bool = True

    def draw(self, canvas: Canvas, rng: Random, /) -> None:
        x0, y0, x1, y1 = self.box
        shape(canvas, rectangle(x0 - 8, y0 - 8, x1 + 8, y1 + 8), width=2.2)
        if self.night:
            NightSky(self.box, stars=26, pale=0.8, sparkles=2).draw(canvas, rng)
        canvas.stroke(rectangle(*self.box), 2.0, closed=True)
        mx, my = (x0 + x1) / 2, y0 + (y1 - y0) * 0.42
        for bar in (rectangle(mx - 3, y0, mx + 3, y1), rectangle(x0, my - 3, x1, my + 3)):
            shape(canvas, bar, width=1.3)
        shape(canvas, rectangle(x0 - 18, y1 + 6, x1 + 18, y1 + 18), width=2.0)
        if self.curtains:
            self._curtains(canvas)

    def _curtains(self, canvas: Canvas) -> None:
        x0, y0, x1, y1 = self.box
        w, h = (x1 - x0) * 0.2, y1 - y0
        for x, s in ((x0 - 20, 1), (x1 + 20, -1)):
            edge = [(1.5, y0 - 16), (1.25, y0 + h * 0.4), (0.75, y0 + h * 0.62), (1.0, y1 + 12)]
            cloth = [(x, y0 - 16), *((x + s * w * k, y) for k, y in edge), (x, y1 + 14)]
            shape(canvas, cloth, width=1.8)
            canvas.tone(cloth, 0.12, pitch=5.0)
            for k in (0.3, 0.62, 0.95):
                pen(canvas, [(x + s * w * k * 1.4, y0 - 10), (x + s * w * k * 1.1, y0 + h * 0.35),
                             (x + s * w * k * 0.65, y0 + h * 0.6)], 1.5)  # fmt: skip
        canvas.stroke([(x0 - 34, y0 - 18), (x1 + 34, y0 - 18)], 4.0)


@dataclass(frozen=True, slots=True)
class Door:
    """A house front with an open door that lets light out, standing at ``foot``."""

    foot: tuple[float, float]
    height: float

    def draw(self, canvas: Canvas, _: Random, /) -> None:
        x, y = self.foot
        h, w = self.height, self.height * 0.5
        shape(canvas, rectangle(x - w / 2 - 9, y - h - 9, x + w / 2 + 9, y), width=2.0)
        shape(canvas, rectangle(x - w / 2, y - h, x + w / 2, y), width=2.0)
        leaf = points([(x + w / 2, y - h), (x + w * 0.95, y - h - 14), (x + w * 0.95, y + 12), (x + w / 2, y)])
        shape(canvas, leaf, width=2.2)
        canvas.tone(leaf, 0.3)
        canvas.fill(ellipse((x + w * 0.88, y - h * 0.45), 4, 5, n=20), 0)
        canvas.fill([(x - w / 2, y), (x + w / 2, y), (x + w * 0.9, y + 60), (x - w * 0.9, y + 60)], 255)
