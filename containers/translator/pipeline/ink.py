"""The pixels of the letters themselves: which of a text line's pixels are ink."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from translator.pipeline.types import Box, Mask, Rgb, TextLine

_GROW = 0.12
"""How far a line box is grown, in line thicknesses: dots and long strokes reach out of it."""


def text_mask(rgb: Rgb, lines: Sequence[TextLine]) -> Mask:
    """255 on the strokes of ``lines``, 0 elsewhere, ``(h, w)`` uint8."""
    height, width = rgb.shape[:2]
    gray = np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), dtype=np.uint8)
    out = np.zeros((height, width), dtype=np.uint8)
    for line in lines:
        by = max(2, round(min(line.box.width, line.box.height) * _GROW))
        box = line.box.pad(by, width=width, height=height)
        part = out[box.y0 : box.y1, box.x0 : box.x1]
        np.maximum(part, ink(gray[box.y0 : box.y1, box.x0 : box.x1]), out=part)
    return out


def ink(gray: NDArray[np.uint8]) -> Mask:
    """255 where a crop of one line differs from its ground; strokes that leave the crop at a side are outlines."""
    if gray.size == 0:
        return np.zeros_like(gray)
    ground = _ground(gray)
    threshold, _ = cv2.threshold(gray, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    dark_ground = ground <= threshold
    # Half-way between Otsu's cut and the ground: the soft rim of a stroke is ink as well.
    cut = (threshold + ground) / 2
    found = gray > cut if dark_ground else gray < cut
    if abs(float(ground) - threshold) < 12:
        return np.zeros_like(gray)
    return np.asarray(found, dtype=np.uint8) * np.uint8(255)


def _ground(gray: NDArray[np.uint8]) -> float:
    """The grey of the crop's rim, where a line's crop has ground rather than letters."""
    rim = np.concatenate([gray[0], gray[-1], gray[:, 0], gray[:, -1]])
    return float(np.median(rim))


def tight_box(mask: Mask, box: Box) -> Box:
    """The smallest box around the ink inside ``box``; ``box`` itself where there is none."""
    part = mask[box.y0 : box.y1, box.x0 : box.x1]
    rows, columns = np.flatnonzero(part.any(axis=1)), np.flatnonzero(part.any(axis=0))
    if not rows.size:
        return box
    x0, y0 = box.x0 + int(columns[0]), box.y0 + int(rows[0])
    return Box(x0, y0, box.x0 + int(columns[-1]) + 1, box.y0 + int(rows[-1]) + 1)
