"""Haru: knitted hat with a pompom, bob, long scarf, coat, boots."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from random import Random

import numpy as np

from sample.canvas import Canvas
from sample.face import Mood, blush, brows, eyes, mouth
from sample.geometry import Frame, Points, ellipse, spline
from sample.ink import Rim, blob, pen, shape


class Pose(StrEnum):
    """What her body does."""

    BUST = "bust"
    STAND = "stand"
    RUN = "run"
    THROW = "throw"
    REACH = "reach"
    HOLD = "hold"
    SIT = "sit"


_ARMS = {
    Pose.STAND: (((-0.62, 1.5), (-0.85, 2.0), (-0.8, 2.45)), ((0.62, 1.5), (0.85, 2.0), (0.8, 2.45))),
    Pose.RUN: (((-0.6, 1.5), (-1.15, 1.75), (-1.5, 1.4)), ((0.6, 1.5), (1.0, 1.95), (1.45, 2.1))),
    Pose.THROW: (((-0.6, 1.45), (-1.25, 1.35), (-1.75, 1.0)), ((0.6, 1.45), (1.05, 0.85), (1.5, -0.3))),
    Pose.REACH: (((-0.6, 1.45), (-1.35, 0.75), (-1.6, -0.5)), ((0.6, 1.45), (1.35, 0.75), (1.6, -0.5))),
    Pose.HOLD: (((-0.66, 1.45), (-0.98, 1.95), (-0.62, 2.32)), ((0.66, 1.45), (0.98, 1.95), (0.62, 2.32))),
    Pose.SIT: (((-0.62, 1.5), (-0.8, 1.95), (-0.4, 2.3)), ((0.62, 1.5), (0.8, 1.95), (0.4, 2.3))),
}
_LEGS = {
    Pose.STAND: (((-0.3, 2.6), (-0.32, 3.0), (-0.32, 3.35)), ((0.3, 2.6), (0.32, 3.0), (0.32, 3.35))),
    Pose.RUN: (((-0.25, 2.5), (-0.85, 2.7), (-1.3, 2.45)), ((0.3, 2.5), (0.75, 2.75), (0.8, 3.25))),
    Pose.THROW: (((-0.3, 2.55), (-0.75, 2.95), (-1.0, 3.3)), ((0.3, 2.55), (0.75, 2.8), (0.85, 3.3))),
    Pose.REACH: (((-0.3, 2.6), (-0.34, 3.0), (-0.34, 3.35)), ((0.3, 2.6), (0.34, 3.0), (0.34, 3.35))),
    Pose.HOLD: (((-0.3, 2.6), (-0.32, 3.0), (-0.32, 3.35)), ((0.3, 2.6), (0.32, 3.0), (0.32, 3.35))),
    Pose.SIT: (((-0.3, 2.45), (-0.4, 2.55), (-0.5, 2.85)), ((0.3, 2.45), (0.4, 2.55), (0.5, 2.85))),
}


@dataclass(frozen=True, slots=True)
class Girl:
    """Haru. ``at`` is the centre of her head, ``size`` half her face's width; she stands 3.5 sizes further down."""

    at: tuple[float, float]
    size: float
    mood: Mood = Mood.CALM
    pose: Pose = Pose.STAND
    turn: float = 0.0
    tilt: float = 0.0
    flip: bool = False
    back: bool = False
    wind: float = 0.6
    rim: float = 0.0

    def draw(self, canvas: Canvas, _: Random, /) -> None:
        frame = Frame(self.at, self.size, flip=self.flip, tilt=self.tilt)
        line = max(1.1, min(3.4, self.size * 0.034))
        if self.rim:
            rim = Rim(canvas, self.rim)
            self._body(rim, frame, line)
            self._head(rim, frame, line)
        self._body(canvas, frame, line)
        self._head(canvas, frame, line)

    def _body(self, canvas: Canvas, frame: Frame, line: float) -> None:
        self._scarf_tail(canvas, frame, line)
        if self.pose is not Pose.BUST:
            for leg in _LEGS[self.pose]:
                _leg(canvas, frame, leg, line)
        if self.pose in {Pose.RUN, Pose.THROW}:
            _arm(canvas, frame, _ARMS[self.pose][0], line)
        _coat(canvas, frame, line, long=self.pose is Pose.BUST, back=self.back)
        if self.pose in {Pose.RUN, Pose.THROW}:
            _arm(canvas, frame, _ARMS[self.pose][1], line)
        elif self.pose is not Pose.BUST:
            for arm in _ARMS[self.pose]:
                _arm(canvas, frame, arm, line)

    def _scarf_tail(self, canvas: Canvas, frame: Frame, line: float) -> None:
        w = self.wind
        top = [(-0.3, 1.0), (-0.9 - w * 0.5, 1.25), (-1.4 - w, 1.2 - w * 0.2), (-1.75 - w * 1.3, 1.4 - w * 0.5)]
        low = [(-1.7 - w * 1.3, 1.85 - w * 0.5), (-1.3 - w, 1.62 - w * 0.2), (-0.85 - w * 0.5, 1.65), (-0.3, 1.35)]
        cloth = spline(top, steps=8), spline(low, steps=8)
        outline = frame([*cloth[0], *cloth[1]])
        shape(canvas, outline, width=line)
        canvas.tone(outline, 0.22, pitch=4.2)
        for k in (10, 14, 18):
            pen(canvas, frame([cloth[0][k], cloth[1][-1 - k]]), line * 1.4)
        for t in (0.15, 0.4, 0.65, 0.9):
            x, y = cloth[0][-1] * (1 - t) + cloth[1][0] * t
            pen(canvas, frame([(x, y), (x - 0.16, y + 0.03)]), line)

    def _head(self, canvas: Canvas, frame: Frame, line: float) -> None:
        head = frame.inner((0, 0))
        if self.back:
            _scarf_ring(canvas, frame, line)
            _back_hair(canvas, head, line)
            for x in (-0.7, -0.35, 0.0, 0.35, 0.7):
                pen(canvas, head([(x * 0.9, 0.1), (x * 1.05, 0.55), (x * 1.1, 1.0)]), line)
        else:
            _back_hair(canvas, head, line)
            _scarf_ring(canvas, frame, line)
            shape(canvas, head(_FACE), width=line)
            eyes(canvas, head, self.mood, line, turn=self.turn)
            mouth(canvas, head, self.mood, line, turn=self.turn)
            pen(canvas, head([(self.turn * 0.34, 0.36), (self.turn * 0.34 + 0.03, 0.4)]), line * 1.2)
            blush(canvas, head, line, turn=self.turn)
            _bangs(canvas, head, line, self.turn)
            brows(canvas, head, self.mood, line, turn=self.turn)
        _hat(canvas, head, line, self.turn)


