"""Screentone: dots on a 45° grid whose size gives the grey, as on printed pages."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]


def _wave(x: FloatArray, y: FloatArray, pitch: float, degrees: float) -> FloatArray:
    a = np.float32(np.deg2rad(degrees))
    k = np.float32(2 * np.pi / pitch)
    u = (x * np.cos(a) + y * np.sin(a)) * k
    v = (y * np.cos(a) - x * np.sin(a)) * k
    wave: FloatArray = ((np.cos(u) + np.cos(v)) / 4 + 0.5).astype(np.float32)
    return wave


@lru_cache(maxsize=1)
def _levels() -> FloatArray:
    """Sorted values of the wave over one period: quantiles turn a density into a threshold."""
    t = np.linspace(0.0, 1.0, 200, endpoint=False, dtype=np.float32)
    return np.sort(_wave(t[None, :], t[:, None], 1.0, 0.0).ravel())


def threshold(density: FloatArray) -> FloatArray:
    """The wave value above which ink stands, for a density of 0.0 (white) to 1.0 (black)."""
    levels = _levels()
    q = np.linspace(0.0, 1.0, len(levels), dtype=np.float32)
    found: FloatArray = np.interp(1.0 - density, q, levels).astype(np.float32)
    return found


def dots(
    *, x0: float, y0: float, width: int, height: int, scale: float, density: FloatArray, pitch: float, degrees: float
) -> NDArray[np.bool_]:
    """Where ink stands, bool ``(height, width)``.

    The cell's origin is page point ``(x0, y0)``, a cell is ``1 / scale`` page pixels; ``density`` is broadcast over it.
    """
    x = (np.arange(width, dtype=np.float32) / np.float32(scale) + np.float32(x0))[None, :]
    y = (np.arange(height, dtype=np.float32) / np.float32(scale) + np.float32(y0))[:, None]
    inked: NDArray[np.bool_] = _wave(x, y, pitch, degrees) > threshold(density)
    return inked
