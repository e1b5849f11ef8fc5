"""Pika, a star who fell."""

from __future__ import annotations

import math
from dataclasses import dataclass
from random import Random

from sample.canvas import Canvas
from sample.face import Mood
from sample.geometry import Frame, Points, ellipse, points
from sample.ink import blob, pen, shape


def star_outline(*, inner: float = 0.6) -> Points:
    """A plump five-pointed star of radius 1."""
    ring = []
    for i in range(10):
        r, t = (1.0 if i % 2 == 0 else inner), -math.pi / 2 + i * math.pi / 5
        spread = 0.13 if i % 2 == 0 else 0.0
        ring += [(math.cos(t + d) * r, math.sin(t + d) * r) for d in ((-spread, spread) if spread else (0.0,))]
    return blob(points(ring), steps=8)


@dataclass(frozen=True, slots=True)
class Star:
    """Pika. ``at`` is his centre, ``size`` his radius in pixels; ``glow`` the length of his rays in sizes."""

    at: tuple[float, float]
    size: float
    mood: Mood = Mood.CALM
    look: float = 0.0
    tilt: float = 0.0
    glow: float = 0.0
    white_rays: bool = False
    tear: bool = False
    rim: float = 0.0

    def draw(self, canvas: Canvas, rng: Random, /) -> None:
        line = max(1.1, min(3.2, self.size * 0.04))
        if self.glow:
            self._rays(canvas, rng, line)
        frame = Frame(self.at, self.size, tilt=self.tilt)
        shape(canvas, frame(star_outline()), width=line * 1.2, rim=self.rim)
        shade = frame(ellipse((0.16, 0.34), 0.42, 0.3, n=40))
        canvas.tone(shade, (0.0, 0.16), pitch=4.0)
        self._face(canvas, frame, line)

    def _rays(self, canvas: Canvas, rng: Random, line: float) -> None:
        for i in range(28):
            t = 2 * math.pi * (i + rng.uniform(-0.25, 0.25)) / 28
            a, b = self.size * rng.uniform(1.2, 1.35), self.size * (1.3 + self.glow * rng.uniform(0.5, 1.0))
            ends = [(self.at[0] + math.cos(t) * r, self.at[1] + math.sin(t) * r) for r in (a, b)]
            canvas.stroke(ends, [line * 1.5, 0.2], 255 if self.white_rays else 0)

    def _face(self, canvas: Canvas, frame: Frame, line: float) -> None:
        x0 = self.look * 0.1
        for side in (-1, 1):
            x = side * 0.24 + x0
            if self.mood is Mood.HAPPY:
                pen(canvas, frame([(x - 0.1, -0.02), (x, -0.12), (x + 0.1, -0.02)]), line * 1.9)
            elif self.mood in {Mood.FLAT, Mood.SLEEPY}:
                pen(canvas, frame([(x - 0.11, -0.07), (x, -0.05), (x + 0.11, -0.07)]), line * 1.9)
                canvas.fill(frame(ellipse((x, 0.0), 0.05, 0.05, n=20)), 0)
            elif self.mood in {Mood.SURPRISED, Mood.SCARED}:
                shape(canvas, frame(ellipse((x, -0.06), 0.12, 0.15, n=28)), width=line)
                canvas.fill(frame(ellipse((x, -0.05), 0.04, 0.05, n=20)), 0)
            else:
                canvas.fill(frame(ellipse((x, -0.05), 0.085, 0.14, n=28)), 0)
                canvas.fill(frame(ellipse((x + 0.025, -0.1), 0.03, 0.04, n=16)), 255)
            tilted = {
                Mood.SAD: (-0.3, -0.22),
                Mood.SCARED: (-0.34, -0.25),
                Mood.DETERMINED: (-0.2, -0.3),
                Mood.SHOUTING: (-0.22, -0.3),
            }.get(self.mood)
            if tilted:
                pen(canvas, frame([(x - side * 0.1, tilted[0]), (x + side * 0.1, tilted[1])]), line * 1.4)
            pen(canvas, frame([(x + side * 0.17, 0.1), (x + side * 0.14, 0.15)]), line)
            pen(canvas, frame([(x + side * 0.23, 0.1), (x + side * 0.2, 0.15)]), line)
        self._mouth(canvas, frame, line, x0)
        if self.tear:
            for side in (-1, 1):
                x = side * 0.36 + x0
                drop = blob([(x, 0.03), (x + 0.07, 0.17), (x, 0.24), (x - 0.07, 0.17)])
                shape(canvas, frame(drop), width=line)

    def _mouth(self, canvas: Canvas, frame: Frame, line: float, x: float) -> None:
        if self.mood in {Mood.HAPPY, Mood.SHOUTING}:
            lips = blob([(x - 0.13, 0.11), (x, 0.13), (x + 0.13, 0.11), (x + 0.08, 0.26), (x, 0.3), (x - 0.08, 0.26)])
            shape(canvas, frame(lips), width=line, fill=0)
        elif self.mood is Mood.SURPRISED:
            shape(canvas, frame(ellipse((x, 0.2), 0.05, 0.07, n=20)), width=line, fill=0)
        elif self.mood is Mood.SCARED:
            lips = blob([(x - 0.16, 0.28), (x - 0.08, 0.15), (x + 0.08, 0.15), (x + 0.16, 0.28), (x, 0.26)], steps=6)
            shape(canvas, frame(lips), width=line, fill=0)
        elif self.mood is Mood.SAD:
            pen(canvas, frame([(x - 0.09, 0.22), (x, 0.16), (x + 0.09, 0.22)]), line * 1.3)
        elif self.mood in {Mood.FLAT, Mood.DETERMINED}:
            pen(canvas, frame([(x - 0.1, 0.18), (x, 0.17), (x + 0.1, 0.18)]), line * 1.3)
        else:
            pen(canvas, frame([(x - 0.1, 0.14), (x, 0.2), (x + 0.1, 0.14)]), line * 1.3)
