"""Removes text: a flat fill inside plain balloons, a continued background elsewhere.

Only pixels within :func:`margin_px` of the text mask are changed, and none on a balloon's outline; farther only
the light rim that letters on art have around them, and by a few levels (within :func:`reach_px`) the JPEG ringing in a
plain balloon. Work
goes by crops around each region, so a strip of 14,000 px takes no more memory than its largest text block.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from translator.pipeline.inpaint import continue_background, dilate, rimmed_letters
from translator.pipeline.types import Balloon, Box, Detection, Mask, Page, Region, Rgb

_CONTEXT_PX = 32
_STROKE_CONTRAST = 64
_DENSEST = 0.65
_PLAIN_SPREAD, _PLAIN_SHARE = 40, 0.7
_DOT_PX, _MANY_DOTS = 9, 40
_MOST_SPARED = 0.5
_NEAR = 48
"""Levels from the balloon's colour up to which a pixel beyond the margin counts as JPEG ringing of the text."""


def margin_px(page: Page) -> int:
    """How far from the text mask a pixel may be changed: 4 px on a page of 830, for anti-aliasing and JPEG ringing."""
    return max(3, round(min(page.width, page.height) * 0.005))


def reach_px(margin: int) -> int:
    """How far JPEG ringing, and nothing else, is evened out inside a plain balloon."""
    return margin + 6


class CropCleaner:
    """Cleans each region by itself (a :class:`~translator.pipeline.protocols.Cleaner`)."""

    name = "flat-fill+telea"

    def clean(self, page: Page, detection: Detection, regions: Sequence[Region]) -> Rgb:
        """A new ``(height, width, 3)`` uint8 RGB page without the text of ``regions``; ``page`` is left as it is."""
        plate = page.rgb.copy()
        margin = margin_px(page)
        for region in regions:
            _clean_region(plate, page, detection.mask, region, margin)
        return plate


def _clean_region(plate: Rgb, page: Page, mask: Mask, region: Region, margin: int) -> None:
    text_box = _text_box(region).pad(margin, width=page.width, height=page.height)
    crop = text_box.pad(_CONTEXT_PX, width=page.width, height=page.height)
    if crop.area == 0:
        return
    window = (slice(crop.y0, crop.y1), slice(crop.x0, crop.x1))
    text = _only_region(mask[window], region, text_box, crop)
    art = _crossing_art(page.rgb[window], text, text_box, crop)
    text[art > 0] = 0
    if not text.any():
        return
    view = plate[window]
    kept = dilate(art, 1) > 0
    before = view[kept]
    rest = text
    if region.balloon is not None and region.balloon.fill_rgb is not None and _is_plain(view, text, region.balloon):
        interior = _interior(region.balloon, crop)
        _fill(view, text, interior, region.balloon.fill_rgb, margin)
        # Text that hangs out of its balloon; what lies on the outline itself stays, so that the outline does.
        rest = np.where(dilate(interior, 2 * margin) > 0, 0, text).astype(np.uint8)
    if rest.any():
        rest = _without_dots(rest)
        rimmed = rimmed_letters(view, rest)
        rest = rest if rimmed is None else rimmed
        view[...] = continue_background(view, rest, grow=max(2, margin - 1), limit=margin)
    view[kept] = before


