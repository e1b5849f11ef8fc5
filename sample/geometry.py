"""Points and curves. Points are float arrays of shape ``(n, 2)``, columns x and y, page pixels unless said else."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

Points = NDArray[np.float64]
BoxXyxy = tuple[int, int, int, int]
"""``x0, y0, x1, y1`` in page pixels, ends exclusive."""


def points(values: ArrayLike) -> Points:
    """``values`` as an ``(n, 2)`` float array."""
    return np.asarray(values, dtype=np.float64).reshape(-1, 2)


def spline(values: ArrayLike, *, closed: bool = False, steps: int = 10) -> Points:
    """A Catmull-Rom curve through the given points, ``steps`` samples a span."""
    p = points(values)
    if len(p) < 3:
        return p
    padded = np.vstack([p[-1], p, p[0], p[1]]) if closed else np.vstack([2 * p[0] - p[1], p, 2 * p[-1] - p[-2]])
    a, b, c, d = padded[:-3], padded[1:-2], padded[2:-1], padded[3:]
    t = np.linspace(0.0, 1.0, steps, endpoint=False)[:, None, None]
    curve = 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)
    flat = curve.transpose(1, 0, 2).reshape(-1, 2)
    return flat if closed else np.vstack([flat, p[-1]])


def ellipse(center: tuple[float, float], rx: float, ry: float, *, n: int = 64, power: float = 2.0) -> Points:
    """A closed (super)ellipse as ``n`` points, clockwise from the right."""
    t = np.linspace(0.0, 2 * np.pi, n, endpoint=False)
    c, s = np.cos(t), np.sin(t)
    x = np.sign(c) * np.abs(c) ** (2 / power) * rx + center[0]
    y = np.sign(s) * np.abs(s) ** (2 / power) * ry + center[1]
    return np.stack([x, y], axis=1)


def rectangle(x0: float, y0: float, x1: float, y1: float) -> Points:
    """The four corners, clockwise from the top left."""
    return points([(x0, y0), (x1, y0), (x1, y1), (x0, y1)])


def rotate(values: ArrayLike, degrees: float, about: tuple[float, float] = (0.0, 0.0)) -> Points:
    """Turned clockwise (y points down) by ``degrees``."""
    a = np.deg2rad(degrees)
    turn = np.array([[np.cos(a), np.sin(a)], [-np.sin(a), np.cos(a)]])
    center = np.asarray(about, dtype=np.float64)
    turned: Points = (points(values) - center) @ turn + center
    return turned


def resample(values: ArrayLike, spacing: float) -> Points:
    """The polyline with samples about ``spacing`` apart."""
    p = points(values)
    lengths = np.hypot(*np.diff(p, axis=0).T)
    along = np.concatenate([[0.0], np.cumsum(lengths)])
    n = max(2, int(along[-1] / spacing) + 1)
    at = np.linspace(0.0, along[-1], n)
    return np.stack([np.interp(at, along, p[:, 0]), np.interp(at, along, p[:, 1])], axis=1)


def bounds(values: ArrayLike) -> tuple[float, float, float, float]:
    """``x0, y0, x1, y1`` of the points, as floats."""
    p = points(values)
    return float(p[:, 0].min()), float(p[:, 1].min()), float(p[:, 0].max()), float(p[:, 1].max())


def to_pairs(values: ArrayLike) -> tuple[tuple[int, int], ...]:
    """The points rounded to whole pixels, as plain integers."""
    return tuple((round(float(x)), round(float(y))) for x, y in points(values))


class Frame:
    """A figure's own coordinates: unit ``size`` pixels, origin ``at``, optionally mirrored and tilted."""

    def __init__(self, at: Sequence[float], size: float, *, flip: bool = False, tilt: float = 0.0) -> None:
        self.at, self.size, self.flip, self.tilt = (float(at[0]), float(at[1])), size, flip, tilt

    def __call__(self, values: ArrayLike) -> Points:
        """Own coordinates as page pixels."""
        p = points(values) * self.size
        if self.flip:
            p = p * np.array([-1.0, 1.0])
        placed: Points = rotate(p, self.tilt) + np.array(self.at)
        return placed

    def inner(self, at: Sequence[float], *, scale: float = 1.0, tilt: float = 0.0) -> Frame:
        """A frame within this one, at ``at`` in own coordinates."""
        (origin,) = self([at])
        return Frame(origin, self.size * scale, flip=self.flip, tilt=self.tilt + (-tilt if self.flip else tilt))
