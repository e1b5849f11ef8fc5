"""Which pixels of a region are its letters: the detector's mask, corrected by what a letterer would see."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from translator.pipeline.inpaint import dilate
from translator.pipeline.types import Balloon, Box, Mask, Region, Rgb

DRAWN = 48
"""Levels from a balloon's colour from which a pixel is drawn, not JPEG ringing."""
CONTEXT_PX = 32
"""How much of the page around a region is looked at, and used to continue its background."""
_STROKE_CONTRAST = 64
_DENSEST, _LEAST_INK = 0.65, 0.08
_PLAIN_SPREAD, _PLAIN_SHARE = 40, 0.7
_DOT_PX, _LARGEST_DOT, _DOT_EM2, _MANY_DOTS = 9, 24, 0.02, 40
_DOTS_VARY = 3.0
_MOST_SPARED = 0.5
_DARK, _THICKEST = 110, 9


def text_box_of(region: Region) -> Box:
    box = region.box
    for line in (*region.lines, *region.ruby):
        box = box.union(line.box)
    return box


def own_marks(mask: Mask, region: Region, text_box: Box, crop: Box, crop_rgb: Rgb) -> Mask:
    """The region's own part of the mask. A line that is mostly marked is marked wrongly, as no letters are that dense:
    there, what stands out of the line's usual tone is the text."""
    own = np.zeros_like(mask)
    rows = slice(text_box.y0 - crop.y0, text_box.y1 - crop.y0)
    columns = slice(text_box.x0 - crop.x0, text_box.x1 - crop.x0)
    own[rows, columns] = mask[rows, columns]
    grey = np.asarray(cv2.cvtColor(crop_rgb, cv2.COLOR_RGB2GRAY), np.int16)
    boxes = [line.box.intersection(crop) for line in (*region.lines, *region.ruby)]
    windows = [(slice(b.y0 - crop.y0, b.y1 - crop.y0), slice(b.x0 - crop.x0, b.x1 - crop.x0)) for b in boxes if b.area]
    dense = [window for window in windows if float(np.mean(mask[window] > 0)) > _DENSEST]
    for window in dense:
        own[window] = 0
    for window in dense:
        own[window] |= _standing_out(grey[window])
    return own


def _standing_out(grey: NDArray[np.int16]) -> Mask:
    """Dark letters, or light ones where there is too little that is dark."""
    usual = int(np.median(grey))
    dark, light = grey < usual - _STROKE_CONTRAST, grey > usual + _STROKE_CONTRAST
    return np.where(dark if float(np.mean(dark)) >= _LEAST_INK else light, 255, 0).astype(np.uint8)


def strokes_in_lines(region: Region, view: Rgb, balloon: Balloon, crop: Box) -> Mask:
    """What the mask may have missed: in a plain balloon, all that is not ground in a line's box is a stroke."""
    strokes = np.zeros(view.shape[:2], np.uint8)
    drawn = np.abs(view.astype(np.int16) - np.array(balloon.fill_rgb, np.int16)).max(axis=2) > DRAWN
    for line in (*region.lines, *region.ruby):
        box = line.box.intersection(crop)
        part = slice(box.y0 - crop.y0, box.y1 - crop.y0), slice(box.x0 - crop.x0, box.x1 - crop.x0)
        strokes[part][drawn[part]] = 255
    return np.asarray(cv2.bitwise_and(strokes, interior_of(balloon, crop)), np.uint8)


