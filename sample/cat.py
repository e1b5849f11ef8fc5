"""Sumi, the black cat who talks."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from sample.canvas import Canvas
from sample.face import Mood
from sample.geometry import Frame, ellipse, spline
from sample.ink import blob, pen, shape


@dataclass(frozen=True, slots=True)
class Cat:
    """Sumi. ``at`` is the centre of his head, ``size`` half its width in pixels; he sits 2.3 sizes further down."""

    at: tuple[float, float]
    size: float
    mood: Mood = Mood.FLAT
    look: float = 0.0
    flip: bool = False
    tilt: float = 0.0
    body: bool = True
    tail: bool = True
    rim: float = 2.0

    def draw(self, canvas: Canvas, _: Random, /) -> None:
        frame = Frame(self.at, self.size, flip=self.flip, tilt=self.tilt)
        outlines = [frame(o) for o in (*(_BODY[: 2 if self.tail else 1] if self.body else ()), *_HEAD)]
        for outline in outlines:
            canvas.stroke(outline, 2 * self.rim, 255, closed=True)
        for outline in outlines:
            canvas.fill(outline, 0)
        if self.body:
            self._details(canvas, frame)
        self._face(canvas, frame)

    def _details(self, canvas: Canvas, frame: Frame) -> None:
        line = max(0.9, self.size * 0.04)
        pen(canvas, frame([(-0.2, 1.75), (-0.24, 2.1), (-0.2, 2.36)]), line, 255)
        pen(canvas, frame([(0.2, 1.75), (0.24, 2.1), (0.2, 2.36)]), line, 255)
        pen(canvas, frame([(-0.78, 1.55), (-0.62, 1.85), (-0.66, 2.3)]), line, 255)
        bell = frame(ellipse((0, 0.98), 0.17, 0.17, n=28))
        pen(canvas, frame([(-0.62, 0.72), (0, 0.92), (0.62, 0.72)]), line * 2.6, 255)
        shape(canvas, bell, width=max(1.0, line * 0.9))
        pen(canvas, frame([(0, 0.98), (0, 1.12)]), line)

    def _face(self, canvas: Canvas, frame: Frame) -> None:
        line = max(1.0, self.size * 0.045)
        for side in (-1, 1):
            ear = [(side * 0.56, -0.66), (side * 0.78, -1.04), (side * 0.86, -0.52)]
            canvas.tone(frame(ear), 0.6, pitch=3.0, value=255)
            self._eye(canvas, frame, side, line)
            for k in (0.0, 0.15):
                root = (side * 0.62, 0.3 + k)
                pen(canvas, frame([root, (side * 0.95, 0.24 + k * 1.6), (side * 1.28, 0.26 + k * 2)]), line, 255)
        x = self.look * 0.12
        canvas.fill(frame(blob([(x - 0.1, 0.26), (x + 0.1, 0.26), (x, 0.37)])), 255)
        if self.mood in {Mood.SHOUTING, Mood.SURPRISED, Mood.SCARED}:
            canvas.fill(frame(ellipse((x, 0.56), 0.16, 0.1 if self.mood is Mood.SURPRISED else 0.17, n=28)), 255)
        else:
            pen(canvas, frame([(x - 0.24, 0.47), (x - 0.1, 0.54), (x, 0.42)]), line * 1.3, 255)
            pen(canvas, frame([(x + 0.24, 0.47), (x + 0.1, 0.54), (x, 0.42)]), line * 1.3, 255)

    def _eye(self, canvas: Canvas, frame: Frame, side: int, line: float) -> None:
        x = side * 0.42 + self.look * 0.08
        if self.mood in {Mood.HAPPY, Mood.SLEEPY}:
            bend = -0.16 if self.mood is Mood.HAPPY else 0.12
            pen(canvas, frame([(x - 0.22, 0.04), (x, 0.04 + bend), (x + 0.22, 0.04)]), line * 2.2, 255)
            return
        wide = self.mood in {Mood.SURPRISED, Mood.SHOUTING, Mood.SCARED}
        canvas.fill(frame(ellipse((x, 0.0), 0.25, 0.29 if wide else 0.25, n=40)), 255)
        pupil = (0.07, 0.12) if wide else (0.09, 0.2)
        canvas.fill(frame(ellipse((x + self.look * 0.13, 0.02), *pupil, n=28)), 0)
        if self.mood in {Mood.FLAT, Mood.DETERMINED, Mood.SAD}:
            drop = {Mood.FLAT: (-0.08, -0.08), Mood.DETERMINED: (0.02, -0.2), Mood.SAD: (-0.22, -0.04)}[self.mood]
            inner, outer = x - side * 0.3, x + side * 0.3
            canvas.fill(frame([(inner, -0.34), (outer, -0.34), (outer, drop[1]), (inner, drop[0])]), 0)


_HEAD = (
    blob([(-1.0, 0.1), (-0.9, 0.5), (-0.5, 0.78), (0, 0.84), (0.5, 0.78), (0.9, 0.5), (1.0, 0.1), (0.88, -0.4),
          (0.5, -0.68), (0, -0.74), (-0.5, -0.68), (-0.88, -0.4)]),
    spline([(-0.95, -0.2), (-0.98, -0.75), (-0.88, -1.22), (-0.5, -0.95), (-0.25, -0.6)], closed=True),
    spline([(0.95, -0.2), (0.98, -0.75), (0.88, -1.22), (0.5, -0.95), (0.25, -0.6)], closed=True),
)  # fmt: skip
_BODY = (
    blob([(-0.5, 0.6), (-0.72, 1.2), (-0.98, 1.9), (-0.95, 2.35), (-0.4, 2.45), (0.4, 2.45), (0.95, 2.35), (0.98, 1.9),
          (0.72, 1.2), (0.5, 0.6)]),
    blob([(0.8, 2.2), (1.25, 2.2), (1.6, 1.85), (1.62, 1.35), (1.82, 1.05), (2.05, 1.3), (1.98, 1.95), (1.6, 2.4),
          (1.1, 2.46)]),
)  # fmt: skip
