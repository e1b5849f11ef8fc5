"""What a page document keeps so that the page can be set again: the balloons' shapes, and what a person decided."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from contract.errors import BadMessage
from contract.fields import Fields, text_item
from contract.shapes import Corners, Point, Rgb, box_of, colour_of, number_item, point_item

MAX_LINES, MAX_SIZE_PX = 100, 2000


@dataclass(frozen=True, slots=True)
class BalloonShape:
    """A balloon's inner contour, page pixels, and its flat colour, ``None`` where it has none."""

    contour: tuple[Point, ...]
    fill_rgb: Rgb | None

    @classmethod
    def from_json(cls, value: Any, path: str) -> BalloonShape:
        fields = Fields(value, path)
        fill = colour_of(fields, "fill_rgb") if fields.has("fill_rgb") else None
        return cls(fields.list("contour", point_item), fill)

    def to_json(self) -> dict[str, Any]:
        return {
            "contour": [list(point) for point in self.contour],
            "fill_rgb": list(self.fill_rgb) if self.fill_rgb else None,
        }


@dataclass(frozen=True, slots=True)
class Pinned:
    """How a person wants a text set: the font's name, its size (px), the box to stay in, where its lines end.

    What is left out is for the typesetter to decide, and every later rendering keeps what is there.
    """

    font: str | None = None
    size_px: int | None = None
    box: Corners | None = None
    lines: tuple[str, ...] = ()

    @classmethod
    def from_json(cls, value: Any, path: str) -> Pinned:
        fields = Fields(value, path)
        fields.only("font", "size_px", "box", "lines")
        lines = fields.list("lines", text_item, default=[])
        if len(lines) > MAX_LINES:
            raise BadMessage(fields.at("lines"), f"more than {MAX_LINES} lines")
        return cls(
            font=fields.text("font", longest=100, empty=False) if fields.has("font") else None,
            size_px=fields.integer("size_px", low=1, high=MAX_SIZE_PX) if fields.has("size_px") else None,
            box=box_of(fields.list("box", number_item), fields.at("box")) if fields.has("box") else None,
            lines=lines,
        )

    def to_json(self) -> dict[str, Any]:
        named = {"font": self.font, "size_px": self.size_px, "box": list(self.box) if self.box else None}
        return {name: value for name, value in named.items() if value is not None} | (
            {"lines": list(self.lines)} if self.lines else {}
        )
