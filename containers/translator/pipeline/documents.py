"""What the stages found and did, as the page document that lies beside the page."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from contract.document import DocumentRegion, PageDocument, PlacedText, TextOfPage
from contract.pinned import BalloonShape
from contract.policy import Handling, Policy
from contract.usage import NO_USAGE, Usage
from translator.pipeline.confidence import certainty, needs_check
from translator.pipeline.seam_page import Part
from translator.pipeline.types import (
    Balloon,
    Box,
    Page,
    PlacedLine,
    Placement,
    Polygon,
    Reading,
    Region,
    Ruby,
    Translation,
)

_Corners = tuple[int, int, int, int]
_DIGEST = 24


@dataclass(frozen=True, slots=True)
class Passage:
    """A region and what became of it, in its place in the reading order."""

    region: Region
    reading: Reading | None
    translation: Translation
    placement: Placement | None = None
    part: Part | None = None
    policy: Policy = Policy.TRANSLATE
    handling: Handling = Handling.TRANSLATED


def page_document(
    page: Page,
    passages: Sequence[Passage],
    *,
    panels: Sequence[Box],
    languages: tuple[str, str],
    timings_ms: Mapping[str, int],
    engines: Mapping[str, str],
    warnings: Sequence[str],
    usage: Usage = NO_USAGE,
    direction: str = "",
) -> PageDocument:
    """The document of a page. ``passages`` are in reading order; ``languages`` are source and target; ``direction`` is
    what the page was read in."""
    return PageDocument(
        page=page.number,
        width=page.width,
        height=page.height,
        regions=tuple(
            with_placement(_region(passage, order), passage.placement, target=languages[1])
            for order, passage in enumerate(passages)
        ),
        source=languages[0],
        target=languages[1],
        panels=tuple(_corners(panel) for panel in panels),
        timings=dict(timings_ms),
        engines=dict(engines),
        warnings=tuple(warnings),
        usage=usage,
        reading_direction=direction,
    )


def _region(passage: Passage, order: int) -> DocumentRegion:
    region, reading, part = passage.region, passage.reading, passage.part
    return DocumentRegion(
        id=region.id,
        box=_corners(region.box),
        polygon=_points(region.polygon),
        kind=region.kind.value,
        vertical=bool(region.vertical),
        order=order,
        source_text=reading.text if reading else "",
        translation=passage.translation.text,
        origin=passage.translation.origin.value,
        confidence=certainty(region, reading) if reading else 0.0,
        note="; ".join(filter(None, (passage.translation.note, reading.note if reading else ""))),
        ruby=tuple((ruby.start, ruby.end, ruby.text) for ruby in reading.ruby) if reading else (),
        part_of=TextOfPage(part.text.owner, region.id) if part and not part.is_owned else None,
        also_on=part.also_on if part and part.is_owned else (),
        policy=passage.policy.value,
        handling=passage.handling.value,
        check=reading is not None and needs_check(region, reading),
        lines=tuple(_corners(line.box) for line in (part.lettering if part else region).lines),
        balloon=_shape(region.balloon) if region.balloon else None,
    )


def with_placement(region: DocumentRegion, placement: Placement | None, *, target: str) -> DocumentRegion:
    """``region`` as it was just set, in the language ``target``."""
    if placement is None:
        return replace(region, placement=None)
    return replace(region, placement=replace(placed_text(placement), made_from=made_from(region, target)))


def stands(region: DocumentRegion) -> bool:
    """Whether the source's lettering still stands on the clean plate."""
    return region.handling in (Handling.KEPT.value, Handling.ANNOTATED.value)


def made_from(region: DocumentRegion, target: str) -> str:
    """A digest of all that a person may change of how a text is set."""
    balloon, pinned = region.balloon, region.pinned
    told = {
        "target": target,
        "text": region.translation,
        "kind": region.kind,
        "vertical": region.vertical,
        "box": list(region.box),
        "balloon": balloon.to_json() if balloon else None,
        "pinned": pinned.to_json() if pinned else None,
        "stands": stands(region),
    }
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:_DIGEST]


def placement_of(region: DocumentRegion, target: str) -> Placement | None:
    """How a text was set, while it is still to be set like that; ``None`` after an edit, and without ``made_from``."""
    placed = region.placement
    if placed is None or not placed.made_from or placed.made_from != made_from(region, target):
        return None
    if len(placed.lines) != len(placed.line_boxes):
        return None
    ruby = [tuple(Ruby(*one[1:]) for one in placed.ruby if one[0] == line) for line in range(len(placed.lines))]
    return Placement(
        region_id=region.id,
        lines=tuple(_line(*one) for one in zip(placed.lines, placed.line_boxes, ruby, strict=True)),
        font=placed.font,
        size_px=placed.size_px,
        origin_xy=placed.origin_xy,
        area=Box(*placed.area),
        fill_rgb=placed.fill_rgb,
        stroke_rgb=placed.stroke_rgb,
        stroke_px=placed.stroke_px,
        vertical=placed.vertical,
        overflow=placed.overflow,
        stretch=placed.letter_width,
    )


def _line(text: str, corners: _Corners, ruby: tuple[Ruby, ...]) -> PlacedLine:
    box = Box(*corners)
    return PlacedLine(text, (box.x0, box.y0), box.width, box.height, ruby)


def placed_text(placement: Placement) -> PlacedText:
    """How a text was set, as documents have it."""
    return PlacedText(
        lines=tuple(line.text for line in placement.lines),
        line_boxes=tuple(
            (
                int(line.origin_xy[0]),
                int(line.origin_xy[1]),
                int(line.origin_xy[0] + line.width),
                int(line.origin_xy[1] + line.height),
            )
            for line in placement.lines
        ),
        font=placement.font,
        size_px=placement.size_px,
        origin_xy=placement.origin_xy,
        area=_corners(placement.area),
        fill_rgb=placement.fill_rgb,
        stroke_rgb=placement.stroke_rgb,
        stroke_px=placement.stroke_px,
        vertical=placement.vertical,
        overflow=placement.overflow,
        letter_width=placement.stretch,
        ruby=tuple(
            (number, one.start, one.end, one.text) for number, line in enumerate(placement.lines) for one in line.ruby
        ),
    )


def _shape(balloon: Balloon) -> BalloonShape:
    return BalloonShape(_points(balloon.contour), balloon.fill_rgb)


def _corners(box: Box) -> _Corners:
    """Plain integers: an engine's boxes may hold NumPy's, which JSON does not know."""
    return int(box.x0), int(box.y0), int(box.x1), int(box.y1)


def _points(polygon: Polygon) -> tuple[tuple[int, int], ...]:
    return tuple((int(x), int(y)) for x, y in polygon)
