"""How figures are inked: closed shapes with a swelling outline, rims."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from sample.canvas import Canvas
from sample.geometry import Points, points, spline

TAPER = np.array([0.15, 0.7, 1.0, 0.85, 0.2])
"""A pen stroke: thin where the pen lands and leaves."""


def taper(width: float) -> Points:
    """Stations of a pen stroke that is ``width`` pixels wide at its thickest."""
    stroke: Points = TAPER * width
    return stroke


def swell(outline: Points, width: float) -> Points:
    """Stations of an outline that is thicker below and at the right, as if lit from the upper left."""
    step = np.roll(outline, -1, axis=0) - outline
    normal = np.stack([step[:, 1], -step[:, 0]], axis=1)
    normal /= np.maximum(1e-6, np.hypot(*normal.T))[:, None]
    area = float(np.sum(outline[:, 0] * np.roll(outline[:, 1], -1) - outline[:, 1] * np.roll(outline[:, 0], -1)))
    lit = normal @ np.array([0.5, 0.85]) * (1 if area > 0 else -1)
    smooth = np.convolve(np.concatenate([lit[-4:], lit, lit[:4]]), np.ones(9) / 9, mode="valid")
    widths: Points = width * (0.92 + 0.42 * smooth)
    return widths


def shape(
    canvas: Canvas, outline: ArrayLike, *, width: float, fill: int | None = 255, ink: int = 0, rim: float = 0.0
) -> None:
    """A filled closed shape with an inked outline; ``rim`` is a band of white around it, in pixels."""
    p = points(outline)
    if rim:
        canvas.stroke(p, 2 * rim + width, 255, closed=True)
    if fill is not None:
        canvas.fill(p, fill)
    if width:
        canvas.stroke(p, swell(p, width), ink, closed=True)


def blob(values: ArrayLike, steps: int = 10) -> Points:
    """The closed curve through the given points."""
    return spline(values, closed=True, steps=steps)


def pen(canvas: Canvas, line: ArrayLike, width: float, ink: int = 0) -> None:
    """One tapering stroke along the curve through the given points."""
    canvas.stroke(spline(line), taper(width), ink)


class Rim(Canvas):
    """Draws every shape and line on ``canvas`` as a white band of ``width`` pixels around it, and nothing else.

    A figure drawn here first, and then on the canvas itself, stands out from a dark ground.
    """

    def __init__(self, canvas: Canvas, width: float) -> None:
        super().__init__(canvas.box, grey=canvas.grey)
        self.rim = width

    def fill(self, polygon: ArrayLike, value: int = 255) -> None:  # noqa: ARG002 (as in Canvas)
        super().stroke(polygon, 2 * self.rim, 255, closed=True)

    def stroke(
        self,
        line: ArrayLike,
        width: float | Sequence[float] | Points,  # noqa: ARG002
        value: int = 0,  # noqa: ARG002
        *,
        closed: bool = False,
    ) -> None:
        super().stroke(line, 2 * self.rim, 255, closed=closed)

    def tone(
        self,
        polygon: ArrayLike,
        density: float | tuple[float, float],
        *,
        pitch: float = 4.6,
        degrees: float = 45.0,
        value: int = 0,
    ) -> None:
        """Tone has no rim of its own."""
