"""A page's share in the texts that its borders cut, put in the place of what the page alone showed of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

from translator.pipeline.seam import Seam, SeamText
from translator.pipeline.seam_shape import cut_polygon
from translator.pipeline.seam_window import Piece
from translator.pipeline.types import Balloon, Box, Detection, Mask, Page, Region, TextLine

_COVERED = 0.5
_LEAST_PX = 3
"""A part of a balloon that is lower has no room for anything."""


@dataclass(frozen=True, slots=True)
class Part:
    """What a page has of a text that a border cuts. ``region`` is what stands on the page, in its pixels.

    ``lettering`` is the same with its lines as large as they are when whole: what sizes are told from.
    """

    text: SeamText
    region: Region
    lettering: Region
    is_owned: bool

    @property
    def also_on(self) -> tuple[int, ...]:
        """The owner's part: the other pages that have letters of it."""
        return tuple(page for page in self.text.pages if page != self.text.owner)


@dataclass(frozen=True, slots=True)
class Joined:
    """A page's detection with the ``parts`` among its regions; ``alone`` is without them: what is still to be read."""

    detection: Detection
    alone: Detection
    parts: Mapping[str, Part]


def join_page(page: Page, detection: Detection, seams: Sequence[Seam]) -> Joined:
    """Takes out of ``detection`` what belongs to a cut text and puts the page's parts in."""
    parts = [
        part for seam in seams for text in seam.texts if (part := _part(text, seam.piece_of(page.number), page.box))
    ]
    if not parts:
        return Joined(detection, detection, {})
    zones = [_zone(part.region) for part in parts]
    left = tuple(region for own in detection.regions if (region := _without(own, zones)) is not None)
    mask = detection.mask.copy()
    for seam in seams:
        _mark(mask, seam, [part.region for part in parts], page.number)
    alone = replace(detection, regions=left, mask=mask)
    whole = replace(alone, regions=(*left, *(part.region for part in parts)))
    return Joined(whole, alone, {part.region.id: part for part in parts})


def _part(text: SeamText, piece: Piece | None, page: Box) -> Part | None:
    if piece is None or piece.page not in text.pages:
        return None
    whole, box = text.region, piece.box_of_page(text.region.box)
    region = replace(
        whole,
        box=box,
        polygon=box.polygon,
        lines=_cut_lines(whole.lines, piece),
        ruby=_cut_lines(whole.ruby, piece),
        balloon=None if whole.balloon is None else _cut_balloon(whole.balloon, piece),
    )
    lettering = replace(region, lines=tuple(_moved(line, piece, page) for line in whole.lines))
    return Part(text, region, lettering, is_owned=piece.page == text.owner)


def _cut_lines(lines: Sequence[TextLine], piece: Piece) -> tuple[TextLine, ...]:
    cut = []
    for line in lines:
        box = piece.box_of_page(line.box)
        if not box.area:
            continue
        is_whole = piece.top <= line.box.y0 and line.box.y1 <= piece.bottom
        polygon = tuple(piece.of_page(*point) for point in line.polygon) if is_whole else box.polygon
        cut.append(TextLine(box, polygon, line.confidence))
    return tuple(cut)


def _cut_balloon(balloon: Balloon, piece: Piece) -> Balloon | None:
    contour = cut_polygon(balloon.contour, piece.top, piece.bottom - 1)
    box = piece.box_of_page(balloon.box)
    if len(contour) < 3 or box.height < _LEAST_PX:
        return None
    return Balloon(box, tuple(piece.of_page(*point) for point in contour), balloon.fill_rgb)


def _moved(line: TextLine, piece: Piece, page: Box) -> TextLine:
    """A line at its whole size, moved so that the page holds it."""
    x0, y0 = piece.of_page(line.box.x0, line.box.y0)
    x1, y1 = piece.of_page(line.box.x1, line.box.y1)
    down = max(0, -y0) - max(0, y1 - page.y1)
    box = Box(x0, y0 + down, x1, y1 + down).intersection(page)
    return TextLine(box, box.polygon, line.confidence)


def _zone(region: Region) -> tuple[Box, ...]:
    lines = (*region.lines, *region.ruby)
    return tuple(line.box for line in lines) or (region.box,)


def _without(own: Region, zones: Sequence[Sequence[Box]]) -> Region | None:
    """A region of the page alone, without the lines of it that belong to cut texts; ``None`` where nothing is left."""
    boxes = [box for zone in zones for box in zone]
    if not own.lines:
        return None if _covered(own.box, boxes) else own
    lines = tuple(line for line in own.lines if not _covered(line.box, boxes))
    ruby = tuple(line for line in own.ruby if not _covered(line.box, boxes))
    if len(lines) == len(own.lines):
        return own
    if not lines:
        return None
    box = lines[0].box
    for line in (*lines, *ruby):
        box = box.union(line.box)
    return replace(own, box=box, polygon=box.polygon, lines=lines, ruby=ruby)


def _covered(box: Box, boxes: Sequence[Box]) -> bool:
    """Whether half of a box lies under others; each pixel of it counts once."""
    under = np.zeros((max(1, box.height), max(1, box.width)), dtype=bool)
    for other in boxes:
        shared = box.intersection(other)
        under[shared.y0 - box.y0 : shared.y1 - box.y0, shared.x0 - box.x0 : shared.x1 - box.x0] = True
    return float(np.count_nonzero(under)) >= _COVERED * max(1, box.area)


def _mark(mask: Mask, seam: Seam, regions: Sequence[Region], page: int) -> None:
    """Adds to the page's text mask what the seam's shows of the parts."""
    piece = seam.piece_of(page)
    names = {text.region.id for text in seam.texts}
    if piece is None or seam.mask is None:
        return
    rows = seam.mask[piece.top : piece.bottom]
    height = min(mask.shape[0] - piece.page_top, round(rows.shape[0] * piece.scale))
    marked = cv2.resize(rows, (mask.shape[1], height), interpolation=cv2.INTER_NEAREST)
    part = mask[piece.page_top : piece.page_top + height]
    for box in (region.box for region in regions if region.id in names):
        top, bottom = max(0, box.y0 - piece.page_top), max(0, box.y1 - piece.page_top)
        part[top:bottom, box.x0 : box.x1] |= np.asarray(marked, np.uint8)[top:bottom, box.x0 : box.x1]
