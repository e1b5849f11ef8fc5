"""The page document: everything known about a page, as JSON beside it, in pixels of the original page."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from contract.errors import BadMessage
from contract.fields import Fields, load_object, text_item

SCHEMA = 1


@dataclass(frozen=True, slots=True)
class PlacedText:
    """How the translation was set: lines, font, size and where; ``overflow`` where it could not fit its area."""

    lines: tuple[str, ...]
    line_boxes: tuple[tuple[int, int, int, int], ...]
    font: str
    size_px: int
    origin_xy: tuple[int, int]
    area: tuple[int, int, int, int]
    fill_rgb: tuple[int, int, int]
    stroke_rgb: tuple[int, int, int] | None = None
    stroke_px: int = 0
    vertical: bool = False
    overflow: bool = False

    @classmethod
    def from_json(cls, value: Any, path: str) -> PlacedText:
        fields = Fields(value, path)
        return cls(
            lines=fields.list("lines", text_item),
            line_boxes=fields.list("line_boxes", _box),
            font=fields.text("font"),
            size_px=fields.integer("size_px"),
            origin_xy=_point(fields, "origin_xy"),
            area=_box(fields.list("area", _number), fields.at("area")),
            fill_rgb=_colour(fields, "fill_rgb"),
            stroke_rgb=_colour(fields, "stroke_rgb") if fields.has("stroke_rgb") else None,
            stroke_px=fields.integer("stroke_px", default=0),
            vertical=fields.boolean("vertical", default=False),
            overflow=fields.boolean("overflow", default=False),
        )

    def to_json(self) -> dict[str, Any]:
        return {
            "lines": list(self.lines),
            "line_boxes": [list(box) for box in self.line_boxes],
            "font": self.font,
            "size_px": self.size_px,
            "origin_xy": list(self.origin_xy),
            "area": list(self.area),
            "fill_rgb": list(self.fill_rgb),
            "stroke_rgb": list(self.stroke_rgb) if self.stroke_rgb else None,
            "stroke_px": self.stroke_px,
            "vertical": self.vertical,
            "overflow": self.overflow,
        }


@dataclass(frozen=True, slots=True)
class DocumentRegion:
    """A text block. ``origin`` says where ``translation`` comes from; ``kept_source`` means that there is none.

    ``ruby`` is a list of ``[start, end, text]``: furigana beside ``source_text[start:end]``.
    """

    id: str
    box: tuple[int, int, int, int]
    polygon: tuple[tuple[int, int], ...]
    kind: str
    vertical: bool
    order: int
    source_text: str
    translation: str
    origin: str
    confidence: float
    note: str = ""
    ruby: tuple[tuple[int, int, str], ...] = ()
    placement: PlacedText | None = None

    @classmethod
    def from_json(cls, value: Any, path: str) -> DocumentRegion:
        fields = Fields(value, path)
        return cls(
            id=fields.text("id"),
            box=_box(fields.list("box", _number), fields.at("box")),
            polygon=fields.list("polygon", _point_item),
            kind=fields.text("kind"),
            vertical=fields.boolean("vertical"),
            order=fields.integer("order"),
            source_text=fields.text("source_text", longest=20_000),
            translation=fields.text("translation", longest=20_000),
            origin=fields.text("origin"),
            confidence=fields.number("confidence"),
            note=fields.text("note", default=""),
            ruby=fields.list("ruby", _ruby, default=[]),
            placement=PlacedText.from_json(fields.raw_object("placement"), fields.at("placement"))
            if fields.has("placement")
            else None,
        )

    def to_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "box": list(self.box),
            "polygon": [list(point) for point in self.polygon],
            "kind": self.kind,
            "vertical": self.vertical,
            "order": self.order,
            "source_text": self.source_text,
            "translation": self.translation,
            "origin": self.origin,
            "confidence": round(self.confidence, 4),
            "note": self.note,
            "ruby": [list(ruby) for ruby in self.ruby],
            "placement": self.placement.to_json() if self.placement else None,
        }


@dataclass(frozen=True, slots=True)
class PageDocument:
    """A page: its size, its regions in reading order, what made it (``engines``) and how long each stage took (ms)."""

    page: int
    width: int
    height: int
    regions: tuple[DocumentRegion, ...]
    source: str
    target: str
    panels: tuple[tuple[int, int, int, int], ...] = ()
    timings: dict[str, int] = field(default_factory=dict)
    engines: dict[str, str] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()

    @classmethod
    def parse(cls, body: bytes) -> PageDocument:
        """Raises :class:`BadMessage`, naming the field."""
        fields = Fields(load_object(body))
        if fields.integer("schema") != SCHEMA:
            raise BadMessage("schema", f"not {SCHEMA}")
        return cls(
            page=fields.integer("page", low=1),
            width=fields.integer("width", low=1),
            height=fields.integer("height", low=1),
            regions=fields.list("regions", DocumentRegion.from_json),
            source=fields.text("source"),
            target=fields.text("target"),
            panels=fields.list("panels", _box, default=[]),
            timings=fields.integers("timings"),
            engines=fields.strings("engines"),
            warnings=fields.list("warnings", text_item, default=[]),
        )

    def to_json(self) -> dict[str, Any]:
        return {
            "schema": SCHEMA,
            "page": self.page,
            "width": self.width,
            "height": self.height,
            "source": self.source,
            "target": self.target,
            "regions": [region.to_json() for region in self.regions],
            "panels": [list(panel) for panel in self.panels],
            "timings": dict(self.timings),
            "engines": dict(self.engines),
            "warnings": list(self.warnings),
        }

    def to_bytes(self) -> bytes:
        return json.dumps(self.to_json(), ensure_ascii=False, indent=1).encode()


def _number(item: Any, path: str) -> int:
    if isinstance(item, bool) or not isinstance(item, int):
        raise BadMessage(path, "not an integer")
    return item


def _numbers(value: Any, path: str, count: int) -> tuple[int, ...]:
    if not isinstance(value, list | tuple) or len(value) != count:
        raise BadMessage(path, f"not {count} integers")
    return tuple(_number(item, f"{path}[{index}]") for index, item in enumerate(value))


def _box(value: Any, path: str) -> tuple[int, int, int, int]:
    x0, y0, x1, y1 = _numbers(value, path, 4)
    if x1 < x0 or y1 < y0:
        raise BadMessage(path, "ends before it starts")
    return x0, y0, x1, y1


def _point_item(value: Any, path: str) -> tuple[int, int]:
    x, y = _numbers(value, path, 2)
    return x, y


def _point(fields: Fields, name: str) -> tuple[int, int]:
    return _point_item(fields.list(name, _number), fields.at(name))


def _colour(fields: Fields, name: str) -> tuple[int, int, int]:
    red, green, blue = _numbers(fields.list(name, _number), fields.at(name), 3)
    return red, green, blue


def _ruby(value: Any, path: str) -> tuple[int, int, str]:
    if not isinstance(value, list) or len(value) != 3:
        raise BadMessage(path, "not [start, end, text]")
    return _number(value[0], f"{path}[0]"), _number(value[1], f"{path}[1]"), text_item(value[2], f"{path}[2]")
