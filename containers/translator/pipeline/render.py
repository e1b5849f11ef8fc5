"""An edited page document, set again on its clean plate: nothing is detected, read or translated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from contract.document import DocumentRegion, PageDocument
from contract.image_format import ImageFormat
from contract.policy import Handling
from contract.status import PageErrorCode
from translator.pipeline.decode import MAX_PIXELS, decode_page
from translator.pipeline.documents import placement_of, stands, with_placement
from translator.pipeline.encode import encode_page
from translator.pipeline.pages import PageOutcome
from translator.pipeline.protocols import StageError, Typesetter
from translator.pipeline.types import (
    Balloon,
    Box,
    Kind,
    Origin,
    Pin,
    Placement,
    Region,
    Rgb,
    TextLine,
    Translation,
    Typeset,
)

_TYPESET, _ENCODE = "typeset: ", "encode: "


def render_page(
    document: PageDocument,
    plate: bytes,
    typesetter: Typesetter,
    *,
    image_format: ImageFormat = ImageFormat.WEBP,
    max_pixels: int = MAX_PIXELS,
) -> PageOutcome:
    """The page as the document says now, and the document with where each text stands and what did not fit.

    ``plate`` is an image file, the page without the lettering that is replaced. What a person pinned is followed. A
    text whose lettering still stands on the plate, and that was translated since, is set beside it. Raises
    :class:`StageError`: the codes of a page that cannot be decoded, and ``invalid_document`` where the plate is of
    another size than the document, or where a region is of no known kind or origin.
    """
    page = decode_page(plate, document.page, max_pixels=max_pixels)
    if (page.width, page.height) != (document.width, document.height):
        said = f"{document.width} x {document.height}"
        raise _invalid(f"the plate is {page.width} x {page.height}, the document says {said}")
    lettered = [region for region in document.regions if _is_lettered(region)]
    typeset = _typeset(document, lettered, page.rgb, typesetter) if lettered else Typeset(page.rgb, ())
    encoded = encode_page(typeset.rgb, image_format.value)
    warnings = (*_lasting(document), *typeset.warnings, *encoded.warnings)
    return PageOutcome(encoded.data, ImageFormat(encoded.format), _after(document, typeset, warnings))


def _typeset(document: PageDocument, lettered: Sequence[DocumentRegion], rgb: Rgb, typesetter: Typesetter) -> Typeset:
    return typesetter.typeset(
        rgb,
        [_region(region) for region in lettered],
        [Translation(region.id, region.translation, _origin(region), region.note) for region in lettered],
        target=document.target,
        panels=[Box(*panel) for panel in document.panels],
        kept=[Box(*region.box) for region in document.regions if stands(region)],
        annotated=frozenset(region.id for region in lettered if stands(region)),
        pins={region.id: _pin(region) for region in lettered if region.pinned is not None},
        placed={
            region.id: placement
            for region in lettered
            if (placement := placement_of(region, document.target)) is not None
        },
    )


def _is_lettered(region: DocumentRegion) -> bool:
    if not region.translation.strip():
        return False
    return _origin(region) not in (Origin.KEPT_SOURCE, Origin.NONE, Origin.ELSEWHERE)


def _origin(region: DocumentRegion) -> Origin:
    try:
        return Origin(region.origin)
    except ValueError:
        raise _invalid(f"region {region.id}: {region.origin!r:.40} is no origin") from None


def _region(region: DocumentRegion) -> Region:
    try:
        kind = Kind(region.kind)
    except ValueError:
        raise _invalid(f"region {region.id}: {region.kind!r:.40} is no kind") from None
    boxes = [Box(*line) for line in region.lines]
    return Region(
        id=region.id,
        box=Box(*region.box),
        polygon=region.polygon,
        kind=kind,
        vertical=region.vertical,
        confidence=region.confidence,
        lines=tuple(TextLine(box, box.polygon, region.confidence) for box in boxes),
        balloon=_balloon(region),
    )


def _balloon(region: DocumentRegion) -> Balloon | None:
    shape = region.balloon
    if shape is None or len(shape.contour) < 3:
        return None
    xs, ys = [x for x, _ in shape.contour], [y for _, y in shape.contour]
    return Balloon(Box(min(xs), min(ys), max(xs) + 1, max(ys) + 1), shape.contour, shape.fill_rgb)


def _pin(region: DocumentRegion) -> Pin:
    pinned = region.pinned
    if pinned is None:
        return Pin()
    box = None if pinned.box is None else Box(*pinned.box)
    return Pin(pinned.font, pinned.size_px, box, pinned.lines)


def _lasting(document: PageDocument) -> list[str]:
    """What the other stages warned of; typesetting says anew what it has to say."""
    return [warning for warning in document.warnings if not warning.startswith((_TYPESET, _ENCODE))]


def _after(document: PageDocument, typeset: Typeset, warnings: tuple[str, ...]) -> PageDocument:
    placements = {placement.region_id: placement for placement in typeset.placements}
    regions = tuple(_set(region, placements.get(region.id), document.target) for region in document.regions)
    return replace(document, regions=regions, warnings=warnings)


def _set(region: DocumentRegion, placement: Placement | None, target: str) -> DocumentRegion:
    if placement is None:
        return replace(region, placement=None)
    handling = Handling.ANNOTATED if stands(region) else Handling.TRANSLATED
    return with_placement(replace(region, handling=handling.value), placement, target=target)


def _invalid(detail: str) -> StageError:
    return StageError("render", PageErrorCode.INVALID_DOCUMENT.value, detail)
