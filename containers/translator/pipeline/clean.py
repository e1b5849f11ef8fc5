"""Removes text: a flat fill in plain balloons and on plain grounds, a continued background elsewhere.

On art the letters themselves are looked for, whatever the detector has marked; where neither makes sense, the art is
left whole. Only pixels within :func:`margin_px` of the marked text, or of the letters found with their rims, are
changed, and none on a balloon's outline. Farther away only: strokes that the mask has missed in the lines of a plain
balloon or ground, and, within :func:`reach_px` and by a few levels, the JPEG ringing in a plain balloon. Work goes by
crops around each region, so a strip of 14,000 px takes no more memory than its largest text block.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from translator.pipeline.inpaint import continue_background, dilate, rimmed_letters
from translator.pipeline.lettering import Lettering, find_lettering
from translator.pipeline.plain import PlainGround, plain_ground
from translator.pipeline.strokes import (
    CONTEXT_PX,
    DRAWN,
    crossing_art,
    interior_of,
    own_marks,
    strokes_in_lines,
    text_box_of,
    without_dots,
)
from translator.pipeline.types import Balloon, Box, Detection, Mask, Page, Region, Rgb

_PLAIN_SHARE = 0.7
_MOST_MISSED, _DENSEST = 0.05, 0.5
_LONGEST_EM = 3.2
"""No stroke of a letter, a long dash included, is straight for so many letters' width."""


def margin_px(page: Page) -> int:
    """How far from the text mask a pixel may be changed: 4 px on a page of 830, for anti-aliasing and JPEG ringing."""
    return max(3, round(min(page.width, page.height) * 0.005))


def reach_px(margin: int) -> int:
    """How far JPEG ringing, and nothing else, is evened out inside a plain balloon."""
    return margin + 6


class Background(Protocol):
    """Continues the background of a crop under ``text``, and up to ``limit`` px around it, normally ``grow``. Farther
    away the result is equal to ``crop``, which is left as it is."""

    def __call__(self, crop: Rgb, text: Mask, *, grow: int, limit: int) -> Rgb: ...


class CropCleaner:
    """Cleans each region by itself (a :class:`~translator.pipeline.protocols.Cleaner`)."""

    def __init__(
        self,
        background: Background = continue_background,
        *,
        name: str = "flat-fill+patches",
        context_px: int = CONTEXT_PX,
    ) -> None:
        """``background`` draws what is not of one colour; it is shown ``context_px`` of the page around a text."""
        self.name, self._background, self._context_px = name, background, context_px

    def clean(self, page: Page, detection: Detection, regions: Sequence[Region]) -> Rgb:
        """A new ``(height, width, 3)`` uint8 RGB page without the text of ``regions``; ``page`` is left as it is."""
        plate = page.rgb.copy()
        margin = margin_px(page)
        found = [_place_of(page, detection.mask, region, margin, self._context_px) for region in regions]
        places = [place for place in found if place.text.any()]
        every = np.zeros_like(detection.mask)
        for place in places:
            every[place.window] |= place.text
        kept = _kept_lines(detection, regions)
        for place in places:
            others = np.where(place.text > 0, 0, every[place.window]).astype(np.uint8)
            staying = kept[place.window] > 0
            before = plate[place.window][staying]
            _clean_region(plate, page, place, others, margin, self._background)
            plate[place.window][staying] = before
        return plate


def _kept_lines(detection: Detection, regions: Sequence[Region]) -> Mask:
    """Where only the lines of texts stand that are not to be cleaned."""
    asked = {region.id for region in regions}
    kept = np.zeros_like(detection.mask)
    for value, group in ((255, [r for r in detection.regions if r.id not in asked]), (0, regions)):
        for line in (line for region in group for line in (*region.lines, *region.ruby)):
            kept[max(0, line.box.y0) : line.box.y1, max(0, line.box.x0) : line.box.x1] = value
    return kept


def _letter_px(region: Region) -> float:
    """The width of a column, the height of a row."""
    across = [line.box.width if region.vertical else line.box.height for line in region.lines]
    return float(np.median(across)) if across else float(min(region.box.width, region.box.height))


@dataclass(frozen=True, slots=True)
class _Place:
    """A region with the box of its text, and its marks ``text`` in the crop of the page that it is cleaned in.

    What they stand on: a plain ``balloon``, a plain ``ground``, or art, where ``lettering`` is what was made out.
    """

    region: Region
    text_box: Box
    crop: Box
    text: Mask
    balloon: Balloon | None = None
    ground: PlainGround | None = None
    lettering: Lettering | None = None

    @property
    def window(self) -> tuple[slice, slice]:
        return slice(self.crop.y0, self.crop.y1), slice(self.crop.x0, self.crop.x1)

    @property
    def lines(self) -> list[Box]:
        """The lines' boxes in the crop; the region's where it has none."""
        boxes = [line.box for line in (*self.region.lines, *self.region.ruby)] or [self.region.box]
        return [_in_crop(box, self.crop) for box in boxes]


def _place_of(page: Page, mask: Mask, region: Region, margin: int, context_px: int) -> _Place:
    text_box = text_box_of(region).pad(margin, width=page.width, height=page.height)
    crop = text_box.pad(context_px, width=page.width, height=page.height)
    window = np.s_[crop.y0 : crop.y1, crop.x0 : crop.x1]
    text = own_marks(mask[window], region, text_box, crop, page.rgb[window])
    return _grounded(_Place(region, text_box, crop, text), page.rgb[window])


