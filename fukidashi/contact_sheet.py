"""Contact sheets: each page before and after, side by side, with a caption; or after alone, where nothing else is at
hand."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PIL import Image, ImageDraw, ImageFont

from fukidashi.thumbnail import thumbnail

PAIRS_A_SHEET = 48
_INSET, _GAP, _MARGIN, _GUTTER = 12, 8, 40, 28
_HEADER, _CAPTION = 96, 40
_GROUND, _CARD, _EMPTY, _EDGE = (22, 24, 29), (35, 38, 46), (46, 50, 60), (70, 75, 88)
_INK, _SOFT, _BAD, _ACCENT = (240, 241, 244), (154, 160, 174), (255, 122, 112), (126, 200, 160)

_LONGEST = 200
"""Characters of a text that are measured at all: each takes a pass over the rest."""

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


@dataclass(frozen=True, slots=True)
class Pair:
    """A page: ``before`` and ``after`` answer encoded images; ``before`` is ``None`` where the original is not at hand,
    ``after`` where the page failed."""

    title: str
    detail: str
    before: Callable[[], bytes] | None
    after: Callable[[], bytes] | None


@dataclass(frozen=True, slots=True)
class _Grid:
    """Columns of cells, and the room for one page, px. ``sides`` is 2 with the pages before, else 1."""

    columns: int
    page_width: int
    page_height: int
    sides: int

    @classmethod
    def of(cls, pairs: int, sides: int) -> _Grid:
        """Few pages stand large in two columns, many small in four: a sheet is always about a screen or two wide."""
        across = 2 if sides == 2 or pairs == 4 else 3
        if pairs <= 6:
            return cls(min(pairs, across), 480, 704, sides)
        if pairs <= 18:
            wide, narrow = cls(across + 1, 380, 557, sides), cls(across + 2, 300, 440, sides)
            return min(wide, narrow, key=lambda grid: -pairs % grid.columns)
        return cls(4 if sides == 2 else 7, 300, 440, sides)

    @property
    def cell(self) -> tuple[int, int]:
        pages = self.sides * self.page_width + (self.sides - 1) * _GAP
        return pages + 2 * _INSET, self.page_height + _CAPTION + 2 * _INSET

    def size(self, pairs: int) -> tuple[int, int]:
        rows = -(-pairs // self.columns)
        width = 2 * _MARGIN + self.columns * (self.cell[0] + _GUTTER) - _GUTTER
        return width, _HEADER + 2 * _MARGIN + rows * (self.cell[1] + _GUTTER) - _GUTTER

    def spot(self, index: int) -> tuple[int, int]:
        row, column = divmod(index, self.columns)
        return _MARGIN + column * (self.cell[0] + _GUTTER), _MARGIN + _HEADER + row * (self.cell[1] + _GUTTER)


def contact_sheets(title: str, subtitle: str, pairs: Sequence[Pair]) -> list[bytes]:
    """WebP images of at most :data:`PAIRS_A_SHEET` pages each. Pages are decoded one at a time."""
    groups = [pairs[start : start + PAIRS_A_SHEET] for start in range(0, len(pairs), PAIRS_A_SHEET)]
    numbered = len(groups) > 1
    return [
        _encode(_sheet(title, f"{subtitle}  ·  sheet {n} of {len(groups)}" if numbered else subtitle, group))
        for n, group in enumerate(groups, start=1)
    ]


def _sheet(title: str, subtitle: str, pairs: Sequence[Pair]) -> Image.Image:
    sides = 2 if any(pair.before is not None for pair in pairs) else 1
    grid = _Grid.of(len(pairs), sides)
    sheet = Image.new("RGB", grid.size(len(pairs)), _GROUND)
    _header(sheet, title, subtitle)
    for index, pair in enumerate(pairs):
        _Cell(sheet, grid, *grid.spot(index)).draw(pair)
    return sheet


def _header(sheet: Image.Image, title: str, subtitle: str) -> None:
    draw = ImageDraw.Draw(sheet)
    room = sheet.width - 2 * _MARGIN
    draw.text((_MARGIN, _MARGIN - 8), _shorten(draw, title, _font(34), room), font=_font(34), fill=_INK)
    draw.text((_MARGIN, _MARGIN + 40), _shorten(draw, subtitle, _font(19), room), font=_font(19), fill=_SOFT)


class _Cell:
    """A card with a page before and after and a line of text below."""

    def __init__(self, sheet: Image.Image, grid: _Grid, x: int, y: int) -> None:
        self._sheet, self._grid, self._x, self._y = sheet, grid, x, y
        self._pen = ImageDraw.Draw(sheet)

    def draw(self, pair: Pair) -> None:
        width, height = self._grid.cell
        corners = (self._x, self._y, self._x + width - 1, self._y + height - 1)
        self._pen.rounded_rectangle(corners, radius=10, fill=_CARD)
        left, top = self._x + _INSET, self._y + _INSET
        if self._grid.sides == 2:
            self._before(left, top, pair)
        right = left + (self._grid.sides - 1) * (self._grid.page_width + _GAP)
        if pair.after is None:
            self._placeholder(right, top, pair.detail)
        else:
            self._page(right, top, pair.after(), "cannot be shown")
        self._caption(left, top + self._grid.page_height + 11, pair)

    def _before(self, x: int, y: int, pair: Pair) -> None:
        if pair.before is None:
            self._placeholder(x, y, "not at hand")
        else:
            self._page(x, y, pair.before(), "no image that can be shown")

    def _page(self, x: int, y: int, content: bytes, otherwise: str) -> None:
        width, height = self._grid.page_width, self._grid.page_height
        image = thumbnail(content, width=width, height=height)
        if image is None:
            self._placeholder(x, y, otherwise)
        else:
            self._sheet.paste(image, (x + (width - image.width) // 2, y + (height - image.height) // 2))

    def _placeholder(self, x: int, y: int, text: str) -> None:
        width, height = self._grid.page_width, self._grid.page_height
        self._pen.rectangle((x, y, x + width - 1, y + height - 1), fill=_EMPTY, outline=_EDGE)
        shown = _shorten(self._pen, text, _font(19), width - 24)
        self._pen.text((x + width / 2, y + height / 2), shown, font=_font(19), fill=_BAD, anchor="mm")

    def _caption(self, x: int, y: int, pair: Pair) -> None:
        font, room = _font(17), self._grid.cell[0] - 2 * _INSET
        detail = _shorten(self._pen, pair.detail, font, room * 0.6) if pair.detail else ""
        left_room = room - self._pen.textlength(detail, font=font) - 20
        self._pen.text((x, y), _shorten(self._pen, pair.title, font, left_room), font=font, fill=_INK)
        colour = _BAD if pair.after is None else _ACCENT
        self._pen.text((x + room, y), detail, font=font, fill=colour, anchor="ra")


def _shorten(draw: ImageDraw.ImageDraw, text: str, font: Font, room: float) -> str:
    """Latin only: the font that Pillow carries has no Japanese, and a row of boxes says less than nothing."""
    shown = "".join(letter if letter.isprintable() and ord(letter) < 0x250 else "" for letter in text[:_LONGEST])
    shown = " ".join(shown.split(" ")) or "page"
    while shown and draw.textlength(shown, font=font) > room:
        shown = f"{shown.rstrip('…')[:-1]}…" if len(shown) > 2 else ""
    return shown


def _font(size: int) -> Font:
    return ImageFont.load_default(size)


def _encode(sheet: Image.Image) -> bytes:
    stream = io.BytesIO()
    sheet.save(stream, "WEBP", quality=86, method=4)
    return stream.getvalue()
