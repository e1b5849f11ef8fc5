"""Balloons and narration boxes: their shapes, tails and how joined ones share an outline."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from random import Random

import cv2
import numpy as np

from sample.canvas import SCALE, Canvas, Grey
from sample.geometry import Points, ellipse, points, rectangle, spline

OUTLINE_PX = 2.2


class Shape(StrEnum):
    """The outline of a balloon."""

    ELLIPSE = "ellipse"
    CLOUD = "cloud"
    SPIKY = "spiky"
    ROUNDED = "rounded"
    WAVY = "wavy"
    BOX = "box"

    def half_size(self, width: float, height: float) -> tuple[float, float]:
        """Half width and height that leave a margin around a text of this size."""
        if self is Shape.BOX:
            return width / 2 + 11, height / 2 + 11
        if self is Shape.ROUNDED:
            return max(width / 2 + 17, height * 0.27), height / 2 + 16
        spare = {Shape.SPIKY: 14, Shape.CLOUD: 12}.get(self, 5)
        tall = height >= width
        rx = width / 2 * (1.33 if tall else 1.2) + spare + 8
        ry = height / 2 * (1.17 if tall else 1.3) + spare + 5
        return max(rx, ry * 0.63, 34), max(ry, rx * 0.46, 42)

    def holds(self, offsets: Points) -> bool:
        """Whether all points lie well inside; they count from the centre, in half widths and half heights."""
        x, y = np.abs(offsets).T
        if self in {Shape.BOX, Shape.ROUNDED}:
            return bool((np.maximum(x, y) <= 0.97).all())
        reach = {Shape.SPIKY: 0.85, Shape.CLOUD: 0.9, Shape.WAVY: 0.9}.get(self, 0.98)
        return bool((x**2.25 + y**2.25 <= reach).all())


@dataclass(frozen=True, slots=True)
class Balloon:
    """A balloon around a text. ``radii`` is its half size (by default what the text needs); ``tail`` is the tail's tip.

    ``bubbles`` draws the tail as a thought's bubbles; balloons of one ``group`` share their outline; ``dark`` is filled
    with ink.
    """

    shape: Shape = Shape.ELLIPSE
    tail: tuple[float, float] | None = None
    radii: tuple[float, float] | None = None
    shift: tuple[float, float] = (0.0, 0.0)
    dark: bool = False
    bubbles: bool = False
    group: str = ""
    outline: float = OUTLINE_PX


def outline(shape: Shape, center: tuple[float, float], radii: tuple[float, float], rng: Random) -> Points:
    """The closed outline of a shape, page pixels."""
    rx, ry = radii
    if shape is Shape.BOX:
        return rectangle(center[0] - rx, center[1] - ry, center[0] + rx, center[1] + ry)
    if shape is Shape.ROUNDED:
        return ellipse(center, rx, ry, n=160, power=5.0)
    if shape is Shape.SPIKY:
        return _spikes(center, radii, rng)
    if shape is Shape.CLOUD:
        return _cloud(center, radii, rng)
    if shape is Shape.WAVY:
        return _wavy(center, radii, rng)
    return _egg(center, radii, rng)


def tails(balloon: Balloon, center: tuple[float, float], radii: tuple[float, float]) -> tuple[Points, ...]:
    """What leads from the balloon to its speaker: one horn, or a row of bubbles."""
    if balloon.tail is None:
        return ()
    tip, mid = np.array(balloon.tail), np.array(center)
    along = tip - mid
    reach = 1 / max(1e-6, math.hypot(along[0] / radii[0], along[1] / radii[1]))
    edge = mid + along * reach
    if balloon.bubbles:
        steps = ((0.2, 7.5), (0.56, 5.0), (0.9, 3.2))
        return tuple(ellipse(tuple(edge + (tip - edge) * t), r * 1.25, r, n=40) for t, r in steps)
    side = np.array([-along[1], along[0]]) / max(1e-6, float(np.hypot(*along)))
    root = mid + along * reach * 0.86
    sharp = balloon.shape is Shape.SPIKY
    half = min(15.0 if sharp else 13.0, 0.2 * min(radii) + 5)
    bend = side * half * (0.0 if sharp else 0.5 if along[0] >= 0 else -0.5)
    left = spline([root + side * half, (root + side * half + tip) / 2 + bend, tip], steps=8)
    right = spline([tip, (root - side * half + tip) / 2 + bend, root - side * half], steps=8)
    return (np.vstack([left, right[1:]]),)


def draw_balloons(canvas: Canvas, shapes: tuple[Points, ...], *, dark: bool, width: float) -> None:
    """Draws the union of the polygons: filled, with one clean outline around it."""
    mask = np.zeros(canvas.grey.shape, np.uint8)
    for shape in shapes:
        np.maximum(mask, canvas.mask(shape), out=mask)
    rim = max(1, round(width * SCALE / 2))
    canvas.grey[grown(mask, rim) > 0] = 255 if dark else 0
    canvas.grey[shrunk(mask, rim) > 0] = 0 if dark else 255


def grown(mask: Grey, by: int) -> Grey:
    """The mask with ``by`` cells added all round."""
    return np.asarray(cv2.dilate(mask, _disc(by)), dtype=np.uint8)


def shrunk(mask: Grey, by: int) -> Grey:
    """The mask with ``by`` cells taken off all round, at the sheet's edge too."""
    eroded = cv2.erode(mask, _disc(by), borderType=cv2.BORDER_CONSTANT, borderValue=255)
    return np.asarray(eroded, dtype=np.uint8)