def _grounded(place: _Place, crop_rgb: Rgb) -> _Place:
    """The place with what its text stands on."""
    marked = bool(place.text.any())
    balloon = _plain_balloon(place.region, crop_rgb, place.text)
    if balloon is not None or not crop_rgb.size:
        return replace(place, balloon=balloon)
    ground = plain_ground(crop_rgb, place.text, [*place.lines, _in_crop(place.region.box, place.crop)])
    found = find_lettering(crop_rgb, place.lines, vertical=place.region.vertical)
    if marked and ground is not None and (found is None or _holds(ground.strokes, found.core)):
        return replace(place, ground=ground)
    return place if found is None else replace(place, lettering=found, text=found.whole)


def _holds(strokes: Mask, letters: Mask) -> bool:
    """Whether the strokes on a plain ground are all that looks like letters, so that it is plain under all of them."""
    inked = letters > 0
    return float(np.mean(dilate(strokes, 2)[inked] == 0)) <= _MOST_MISSED


def _clean_region(plate: Rgb, page: Page, place: _Place, others: Mask, margin: int, background: Background) -> None:
    view, text = plate[place.window], place.text
    if place.ground is not None:
        near = dilate(text | _marked(place.lines, text.shape), reach_px(margin))
        ground = place.ground
        _fill(view, ground.strokes, ground.inside & near, ground.colour, margin, noisy=text)
        return
    if place.lettering is not None:
        _continue(view, text, others, background, grow=max(1, margin - 2), limit=margin)
        return
    if place.balloon is None and _is_swallowed(place):
        return  # whatever was marked there is no letters: the art stays whole rather than be redrawn
    if place.balloon is not None:
        text = text | strokes_in_lines(place.region, view, place.balloon, place.crop)
    longest = round(_LONGEST_EM * _letter_px(place.region))
    art = crossing_art(page.rgb[place.window], text, place.text_box, place.crop, longest)
    text = np.where(art > 0, 0, text).astype(np.uint8)
    if text.any():
        kept = dilate(art, 1) > 0
        before = view[kept]
        _remove(view, text, others, place, margin, background)
        view[kept] = before


def _is_swallowed(place: _Place) -> bool:
    """Whether the marks take so much of the lines that art must be among them."""
    lines = _marked(place.lines, place.text.shape) > 0
    return bool(lines.any()) and float(np.mean(place.text[lines] > 0)) > _DENSEST


def _in_crop(box: Box, crop: Box) -> Box:
    """The part of a box in the crop, in the crop's own pixels."""
    seen = box.intersection(crop)
    return Box(seen.x0 - crop.x0, seen.y0 - crop.y0, seen.x1 - crop.x0, seen.y1 - crop.y0)


def _marked(boxes: Sequence[Box], shape: tuple[int, ...]) -> Mask:
    marked = np.zeros(shape, np.uint8)
    for box in boxes:
        marked[box.y0 : box.y1, box.x0 : box.x1] = 255
    return marked


def _remove(view: Rgb, text: Mask, others: Mask, place: _Place, margin: int, background: Background) -> None:
    """Take ``text`` off ``view``, in place. ``others``, the other texts, are no background to continue."""
    balloon = place.balloon
    if balloon is not None and balloon.fill_rgb is not None:
        interior = interior_of(balloon, place.crop)
        _fill(view, text, interior, balloon.fill_rgb, margin)
        # What hangs out of the balloon is left for below; what lies on the outline stays, so that the outline does.
        text = np.where(dilate(interior, 2 * margin) > 0, 0, text).astype(np.uint8)
    text = without_dots(text, _letter_px(place.region)) if text.any() else text
    if text.any():
        rimmed = rimmed_letters(view, text)
        letters = text if rimmed is None else rimmed & dilate(text, reach_px(margin) - margin)
        _continue(view, letters, others, background, grow=max(2, margin - 1), limit=margin)


def _continue(view: Rgb, letters: Mask, others: Mask, background: Background, *, grow: int, limit: int) -> None:
    """Continue what is behind ``letters``, in place."""
    filled = background(view, letters | others, grow=grow, limit=limit)
    own = dilate(letters, limit) > 0
    view[own] = filled[own]


def _plain_balloon(region: Region, view: Rgb, text: Mask) -> Balloon | None:
    """The region's balloon, if it has one of one colour and the ground beside the letters really has that colour: a
    contour may have leaked into a panel."""
    balloon = region.balloon
    if balloon is None or balloon.fill_rgb is None:
        return None
    around = (dilate(text, 4) > 0) & (dilate(text, 1) == 0)
    difference = np.abs(view[around].astype(np.int16) - np.array(balloon.fill_rgb, np.int16))
    plain = not around.any() or float(np.mean(difference.max(axis=1) <= DRAWN)) > _PLAIN_SHARE
    return balloon if plain else None


def _fill(
    view: Rgb,
    text: Mask,
    interior: Mask,
    colour: tuple[int, int, int],
    margin: int,
    *,
    noisy: Mask | None = None,
) -> None:
    """Paint the text's pixels in the colour of the balloon, and what JPEG blocks left around them (around ``noisy``,
    where that is not all of the text)."""
    inside = interior > 0
    ringing = np.abs(view.astype(np.int16) - np.array(colour, np.int16)).max(axis=2) <= DRAWN
    view[inside & (dilate(text if noisy is None else noisy, reach_px(margin)) > 0) & ringing] = colour
    view[inside & (dilate(text, margin) > 0)] = colour
