"""How sure it is that an area is a balloon: a panel's white corner passes for one where letters stand in it.

A balloon is drawn around its text: a full, convex shape with the text in its middle and little room to spare. Balloons
that run into each other, or have a long tail, are less than that as well; so a doubtful one is not refused for its
shape alone, but more is asked of what stands in it.
"""

from __future__ import annotations

import cv2
import numpy as np

from translator.pipeline.types import Balloon, Box

_FULL, _OFF_CENTRE, _ROOMIEST = 0.82, 0.22, 5.0


def is_doubtful(balloon: Balloon | None, text: Box) -> bool:
    """True for text without a balloon, and for a shape that is not clearly drawn around its ``text``."""
    if balloon is None:
        return True
    contour = np.array(balloon.contour, dtype=np.int32).reshape(-1, 1, 2)
    hull = cv2.convexHull(contour)
    area, convex = cv2.contourArea(contour), cv2.contourArea(hull)
    (cx, cy), (bx, by) = text.center, balloon.box.center
    off = max(abs(cx - bx) / max(1, balloon.box.width), abs(cy - by) / max(1, balloon.box.height))
    return area < _FULL * convex or off > _OFF_CENTRE or area > _ROOMIEST * text.area
