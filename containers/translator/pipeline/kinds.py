"""What a text block is on the page, told from its geometry alone.

These are heuristics, and a wrong one is cheap by design: dialogue, thought and narration are all translated.
Only ``sfx`` and ``page_number`` are kept by default, so both are claimed on strong evidence only.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import atan2, degrees

import cv2
import numpy as np

from translator.pipeline.grouping import Block
from translator.pipeline.types import Balloon, Box, Kind, Polygon

_SFX_SCALE = 1.9
_SFX_TILT = 9.0
_EDGE = 0.06
_BOARD_TILT = 1.5


def kind_of(
    block: Block,
    balloon: Balloon | None,
    *,
    page: Box,
    usual_thickness: float,
    mostly_vertical: bool,
    panels: Sequence[Box],
) -> Kind:
    """The kind of a block. ``usual_thickness`` is the page's median line thickness, pixels."""
    if balloon is not None:
        return _kind_of_balloon(balloon)
    if _is_page_number(block, page, panels):
        return Kind.PAGE_NUMBER
    tilted = max(abs(tilt(line.polygon)) for line in block.lines) >= _SFX_TILT
    if not block.vertical and mostly_vertical:
        return Kind.SIGN
    if tilted or (len(block.lines) == 1 and block.thickness >= _SFX_SCALE * usual_thickness):
        return Kind.SFX
    return Kind.NARRATION


def tilt(polygon: Polygon) -> float:
    """How far a line leans off the nearer of the page's two directions, degrees, -45 to 45."""
    (ax, ay), (bx, by), (cx, cy) = polygon[0], polygon[1], polygon[2]
    across, along = (bx - ax, by - ay), (cx - bx, cy - by)
    longer = across if across[0] ** 2 + across[1] ** 2 >= along[0] ** 2 + along[1] ** 2 else along
    angle = degrees(atan2(longer[1], longer[0])) % 90
    return angle - 90 if angle > 45 else angle


def _is_page_number(block: Block, page: Box, panels: Sequence[Box]) -> bool:
    """Small, alone, near the page's upper or lower edge, and outside every panel or at the very end of one.

    On a page whose art bleeds the number is the last thing drawn, and bounds what was taken for a panel.
    """
    box = block.box
    near_edge = box.y1 <= page.height * _EDGE or box.y0 >= page.height * (1 - _EDGE)
    small = box.width <= page.width * 0.08 and box.height <= page.height * 0.04
    last = [min(box.y0 - panel.y0, panel.y1 - box.y1) <= box.height / 2 for panel in panels if _shares(panel, box)]
    return near_edge and small and all(last)


def _shares(panel: Box, box: Box) -> bool:
    return panel.intersection(box).area > 0


def _kind_of_balloon(balloon: Balloon) -> Kind:
    contour = np.array(balloon.contour, dtype=np.int32).reshape(-1, 1, 2)
    area = cv2.contourArea(contour)
    (_, (w, h), angle) = cv2.minAreaRect(contour)
    if w * h > 0 and area / (w * h) >= 0.93:
        # A box of the layout is upright; a board that stands in the scene seldom is.
        return Kind.SIGN if _BOARD_TILT <= angle % 90 <= 90 - _BOARD_TILT else Kind.NARRATION
    return Kind.THOUGHT if is_cloud(balloon.contour) else Kind.DIALOGUE


def is_cloud(contour: Polygon) -> bool:
    """True for an outline of arcs that bulge outwards: many sharp corners, all of them pointing inwards."""
    points = np.array(contour, dtype=np.int32).reshape(-1, 1, 2)
    simple = cv2.approxPolyDP(points, 0.008 * cv2.arcLength(points, True), True).reshape(-1, 2)
    if len(simple) < 12:
        return False
    before, after = simple - np.roll(simple, 1, axis=0), np.roll(simple, -1, axis=0) - simple
    turn = np.degrees(np.arctan2(before[:, 0] * after[:, 1] - before[:, 1] * after[:, 0], (before * after).sum(axis=1)))
    turn = turn if turn.sum() > 0 else -turn
    inwards, outwards = int((turn < -35).sum()), int((turn > 75).sum())
    return inwards >= 6 and outwards <= 2
