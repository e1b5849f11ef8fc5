"""Continues a texture under removed strokes by copying: a screentone goes on in step, hatching along its lines.

Where a texture is like itself is seen from the whole crop at once (K. He, J. Sun, *Statistics of Patch Offsets for
Image Completion*, 2012); which of those shifts suits a pixel, from what is known around it. Only the texture is copied:
the shading under it is the place's own, so that a gradient stays one.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from translator.pipeline.shade import Shading, same_ground, shading
from translator.pipeline.types import Mask, Rgb

_REACH = 40
"""Largest shift, pixels."""
_FAINT = 30.0
"""Variance of a texture below which there is nothing to keep in step with."""
_MOST_SHIFTS, _LEAST_SHIFT = 40, 3
_WINDOWS = (17, 29, 45, 45)
"""Surroundings that are compared, pixels; the next one for what no known pixel is near enough to. The last one comes
twice, because by then what was filled is known."""
_SEEN = 0.08
_NOISE, _FAR, _UNLIKE = 60.0, 0.002, 0.4
"""Squared levels that JPEG adds; what a pixel of distance costs; largest mean squared difference (1.0 = unrelated)."""
_STROKE, _STRONGEST, _FAINTEST = 100.0, 6.0, 10.0
"""Levels that a single stroke counts at most; what is copied goes no farther from its shading than so many times what
is usual around the place, and some levels: a line of the art is no part of the tone beside it."""
_PLAIN = 6.0
"""Below so many levels of texture, what nothing suits is filled with the shading alone."""

_Window = tuple[slice, slice]


def fill_by_shifts(out: Rgb, left: Mask, hole: Mask) -> Mask:
    """Fill, in place, the pixels of ``left`` that a shifted copy of ``out`` suits; the mask of what none does.

    ``out`` is uint8 ``(h, w, 3)`` RGB; ``hole``, uint8 ``(h, w)``, marks ``left`` and what else is not to be copied.
    """
    asked = left > 0
    known = (hole == 0) & same_ground(out, hole)
    if not known.any():
        return left
    shade = shading(out, known)
    texture = out.astype(np.float32) - shade
    shifts = _shifts(_grey(texture), known)
    for window in _WINDOWS if shifts else ():
        left = _fill(texture, left, known, shifts, window)
        if not left.any():
            break
        known = known | (asked & (left == 0))
    plain = (left > 0) & (_strength(_grey(texture), known) < _PLAIN)
    texture[plain] = 0.0
    filled = asked & ((left == 0) | plain)
    out[filled] = np.clip(np.rint(shade[filled] + texture[filled]), 0, 255).astype(np.uint8)
    return np.where(plain, 0, left).astype(np.uint8)


def _grey(texture: Shading) -> NDArray[np.float32]:
    return np.asarray(cv2.cvtColor(texture, cv2.COLOR_RGB2GRAY), np.float32)


def _strength(grey: NDArray[np.float32], known: NDArray[np.bool_]) -> NDArray[np.float32]:
    """How far the texture around a pixel usually goes from its shading (root mean square, levels)."""
    seen = known.astype(np.float32)
    total = _sum_around(np.minimum(np.abs(grey), _STROKE) ** 2 * seen, _WINDOWS[-1])
    return np.asarray(np.sqrt(np.maximum(total, 0.0) / np.maximum(_sum_around(seen, _WINDOWS[-1]), 1.0)), np.float32)


def _fill(texture: Shading, left: Mask, known: NDArray[np.bool_], shifts: list[tuple[int, int]], window: int) -> Mask:
    """Fill ``texture`` in place; the mask of what no shift suits."""
    grey = _grey(texture)
    x, y, w, h = cv2.boundingRect(left)
    frame = x - window, y - window, x + w + window, y + h + window
    spread = 2 * _local_variance(grey, known, window) + _NOISE
    most = _STRONGEST * _strength(grey, known) + _FAINTEST
    best = np.full(grey.shape, np.inf, np.float32)
    filled = texture.copy()
    for dx, dy in shifts:
        there, here = _overlap(left.shape, frame, dx, dy)
        if not left[here].size:
            continue
        error = _local_error(grey, known, there, here, window) / spread[here] + _FAR * float(np.hypot(dx, dy))
        better = (left[here] > 0) & known[there] & (error < best[here]) & (np.abs(grey[there]) <= most[here])
        best[here][better] = error[better]
        filled[here][better] = texture[there][better]
    suits = (left > 0) & (best < _UNLIKE)
    texture[suits] = filled[suits]
    return np.where(suits, 0, left).astype(np.uint8)


def _local_error(
    grey: NDArray[np.float32], known: NDArray[np.bool_], there: _Window, here: _Window, window: int
) -> NDArray[np.float32]:
    """Mean squared difference between the known surroundings of each pixel and those of its shifted self."""
    both = (known[here] & known[there]).astype(np.float32)
    difference = (grey[here] - grey[there]) * both
    total, weight = _sum_around(difference * difference, window), _sum_around(both, window)
    return np.where(weight > _SEEN * window**2, total / np.maximum(weight, 1.0), np.inf).astype(np.float32)


def _local_variance(grey: NDArray[np.float32], known: NDArray[np.bool_], window: int) -> NDArray[np.float32]:
    seen = known.astype(np.float32)
    values = grey * seen
    weight = np.maximum(_sum_around(seen, window), 1.0)
    mean = _sum_around(values, window) / weight
    return np.asarray(np.maximum(_sum_around(values * values, window) / weight - mean * mean, 0.0), np.float32)


def _sum_around(values: NDArray[np.float32], window: int) -> NDArray[np.float32]:
    return np.asarray(cv2.boxFilter(values, cv2.CV_32F, (window, window), normalize=False), np.float32)


def _shifts(texture: NDArray[np.float32], known: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Shifts ``(dx, dy)``, best first, under which the known part of the crop is more like itself than beside them."""
    seen = known.astype(np.float32)
    spread = float((texture[known] ** 2).mean())
    if spread < _FAINT:
        return []
    error = _self_difference(texture, seen) / (2 * spread)
    rows, columns = (min(_REACH, extent // 2 - 1) for extent in texture.shape)
    if min(rows, columns) < _LEAST_SHIFT:
        return []
    y, x = error.shape[0] // 2, error.shape[1] // 2
    window = error[y - rows : y + rows + 1, x - columns : x + columns + 1]
    dips = (window <= cv2.erode(window, np.ones((3, 3), np.uint8))) & np.isfinite(window)
    found = [(float(window[dy, dx]), int(dx) - columns, int(dy) - rows) for dy, dx in np.argwhere(dips)]
    far = [(e, dx, dy) for e, dx, dy in found if max(abs(dx), abs(dy)) >= _LEAST_SHIFT]
    far.sort(key=lambda item: (round(item[0], 2), item[1] ** 2 + item[2] ** 2, item[1], item[2]))
    return [(dx, dy) for _, dx, dy in far[:_MOST_SHIFTS]]


def _self_difference(texture: NDArray[np.float32], known: NDArray[np.float32]) -> NDArray[np.float32]:
    """Mean squared difference of the known texture to itself, for each shift; zero shift in the middle."""
    height, width = texture.shape
    size = (cv2.getOptimalDFTSize(height + _REACH), cv2.getOptimalDFTSize(width + _REACH))
    seen = texture * known
    f_known, f_seen, f_square = (np.fft.rfft2(part, size) for part in (known, seen, seen * seen))
    pairs = np.fft.irfft2(f_known * np.conj(f_known), size)
    squares = np.fft.irfft2(f_square * np.conj(f_known) + f_known * np.conj(f_square), size)
    products = np.fft.irfft2(f_seen * np.conj(f_seen), size)
    difference = (squares - 2 * products) / np.maximum(pairs, 1.0)
    difference[pairs < 0.05 * known.size] = np.inf
    return np.fft.fftshift(difference).astype(np.float32)


def _overlap(shape: tuple[int, ...], frame: tuple[int, int, int, int], dx: int, dy: int) -> tuple[_Window, _Window]:
    """Slices ``(there, here)`` of a plane of ``shape``: ``here`` in ``frame`` (xyxy), ``there`` shifted from it."""
    x0, y0 = max(0, frame[0], -dx), max(0, frame[1], -dy)
    x1 = max(x0, min(shape[1], frame[2], shape[1] - dx))
    y1 = max(y0, min(shape[0], frame[3], shape[0] - dy))
    return (slice(y0 + dy, y1 + dy), slice(x0 + dx, x1 + dx)), (slice(y0, y1), slice(x0, x1))
