"""Which pixels of a region are its letters: the detector's mask, corrected by what a letterer would see."""

from __future__ import annotations

import cv2
import numpy as np

from translator.pipeline.inpaint import dilate
from translator.pipeline.types import Balloon, Box, Mask, Region, Rgb

DRAWN = 48
"""Levels from a balloon's colour from which a pixel is drawn, not JPEG ringing."""
CONTEXT_PX = 32
"""How much of the page around a region is looked at, and used to continue its background."""
_STROKE_CONTRAST = 64
_DENSEST = 0.65
_PLAIN_SPREAD, _PLAIN_SHARE = 40, 0.7
_DOT_PX, _MANY_DOTS = 9, 40
_MOST_SPARED = 0.5


def text_box_of(region: Region) -> Box:
    box = region.box
    for line in (*region.lines, *region.ruby):
        box = box.union(line.box)
    return box


def own_marks(mask: Mask, region: Region, text_box: Box, crop: Box) -> Mask:
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


def strokes_in_lines(region: Region, view: Rgb, balloon: Balloon, crop: Box) -> Mask:
    """What the mask may have missed: in a plain balloon, all that is not ground in a line's box is a stroke."""
    strokes = np.zeros(view.shape[:2], np.uint8)
    drawn = np.abs(view.astype(np.int16) - np.array(balloon.fill_rgb, np.int16)).max(axis=2) > DRAWN
    for line in (*region.lines, *region.ruby):
        box = line.box.intersection(crop)
        part = slice(box.y0 - crop.y0, box.y1 - crop.y0), slice(box.x0 - crop.x0, box.x1 - crop.x0)
        strokes[part][drawn[part]] = 255
    return np.asarray(cv2.bitwise_and(strokes, interior_of(balloon, crop)), np.uint8)


def crossing_art(crop_rgb: Rgb, text: Mask, text_box: Box, crop: Box) -> Mask:
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
    far = CONTEXT_PX // 3  # a letter may be cut by its box, but not by as much
    leaves = (x < inner[0] - far) | (y < inner[1] - far) | (x + w > inner[2] + far) | (y + h > inner[3] + far)
    spared = leaves & (marks > 0) & (marks < 0.7 * size)
    spared[0] = False
    if marks[spared].sum() <= _MOST_SPARED * marked:
        art[spared[labels]] = 255
    return art


def without_dots(text: Mask) -> Mask:
    """The mask without single dots, where there are so many of them that they are a screentone's."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(text, connectivity=8)
    dots = stats[:, cv2.CC_STAT_AREA] < _DOT_PX
    if int(dots.sum()) < _MANY_DOTS:
        return text
    return np.where(dots[labels], 0, text).astype(np.uint8)


def interior_of(balloon: Balloon, crop: Box) -> Mask:
    """The balloon's inside in the crop, one pixel smaller than its contour: the outline's edge is anti-aliased."""
    inside = np.zeros((crop.height, crop.width), np.uint8)
    points = np.asarray(balloon.contour, np.int32).reshape(-1, 1, 2) - np.array([crop.x0, crop.y0], np.int32)
    cv2.fillPoly(inside, [points.astype(np.int32)], 255)
    return np.asarray(cv2.erode(inside, np.ones((3, 3), np.uint8), borderValue=255), np.uint8)