_FACE = blob(
    [(-0.9, -0.2), (-0.93, 0.25), (-0.74, 0.66), (-0.36, 0.9), (0, 0.97), (0.36, 0.9), (0.74, 0.66), (0.93, 0.25),
     (0.9, -0.2), (0.6, -0.75), (0, -0.95), (-0.6, -0.75)]
)  # fmt: skip


def _back_hair(canvas: Canvas, head: Frame, line: float) -> None:
    hair = blob(
        [(-1.02, -0.45), (-1.2, 0.1), (-1.22, 0.6), (-1.3, 0.98), (-0.98, 1.1), (-0.5, 1.02), (0, 1.06), (0.5, 1.02),
         (0.98, 1.1), (1.3, 0.98), (1.22, 0.6), (1.2, 0.1), (1.02, -0.45), (0, -0.9)]
    )  # fmt: skip
    shape(canvas, head(hair), width=line * 1.1)
    canvas.tone(head(hair), 0.42, pitch=3.4)
    for side in (-1, 1):
        for k in (0.0, 0.1, 0.2):
            x = side * (1.12 - k)
            pen(canvas, head([(x, 0.2 + k), (x * 1.02, 0.6), (x * 1.06, 1.0 - k * 0.3)]), line)


def _bangs(canvas: Canvas, head: Frame, line: float, turn: float) -> None:
    s = turn * 0.14
    left = [(-1.05, -0.35), (-1.12, 0.1), (-1.1, 0.66), (-0.9, 0.46), (-0.82, 0.05), (-0.72, -0.28)]
    right = [(0.7, -0.26), (0.82, 0.05), (0.9, 0.46), (1.1, 0.66), (1.12, 0.1), (1.05, -0.35)]
    locks = [(-0.5, -0.1), (-0.36, -0.3), (-0.1, -0.06), (0.08, -0.32), (0.36, -0.1), (0.5, -0.32)]
    tips = [*left, *((x + s, y) for x, y in locks), *right, (0.6, -0.75), (-0.6, -0.75)]
    outline = spline(tips, closed=True, steps=5)
    canvas.fill(head(outline), 255)
    canvas.tone(head(outline), 0.42, pitch=3.4)
    canvas.stroke(head(outline), line * 1.1, closed=True)
    # A gloss on the hair; on a small head it would only break the lines.
    for x in (-0.8, -0.46, -0.02, 0.4, 0.74) if head.size >= 55 else ():
        pen(canvas, head([(x + s, -0.4), (x + s * 1.1, -0.28), (x + 0.02 + s, -0.17)]), line * 1.5, 255)
    for x in (-0.62, -0.24, 0.2, 0.58):
        pen(canvas, head([(x + s, -0.5), (x + s * 1.2, -0.3), (x + 0.03 + s, -0.16)]), line)


