"""How far a line leans."""

from __future__ import annotations

from math import atan2, degrees

from translator.pipeline.types import Polygon


def tilt(polygon: Polygon) -> float:
    """How far a line leans off the nearer of the page's two directions, degrees, -45 to 45."""
    (ax, ay), (bx, by), (cx, cy) = polygon[0], polygon[1], polygon[2]
    across, along = (bx - ax, by - ay), (cx - bx, cy - by)
    longer = across if across[0] ** 2 + across[1] ** 2 >= along[0] ** 2 + along[1] ** 2 else along
    angle = degrees(atan2(longer[1], longer[0])) % 90
    return angle - 90 if angle > 45 else angle
