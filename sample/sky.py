"""The night sky and the moon."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from sample.canvas import Canvas
from sample.effect import Sparkles
from sample.geometry import ellipse, rectangle

Rect = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class NightSky:
    """A black sky that pales into tone towards ``box``'s foot, with ``stars`` small stars and some sparkles."""

    box: Rect
    stars: int = 80
    pale: float = 0.55
    sparkles: int = 5

    def draw(self, canvas: Canvas, rng: Random, /) -> None:
        x0, y0, x1, y1 = self.box
        dark = y0 + (y1 - y0) * self.pale
        canvas.fill(rectangle(x0, y0, x1, dark + 1), 0)
        canvas.tone(rectangle(x0, dark, x1, y1), (1.0, 0.3))
        for _ in range(self.stars):
            x, y, r = rng.uniform(x0, x1), y0 + (dark - y0) * rng.random() ** 0.8, rng.choice((0.7, 0.9, 1.2, 1.7))
            canvas.fill(ellipse((x, y), r, r, n=16), 255)
        at = [(rng.uniform(x0, x1), rng.uniform(y0, dark), rng.uniform(5, 11)) for _ in range(self.sparkles)]
        Sparkles(tuple(at)).draw(canvas, rng)


@dataclass(frozen=True, slots=True)
class Moon:
    """A crescent."""

    at: tuple[float, float]
    radius: float

    def draw(self, canvas: Canvas, _: Random, /) -> None:
        x, y = self.at
        r = self.radius
        canvas.fill(ellipse(self.at, r, r, n=80), 255)
        canvas.fill(ellipse((x + r * 0.42, y - r * 0.2), r * 0.86, r * 0.86, n=80), 0)
