"""How the chapter's texts are set: one small function for each kind, so that all pages look alike."""

from __future__ import annotations

from sample.balloon import Balloon, Shape
from sample.font import Face
from sample.lettering import Style
from sample.script import Line
from sample.text import Text
from sample.truth import Kind

Point = tuple[float, float]


def say(
    line: Line, at: Point, tail: Point | None = None, *, shape: Shape = Shape.ELLIPSE, size: int = 22, group: str = "",
    dark: bool = False, tilt: float = 0.0, face: Face = Face.GOTHIC, vertical: bool = True,
) -> Text:  # fmt: skip
    """Speech in a balloon."""
    style = Style(face, size, white=dark, tilt=tilt, vertical=vertical)
    return Text(line.ja, at, Kind.DIALOGUE, style, Balloon(shape, tail, group=group, dark=dark))


def shout(line: Line, at: Point, tail: Point | None = None, *, size: int = 32, tilt: float = 0.0) -> Text:
    """A shout in a spiky balloon."""
    return say(line, at, tail, shape=Shape.SPIKY, size=size, face=Face.BLACK, tilt=tilt)


def think(line: Line, at: Point, toward: Point, *, size: int = 21) -> Text:
    """A thought in a cloud, with bubbles towards who thinks it."""
    return Text(line.ja, at, Kind.THOUGHT, Style(size=size), Balloon(Shape.CLOUD, toward, bubbles=True))


def narrate(line: Line, at: Point, *, size: int = 21, dark: bool = False, vertical: bool = True) -> Text:
    """Narration in a box."""
    style = Style(Face.MINCHO, size, white=dark, vertical=vertical, leading=1.4)
    return Text(line.ja, at, Kind.NARRATION, style, Balloon(Shape.BOX, dark=dark))


def aside(
    line: Line, at: Point, *, size: int = 24, tilt: float = 0.0, white: bool = False, outline: float = 2.5
) -> Text:
    """Words by hand beside a figure, without a balloon."""
    style = Style(Face.HAND, size, tilt=tilt, white=white, jitter=0.8, outline=outline)
    return Text(line.ja, at, Kind.DIALOGUE, style)


def sound(
    line: Line, at: Point, *, size: int = 90, tilt: float = 0.0, white: bool = False, grow: float = 0.4,
    outline: float = 4.0, vertical: bool = True, stretch: float = 1.12, tracking: float = 0.03,
) -> Text:  # fmt: skip
    """A sound effect in brush katakana."""
    style = Style(
        Face.BLACK,
        size,
        vertical,
        tilt,
        white,
        outline,
        jitter=1.3,
        grow=grow,
        stretch=stretch,
        rough=1.0,
        tracking=tracking,
    )
    return Text(line.ja, at, Kind.SFX, style)


def board(line: Line, at: Point, *, size: int = 30, tilt: float = 0.0, vertical: bool = True) -> Text:
    """Words on a thing that is part of the scene."""
    return Text(line.ja, at, Kind.SIGN, Style(Face.HAND, size, vertical, tilt))


def title(line: Line, at: Point, *, size: int, white: bool = False, vertical: bool = True, tilt: float = 0.0) -> Text:
    """The title, or the end."""
    style = Style(Face.HAND, size, vertical, tilt, white, outline=4.0, jitter=0.5)
    return Text(line.ja, at, Kind.NARRATION, style)


def page_number(number: int, *, width: int = 830, height: int = 1170) -> Text:
    """The folio at the foot of the outer margin."""
    x = 40 if number % 2 else width - 40
    return Text(str(number), (x, height - 22), Kind.PAGE_NUMBER, Style(Face.MINCHO, 17, vertical=False))