def _crossing_art(crop_rgb: Rgb, text: Mask, text_box: Box, crop: Box) -> Mask:
    """Strokes in the text mask that are none of the text: outlines and panel borders, which run on beyond its box.

    Where the ground is not plain, or much of the text itself hangs together with such strokes (letters on hatching),
    nothing is spared: a text left on the page is worse than a line broken.
    """
    art = np.zeros_like(text)
    marked = int(np.count_nonzero(text))
    if not marked or marked == text.size:
        return art
    grey = np.asarray(cv2.cvtColor(crop_rgb, cv2.COLOR_RGB2GRAY), np.int16)
    around = (dilate(text, 3) > 0) & (text == 0)
    ground = float(np.median(grey[around])) if around.any() else 255.0
    if float(np.mean(np.abs(grey[around] - ground) <= _PLAIN_SPREAD)) < _PLAIN_SHARE:
        return art
    ink = (np.abs(grey - ground) > _STROKE_CONTRAST).astype(np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    marks = np.bincount(labels[text > 0], minlength=count)
    inner = text_box.x0 - crop.x0, text_box.y0 - crop.y0, text_box.x1 - crop.x0, text_box.y1 - crop.y0
    x, y, w, h, size = (stats[:, column] for column in range(5))
    far = _CONTEXT_PX // 3  # a letter may be cut by its box, but not by as much
    leaves = (x < inner[0] - far) | (y < inner[1] - far) | (x + w > inner[2] + far) | (y + h > inner[3] + far)
    spared = leaves & (marks > 0) & (marks < 0.7 * size)
    spared[0] = False
    if marks[spared].sum() <= _MOST_SPARED * marked:
        art[spared[labels]] = 255
    return art


def _without_dots(text: Mask) -> Mask:
    """The mask without single dots, where there are so many of them that they are a screentone's."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(text, connectivity=8)
    dots = stats[:, cv2.CC_STAT_AREA] < _DOT_PX
    if int(dots.sum()) < _MANY_DOTS:
        return text
    return np.where(dots[labels], 0, text).astype(np.uint8)


def _is_plain(view: Rgb, text: Mask, balloon: Balloon) -> bool:
    """Whether the ground beside the letters really has the balloon's colour: a contour may have leaked into a panel."""
    around = (dilate(text, 4) > 0) & (dilate(text, 1) == 0)
    difference = np.abs(view[around].astype(np.int16) - np.array(balloon.fill_rgb, np.int16))
    return not around.any() or float(np.mean(difference.max(axis=1) <= _NEAR)) > _PLAIN_SHARE


def _fill(view: Rgb, text: Mask, interior: Mask, colour: tuple[int, int, int], margin: int) -> None:
    """Paint the text's pixels in the colour of the balloon, and what the text's JPEG blocks left around them."""
    inside = interior > 0
    ringing = np.abs(view.astype(np.int16) - np.array(colour, np.int16)).max(axis=2) <= _NEAR
    view[inside & (dilate(text, reach_px(margin)) > 0) & ringing] = colour
    view[inside & (dilate(text, margin) > 0)] = colour


def _text_box(region: Region) -> Box:
    box = region.box
    for line in (*region.lines, *region.ruby):
        box = box.union(line.box)
    return box


def _only_region(mask: Mask, region: Region, text_box: Box, crop: Box) -> Mask:
    """The region's own part of the mask. A line that is mostly marked is marked the wrong way round: no letters are
    that dense, so what is not marked there is the text."""
    own = np.zeros_like(mask)
    rows = slice(text_box.y0 - crop.y0, text_box.y1 - crop.y0)
    columns = slice(text_box.x0 - crop.x0, text_box.x1 - crop.x0)
    own[rows, columns] = mask[rows, columns]
    for line in (*region.lines, *region.ruby):
        box = line.box.intersection(crop)
        part = own[box.y0 - crop.y0 : box.y1 - crop.y0, box.x0 - crop.x0 : box.x1 - crop.x0]
        if part.size and float(np.mean(part > 0)) > _DENSEST:
            np.subtract(255, part, out=part)
    return own


def _interior(balloon: Balloon, crop: Box) -> Mask:
    """The balloon's inside in the crop, one pixel smaller than its contour: the outline's edge is anti-aliased."""
    inside = np.zeros((crop.height, crop.width), np.uint8)
    points = np.asarray(balloon.contour, np.int32).reshape(-1, 1, 2) - np.array([crop.x0, crop.y0], np.int32)
    cv2.fillPoly(inside, [points.astype(np.int32)], 255)
    return np.asarray(cv2.erode(inside, np.ones((3, 3), np.uint8), borderValue=255), np.uint8)
