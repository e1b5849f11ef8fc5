"""Things that figures use: a table, plates, a fish, a small grill, a wall."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from sample.canvas import Canvas
from sample.geometry import Frame, ellipse, points, rectangle, spline
from sample.ink import blob, pen, shape


@dataclass(frozen=True, slots=True)
class Slab:
    """An outlined polygon with tone: a wall, a roof, a board. ``light`` outlines it in white for a dark ground."""

    corners: tuple[tuple[float, float], ...]
    density: float | tuple[float, float] = 0.0
    width: float = 2.2
    light: bool = False
    rim: float = 0.0

    def draw(self, canvas: Canvas, _: Random, /) -> None:
        shape(canvas, self.corners, width=self.width, ink=255 if self.light else 0, rim=self.rim)
        if self.density:
            canvas.tone(self.corners, self.density)
            canvas.stroke(self.corners, self.width, 255 if self.light else 0, closed=True)


@dataclass(frozen=True, slots=True)
class Snow:
    """Flakes falling over a rectangle."""

    box: tuple[float, float, float, float]
    count: int = 60
    ink: int = 255

    def draw(self, canvas: Canvas, rng: Random, /) -> None:
        x0, y0, x1, y1 = self.box
        for _ in range(self.count):
            r = rng.choice((1.6, 2.4, 3.4, 4.6))
            canvas.fill(ellipse((rng.uniform(x0, x1), rng.uniform(y0, y1)), r, r, n=20), self.ink)


@dataclass(frozen=True, slots=True)
class Plate:
    """A plate seen from the side and above."""

    at: tuple[float, float]
    radius: float

    def draw(self, canvas: Canvas, _: Random, /) -> None:
        r = self.radius
        shape(canvas, ellipse(self.at, r, r * 0.26, n=72), width=2.2)
        shape(canvas, ellipse((self.at[0], self.at[1] - r * 0.02), r * 0.7, r * 0.15, n=72), width=1.3)
        pen(canvas, [(self.at[0] - r * 0.9, self.at[1] + r * 0.16), (self.at[0], self.at[1] + r * 0.32),
                     (self.at[0] + r * 0.9, self.at[1] + r * 0.16)], 2.0)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fish:
    """A fish, head to the left, ``size`` half its length; ``bones`` is what is left of it, ``steam`` says it is hot."""

    at: tuple[float, float]
    size: float
    tilt: float = 0.0
    bones: bool = False
    steam: bool = False

    def draw(self, canvas: Canvas, _: Random, /) -> None:
        frame = Frame(self.at, self.size, tilt=self.tilt)
        line = max(1.2, self.size * 0.03)
        tail = frame(spline([(0.62, 0.0), (1.05, -0.3), (0.95, 0.0), (1.05, 0.3)], closed=True, steps=5))
        shape(canvas, tail, width=line)
        canvas.tone(tail, 0.35, pitch=3.6)
        if self.bones:
            self._bones(canvas, frame, line)
        else:
            self._body(canvas, frame, line)
        if self.steam:
            for x in (-0.4, 0.0, 0.4):
                curl = [(x, -0.45), (x + 0.08, -0.62), (x - 0.05, -0.8), (x + 0.06, -1.0)]
                pen(canvas, frame(curl), line * 1.6)

    def _body(self, canvas: Canvas, frame: Frame, line: float) -> None:
        upper, lower = (
            [(-1.0, 0.02), (-0.7, -0.24), (-0.1, -0.34), (0.5, -0.14)],
            [(0.72, 0.0), (0.5, 0.14), (-0.1, 0.3)],
        )
        body = frame(blob([*upper, *lower, (-0.7, 0.22)]))
        shape(canvas, body, width=line)
        back = frame(blob([(-0.62, -0.22), (-0.1, -0.33), (0.5, -0.14), (0.7, -0.02), (0.1, -0.08), (-0.5, -0.1)]))
        canvas.tone(back, 0.5, pitch=3.6)
        pen(canvas, frame([(-0.62, -0.2), (-0.54, 0.0), (-0.62, 0.18)]), line)
        canvas.fill(frame(ellipse((-0.76, -0.05), 0.05, 0.05, n=20)), 0)
        for x in (-0.3, -0.05, 0.2):
            pen(canvas, frame([(x - 0.06, -0.2), (x + 0.06, 0.14)]), line * 1.8)

    def _bones(self, canvas: Canvas, frame: Frame, line: float) -> None:
        head = frame(blob([(-1.0, 0.02), (-0.75, -0.24), (-0.5, -0.2), (-0.46, 0.0), (-0.5, 0.2), (-0.75, 0.22)]))
        shape(canvas, head, width=line)
        for a, b in (((-0.05, -0.05), (0.05, 0.05)), ((-0.05, 0.05), (0.05, -0.05))):
            pen(canvas, frame([(-0.76 + a[0], -0.04 + a[1]), (-0.76 + b[0], -0.04 + b[1])]), line * 1.2)
        pen(canvas, frame([(-0.48, 0.0), (0.1, 0.01), (0.7, 0.0)]), line * 2)
        for x in (-0.3, -0.08, 0.14, 0.36):
            h = 0.24 - 0.2 * max(0.0, x)
            pen(canvas, frame([(x + 0.06, -h), (x, 0.0), (x + 0.06, h)]), line * 1.5)


@dataclass(frozen=True, slots=True)
class Grill:
    """A small round charcoal grill with rising smoke."""

    foot: tuple[float, float]
    size: float

    def draw(self, canvas: Canvas, _: Random, /) -> None:
        x, y = self.foot
        s = self.size
        body = points([(x - s, y - s * 0.95), (x + s, y - s * 0.95), (x + s * 0.78, y), (x - s * 0.78, y)])
        shape(canvas, body, width=2.4)
        canvas.tone(body, (0.2, 0.5))
        canvas.stroke(body, 2.4, closed=True)
        mouth = rectangle(x - s * 0.3, y - s * 0.5, x + s * 0.3, y - s * 0.26)
        shape(canvas, mouth, width=1.8, fill=0)
        shape(canvas, ellipse((x, y - s * 0.95), s * 1.06, s * 0.24, n=60), width=2.2)
        for k in range(-4, 5):
            half = s * 0.2 * (1 - (k / 5) ** 2) ** 0.5
            pen(canvas, [(x + k * s * 0.22, y - s * 0.95 - half), (x + k * s * 0.22, y - s * 0.95 + half)], 1.4)
