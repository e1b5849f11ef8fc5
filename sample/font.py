"""The faces of the sample chapter, subsets kept beside this file (see ``fonts/README.md``)."""

from __future__ import annotations

from enum import StrEnum
from functools import lru_cache
from pathlib import Path

from PIL import ImageFont

from sample.errors import FontError

FOLDER = Path(__file__).parent / "fonts"


class Face(StrEnum):
    """What a face is for; its value is the file."""

    GOTHIC = "Mplus1-Bold.sub.otf"
    BLACK = "Mplus1-Black.sub.otf"
    HAND = "YuseiMagic-Regular.sub.ttf"
    MINCHO = "NotoSerifCJKjp-Bold.sub.otf"

    @property
    def ascent_em(self) -> float:
        """The baseline's distance from the top of the em box."""
        return 0.88


@lru_cache(maxsize=64)
def load(face: Face, size: int) -> ImageFont.FreeTypeFont:
    """The face at ``size`` pixels an em; raises :class:`FontError` where the file is missing or broken."""
    try:
        return ImageFont.truetype(FOLDER / face.value, size, layout_engine=ImageFont.Layout.RAQM)
    except OSError as error:
        raise FontError(f"{face.value}: {error}") from error


@lru_cache(maxsize=4096)
def has_glyph(face: Face, char: str) -> bool:
    """Whether the face draws this character as something other than its box for the unknown."""
    if char.isspace():
        return True
    font = load(face, 32)
    return bytes(font.getmask(char)) != bytes(font.getmask("\uffff"))
