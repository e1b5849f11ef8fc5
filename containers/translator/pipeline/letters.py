"""Measures and draws lines of text in a chain of fonts at one size, shaped by HarfBuzz (Pillow's Raqm layout)."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from translator.pipeline.flow import Paragraph, Piece, measure
from translator.pipeline.fonts import FontChain, FontFace
from translator.pipeline.types import Box, Mask, PlacedLine, Rgb


@functools.lru_cache(maxsize=256)
def _font(path: str, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(path, size, layout_engine=ImageFont.Layout.RAQM)


@dataclass(frozen=True, slots=True)
class SetLine:
    """A line in its place. ``along`` is where it starts in the direction of writing, ``across`` the top of its band
    (the left side of a vertical column's), both in page pixels."""

    text: str
    along: float
    across: float
    length: float


@dataclass(frozen=True, slots=True)
class Ink:
    """A line's ink: ``mask`` (0 to 255, anti-aliased) in the frame ``box`` of the page."""

    box: Box
    mask: Mask


class Pen:
    """A chain of fonts at a size in pixels. All lengths are pixels; ``vertical`` sets from top to bottom."""

    def __init__(self, chain: FontChain, size: int, *, language: str, vertical: bool = False) -> None:
        self.chain, self.size, self.language, self.vertical = chain, size, language, vertical
        self._direction = "ttb" if vertical else None
        self._lengths: dict[str, float] = {}
        self._paragraphs: dict[tuple[Piece, ...], Paragraph] = {}
        self.leading = round(size * 1.25) if vertical else max(size + 1, round(size * chain.first.leading))

    def length(self, text: str) -> float:
        """The advance of a line (its height in vertical setting)."""
        if text not in self._lengths:
            self._lengths[text] = sum(self._run_length(face, run) for face, run in self.chain.runs(text))
        return self._lengths[text]

    def measured(self, pieces: tuple[Piece, ...]) -> Paragraph:
        """The pieces of a text, measured once."""
        if pieces not in self._paragraphs:
            self._paragraphs[pieces] = measure(pieces, self.length, self.size)
        return self._paragraphs[pieces]

    @functools.cached_property
    def body(self) -> tuple[int, int]:
        """Height above the baseline, and depth below, that a line visibly fills: capitals where the font sets those."""
        face = self.chain.first
        sample = "国" if ord("国") in face.coverage else "H" if face.caps else "Hp"
        _, top, _, bottom = self._font(face).getbbox(sample, anchor="ls")
        return -round(top), 0 if face.caps else max(0, round(bottom))

    @property
    def thickness(self) -> int:
        """The height of a line's band; a column's width in vertical setting."""
        return self.size if self.vertical else sum(self.body)

    def draw(self, text: str, canvas: ImageDraw.ImageDraw, x: float, y: float, *, stroke: int) -> None:
        """Draw with the pen at ``(x, y)``: the start of the baseline, or the top middle of a vertical column."""
        for face, run in self.chain.runs(text):
            canvas.text(
                (x, y),
                run,
                fill=255,
                font=self._font(face),
                anchor="mt" if self.vertical else "ls",
                direction=self._direction,
                language=self.language,
                stroke_width=stroke,
            )
            forward = self._run_length(face, run)
            x, y = (x, y + forward) if self.vertical else (x + forward, y)

    def _run_length(self, face: FontFace, run: str) -> float:
        return self._font(face).getlength(run, direction=self._direction, language=self.language)

    def _font(self, face: FontFace) -> ImageFont.FreeTypeFont:
        return _font(str(face.path), self.size)


def ink_of(line: SetLine, pen: Pen, *, stroke: int = 0) -> Ink:
    """Rasterize a line at whole pixels, grown by an outline of ``stroke`` px."""
    room = pen.size + stroke
    across, along, length = round(line.across), round(line.along), int(line.length) + 1
    if pen.vertical:
        frame = Box(across - room, along - room, across + pen.thickness + room, along + length + room)
        pen_xy = (across + pen.thickness / 2 - frame.x0, float(along - frame.y0))
    else:
        frame = Box(along - room, across - room, along + length + room, across + pen.thickness + room)
        pen_xy = (float(along - frame.x0), float(across + pen.body[0] - frame.y0))
    image = Image.new("L", (frame.width, frame.height), 0)
    pen.draw(line.text, ImageDraw.Draw(image), *pen_xy, stroke=stroke)
    mask = np.asarray(image, np.uint8)
    x, y, w, h = cv2.boundingRect(mask)
    box = Box(frame.x0 + x, frame.y0 + y, frame.x0 + x + w, frame.y0 + y + h)
    return Ink(box, mask[y : y + h, x : x + w])


def placed_line(line: SetLine, ink: Ink) -> PlacedLine:
    return PlacedLine(line.text, (ink.box.x0, ink.box.y0), ink.box.width, ink.box.height)


def blend(page: Rgb, ink: Ink, colour: tuple[int, int, int]) -> None:
    """Paint ``ink`` onto ``page`` in place; what lies outside the page is cut off."""
    height, width = page.shape[:2]
    seen = ink.box.intersection(Box(0, 0, width, height))
    if seen.area == 0:
        return
    view = page[seen.y0 : seen.y1, seen.x0 : seen.x1]
    mask = ink.mask[seen.y0 - ink.box.y0 : seen.y1 - ink.box.y0, seen.x0 - ink.box.x0 : seen.x1 - ink.box.x0]
    alpha = mask[:, :, None].astype(np.uint32)
    mixed = view.astype(np.uint32) * (255 - alpha) + np.array(colour, np.uint32) * alpha
    view[...] = ((mixed + 127) // 255).astype(np.uint8)
