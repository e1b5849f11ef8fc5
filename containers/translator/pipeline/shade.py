"""The shading of a crop without its texture: what a gradient is under a text, seen from its surroundings."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from translator.pipeline.types import Mask, Rgb

Shading = NDArray[np.float32]
"""float32 ``(h, w, 3)``, RGB, 0 to 255."""

_SIGMA = 4.0
_ROUNDS = 8
_DARK, _STRAIGHT, _THICK = 110, 21, 3
"""A panel's border is so dark, so long and so thick at least, pixels."""
_LEAST_UNDER = 0.05
"""Share of a text on one side of a border from which that side is its ground too."""
_LEAST_KNOWN = 0.15
"""Share of known pixels around one from which its shading is known; elsewhere it is interpolated."""
_STEEPEST, _EDGE_NEAR = 1.5, 25
"""Levels a pixel that the shading of an even ground rises at most, and how wide around a pixel it has to, pixels."""


def same_ground(crop: Rgb, hole: Mask) -> NDArray[np.bool_]:
    """Where the ground that is under ``hole`` (uint8 ``(h, w)``) goes on: not beyond a panel's border, nor on it."""
    open_ = np.where(_borders(crop) & (hole == 0), 0, 1).astype(np.uint8)
    count, labels = cv2.connectedComponents(open_, connectivity=4)
    under = np.bincount(labels[hole > 0], minlength=count)
    own = under >= _LEAST_UNDER * max(1, int(under.sum()))
    own[0] = False
    return np.asarray(own[labels])


def shading(crop: Rgb, known: NDArray[np.bool_]) -> Shading:
    """The crop's low frequencies, uint8 ``(h, w, 3)`` RGB in, and what they are likely to be where nothing is
    ``known`` (bool ``(h, w)``)."""
    seen = known.astype(np.float32)
    weight = np.asarray(cv2.GaussianBlur(seen, (0, 0), _SIGMA), np.float32)
    total = np.asarray(cv2.GaussianBlur(crop.astype(np.float32) * seen[..., None], (0, 0), _SIGMA), np.float32)
    smooth: Shading = (total / np.maximum(weight, 1e-3)[..., None]).astype(np.float32)
    least = min(_LEAST_KNOWN, 0.5 * float(weight.max(initial=0.0)))  # a crop may be nearly all hole
    return _interpolated(smooth, np.where(weight > least, weight, 0.0).astype(np.float32))


def even_ground(crop: Rgb, hole: Mask) -> NDArray[np.bool_]:
    """Where a tone or a gradient goes on undisturbed, bool ``(h, w)``: no edge of the art is near."""
    grey = cv2.cvtColor(shading(crop, hole == 0), cv2.COLOR_RGB2GRAY)
    steep = np.hypot(cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1)) / 8
    usual = cv2.dilate(cv2.blur(steep, (5, 5)), np.ones((_EDGE_NEAR, _EDGE_NEAR), np.uint8))
    return np.asarray(usual < _STEEPEST)


def _borders(crop: Rgb) -> NDArray[np.bool_]:
    """Dark bars along the page's directions."""
    dark = np.where(cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY) < _DARK, 255, 0).astype(np.uint8)
    shapes = np.ones((_THICK, _STRAIGHT), np.uint8), np.ones((_STRAIGHT, _THICK), np.uint8)
    flat, upright = (cv2.morphologyEx(dark, cv2.MORPH_OPEN, shape) for shape in shapes)
    return np.asarray(cv2.dilate(np.maximum(flat, upright), np.ones((3, 3), np.uint8)) > 0)


def _interpolated(values: Shading, weight: NDArray[np.float32]) -> Shading:
    """Values where the weight is 0.0 from the coarser levels of a pyramid (S. Gortler et al., *The Lumigraph*, 1996:
    push-pull)."""
    height, width = weight.shape
    if (weight >= 0.5).all() or not weight.any():
        return values
    if min(height, width) < 2:
        mean = (values * weight[..., None]).sum(axis=(0, 1)) / weight.sum()
        return np.where(weight[..., None] > 0, values, mean).astype(np.float32)
    coarse_weight = np.asarray(cv2.pyrDown(weight), np.float32)
    total = np.asarray(cv2.pyrDown(values * weight[..., None]), np.float32).reshape(*coarse_weight.shape, 3)
    coarse: Shading = (total / np.maximum(coarse_weight, 1e-6)[..., None]).astype(np.float32)
    trusted = np.where(coarse_weight > 1e-4, np.minimum(coarse_weight * 4, 1.0), 0.0).astype(np.float32)
    below = _interpolated(coarse, trusted)
    rough = cv2.resize(below, (width, height), interpolation=cv2.INTER_LINEAR)
    share = np.minimum(weight / min(0.5, float(weight.max())), 1.0)[..., None]
    for _ in range(_ROUNDS):  # a membrane over the gap: what is known pulls at its rim
        mixed = values * share + rough * (1.0 - share)
        rough = cv2.blur(mixed, (3, 3))
    return np.asarray(values * share + rough * (1.0 - share), np.float32)
