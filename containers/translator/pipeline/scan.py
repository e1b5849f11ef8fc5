"""A scan as if it were drawn: without the grain of the paper, the paper white and the ink black.

Only for looking at flat areas (gutters, balloons, what a line stands on). Text is found and read in the page itself,
which an engine knows better how to look at, and the page itself is what is cleaned and set.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from translator.pipeline.types import Rgb

_GRAIN = 3.0
"""Standard deviation of the noise, in grey levels, from which a page counts as grainy; what JPEG does to it is less."""
_BRIGHT, _INK = 98.0, 1.0
"""Percentiles of a page's grey levels: no paper is much brighter, and no ink much darker."""
_WHITE, _BLACK, _MARGIN, _GRAINS = 245, 40, 8, 3.0
"""Paper this bright and ink this dark are left alone; so far around either all levels become one, in levels, and in
standard deviations of the grain."""
_LEAST_RANGE = 60
_COLOURED = 24.0
"""How far the channels of a page may be from each other on average; the colours of art are no yellowed paper."""
_SECOND = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], dtype=np.float32)
_PART, _FLATTER, _MEAN_OF_NORMAL = 12, 30.0, 0.798
"""Side of the parts that are compared, pixels; the percentile of them that is flat; mean deviation of noise of 1."""
_STEP, _SMALLEST = 3, 24
"""Every third pixel each way tells a page's levels as well as all of them."""


def without_grain(rgb: Rgb) -> Rgb:
    """The page with its grain smoothed out, edges kept; the same object where it has none."""
    if min(rgb.shape[:2]) < _SMALLEST or grain(rgb) < _GRAIN:
        return rgb
    return np.asarray(cv2.medianBlur(np.ascontiguousarray(rgb), 3), dtype=np.uint8)


def levelled(rgb: Rgb) -> Rgb:
    """The page with white paper and black ink; the same object where they are, and for a page in colours."""
    sample = rgb[::_STEP, ::_STEP]
    if min(rgb.shape[:2]) < _SMALLEST or _colour(sample) > _COLOURED:
        return rgb
    grey = _grey(sample)
    ink, bright = (float(value) for value in np.percentile(grey, [_INK, _BRIGHT]))
    low = 0.0 if ink <= _BLACK else ink + _MARGIN
    high = 255.0
    if bright < _WHITE:
        paper = int(np.bincount(grey[grey > (ink + bright) / 2], minlength=1).argmax())
        high = paper - max(_MARGIN, _GRAINS * grain(rgb))
    if (low, high) == (0.0, 255.0) or high - low < _LEAST_RANGE:
        return rgb
    levels = np.clip((np.arange(256) - low) * (255 / (high - low)), 0, 255)
    return np.asarray(cv2.LUT(rgb, levels.astype(np.uint8)), dtype=np.uint8)


def grain(rgb: Rgb) -> float:
    """The standard deviation of a page's noise in its flatter parts, grey levels: what no smooth shade explains.

    A part with a screentone or an edge in it is not among those; grain is everywhere.
    """
    second = np.abs(cv2.filter2D(_grey(rgb), cv2.CV_16S, _SECOND)).astype(np.float32)
    parts = cv2.resize(second, None, fx=1 / _PART, fy=1 / _PART, interpolation=cv2.INTER_AREA)
    return float(np.percentile(parts, _FLATTER)) / (_MEAN_OF_NORMAL * float(np.sqrt((_SECOND**2).sum())))


def _colour(rgb: Rgb) -> float:
    """How far a page's channels are from each other on average."""
    red, green, blue = (np.ascontiguousarray(rgb[:, :, index]) for index in range(3))
    apart = cv2.max(cv2.max(red, green), blue) - cv2.min(cv2.min(red, green), blue)
    return float(apart.mean())


def _grey(rgb: Rgb) -> NDArray[np.uint8]:
    return np.asarray(cv2.cvtColor(np.ascontiguousarray(rgb), cv2.COLOR_RGB2GRAY), dtype=np.uint8)
