"""The values that the stages of the page pipeline hand to each other.

All of them are frozen. Coordinates are integer pixels of the original page, boxes are ``xyxy`` with exclusive
ends, images are RGB ``uint8`` arrays of shape ``(height, width, 3)``, masks ``uint8`` ``(height, width)`` of 0 or 255.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

Rgb = NDArray[np.uint8]
"""A page or a crop: uint8, ``(height, width, 3)``, RGB."""
Mask = NDArray[np.uint8]
"""uint8, ``(height, width)``: 255 where it holds, 0 elsewhere."""
Point = tuple[int, int]
Polygon = tuple[Point, ...]


@dataclass(frozen=True, slots=True, order=True)
class Box:
    """A rectangle in page pixels, ``x1`` and ``y1`` exclusive."""

    x0: int
    y0: int
    x1: int
    y1: int

    def __post_init__(self) -> None:
        if self.x1 < self.x0 or self.y1 < self.y0:
            raise ValueError(f"box ends before it starts: {self}")

    @property
    def width(self) -> int:
        return self.x1 - self.x0

    @property
    def height(self) -> int:
        return self.y1 - self.y0

    @property
    def area(self) -> int:
        return self.width * self.height

    @property
    def center(self) -> tuple[float, float]:
        return (self.x0 + self.x1) / 2, (self.y0 + self.y1) / 2

    @property
    def polygon(self) -> Polygon:
        """The four corners, clockwise from the top left."""
        return ((self.x0, self.y0), (self.x1, self.y0), (self.x1, self.y1), (self.x0, self.y1))

    def intersection(self, other: Box) -> Box:
        """The common part; empty (zero area) where there is none."""
        x0, y0 = max(self.x0, other.x0), max(self.y0, other.y0)
        return Box(x0, y0, max(x0, min(self.x1, other.x1)), max(y0, min(self.y1, other.y1)))

    def union(self, other: Box) -> Box:
        """The smallest box that holds both."""
        return Box(
            min(self.x0, other.x0),
            min(self.y0, other.y0),
            max(self.x1, other.x1),
            max(self.y1, other.y1),
        )

    def iou(self, other: Box) -> float:
        """Intersection over union, 0.0 to 1.0."""
        shared = self.intersection(other).area
        total = self.area + other.area - shared
        return shared / total if total else 0.0

    def pad(self, by: int, *, width: int, height: int) -> Box:
        """Grown by ``by`` pixels on each side, clipped to a page of ``width`` x ``height``."""
        return Box(
            max(0, self.x0 - by),
            max(0, self.y0 - by),
            max(0, min(width, self.x1 + by)),
            max(0, min(height, self.y1 + by)),
        )

    def to_json(self) -> list[int]:
        return [self.x0, self.y0, self.x1, self.y1]


class Kind(StrEnum):
    """What a text block is on the page."""

    DIALOGUE = "dialogue"
    NARRATION = "narration"
    THOUGHT = "thought"
    SFX = "sfx"
    SIGN = "sign"
    PAGE_NUMBER = "page_number"


class ReadingDirection(StrEnum):
    """How panels and balloons follow each other."""

    RTL = "rtl"
    LTR = "ltr"
    WEBTOON = "webtoon"
    AUTO = "auto"


class Origin(StrEnum):
    """Where a translation comes from. ``KEPT_SOURCE`` is never shown as a translation."""

    MODEL = "model"
    MEMORY = "memory"
    GLOSSARY = "glossary"
    GLOSS = "gloss"
    USER = "user"
    KEPT_SOURCE = "kept_source"
    NONE = "none"
    """No translation was asked for: the lettering was erased."""
    ELSEWHERE = "elsewhere"
    """A part of a text that a page's border cuts: the page that has most of it has its translation."""


@dataclass(frozen=True, slots=True)
class Page:
    """A decoded page. ``number`` counts from 1; ``rgb`` is ``(height, width, 3)`` uint8."""

    number: int
    rgb: Rgb

    @property
    def width(self) -> int:
        return int(self.rgb.shape[1])

    @property
    def height(self) -> int:
        return int(self.rgb.shape[0])

    @property
    def box(self) -> Box:
        return Box(0, 0, self.width, self.height)


