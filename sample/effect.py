"""Effects: focus lines, speed lines, flashes, trails, sparkles, dust."""

from __future__ import annotations

import math
from dataclasses import dataclass
from random import Random

from sample.canvas import Canvas
from sample.geometry import bounds, ellipse, points, rotate
from sample.ink import blob, pen, shape


@dataclass(frozen=True, slots=True)
class FocusLines:
    """Strokes that point at ``center`` and stop at the ellipse ``radii`` around it."""

    center: tuple[float, float]
    radii: tuple[float, float]
    count: int = 110
    reach: float = 1200.0
    width: float = 5.0
    ink: int = 0

    def draw(self, canvas: Canvas, rng: Random, /) -> None:
        for i in range(self.count):
            t = 2 * math.pi * (i + rng.uniform(-0.4, 0.4)) / self.count
            stop = rng.uniform(1.0, 1.32)
            c, s = math.cos(t), math.sin(t)
            near = (self.center[0] + c * self.radii[0] * stop, self.center[1] + s * self.radii[1] * stop)
            far = (self.center[0] + c * self.reach, self.center[1] + s * self.reach)
            side = (-s * self.width * rng.uniform(0.8, 3.0), c * self.width * rng.uniform(0.8, 3.0))
            canvas.fill([near, (far[0] + side[0], far[1] + side[1]), (far[0] - side[0], far[1] - side[1])], self.ink)


@dataclass(frozen=True, slots=True)
class SpeedLines:
    """Parallel strokes across ``box`` (x0, y0, x1, y1), turned by ``degrees``."""

    box: tuple[float, float, float, float]
    degrees: float = 0.0
    count: int = 60
    width: float = 2.2
    ink: int = 0

    def draw(self, canvas: Canvas, rng: Random, /) -> None:
        x0, y0, x1, y1 = self.box
        middle = ((x0 + x1) / 2, (y0 + y1) / 2)
        half = math.hypot(x1 - x0, y1 - y0) / 2
        for _ in range(self.count):
            y = middle[1] + rng.uniform(-half, half)
            a = middle[0] + rng.uniform(-1.0, 0.6) * half
            b = a + half * rng.uniform(0.3, 1.1)
            ends = rotate([(a, y), (b, y)], self.degrees, middle)
            canvas.stroke(ends, [0.2, rng.uniform(0.3, 1.0) * self.width, 0.2], self.ink)


@dataclass(frozen=True, slots=True)
class Hatching:
    """Shading with the pen inside a polygon; ``cross`` adds a second layer across the first."""

    corners: tuple[tuple[float, float], ...]
    degrees: float = 45.0
    spacing: float = 5.0
    width: float = 1.2
    cross: bool = False
    ink: int = 0

    def draw(self, canvas: Canvas, rng: Random, /) -> None:
        part = canvas.crop(canvas.box)
        x0, y0, x1, y1 = bounds(self.corners)
        middle, half = ((x0 + x1) / 2, (y0 + y1) / 2), math.hypot(x1 - x0, y1 - y0) / 2
        for degrees in (self.degrees, self.degrees + 70)[: 2 if self.cross else 1]:
            y = -half
            while y < half:
                a = -half
                while a < half:
                    b = a + rng.uniform(40, 90)
                    ends = rotate([(middle[0] + a, middle[1] + y), (middle[0] + b, middle[1] + y + rng.uniform(-1, 1))],
                                  degrees, middle)  # fmt: skip
                    part.stroke(ends, [0.4, self.width, self.width, 0.4], self.ink)
                    a = b + rng.uniform(1, 6)
                y += self.spacing * rng.uniform(0.8, 1.2)
        canvas.paste(part, self.corners)


def shadow(x: float, y: float, half: float) -> Hatching:
    """A figure's shadow on the ground."""
    corners = ellipse((x, y), half, half * 0.2, n=40)
    return Hatching(tuple((float(a), float(b)) for a, b in corners), degrees=-8, spacing=3.0, width=1.8)


