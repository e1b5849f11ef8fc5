"""Continues a background under removed strokes: flat where it is flat, the same screentone where it is screentone,
and with pieces of the same art elsewhere."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from translator.pipeline.exemplar import fill_by_examples
from translator.pipeline.shade import even_ground
from translator.pipeline.texture import fill_by_shifts
from translator.pipeline.types import Mask, Rgb

_FLAT_SPREAD = 14
"""Levels between the 4th and the 96th percentile of a ring that still counts as one colour (JPEG noise)."""
_RIM_REACH = 10


def continue_background(crop: Rgb, text: Mask, *, grow: int, limit: int) -> Rgb:
    """A new crop with the pixels of ``text`` (and up to ``limit`` px around, normally ``grow``) replaced.

    ``crop`` is uint8 ``(h, w, 3)`` RGB, ``text`` uint8 ``(h, w)``. Pixels farther than ``limit`` from the
    text are equal in the result.
    """
    out = crop.copy()
    hole = dilate(text, min(grow, limit))
    left = fill_flat_parts(out, hole)
    if not left.any():
        return out
    even = even_ground(out, hole)
    beside = np.where(even, 0, left).astype(np.uint8)
    left = fill_by_shifts(out, np.where(even, left, 0).astype(np.uint8), hole) | beside
    if left.any():
        fill_by_examples(out, left, left)
    return out


def rimmed_letters(crop: Rgb, text: Mask) -> Mask | None:
    """The letters of ``text`` with the light (or dark) rim drawn around them to set them off from art; ``None`` where
    they have none.

    Letters with a rim have it on all sides: the pixels at a few pixels' distance are of one tone, and those farther
    out are not. Marks in ``text`` that are much thinner than the letters (dots of a screentone) are left out.
    """
    core = _thick_parts(text)
    away = cv2.distanceTransform(np.where(core > 0, 0, 255).astype(np.uint8), cv2.DIST_L2, 3)
    grey = cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY)
    shells = [grey[(away > width) & (away <= width + 1)] for width in range(1, _RIM_REACH + 6)]
    if any(shell.size < 16 for shell in shells):
        return None
    light = float(np.median(shells[1])) > 128
    same = [float(np.mean(shell > 225 if light else shell < 30)) for shell in shells]
    best, far = max(same[:3]), float(np.mean(same[-5:]))
    if best < 0.75 or best - far < 0.3:
        return None
    width = next((w for w, share in enumerate(same, start=1) if w > 1 and share < (best + far) / 2), 0)
    return dilate(core, width + 1) if width else None


def _thick_parts(text: Mask) -> Mask:
    """The connected parts of a mask that are at least half as thick as its thickest strokes."""
    depth = cv2.distanceTransform(text, cv2.DIST_L2, 3)
    count, labels = cv2.connectedComponents(text, connectivity=8)
    deepest = np.zeros(count, np.float32)
    np.maximum.at(deepest, np.asarray(labels, np.intp).ravel(), depth.ravel())
    usual = float(np.percentile(depth[text > 0], 97))
    return np.where((deepest >= 0.5 * usual)[labels] & (labels > 0), 255, 0).astype(np.uint8)


def dilate(mask: Mask, by: int) -> Mask:
    """``mask`` grown by a disc of ``by`` pixels."""
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * by + 1, 2 * by + 1))
    return np.asarray(cv2.dilate(mask, kernel), np.uint8)


def fill_flat_parts(out: Rgb, hole: Mask) -> Mask:
    """Fill, in place, each part of ``hole`` whose surroundings have one colour; the mask of what is left."""
    left = hole.copy()
    count, labels, stats, _ = cv2.connectedComponentsWithStats(hole, connectivity=8)
    height, width = hole.shape
    for label in range(1, count):
        x, y, w, h = (int(v) for v in stats[label, :4])
        window = (slice(max(0, y - 4), min(height, y + h + 4)), slice(max(0, x - 4), min(width, x + w + 4)))
        part = np.where(labels[window] == label, 255, 0).astype(np.uint8)
        ring = (dilate(part, 3) > 0) & (hole[window] == 0)
        colour = _one_colour(out[window][ring])
        if colour is not None:
            out[window][part > 0] = colour
            left[window][part > 0] = 0
    return left


def _one_colour(pixels: NDArray[np.uint8]) -> NDArray[np.uint8] | None:
    if len(pixels) < 8:
        return None
    low, middle, high = np.percentile(pixels, (4, 50, 96), axis=0)
    if float((high - low).max()) > _FLAT_SPREAD:
        return None
    return np.asarray(np.rint(middle), np.uint8)
