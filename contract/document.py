"""The page document: everything known about a page, as JSON beside it, in pixels of the original page."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from contract.errors import BadMessage
from contract.fields import Fields, load_object, text_item
from contract.pinned import BalloonShape, Pinned
from contract.shapes import Corners, box_of, colour_of, number_item, point_item, point_of
from contract.usage import NO_USAGE, Usage

SCHEMA = 1
NARROWEST, WIDEST = 0.1, 10.0
"""The widths of letters that a document may have."""


@dataclass(frozen=True, slots=True)
class PlacedText:
    """How the translation was set: lines, font, size and where; ``overflow`` where it could not fit its area.

    ``letter_width`` is the width of the letters, 1.0 for what the font has. ``ruby`` is a list of ``[line, start, end,
    text]``: small letters beside ``lines[line][start:end]``. ``made_from`` stands for the text and all else that this
    was made from: while it holds, a rendering sets the text as it was.
    """

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
    letter_width: float = 1.0
    ruby: tuple[tuple[int, int, int, str], ...] = ()
    made_from: str = ""

    @classmethod
    def from_json(cls, value: Any, path: str) -> PlacedText:
        fields = Fields(value, path)
        return cls(
            lines=fields.list("lines", text_item),
            line_boxes=fields.list("line_boxes", box_of),
            font=fields.text("font"),
            size_px=fields.integer("size_px"),
            origin_xy=point_of(fields, "origin_xy"),
            area=box_of(fields.list("area", number_item), fields.at("area")),
            fill_rgb=colour_of(fields, "fill_rgb"),
            stroke_rgb=colour_of(fields, "stroke_rgb") if fields.has("stroke_rgb") else None,
            stroke_px=fields.integer("stroke_px", default=0),
            vertical=fields.boolean("vertical", default=False),
            overflow=fields.boolean("overflow", default=False),
            letter_width=_letter_width(fields),
            ruby=fields.list("ruby", _placed_ruby, default=[]),
            made_from=fields.text("made_from", default=""),
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
            "letter_width": self.letter_width,
            "ruby": [list(ruby) for ruby in self.ruby],
            "made_from": self.made_from,
        }


@dataclass(frozen=True, slots=True)
class TextOfPage:
    """A region of another page of the chapter."""

    page: int
    region: str

    @classmethod
    def from_json(cls, value: Any, path: str) -> TextOfPage:
        fields = Fields(value, path)
        return cls(fields.integer("page", low=1), fields.text("region"))

    def to_json(self) -> dict[str, Any]:
        return {"page": self.page, "region": self.region}


@dataclass(frozen=True, slots=True)
class DocumentRegion:
    """A text block. ``origin`` says where ``translation`` comes from; ``kept_source`` means that there is none.

    ``confidence`` is the chance that ``source_text`` was read exactly right, 0 to 1; ``check`` says that a person
    should look at it. ``ruby`` is a list of ``[start, end, text]``: furigana beside ``source_text[start:end]``.
    ``policy`` is what the job wants done with a text of this kind, ``handling`` what was done, ``note`` why
    (:mod:`contract.policy`).

    A text that the border between two pages of a strip cuts is a region of each page with its letters, under one id.
    One of them has the text and its translation, and names the others in ``also_on``; theirs have neither, the origin
    ``elsewhere`` (or ``kept_source``), and say in ``part_of`` where it is.

    ``lines`` are the boxes of the source's lines and ``balloon`` the shape around them: with them, and what a person
    ``pinned``, the page can be set again without being read again.
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
    policy: str = ""
    handling: str = ""
    part_of: TextOfPage | None = None
    also_on: tuple[int, ...] = ()
    check: bool = False
    lines: tuple[Corners, ...] = ()
    balloon: BalloonShape | None = None
    pinned: Pinned | None = None

    @classmethod
    def from_json(cls, value: Any, path: str) -> DocumentRegion:
        fields = Fields(value, path)
        return cls(
            id=fields.text("id"),
            box=box_of(fields.list("box", number_item), fields.at("box")),
            polygon=fields.list("polygon", point_item),
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
            policy=fields.text("policy", default=""),
            handling=fields.text("handling", default=""),
            part_of=TextOfPage.from_json(fields.raw_object("part_of"), fields.at("part_of"))
            if fields.has("part_of")
            else None,
            also_on=fields.list("also_on", number_item, default=[]),
            check=fields.boolean("check", default=False),
            lines=fields.list("lines", box_of, default=[]),
            balloon=BalloonShape.from_json(fields.raw_object("balloon"), fields.at("balloon"))
            if fields.has("balloon")
            else None,
            pinned=Pinned.from_json(fields.raw_object("pinned"), fields.at("pinned")) if fields.has("pinned") else None,
        )

    def to_json(self) -> dict[str, Any]:
        document: dict[str, Any] = {
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
            "policy": self.policy,
            "handling": self.handling,
            "check": self.check,
            "lines": [list(line) for line in self.lines],
            "balloon": self.balloon.to_json() if self.balloon else None,
        }
        if self.pinned is not None:
            document["pinned"] = self.pinned.to_json()
        if self.part_of is not None:
            document["part_of"] = self.part_of.to_json()
        if self.also_on:
            document["also_on"] = list(self.also_on)
        return document


@dataclass(frozen=True, slots=True)
class PageDocument:
    """A page: its size, its regions in reading order, what made it (``engines``), how long each stage took (ms) and
    what was asked of language models for it (``usage``), where any was. ``reading_direction``: ``rtl``, ``ltr`` or
    ``webtoon``, also where the job left it open; empty where nobody says."""

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
    usage: Usage = NO_USAGE
    reading_direction: str = ""

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
            panels=fields.list("panels", box_of, default=[]),
            timings=fields.integers("timings"),
            engines=fields.strings("engines"),
            warnings=fields.list("warnings", text_item, default=[]),
            usage=Usage.from_json(fields.raw_object("usage", default={}), "usage"),
            reading_direction=fields.text("reading_direction", default=""),
        )

    def to_json(self) -> dict[str, Any]:
        document: dict[str, Any] = {
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
        if self.usage != NO_USAGE:
            document["usage"] = self.usage.to_json()
        if self.reading_direction:
            document["reading_direction"] = self.reading_direction
        return document

    def to_bytes(self) -> bytes:
        return json.dumps(self.to_json(), ensure_ascii=False, indent=1).encode()


def _letter_width(fields: Fields) -> float:
    width = fields.number("letter_width", default=1.0)
    if not NARROWEST <= width <= WIDEST:
        raise BadMessage(fields.at("letter_width"), f"not within {NARROWEST} and {WIDEST}")
    return width


def _ruby(value: Any, path: str) -> tuple[int, int, str]:
    if not isinstance(value, list) or len(value) != 3:
        raise BadMessage(path, "not [start, end, text]")
    return number_item(value[0], f"{path}[0]"), number_item(value[1], f"{path}[1]"), text_item(value[2], f"{path}[2]")


def _placed_ruby(value: Any, path: str) -> tuple[int, int, int, str]:
    if not isinstance(value, list) or len(value) != 4:
        raise BadMessage(path, "not [line, start, end, text]")
    line, start, end = (number_item(item, f"{path}[{at}]") for at, item in enumerate(value[:3]))
    return line, start, end, text_item(value[3], f"{path}[3]")
