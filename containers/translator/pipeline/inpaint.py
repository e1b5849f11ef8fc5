"""Continues a background under removed strokes: flat where it is flat, the same screentone where it is screentone,
and by Telea's inpainting elsewhere."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from translator.pipeline.types import Mask, Rgb

_FLAT_SPREAD = 14
"""Levels between the 4th and the 96th percentile of a ring that still counts as one colour (JPEG noise)."""
_TONE_REACH = 40
_RIM_REACH = 10
_FAINT = 30.0
"""Variance of a texture below which there is nothing to keep in step with."""
_MOST_SHIFTS, _WINDOW, _SEEN = 48, 17, 0.08
_NOISE, _FAR, _UNLIKE = 60.0, 0.002, 0.55
"""Squared levels that JPEG adds; what a pixel of distance costs; largest mean squared difference (1.0 = unrelated)."""


def continue_background(crop: Rgb, text: Mask, *, grow: int, limit: int) -> Rgb:
    """A new crop with the pixels of ``text`` (and up to ``limit`` px around, normally ``grow``) replaced.

    ``crop`` is uint8 ``(h, w, 3)`` RGB, ``text`` uint8 ``(h, w)``. Pixels farther than ``limit`` from the
    text are equal in the result.
    """
    out = crop.copy()
    hole = dilate(text, min(grow, limit))
    left = _fill_flat_parts(out, hole)
    if not left.any():
        return out
    left = _fill_tone(out, crop, left, hole)
    if left.any():
        bgr = cv2.inpaint(cv2.cvtColor(out, cv2.COLOR_RGB2BGR), left, 3, cv2.INPAINT_TELEA)
        filled = cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB)
        out[left > 0] = filled[left > 0]
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


def _fill_flat_parts(out: Rgb, hole: Mask) -> Mask:
    """Fill, in place, each part whose surroundings have one colour; the mask of what is left."""
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


def _fill_tone(out: Rgb, crop: Rgb, left: Mask, hole: Mask) -> Mask:
    """Fill, in place, each pixel from the shift of the crop under which its surroundings are most like themselves: a
    screentone goes on in step, hatching along its lines. The mask of what no shift suits."""
    grey = np.asarray(cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY), np.uint8)
    shifts = _shifts(grey, hole)
    known = hole == 0
    spread = 2 * _local_variance(grey, known) + _NOISE
    best = np.full(grey.shape, np.inf, np.float32)
    filled = out.copy()
    for dx, dy in shifts:
        there, here = _overlap(crop.shape[:2], dx, dy)
        error = _local_error(grey, known, there, here) / spread[here] + _FAR * float(np.hypot(dx, dy))
        better = (left[here] > 0) & known[there] & (error < best[here])
        best[here][better] = error[better]
        filled[here][better] = crop[there][better]
    suits = (left > 0) & (best < _UNLIKE)
    out[suits] = filled[suits]
    return np.where(suits, 0, left).astype(np.uint8)


def _local_error(
    grey: NDArray[np.uint8], known: NDArray[np.bool_], there: tuple[slice, slice], here: tuple[slice, slice]
) -> NDArray[np.float32]:
    """Mean squared difference between the known surroundings of each pixel and those of its shifted self."""
    both = (known[here] & known[there]).astype(np.float32)
    difference = (grey[here].astype(np.float32) - grey[there].astype(np.float32)) * both
    total, weight = _sum_around(difference * difference), _sum_around(both)
    return np.where(weight > _SEEN * _WINDOW**2, total / np.maximum(weight, 1.0), np.inf).astype(np.float32)


def _local_variance(grey: NDArray[np.uint8], known: NDArray[np.bool_]) -> NDArray[np.float32]:
    seen = known.astype(np.float32)
    values = grey.astype(np.float32) * seen
    weight = np.maximum(_sum_around(seen), 1.0)
    mean = _sum_around(values) / weight
    return np.asarray(np.maximum(_sum_around(values * values) / weight - mean * mean, 0.0), np.float32)


def _sum_around(values: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(cv2.boxFilter(values, cv2.CV_32F, (_WINDOW, _WINDOW), normalize=False), np.float32)


def _shifts(grey: NDArray[np.uint8], hole: Mask) -> list[tuple[int, int]]:
    """Shifts ``(dx, dy)``, best first, under which the known part of the crop is more like itself than beside them."""
    known = (hole == 0).astype(np.float32)
    values = grey.astype(np.float32)
    texture = values - cv2.GaussianBlur(values, (0, 0), 4)
    spread = float((texture[known > 0] ** 2).mean()) if known.any() else 0.0
    if spread < _FAINT:
        return []
    error = _self_difference(texture, known) / (2 * spread)
    rows, columns = (min(_TONE_REACH, extent // 2 - 1) for extent in grey.shape)
    y, x = error.shape[0] // 2, error.shape[1] // 2
    window = error[y - rows : y + rows + 1, x - columns : x + columns + 1]
    dips = (window <= cv2.erode(window, np.ones((3, 3), np.uint8))) & np.isfinite(window)
    found = [(float(window[dy, dx]), int(dx) - columns, int(dy) - rows) for dy, dx in np.argwhere(dips)]
    far = [(e, dx, dy) for e, dx, dy in found if max(abs(dx), abs(dy)) >= 3]
    far.sort(key=lambda item: (round(item[0], 2), item[1] ** 2 + item[2] ** 2, item[1], item[2]))
    return [(dx, dy) for _, dx, dy in far[:_MOST_SHIFTS]]


def _self_difference(texture: NDArray[np.float32], known: NDArray[np.float32]) -> NDArray[np.float32]:
    """Mean squared difference of the known texture to itself, for each shift; zero shift in the middle."""
    height, width = texture.shape
    size = (cv2.getOptimalDFTSize(height + _TONE_REACH), cv2.getOptimalDFTSize(width + _TONE_REACH))
    seen = texture * known
    f_known, f_seen, f_square = (np.fft.rfft2(part, size) for part in (known, seen, seen * seen))
    pairs = np.fft.irfft2(f_known * np.conj(f_known), size)
    squares = np.fft.irfft2(f_square * np.conj(f_known) + f_known * np.conj(f_square), size)
    products = np.fft.irfft2(f_seen * np.conj(f_seen), size)
    difference = (squares - 2 * products) / np.maximum(pairs, 1.0)
    difference[pairs < 0.05 * known.size] = np.inf
    return np.fft.fftshift(difference).astype(np.float32)


def _overlap(shape: tuple[int, ...], dx: int, dy: int) -> tuple[tuple[slice, slice], tuple[slice, slice]]:
    """Slices ``(there, here)`` of a plane of ``shape`` so that ``there`` is ``here`` shifted by ``(dx, dy)``."""
    height, width = shape[:2]
    here = (slice(max(0, -dy), height - max(0, dy)), slice(max(0, -dx), width - max(0, dx)))
    there = (slice(max(0, dy), height - max(0, -dy)), slice(max(0, dx), width - max(0, -dx)))
    return there, here