@dataclass(frozen=True, slots=True)
class Flash:
    """A jagged white flash with an inked edge, as behind a surprise."""

    center: tuple[float, float]
    radii: tuple[float, float]
    count: int = 26
    fill: int = 255

    def draw(self, canvas: Canvas, rng: Random, /) -> None:
        ring = []
        for i in range(2 * self.count):
            t = math.pi * (i + rng.uniform(-0.3, 0.3)) / self.count
            reach = rng.uniform(0.95, 1.3) if i % 2 else rng.uniform(0.66, 0.76)
            ring.append((self.center[0] + math.cos(t) * self.radii[0] * reach,
                         self.center[1] + math.sin(t) * self.radii[1] * reach))  # fmt: skip
        shape(canvas, points(ring), width=1.6, fill=self.fill)


@dataclass(frozen=True, slots=True)
class Trail:
    """What a falling star draws behind it, from ``start`` (thin) to ``end`` (as wide as ``width``)."""

    start: tuple[float, float]
    end: tuple[float, float]
    width: float
    ink: int = 255

    def draw(self, canvas: Canvas, rng: Random, /) -> None:
        dx, dy = self.end[0] - self.start[0], self.end[1] - self.start[1]
        length = math.hypot(dx, dy)
        side = (-dy / length, dx / length)
        for i in range(9):
            k = (i - 4) / 4
            begin = rng.uniform(0.0, 0.45) * abs(k)
            a = (self.start[0] + dx * begin, self.start[1] + dy * begin)
            b = (self.end[0] + side[0] * k * self.width, self.end[1] + side[1] * k * self.width)
            canvas.stroke([a, b], [0.2, self.width * rng.uniform(0.1, 0.3)], self.ink)


@dataclass(frozen=True, slots=True)
class Sparkles:
    """Four-pointed sparkles at the given ``(x, y, radius)``."""

    at: tuple[tuple[float, float, float], ...]
    ink: int = 255

    def draw(self, canvas: Canvas, _: Random, /) -> None:
        for x, y, r in self.at:
            ring = [(x + math.cos(i * math.pi / 4) * r * (1.0 if i % 2 == 0 else 0.16),
                     y + math.sin(i * math.pi / 4) * r * (1.0 if i % 2 == 0 else 0.16)) for i in range(8)]  # fmt: skip
            canvas.fill(ring, self.ink)


@dataclass(frozen=True, slots=True)
class Puffs:
    """Clouds of dust at the given ``(x, y, radius)``."""

    at: tuple[tuple[float, float, float], ...]
    width: float = 1.8

    def draw(self, canvas: Canvas, _: Random, /) -> None:
        for x, y, r in self.at:
            shape(canvas, ellipse((x, y), r, r * 0.86, n=48), width=self.width)
        for x, y, r in self.at:
            canvas.fill(ellipse((x, y), r - self.width, r * 0.86 - self.width, n=48), 255)
            pen(canvas, [(x - r * 0.5, y + r * 0.3), (x - r * 0.1, y + r * 0.5), (x + r * 0.35, y + r * 0.36)], 1.4)


@dataclass(frozen=True, slots=True)
class Drops:
    """Sweat or surprise: little drops at the given ``(x, y, length, degrees)``."""

    at: tuple[tuple[float, float, float, float], ...]

    def draw(self, canvas: Canvas, _: Random, /) -> None:
        for x, y, r, degrees in self.at:
            drop = blob([(x, y - r), (x + r * 0.4, y + r * 0.35), (x, y + r * 0.7), (x - r * 0.4, y + r * 0.35)])
            shape(canvas, rotate(drop, degrees, (x, y)), width=1.4)


@dataclass(frozen=True, slots=True)
class Marks:
    """Short strokes radiating from a point over the arc from ``start`` to ``stop`` degrees (0 is right, 90 down)."""

    center: tuple[float, float]
    radius: float
    start: float = -120.0
    stop: float = -60.0
    count: int = 3
    width: float = 3.0
    ink: int = 0

    def draw(self, canvas: Canvas, _: Random, /) -> None:
        for i in range(self.count):
            t = math.radians(self.start + (self.stop - self.start) * i / max(1, self.count - 1))
            c, s = math.cos(t), math.sin(t)
            ends = [(self.center[0] + c * r, self.center[1] + s * r) for r in (self.radius, self.radius * 1.35)]
            canvas.stroke(ends, [self.width, self.width * 0.4], self.ink)
