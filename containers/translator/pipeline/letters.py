"""Measures and draws lines of text in a chain of fonts at one size, shaped by HarfBuzz (Pillow's Raqm layout)."""

from __future__ import annotations

import functools
import math
import unicodedata
from dataclasses import dataclass

import cv2
import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFont

from translator.pipeline.columns import Part, Way, parts_of
from translator.pipeline.flow import Paragraph, measure
from translator.pipeline.fonts import FontChain, FontFace, script_of
from translator.pipeline.pieces import RIGHT_TO_LEFT, Piece
from translator.pipeline.rubied import Stretch, plain, ruby_of, stretches
from translator.pipeline.runs import Run, runs_of
from translator.pipeline.types import Box, Mask, PlacedLine, Rgb

_FINE = 4
"""Letters that are made narrower are drawn so many times as large first, so that their stems stay sharp."""
_RUBY, _LEAST_RUBY_PX, _AIR, _BETWEEN = 0.5, 6, 0.07, 0.18
"""The size of ruby, and the air between it and its base, and between it and the next line, in ems of the text."""
_SAMPLES = {"Arab": "لجي", "Hebr": "לקן", "Thai": "ปีฎู"}
"""Letters as high and as deep as those of a script are, marks of the rarer kind left out."""


@functools.lru_cache(maxsize=256)
def _font(path: str, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(path, size, layout_engine=ImageFont.Layout.RAQM)


@dataclass(frozen=True, slots=True)
class SetLine:
    """A line in its place, its ruby marked. ``along`` is where it starts in the direction of writing, ``across`` the
    top of its band (the left side of a vertical column's), both in page pixels."""

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
    """A chain of fonts at a size in pixels. All lengths are pixels; ``vertical`` sets from top to bottom.

    ``stretch`` below 1.0 makes the letters of a row that much narrower, not lower. Raqm orders a run by the Unicode
    bidirectional algorithm. Where a line of a right-to-left script changes its font, its runs are drawn from the right,
    each ordered by itself. Texts may be marked; a ``rubied`` pen leaves room for ruby beside each of its lines. Pens of
    one chain and language may share ``cut``: how texts are cut into runs, whatever their size.
    """

    def __init__(
        self,
        chain: FontChain,
        size: int,
        *,
        language: str,
        vertical: bool = False,
        stretch: float = 1.0,
        rubied: bool = False,
        cut: dict[str, tuple[Run, ...]] | None = None,
    ) -> None:
        self.chain, self.size, self.language, self.vertical = chain, size, language, vertical
        self.stretch, self.rubied = 1.0 if vertical else stretch, rubied
        self.fine = 1 if self.stretch == 1.0 else _FINE
        self._script = script_of(language)
        self._direction = "rtl" if self._script in RIGHT_TO_LEFT else None
        self._lengths: dict[str, float] = {}
        self._cut: dict[str, tuple[Run, ...]] = {} if cut is None else cut
        self._paragraphs: dict[tuple[Piece, ...], Paragraph] = {}

    @functools.cached_property
    def leading(self) -> int:
        """From one line's band to the next."""
        size = self.size
        own = round(size * 1.25) if self.vertical else max(size + 1, round(size * self.chain.first.leading))
        return max(own, self.thickness + round(_BETWEEN * size)) if self.rubied else own

    def length(self, text: str) -> float:
        """The advance of a line (its height in vertical setting)."""
        if text not in self._lengths:
            self._lengths[text] = sum(self._advance(stretch) for stretch in stretches(text))
        return self._lengths[text]

    def _advance(self, stretch: Stretch) -> float:
        """Ruby that is longer than its base makes room for itself."""
        own = self._plain_length(stretch.base)
        return max(own, self._small.length(stretch.ruby)) if stretch.ruby else own

    def _plain_length(self, text: str) -> float:
        return self._column_length(text) if self.vertical else self._row_length(text)

    @functools.cached_property
    def _small(self) -> Pen:
        """The pen for ruby."""
        size = max(_LEAST_RUBY_PX, round(self.size * _RUBY))
        return Pen(self.chain, size, language=self.language, vertical=self.vertical, stretch=self.stretch)

    @property
    def _ruby_room(self) -> int:
        """What ruby adds to a line's band, the air between the two included."""
        return self._air + (self._small.size if self.vertical else sum(self._small.body)) if self.rubied else 0

    @property
    def _air(self) -> int:
        return max(1, round(_AIR * self.size))

    def measured(self, pieces: tuple[Piece, ...]) -> Paragraph:
        """The pieces of a text, measured once."""
        if pieces not in self._paragraphs:
            self._paragraphs[pieces] = measure(pieces, self.length, self.size)
        return self._paragraphs[pieces]

    @functools.cached_property
    def body(self) -> tuple[int, int]:
        """Height above the baseline, and depth below, that a line visibly fills: capitals where the font sets those."""
        face = self.chain.first
        sample = _SAMPLES.get(self._script) or ("国" if ord("国") in face.coverage else "H" if face.caps else "Hp")
        _, top, _, bottom = _font(str(face.path), self.size).getbbox(sample, anchor="ls")
        return -round(top), 0 if face.caps else max(0, round(bottom))

    @property
    def thickness(self) -> int:
        """The height of a line's band; a column's width in vertical setting. Ruby is at its top, or at its right."""
        return (self.size if self.vertical else sum(self.body)) + self._ruby_room

    @property
    def baseline(self) -> float:
        """From the top of a line's band to the baseline; from a column's left side to its middle."""
        return self.size / 2 if self.vertical else float(self.body[0] + self._ruby_room)

    def draw(self, text: str, image: Image.Image, x: float, y: float, *, stroke: int) -> None:
        """Draw onto ``image`` (mode L) with the pen at ``(x, y)``: the left end of the baseline, or the top middle of a
        vertical column. ``image`` is ``fine`` times as large as the page, and its letters have their full width."""
        for stretch in stretches(text):
            advance = self._advance(stretch)
            self._draw_spread(stretch.base, advance, image, x, y, stroke)
            if stretch.ruby:
                beside = self._beside_base(x, y)
                self._small._draw_spread(stretch.ruby, advance, image, *beside, stroke)
            x, y = (x, y + advance) if self.vertical else (x + self._drawn(advance), y)

    def _drawn(self, length: float) -> float:
        """A length along a row of the page on the image that it is drawn on."""
        return length * self.fine / self.stretch

    def _beside_base(self, x: float, y: float) -> tuple[float, float]:
        """Where the ruby's pen starts: the middle of a column to the right, or a baseline above."""
        if self.vertical:
            return x + self.size / 2 + self._air + self._small.size / 2, y
        return x, y - (self.body[0] + self._air + self._small.body[1]) * self.fine

    def _draw_spread(self, text: str, advance: float, image: Image.Image, x: float, y: float, stroke: int) -> None:
        """In the middle of ``advance`` pixels; characters that fill squares are spread over it, half as much room
        before the first and after the last as between two."""
        room = advance - self._plain_length(text)
        parts = tuple(text) if room > 0.5 and _is_square(text) else (text,)
        start = room / len(parts) / 2
        for part in parts:
            if self.vertical:
                self._draw_column(part, image, x, y + start, stroke)
            else:
                self._draw_row(part, image, x + self._drawn(start), y, stroke)
            start += self._plain_length(part) + room / len(parts)

    def _row_length(self, text: str) -> float:
        return sum(self._run_length(run, self._direction) for run in self._runs(text)) * self.stretch / self.fine

    def _draw_row(self, text: str, image: Image.Image, x: float, y: float, stroke: int) -> None:
        canvas, runs = ImageDraw.Draw(image), self._runs(text)
        for run in reversed(runs) if self._direction == "rtl" else runs:
            self._put(canvas, (x, y), run, "ls", self._direction, stroke)
            x += self._run_length(run, self._direction)

    def _runs(self, text: str) -> tuple[Run, ...]:
        """``text`` cut where the face changes, or what its letters need of it."""
        if text not in self._cut:
            self._cut[text] = tuple(runs_of(text, self.chain, language=self.language))
        return self._cut[text]

    def _column_length(self, text: str) -> float:
        return sum(self._part_length(part) for part in parts_of(text))

    def _part_length(self, part: Part) -> float:
        if part.way is Way.TOGETHER:
            return float(self.size)
        if part.way is Way.TURNED:
            return self._row_length(part.text) + 2 * self._beside
        return sum(self._run_length(Run(face, run), "ttb") for face, run in self.chain.runs(part.text))

    @property
    def _beside(self) -> float:
        """The space before and after a turned word."""
        return self.size / 8

    def _draw_column(self, text: str, image: Image.Image, x: float, y: float, stroke: int) -> None:
        for part in parts_of(text):
            if part.way is Way.UPRIGHT:
                self._draw_upright(part.text, image, x, y, stroke)
            elif part.way is Way.TOGETHER:
                self._draw_together(part.text, image, x, y, stroke)
            else:
                self._draw_turned(part.text, image, x, y, stroke)
            y += self._part_length(part)

    def _draw_upright(self, text: str, image: Image.Image, x: float, y: float, stroke: int) -> None:
        canvas = ImageDraw.Draw(image)
        for run in (Run(face, part) for face, part in self.chain.runs(text)):
            self._put(canvas, (x, y), run, "mt", "ttb", stroke)
            y += self._run_length(run, "ttb")

    def _draw_together(self, text: str, image: Image.Image, x: float, y: float, stroke: int) -> None:
        """In the middle of one cell, made narrower where it is wider than that."""
        row = self._row(text, stroke)
        most = self.size + 2 * stroke
        if row.width > most:
            row = row.resize((most, row.height), Image.Resampling.LANCZOS)
        _lighten(image, row, round(x - row.width / 2), round(y + (self.size - row.height) / 2))

    def _draw_turned(self, text: str, image: Image.Image, x: float, y: float, stroke: int) -> None:
        """Capitals in the middle of the column, what hangs below the baseline to its left."""
        height, room = self.body[0], self.size
        row = Image.new("L", (round(self._row_length(text)) + 2 * room, 2 * room), 0)
        self._draw_row(text, row, room, room + height / 2, stroke)
        turned = row.transpose(Image.Transpose.ROTATE_270)
        _lighten(image, turned, round(x - room), round(y + self._beside - room))

    def _row(self, text: str, stroke: int) -> Image.Image:
        """A row of text, cut to its ink."""
        room = self.size + stroke
        row = Image.new("L", (round(self._row_length(text)) + 2 * room, 3 * room), 0)
        self._draw_row(text, row, room, 2 * room, stroke)
        return row.crop(row.getbbox() or (0, 0, 1, 1))

    def _put(
        self,
        canvas: ImageDraw.ImageDraw,
        xy: tuple[float, float],
        run: Run,
        anchor: str,
        direction: str | None,
        stroke: int,
    ) -> None:
        canvas.text(
            xy,
            run.text,
            fill=255,
            font=self._font(run.face),
            anchor=anchor,
            direction=direction,
            features=run.features,
            language=self.language,
            stroke_width=stroke,
        )

    def _run_length(self, run: Run, direction: str | None) -> float:
        font = self._font(run.face)
        return font.getlength(run.text, direction=direction, features=run.features, language=self.language)

    def _font(self, face: FontFace) -> ImageFont.FreeTypeFont:
        return _font(str(face.path), self.size * self.fine)


def _is_square(text: str) -> bool:
    return len(text) > 1 and all(unicodedata.east_asian_width(char) in "WF" for char in text)


def _lighten(image: Image.Image, part: Image.Image, x: int, y: int) -> None:
    """Lay ``part`` onto ``image`` (both mode L), the lighter pixel of both; what is outside is cut off."""
    frame = (x, y, x + part.width, y + part.height)
    image.paste(ImageChops.lighter(image.crop(frame), part), (x, y))


def ink_of(line: SetLine, pen: Pen, *, stroke: int = 0) -> Ink:
    """Rasterize a line at whole pixels, grown by an outline of ``stroke`` px."""
    room = pen.size + stroke
    across, along, length = round(line.across), round(line.along), int(line.length) + 1
    if pen.vertical:
        frame = Box(across - room, along - room, across + pen.thickness + room, along + length + room)
        pen_xy = (across + pen.baseline - frame.x0, float(along - frame.y0))
    else:
        frame = Box(along - room, across - room, along + length + room, across + pen.thickness + room)
        pen_xy = (float(along - frame.x0), across + pen.baseline - frame.y0)
    mask = np.asarray(_drawn(line.text, frame, pen_xy, pen, stroke), np.uint8)
    x, y, w, h = cv2.boundingRect(mask)
    box = Box(frame.x0 + x, frame.y0 + y, frame.x0 + x + w, frame.y0 + y + h)
    return Ink(box, mask[y : y + h, x : x + w])


def _drawn(text: str, frame: Box, pen_xy: tuple[float, float], pen: Pen, stroke: int) -> Image.Image:
    """A line in a frame of the page, mode L."""
    if pen.fine == 1:
        image = Image.new("L", (frame.width, frame.height), 0)
        pen.draw(text, image, *pen_xy, stroke=stroke)
        return image
    width, height = frame.width * pen.fine / pen.stretch, frame.height * pen.fine
    image = Image.new("L", (math.ceil(width), height), 0)
    pen.draw(text, image, pen_xy[0] * pen.fine / pen.stretch, pen_xy[1] * pen.fine, stroke=stroke * pen.fine)
    return image.resize((frame.width, frame.height), Image.Resampling.BOX, box=(0.0, 0.0, width, float(height)))


def placed_line(line: SetLine, ink: Ink) -> PlacedLine:
    box = ink.box
    return PlacedLine(plain(line.text), (box.x0, box.y0), box.width, box.height, ruby_of(line.text))


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