@dataclass(frozen=True, slots=True)
class TextLine:
    """One column (vertical) or row (horizontal) of text; the polygon's corners go clockwise from the top left.

    ``dots`` is their number in a line that has nothing else (……), 0 in a line of letters.
    """

    box: Box
    polygon: Polygon
    confidence: float
    dots: int = 0


@dataclass(frozen=True, slots=True)
class Balloon:
    """A balloon or a narration box: its inner contour (outline excluded) and its flat colour, if it has one."""

    box: Box
    contour: Polygon
    fill_rgb: tuple[int, int, int] | None

    @property
    def is_dark(self) -> bool:
        return self.fill_rgb is not None and sum(self.fill_rgb) < 3 * 100


@dataclass(frozen=True, slots=True)
class Region:
    """A text block; ``lines`` are its base lines (columns right to left), ``ruby`` its furigana lines."""

    id: str
    box: Box
    polygon: Polygon
    kind: Kind
    vertical: bool
    confidence: float
    lines: tuple[TextLine, ...] = ()
    ruby: tuple[TextLine, ...] = ()
    balloon: Balloon | None = None


@dataclass(frozen=True, slots=True)
class Detection:
    """What was found on a page. ``mask`` marks text pixels (strokes and furigana); ``panels`` are in no order yet.

    ``outlines`` are what is known of the panels beyond their boxes, in any order: one belongs to the box around it.
    """

    regions: tuple[Region, ...]
    mask: Mask
    panels: tuple[Box, ...] = ()
    outlines: tuple[Polygon, ...] = ()


@dataclass(frozen=True, slots=True)
class Ruby:
    """Furigana beside a part of a text: ``text`` stands beside ``base[start:end]``."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Reading:
    """The text of a region, furigana left out. ``confidence`` is the recognizer's mean, 0.0 to 1.0.

    ``weakest`` is the confidence of the letter that it was least sure of; ``None`` from an engine that does not say.
    ``note`` says what a person should know of how it was read.
    """

    region_id: str
    text: str
    confidence: float
    ruby: tuple[Ruby, ...] = ()
    weakest: float | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A region's place in the page's reading order; ``position`` counts from 0."""

    region_id: str
    position: int


@dataclass(frozen=True, slots=True)
class Translation:
    """A region's text in the target language. ``note`` says why, where the text was kept or is only a gloss.

    ``is_unpaid``: it was kept because the job's budget ended before it. Such a page has failed, and is not finished.
    """

    region_id: str
    text: str
    origin: Origin
    note: str = ""
    is_unpaid: bool = False


@dataclass(frozen=True, slots=True)
class Pin:
    """What a person decided of how a text is set: the font's name, its size in pixels, the box that the text stays in,
    and its lines as they end. ``None`` (``lines``: empty) leaves it to the typesetter."""

    font: str | None = None
    size_px: int | None = None
    box: Box | None = None
    lines: tuple[str, ...] = ()


NO_PIN = Pin()


@dataclass(frozen=True, slots=True)
class PlacedLine:
    """One typeset line: its text, the top left corner of its ink box, page pixels, and the ruby beside its letters,
    whose ink is in that box too."""

    text: str
    origin_xy: Point
    width: int
    height: int
    ruby: tuple[Ruby, ...] = ()


@dataclass(frozen=True, slots=True)
class Placement:
    """How a region's translation was set. ``area`` is where it may have ink; ``overflow`` where it could not fit;
    ``stretch`` is the width of its letters, 1.0 for what the font has."""

    region_id: str
    lines: tuple[PlacedLine, ...]
    font: str
    size_px: int
    origin_xy: Point
    area: Box
    fill_rgb: tuple[int, int, int]
    stroke_rgb: tuple[int, int, int] | None = None
    stroke_px: int = 0
    vertical: bool = False
    overflow: bool = False
    stretch: float = 1.0


@dataclass(frozen=True, slots=True)
class Typeset:
    """A finished page image and how each text was set; ``omitted`` says why a text was not, by region."""

    rgb: Rgb
    placements: tuple[Placement, ...]
    warnings: tuple[str, ...] = ()
    omitted: Mapping[str, str] = field(default_factory=dict)