def crossing_art(crop_rgb: Rgb, text: Mask, text_box: Box, crop: Box, longest: int) -> Mask:
    """Strokes in the text mask that are none of the text: outlines and panel borders, which run on beyond its box.

    ``longest`` is the length of a straight line, pixels, that no letter has. Where the ground is not plain, or much of
    the text itself hangs together with such strokes (letters on hatching), nothing but such lines is spared: a text
    left on the page is worse than a line broken.
    """
    art = np.zeros_like(text)
    marked = int(np.count_nonzero(text))
    if not marked or marked == text.size:
        return art
    grey = np.asarray(cv2.cvtColor(crop_rgb, cv2.COLOR_RGB2GRAY), np.int16)
    art = ruled_lines(grey, text_box, crop, longest)
    around = (dilate(text, 3) > 0) & (text == 0)
    ground = float(np.median(grey[around])) if around.any() else 255.0
    if float(np.mean(np.abs(grey[around] - ground) <= _PLAIN_SPREAD)) < _PLAIN_SHARE:
        return art
    ink = (np.abs(grey - ground) > _STROKE_CONTRAST).astype(np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    marks = np.bincount(labels[text > 0], minlength=count)
    inner = text_box.x0 - crop.x0, text_box.y0 - crop.y0, text_box.x1 - crop.x0, text_box.y1 - crop.y0
    x, y, w, h, size = (stats[:, column] for column in range(5))
    far = CONTEXT_PX // 3  # a letter may be cut by its box, but not by as much
    leaves = (x < inner[0] - far) | (y < inner[1] - far) | (x + w > inner[2] + far) | (y + h > inner[3] + far)
    spared = leaves & (marks > 0) & (marks < 0.7 * size)
    spared[0] = False
    if marks[spared].sum() <= _MOST_SPARED * marked:
        art[spared[labels]] = 255
    return art


def ruled_lines(grey: NDArray[np.int16], text_box: Box, crop: Box, longest: int) -> Mask:
    """Thin dark lines along the page's directions that are longer than ``longest`` and run on beyond the text's box."""
    dark = np.where(grey < _DARK, 255, 0).astype(np.uint8)
    found = np.zeros_like(dark)
    for length, loose in (((longest, 1), (1, 3)), ((1, longest), (3, 1))):
        slack = cv2.dilate(dark, np.ones(loose, np.uint8))  # a page is never scanned quite straight
        runs = cv2.morphologyEx(slack, cv2.MORPH_OPEN, np.ones(length, np.uint8))
        thick = (_THICKEST, 1) if length[1] > 1 else (1, _THICKEST)
        solid = cv2.morphologyEx(slack, cv2.MORPH_OPEN, np.ones(thick, np.uint8))
        found[(np.asarray(runs) > 0) & (np.asarray(solid) == 0)] = 255
    _, labels, stats, _ = cv2.connectedComponentsWithStats(found, connectivity=8)
    x, y, w, h = (stats[:, column] for column in range(4))
    inner = text_box.x0 - crop.x0, text_box.y0 - crop.y0, text_box.x1 - crop.x0, text_box.y1 - crop.y0
    beyond = CONTEXT_PX // 3
    leaves = (
        (x < inner[0] - beyond) | (y < inner[1] - beyond) | (x + w > inner[2] + beyond) | (y + h > inner[3] + beyond)
    )
    leaves[0] = False
    return np.where(leaves[labels] & (dark > 0), 255, 0).astype(np.uint8)


def without_dots(text: Mask, letter_px: float) -> Mask:
    """The mask without single dots, where there are so many of them that they are a screentone's. One that is much
    larger than those is a mark of the text: a voicing mark, a full stop."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(text, connectivity=8)
    areas = stats[:, cv2.CC_STAT_AREA]
    dots = areas < min(max(_DOT_PX, _DOT_EM2 * letter_px**2), _LARGEST_DOT)
    if int(dots.sum()) < _MANY_DOTS:
        return text
    dots &= areas <= _DOTS_VARY * float(np.median(areas[dots]))
    return np.where(dots[labels], 0, text).astype(np.uint8)


def interior_of(balloon: Balloon, crop: Box) -> Mask:
    """The balloon's inside in the crop, one pixel smaller than its contour: the outline's edge is anti-aliased."""
    inside = np.zeros((crop.height, crop.width), np.uint8)
    points = np.asarray(balloon.contour, np.int32).reshape(-1, 1, 2) - np.array([crop.x0, crop.y0], np.int32)
    cv2.fillPoly(inside, [points.astype(np.int32)], 255)
    return np.asarray(cv2.erode(inside, np.ones((3, 3), np.uint8), borderValue=255), np.uint8)