def _disc(radius: int) -> Grey:
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1)), dtype=np.uint8)


def _egg(center: tuple[float, float], radii: tuple[float, float], rng: Random) -> Points:
    """An ellipse as a hand draws it: slightly squarish, slightly uneven."""
    p = ellipse((0, 0), radii[0], radii[1], n=96, power=2.25)
    t = np.linspace(0, 2 * np.pi, len(p), endpoint=False)
    a, b = rng.uniform(0, 6.3), rng.uniform(0, 6.3)
    uneven = 1 + 0.012 * np.sin(2 * t + a) + 0.012 * np.sin(3 * t + b)
    return points(p * uneven[:, None] + np.array(center))


def _wavy(center: tuple[float, float], radii: tuple[float, float], rng: Random) -> Points:
    p = ellipse((0, 0), radii[0], radii[1], n=200, power=2.3)
    t = np.linspace(0, 2 * np.pi, len(p), endpoint=False)
    waves = max(9, round(sum(radii) / 9))
    waving = 1 + 3.0 / min(radii) * np.sin(waves * t + rng.uniform(0, 6.3))
    return points(p * waving[:, None] + np.array(center))


def _spikes(center: tuple[float, float], radii: tuple[float, float], rng: Random) -> Points:
    """A shout: uneven spikes with hollow flanks."""
    count = max(12, round(sum(radii) / 10))
    steps = np.array([rng.uniform(0.75, 1.3) for _ in range(count)])
    at = np.concatenate([[0.0], np.cumsum(steps) / steps.sum()]) * 2 * np.pi + rng.uniform(0, 1)
    flanks = []
    for i, (a, b) in enumerate(pairwise(at.tolist())):
        reach = rng.uniform(0.16, 0.22) if i % 2 else rng.uniform(0.26, 0.36)
        s = np.linspace(-1.0, 1.0, 13)[:-1]
        # A spike is a cusp: its flanks are hollow, and lean a little to one side.
        height = 0.96 + reach * (1 - np.abs(s) ** 0.55)
        t = (a + b) / 2 + (b - a) / 2 * (s + rng.uniform(-0.25, 0.25) * (1 - np.abs(s)))
        flanks.append(np.stack([np.cos(t) * radii[0] * height, np.sin(t) * radii[1] * height], axis=1))
    return points(np.vstack(flanks) + np.array(center))


def _cloud(center: tuple[float, float], radii: tuple[float, float], rng: Random) -> Points:
    """A thought: bumps around an ellipse, each an arc between two points of it."""
    count = max(9, round(sum(radii) / 14))
    steps = np.array([rng.uniform(0.8, 1.2) for _ in range(count)])
    at = np.concatenate([[0.0], np.cumsum(steps) / steps.sum()]) * 2 * np.pi + rng.uniform(0, 1)
    arcs = []
    for a, b in pairwise(at.tolist()):
        t = np.linspace(a, b, 14, endpoint=False)
        swell = 0.93 + 0.13 * np.sin((t - a) / (b - a) * np.pi) ** 0.7
        arcs.append(np.stack([np.cos(t) * radii[0] * swell, np.sin(t) * radii[1] * swell], axis=1))
    return points(np.vstack(arcs) + np.array(center))
