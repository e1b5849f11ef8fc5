"""The ground and what stands on it: hills, trees, a signboard, a crater; flat tone and ink."""

from __future__ import annotations

import math
from dataclasses import dataclass
from random import Random

from sample.canvas import Canvas
from sample.geometry import Frame, ellipse, points, rectangle, spline
from sample.ink import blob, pen, shape

Rect = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Tone:
    """Screentone over a rectangle, one density or from top to bottom."""

    box: Rect
    density: float | tuple[float, float]
    pitch: float = 4.6
    ink: int = 0

    def draw(self, canvas: Canvas, _: Random, /) -> None:
        canvas.tone(rectangle(*self.box), self.density, pitch=self.pitch, value=self.ink)


@dataclass(frozen=True, slots=True)
class Solid:
    """A flat polygon."""

    corners: tuple[tuple[float, float], ...]
    grey: int = 0

    def draw(self, canvas: Canvas, _: Random, /) -> None:
        canvas.fill(self.corners, self.grey)


@dataclass(frozen=True, slots=True)
class Hill:
    """Ground below a curve, down to ``foot``; ``density`` is its tone (1 is black), with tufts of grass."""

    crest: tuple[tuple[float, float], ...]
    foot: float
    density: float = 0.0
    tufts: int = 10
    shade: tuple[float, float] = (0.0, 0.3)

    def draw(self, canvas: Canvas, rng: Random, /) -> None:
        line = spline(self.crest, steps=16)
        outline = points([*line, (line[-1][0], self.foot), (line[0][0], self.foot)])
        black = self.density >= 1
        canvas.fill(outline, 0 if black else 255)
        if not black:
            canvas.tone(outline, self.density or self.shade)
        canvas.stroke(line, 2.4, 255 if black else 0)
        for _ in range(self.tufts):
            k = rng.randrange(2, max(3, len(line) - 2))
            x, y = line[k][0], line[k][1] + rng.random() ** 2 * (self.foot - line[k][1]) * 0.6 + 3
            self._tuft(canvas, x, y, rng, 255 if black else 0)

    def _tuft(self, canvas: Canvas, x: float, y: float, rng: Random, ink: int) -> None:
        for lean in (-5, -1, 4):
            h = rng.uniform(6, 12)
            pen(canvas, [(x + lean * 0.4, y), (x + lean * 0.7, y - h * 0.6), (x + lean * 1.3, y - h)], 1.7, ink)


@dataclass(frozen=True, slots=True)
class Pine:
    """A conifer standing at ``foot``."""

    foot: tuple[float, float]
    height: float
    black: bool = True

    def draw(self, canvas: Canvas, _: Random, /) -> None:
        x, y = self.foot
        h = self.height
        shape(canvas, rectangle(x - h * 0.04, y - h * 0.2, x + h * 0.04, y), width=1.2, fill=0)
        for k, (top, low, half) in enumerate(((0.42, 0.14, 0.3), (0.7, 0.36, 0.24), (1.0, 0.6, 0.17))):
            ragged = [(x + half * h * t, y - low * h + h * (0.035 if i % 2 else -0.02))
                      for i, t in enumerate((1.0, 0.66, 0.33, 0.0, -0.33, -0.66, -1.0))]  # fmt: skip
            layer = points([(x, y - top * h), *ragged])
            shape(canvas, layer, width=1.5, fill=0 if self.black else 255, ink=255 if self.black else 0)
            if not self.black:
                canvas.tone(layer, 0.25 + 0.1 * (2 - k))


@dataclass(frozen=True, slots=True)
class Signboard:
    """A board on a post with two planks' grain; its text is a text of the page."""

    at: tuple[float, float]
    half: tuple[float, float]
    post: float = 120.0
    tilt: float = 0.0

    def draw(self, canvas: Canvas, _: Random, /) -> None:
        frame = Frame(self.at, 1.0, tilt=self.tilt)
        w, h = self.half
        post = frame(rectangle(-7, h - 6, 7, h + self.post))
        shape(canvas, post, width=1.8)
        canvas.tone(post, 0.3)
        shape(canvas, frame(rectangle(-w, -h, w, h)), width=2.6, rim=2)
        canvas.stroke(frame(rectangle(-w + 5, -h + 5, w - 5, h - 5)), 1.2, closed=True)
        for x, y in ((-w + 10, -h + 10), (w - 10, -h + 10), (-w + 10, h - 10), (w - 10, h - 10)):
            canvas.fill(frame(ellipse((x, y), 2.2, 2.2, n=16)), 0)


@dataclass(frozen=True, slots=True)
class Crater:
    """A hole in the ground with broken edges, shining from inside."""

    at: tuple[float, float]
    radius: float

    def draw(self, canvas: Canvas, rng: Random, /) -> None:
        x, y = self.at
        r = self.radius
        ring = [(x + math.cos(t) * r * k, y + math.sin(t) * r * 0.34 * k)
                for t, k in ((2 * math.pi * i / 22, rng.uniform(0.92, 1.1)) for i in range(22))]  # fmt: skip
        shape(canvas, blob(ring, steps=4), width=2.4)
        canvas.tone(blob(ring, steps=4), (0.75, 0.1), pitch=4.2)
        canvas.fill(ellipse((x, y + r * 0.07), r * 0.78, r * 0.22, n=60), 255)
        for i in range(14):
            t = math.pi * (0.05 + 0.9 * i / 13)
            a = (x + math.cos(t) * r * 1.1, y + math.sin(t) * r * 0.38)
            b = (x + math.cos(t) * r * rng.uniform(1.25, 1.5), y + math.sin(t) * r * rng.uniform(0.46, 0.6))
            pen(canvas, [a, ((a[0] + b[0]) / 2 + 3, (a[1] + b[1]) / 2), b], 2.2)
        for _ in range(9):
            t = rng.uniform(0.1, math.pi - 0.1)
            k, s = rng.uniform(1.15, 1.5), rng.uniform(4, 9)
            stone = (x + math.cos(t) * r * k, y + math.sin(t) * r * 0.42 * k)
            shape(canvas, blob(ellipse(stone, s, s * 0.7, n=7)), width=1.5)