def _hat(canvas: Canvas, head: Frame, line: float, turn: float) -> None:
    dome = spline([(-1.08, -0.6), (-1.0, -0.9), (-0.62, -1.28), (0, -1.42), (0.62, -1.28), (1.0, -0.9), (1.08, -0.6)])
    pom = blob([(0.34 * (1 if i % 2 else 0.86) * x, -1.6 + 0.32 * (1 if i % 2 else 0.86) * y)
                for i, (x, y) in enumerate(ellipse((0, 0), 1, 1, n=18))], steps=6)  # fmt: skip
    shape(canvas, head(pom), width=line)
    for dx in (-0.12, 0.0, 0.12):
        pen(canvas, head([(dx, -1.72), (dx * 1.4, -1.6), (dx, -1.48)]), line * 0.8)
    shape(canvas, head(dome), width=line)
    for x in (-0.66, -0.34, 0.0, 0.34, 0.66):
        pen(canvas, head([(x * 1.1 + turn * 0.1, -0.6), (x * 1.08 + turn * 0.1, -0.98), (x * 0.55, -1.34)]), line * 0.9)
    band = blob([(-1.14, -0.38), (-1.17, -0.62), (-0.6, -0.8), (0, -0.85), (0.6, -0.8), (1.17, -0.62), (1.14, -0.38),
                 (0.6, -0.5), (0, -0.55), (-0.6, -0.5)], steps=6)  # fmt: skip
    shape(canvas, head(band), width=line)
    canvas.tone(head(band), 0.22, pitch=4.2)
    for i in range(9):
        x = -0.96 + i * 0.24
        dip = 0.17 * (1 - x * x)
        pen(canvas, head([(x, -0.44 - dip * 0.7), (x * 1.02, -0.62 - dip)]), line * 1.1)


def _scarf_ring(canvas: Canvas, frame: Frame, line: float) -> None:
    ring = blob(
        [(-0.78, 0.78), (-0.86, 1.12), (-0.5, 1.42), (0, 1.48), (0.5, 1.42), (0.86, 1.12), (0.78, 0.78), (0, 0.7)]
    )
    shape(canvas, frame(ring), width=line)
    canvas.tone(frame(ring), 0.22, pitch=4.2)
    pen(canvas, frame([(-0.8, 1.02), (-0.3, 1.24), (0.3, 1.24), (0.8, 1.02)]), line * 1.2)
    for x in (-0.6, -0.2, 0.25, 0.62):
        pen(canvas, frame([(x, 1.24 - x * x * 0.25), (x * 0.97, 1.4 - x * x * 0.3)]), line)


def _coat(canvas: Canvas, frame: Frame, line: float, *, long: bool, back: bool) -> None:
    foot, flare = (4.6, 1.5) if long else (2.65, 0.95)
    side = [(-0.5, 1.1), (-0.72, 1.45), (-0.8 if not long else -1.05, 2.0), (-flare, foot)]
    mirrored = [(-x, y) for x, y in reversed(side)]
    outline = frame([*spline(side), *spline([side[-1], (0, foot + 0.1), mirrored[0]]), *spline(mirrored)])
    shape(canvas, outline, width=line)
    if back:
        pen(canvas, frame([(0, 2.0), (0.02, 2.3), (0, foot)]), line * 1.2)
        return
    pen(canvas, frame([(0.05, 1.4), (0.08, 2.0), (0.06, foot + 0.05)]), line * 1.3)
    for y in (1.75, 2.12, 2.9, 3.5):
        if y < foot - 0.2:
            shape(canvas, frame(ellipse((-0.14, y), 0.085, 0.085, n=24)), width=line, fill=0)


def _limb(line: Points, width: float, end: float) -> Points:
    """The outline of a sleeve or trouser leg around a centre line."""
    step = line[1:] - line[:-1]
    step = step / ((step**2).sum(axis=1, keepdims=True) ** 0.5)
    side = step[:, ::-1] * [-1.0, 1.0]
    n = len(step)
    half = [[width + (end - width) * i / (n - 1)] for i in range(n)]
    left, right = line[:-1] + side * half, line[:-1] - side * half
    outline: Points = np.vstack([left, right[::-1]])
    return outline


def _sleeve(canvas: Canvas, outline: Points, line: float) -> None:
    """A limb without a line where it meets the body."""
    canvas.fill(outline, 255)
    canvas.stroke(outline, [line * 0.7, line, line * 1.1, line, line * 0.7])


def _arm(canvas: Canvas, frame: Frame, joints: tuple[tuple[float, float], ...], line: float) -> None:
    path = spline(joints, steps=6)
    hand = blob(ellipse(tuple(path[-1]), 0.2, 0.2, n=10))
    shape(canvas, frame(hand), width=line)
    canvas.tone(frame(hand), 0.42, pitch=3.4)
    _sleeve(canvas, frame(_limb(path, 0.21, 0.26)), line)


def _leg(canvas: Canvas, frame: Frame, joints: tuple[tuple[float, float], ...], line: float) -> None:
    path = spline(joints, steps=6)
    end = path[-1]
    boot = blob([(end[0] - 0.23, end[1] - 0.22), (end[0] + 0.23, end[1] - 0.22), (end[0] + 0.36, end[1] + 0.06),
                 (end[0] + 0.3, end[1] + 0.18), (end[0] - 0.24, end[1] + 0.18)])  # fmt: skip
    shape(canvas, frame(_limb(path, 0.19, 0.17)), width=line, fill=0)
    shape(canvas, frame(boot), width=line)
    canvas.tone(frame(boot), 0.42, pitch=3.4)
