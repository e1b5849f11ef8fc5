"""Thin gutters: bands of a page's ground, a few pixels wide, that run between two frame lines."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from translator.pipeline.types import Mask

_THINNEST, _BROADEST = 0.0025, 0.0085
"""How wide a band is, of the page's short side; a broader one is found by its width alone."""
_LONG, _BESIDE = 0.06, 0.0025
"""How long it is at least, and how far beside it its frame lines are looked for, of the short side."""
_BOUND = 0.5
"""The share of what lies right beside it that is frame: at its ends and under a balloon there is none."""


def find_bands(ground: Mask, frame: NDArray[np.bool_]) -> Mask:
    """1 on the bands of ``ground`` (1 there, 0 elsewhere) along which ``frame`` runs, each ``(h, w)``.

    White between two lines of hair or rain is as thin, but short, and so is a gap in a frame.
    """
    short = min(ground.shape)
    thinnest, broadest = max(2, round(short * _THINNEST)), max(5, round(short * _BROADEST))
    thin = opened(ground, thinnest) & (1 - opened(ground, broadest))
    count, found, stats, _ = cv2.connectedComponentsWithStats(thin, connectivity=8, ltype=cv2.CV_32S)
    longest = np.maximum(stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT])
    is_band = longest >= _LONG * short
    is_band[0] = False
    labels = np.asarray(np.where(is_band[found], found, 0), dtype=np.float32)
    reach = 2 * max(2, round(short * _BESIDE)) + 1
    around = np.asarray(cv2.dilate(labels, np.ones((reach, reach), np.uint8)))
    beside = (labels == 0) & (around > 0)
    owners = around[beside].astype(np.intp)
    every = np.bincount(owners, minlength=count)
    framed = np.bincount(owners, weights=frame[beside], minlength=count)
    return np.asarray((is_band & (framed >= _BOUND * np.maximum(every, 1)))[found], dtype=np.uint8)


def opened(ground: Mask, side: int) -> Mask:
    """What squares of ``side`` pixels within ``ground``, 0 or 1, cover of it. An even side does not move it either."""
    kernel = np.ones((side, side), np.uint8)
    padded = cv2.copyMakeBorder(ground, side, side, side, side, cv2.BORDER_CONSTANT, value=(1,))
    eroded = cv2.erode(padded, kernel, anchor=(0, 0))
    kept = cv2.dilate(eroded, kernel, anchor=(side - 1, side - 1))[side:-side, side:-side]
    return np.asarray(kept, dtype=np.uint8)
