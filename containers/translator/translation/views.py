"""What a model is shown of a page: the page with numbered boxes, a strip as several tiles that can be read."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from translator.pipeline.types import Box, Rgb
from translator.translation.asked import Asked
from translator.translation.model import ImagePart

_LONGEST_SIDE = 1536
"""Pages are not sent larger than this, and small ones not enlarged: 1,536 px keep furigana of a magazine scan
legible."""
_STRIP = 2.4
"""A page that is this many times as high as wide is a strip."""
_TILE = 1.6
"""A tile's height in widths of the strip."""
_OVERLAP = 0.12
_WIDEST_TILE = 1024
_QUALITY = 88
_COLOURS = ((214, 39, 40), (31, 98, 180), (24, 128, 56), (148, 60, 170), (196, 92, 10), (0, 122, 135))


@dataclass(frozen=True, slots=True)
class View:
    """One picture of a page, or of the part of it between the rows ``top`` and ``bottom``."""

    page: int
    part: int
    parts: int
    top: int
    bottom: int
    image: ImagePart

    @property
    def title(self) -> str:
        if self.parts == 1:
            return f"Page {self.page}:"
        return f"Page {self.page}, part {self.part} of {self.parts}, from top to bottom:"


def views_of(page: int, rgb: Rgb, asked: Sequence[Asked]) -> tuple[View, ...]:
    """The pictures on which the boxes of ``asked`` stand; of a strip only the tiles that have one of them.

    ``rgb`` is the page, ``(height, width, 3)`` uint8. Texts without a box are not drawn; with none that has one, the
    whole page is sent.
    """
    boxes = [(one.label, one.box) for one in asked if one.box is not None]
    cuts = _cuts(rgb.shape[0], rgb.shape[1], [box for _, box in boxes])
    parts = list(enumerate(cuts, start=1))
    if boxes and len(parts) > 1:
        parts = [(part, cut) for part, cut in parts if any(_stands_in(box, cut) for _, box in boxes)]
    return tuple(View(page, part, len(cuts), *cut, _picture(rgb, cut, boxes)) for part, cut in parts)


def _stands_in(box: Box, cut: tuple[int, int]) -> bool:
    return cut[0] <= box.center[1] < cut[1]


def _cuts(height: int, width: int, boxes: Sequence[Box]) -> list[tuple[int, int]]:
    """The rows at which a page is cut. A strip's tiles overlap a little, and end between texts where they can."""
    if height <= _STRIP * width:
        return [(0, height)]
    tile, overlap = round(_TILE * width), round(_OVERLAP * width)
    cuts, top = [], 0
    while height - top > tile * 1.25:
        bottom = _between_texts(top + tile, round(0.3 * tile), boxes)
        cuts.append((top, bottom))
        top = bottom - overlap
    return [*cuts, (top, height)]


def _between_texts(row: int, reach: int, boxes: Sequence[Box]) -> int:
    """The row nearest to ``row``, at most ``reach`` above it, that cuts through no text; else ``row``."""
    for candidate in range(row, row - reach, -4):
        if not any(box.y0 < candidate < box.y1 for box in boxes):
            return candidate
    return row


def _picture(rgb: Rgb, cut: tuple[int, int], boxes: Sequence[tuple[str, Box]]) -> ImagePart:
    part = np.ascontiguousarray(rgb[cut[0] : cut[1]])
    height, width = part.shape[:2]
    whole = cut == (0, rgb.shape[0])
    scale = min(1.0, _LONGEST_SIDE / max(height, width) if whole else _WIDEST_TILE / width)
    image = Image.fromarray(part)
    if scale < 1.0:
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        image = image.resize(size, Image.Resampling.LANCZOS)
    drawing = ImageDraw.Draw(image)
    for index, (label, box) in enumerate(boxes):
        if box.y1 > cut[0] and box.y0 < cut[1]:
            _draw(drawing, image.size, _scaled(box, cut[0], scale), label, _COLOURS[index % len(_COLOURS)])
    return ImagePart(_encoded(image))


def _scaled(box: Box, top: int, scale: float) -> tuple[int, int, int, int]:
    return (
        round(box.x0 * scale),
        round((box.y0 - top) * scale),
        round(box.x1 * scale),
        round((box.y1 - top) * scale),
    )


def _draw(
    drawing: ImageDraw.ImageDraw,
    size: tuple[int, int],
    corners: tuple[int, int, int, int],
    label: str,
    colour: tuple[int, int, int],
) -> None:
    """A frame around the text, and its number on a tag outside the frame, so that neither covers the lettering."""
    x0, y0, x1, y1 = corners[0] - 3, corners[1] - 3, corners[2] + 3, corners[3] + 3
    drawing.rectangle((x0, y0, x1, y1), outline=colour, width=2)
    font = ImageFont.load_default(size=max(14, round(min(size) / 48)))
    left, top, right, bottom = drawing.textbbox((0, 0), label, font=font)
    width, height = round(right - left) + 8, round(bottom - top) + 6
    tag_x = min(max(0, x0), max(0, size[0] - width))
    tag_y = y0 - height if y0 >= height else min(y1, max(0, size[1] - height))
    drawing.rectangle((tag_x, tag_y, tag_x + width - 1, tag_y + height - 1), fill=colour)
    drawing.text((tag_x + 4 - left, tag_y + 3 - top), label, font=font, fill=(255, 255, 255))


def _encoded(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=_QUALITY)
    return buffer.getvalue()
