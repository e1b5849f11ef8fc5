"""Faces of the sample's figures: eyes, brows and mouths for each mood."""

from __future__ import annotations

from enum import StrEnum

from sample.canvas import Canvas
from sample.geometry import Frame, ellipse
from sample.ink import blob, pen, shape


class Mood(StrEnum):
    """What a face shows."""

    CALM = "calm"
    HAPPY = "happy"
    SURPRISED = "surprised"
    DETERMINED = "determined"
    SHOUTING = "shouting"
    SAD = "sad"
    FLAT = "flat"
    SLEEPY = "sleepy"
    SCARED = "scared"


def eyes(canvas: Canvas, frame: Frame, mood: Mood, line: float, *, turn: float = 0.0) -> None:
    """Two eyes; the face is 2 units wide, ``turn`` (-1 to 1) looks aside."""
    for side in (-1, 1):
        near = 1 - 0.22 * max(0.0, side * turn)
        _eye(canvas, frame.inner((side * 0.4 + turn * 0.2, 0.16)), mood, line, side, near, turn)


def brows(canvas: Canvas, frame: Frame, mood: Mood, line: float, *, turn: float = 0.0) -> None:
    """Two brows, drawn over the hair as is the custom."""
    for side in (-1, 1):
        near = 1 - 0.22 * max(0.0, side * turn)
        _brow(canvas, frame.inner((side * 0.4 + turn * 0.2, 0.16)), mood, line, side, near)


def _eye(canvas: Canvas, at: Frame, mood: Mood, line: float, side: int, near: float, turn: float) -> None:
    w = 0.17 * near
    if mood is Mood.HAPPY:
        pen(canvas, at([(-w * 1.25, 0.08), (0, -0.13), (w * 1.25, 0.08)]), line * 2.4)
    elif mood is Mood.SLEEPY:
        pen(canvas, at([(-w * 1.2, 0.0), (0, 0.12), (w * 1.2, 0.0)]), line * 2.2)
    elif mood in {Mood.SURPRISED, Mood.SCARED}:
        shape(canvas, at(ellipse((0, 0), w * 1.25, 0.27, n=40)), width=line * 1.3)
        pupil = 0.5 if mood is Mood.SURPRISED else 0.24
        canvas.fill(at(ellipse((turn * 0.05, 0.01), w * pupil, 0.22 * pupil, n=32)), 0)
    else:
        _open_eye(canvas, at, mood, line, side, w, turn)


def _open_eye(canvas: Canvas, at: Frame, mood: Mood, line: float, side: int, w: float, turn: float) -> None:
    half = mood is Mood.FLAT
    x = turn * 0.03
    canvas.fill(at(ellipse((x, 0.02), w, 0.25, n=48)), 0)
    canvas.tone(at(ellipse((x, 0.14), w * 0.78, 0.1, n=32)), 0.45, pitch=2.6, value=255)
    canvas.fill(at(ellipse((x + 0.05, -0.09), w * 0.36, 0.085, n=24)), 255)
    canvas.fill(at(ellipse((x - 0.055, 0.13), w * 0.2, 0.045, n=20)), 255)
    if half:
        canvas.fill(at([(-0.3, -0.32), (0.3, -0.32), (0.3, -0.04), (-0.3, -0.04)]), 255)
        pen(canvas, at([(-w * 1.5, -0.03), (0, -0.05), (w * 1.5, -0.03)]), line * 2.4)
        return
    slant = 0.07 * side if mood in {Mood.DETERMINED, Mood.SHOUTING} else -0.03 * side
    outer = side * w * 1.5
    pen(canvas, at([(-outer * 0.7, -0.2 + slant), (0, -0.265), (outer, -0.13 - slant)]), line * 2.6)
    pen(canvas, at([(outer * 0.9, -0.15 - slant), (outer * 1.25, -0.2 - slant)]), line * 1.6)


def _brow(canvas: Canvas, at: Frame, mood: Mood, line: float, side: int, near: float) -> None:
    inner, outer, lift = {
        Mood.SURPRISED: (-0.5, -0.47, -0.07),
        Mood.DETERMINED: (-0.29, -0.45, -0.02),
        Mood.SHOUTING: (-0.3, -0.48, -0.02),
        Mood.SAD: (-0.48, -0.36, -0.01),
        Mood.SCARED: (-0.56, -0.42, -0.01),
        Mood.FLAT: (-0.36, -0.36, 0.0),
    }.get(mood, (-0.41, -0.38, -0.05))
    x0, x1 = -side * 0.15 * near, side * 0.2 * near
    pen(canvas, at([(x0, inner), ((x0 + x1) / 2, (inner + outer) / 2 + lift), (x1, outer)]), line * 1.5)


def mouth(canvas: Canvas, frame: Frame, mood: Mood, line: float, *, turn: float = 0.0) -> None:
    """The mouth, for a face 2 units wide."""
    at = frame.inner((turn * 0.26, 0.57))
    if mood is Mood.SHOUTING:
        _open_mouth(canvas, at, line, 0.3, 0.28)
    elif mood is Mood.SURPRISED:
        shape(canvas, at(ellipse((0, 0.03), 0.1, 0.13, n=32)), width=line, fill=0)
    elif mood is Mood.SCARED:
        lips = [(-0.3, 0.22), (-0.16, 0.0), (0.16, 0.0), (0.3, 0.22), (0.15, 0.17), (0, 0.23), (-0.15, 0.17)]
        shape(canvas, at(blob(lips, steps=5)), width=line * 1.2, fill=0)
    elif mood is Mood.HAPPY:
        _open_mouth(canvas, at, line, 0.2, 0.18)
    elif mood is Mood.SAD:
        pen(canvas, at([(-0.13, 0.05), (0, -0.02), (0.13, 0.06)]), line * 1.5)
    elif mood in {Mood.FLAT, Mood.DETERMINED}:
        pen(canvas, at([(-0.14, 0.02), (0, 0.0), (0.14, 0.0)]), line * 1.5)
    else:
        pen(canvas, at([(-0.13, -0.01), (0, 0.05), (0.13, -0.01)]), line * 1.5)


def _open_mouth(canvas: Canvas, at: Frame, line: float, w: float, h: float) -> None:
    opening = blob([(-w, -0.05), (0, 0.0 - h * 0.25), (w, -0.05), (w * 0.6, h * 0.75), (0, h), (-w * 0.6, h * 0.75)])
    shape(canvas, at(opening), width=line * 1.2, fill=0)
    canvas.fill(at(ellipse((0, h * 0.68), w * 0.42, h * 0.22, n=32)), 190)


def blush(canvas: Canvas, frame: Frame, line: float, *, turn: float = 0.0) -> None:
    """Three short strokes on each cheek."""
    for side in (-1, 1):
        for i in range(3):
            x = side * 0.64 + turn * 0.2 + (i - 1) * 0.085
            pen(canvas, frame([(x + 0.03, 0.38), (x, 0.43), (x - 0.03, 0.48)]), line * 0.9)
