"""A text of a page spec: what it says, how it is set, where it stands and what surrounds it."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

import cv2
import numpy as np

from sample.balloon import Balloon, grown, outline, shrunk, tails
from sample.canvas import SCALE, Canvas, Grey, shrink
from sample.errors import OutsideBalloonError, OutsidePageError
from sample.geometry import BoxXyxy, Points, points, to_pairs
from sample.lettering import Lettering, Style, set_text
from sample.markup import Marked, parse
from sample.truth import BalloonTruth, Kind, Polygon, TextTruth

MARGIN_PX = 6.0
"""At least this much white is left between a text and an outline that is fitted to it."""
INK_LEVEL = 9
"""Coverage (0 to 255) from which ink changes a page pixel: half a step of the page's 16 greys."""


@dataclass(frozen=True, slots=True)
class Text:
    """A text with ruby markup; ``at`` is the centre of its ink, page pixels."""

    marked: str
    at: tuple[float, float]
    kind: Kind = Kind.DIALOGUE
    style: Style = field(default_factory=Style)
    balloon: Balloon | None = None


@dataclass(frozen=True, slots=True)
class PlacedText:
    """A text as it stands on a page: its ink, and its balloon's outline and tails."""

    spec: Text
    marked: Marked
    lettering: Lettering
    cell: tuple[int, int]
    balloon: tuple[Points, ...]

    def ink(self, canvas: Canvas) -> None:
        """Draws the rim, if any, then the text."""
        value = 255 if self.spec.style.white else 0
        x, y = self.cell[0] - canvas.box[0] * SCALE, self.cell[1] - canvas.box[1] * SCALE
        rim = round(self.spec.style.outline * SCALE)
        if rim:
            canvas.ink(self._rim(rim), x=x - rim, y=y - rim, value=255 - value)
        canvas.ink(self.lettering.coverage, x=x, y=y, value=value)

    def mask(self, width: int, height: int) -> Grey:
        """255 where the text or its rim has ink, for a page of this size."""
        rim = round(self.spec.style.outline * SCALE)
        coverage = self._rim(rim) if rim else self.lettering.coverage
        return _page_mask(coverage, self.cell[0] - rim, self.cell[1] - rim, width, height, faint=True)

    def truth(self, order: int, width: int, height: int) -> TextTruth:
        """Where it stands; raises :class:`OutsidePageError`."""
        cx = (self.cell[0] + self.lettering.coverage.shape[1] / 2) / SCALE
        cy = (self.cell[1] + self.lettering.coverage.shape[0] / 2) / SCALE

        def placed(polygon: Points) -> Polygon:
            return to_pairs(polygon + np.array([cx, cy]))

        return TextTruth(
            order, self.spec.kind, self.marked.plain, self.marked.ruby,
            _box(_page_mask(self.lettering.coverage, *self.cell, width, height)),
            placed(self.lettering.polygon), self.spec.style.vertical, self.spec.style.tilt,
            tuple(placed(p) for p in self.lettering.lines), tuple(placed(p) for p in self.lettering.ruby),
            self._balloon_truth(width, height),
        )  # fmt: skip

    def _rim(self, rim: int) -> Grey:
        return grown(np.pad(self.lettering.coverage, rim), rim)

    def _balloon_truth(self, width: int, height: int) -> BalloonTruth | None:
        spec = self.spec.balloon
        if spec is None:
            return None
        sheet = Canvas((0, 0, width, height))
        mask = sheet.mask(self.balloon[0])
        if not spec.bubbles:
            for tail in self.balloon[1:]:
                np.maximum(mask, sheet.mask(tail), out=mask)
        inside = (shrink(shrunk(mask, max(1, round(spec.outline * SCALE / 2)))) >= 128).astype(np.uint8)
        found, _ = cv2.findContours(inside, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
        contour = cv2.approxPolyDP(max(found, key=cv2.contourArea), 0.7, closed=True).reshape(-1, 2)
        return BalloonTruth(_box(inside), to_pairs(contour), spec.shape.value, spec.dark, spec.group)


def place(spec: Text, rng: Random, *, width: int, height: int) -> PlacedText:
    """Sets a text on a page of this size; raises a :class:`SpecError` where it cannot stand."""
    marked = parse(spec.marked)
    lettering = set_text(marked, spec.style, rng)
    rows, columns = lettering.coverage.shape
    cell = (round(spec.at[0] * SCALE) - columns // 2, round(spec.at[1] * SCALE) - rows // 2)
    rim = round(spec.style.outline * SCALE)
    if min(cell) < rim or cell[0] + columns + rim > width * SCALE or cell[1] + rows + rim > height * SCALE:
        raise OutsidePageError("at", f"{marked.plain!r} at {spec.at} leaves a page of {width}x{height}")
    return PlacedText(spec, marked, lettering, cell, _surround(spec, marked, lettering, rng))


def _surround(spec: Text, marked: Marked, lettering: Lettering, rng: Random) -> tuple[Points, ...]:
    if spec.balloon is None:
        return ()
    balloon = spec.balloon
    center = (spec.at[0] + balloon.shift[0], spec.at[1] + balloon.shift[1])
    radii = balloon.radii or _roomy(balloon, lettering)
    if min(radii) <= 0 or not balloon.shape.holds(_ink_offsets(balloon, lettering) / np.array(radii)):
        raise OutsideBalloonError("radii", f"{marked.plain!r} does not fit a {balloon.shape} of {radii}")
    return (outline(balloon.shape, center, radii, rng), *tails(balloon, center, radii))


def _roomy(balloon: Balloon, lettering: Lettering) -> tuple[float, float]:
    """The shape's usual half size for a text, grown until nothing of the ink comes near the outline."""
    ink = np.abs(_ink_offsets(balloon, lettering)) + MARGIN_PX
    rx, ry = balloon.shape.half_size(*lettering.size)
    while not balloon.shape.holds(ink / np.array([rx, ry])):
        rx, ry = rx * 1.02, ry * 1.02
    return rx, ry


def _ink_offsets(balloon: Balloon, lettering: Lettering) -> Points:
    """Where the text has ink, page pixels from the balloon's centre."""
    ys, xs = np.nonzero(lettering.coverage[::SCALE, ::SCALE])
    half = np.array(lettering.coverage.shape[::-1]) / SCALE / 2
    return points(np.stack([xs, ys], axis=1) - half - np.array(balloon.shift))


def _page_mask(coverage: Grey, x: int, y: int, width: int, height: int, *, faint: bool = False) -> Grey:
    """Cell coverage at cell ``(x, y)`` as a mask of page pixels; ``faint`` takes in any pixel with a trace of ink."""
    left, top = x % SCALE, y % SCALE
    right, bottom = -(left + coverage.shape[1]) % SCALE, -(top + coverage.shape[0]) % SCALE
    cells = np.pad(coverage, ((top, bottom), (left, right)))
    small = shrink((cells > 0).astype(np.uint8) * 255) > 0 if faint else shrink(cells) >= INK_LEVEL
    mask = np.zeros((height, width), np.uint8)
    part = mask[y // SCALE : y // SCALE + small.shape[0], x // SCALE : x // SCALE + small.shape[1]]
    part[small[: part.shape[0], : part.shape[1]]] = 255
    return mask


def _box(mask: Grey) -> BoxXyxy:
    ys, xs = np.nonzero(mask)
    return int(xs.min()), int(ys.min()), int(xs.max()) + 1, int(ys.max()) + 1
