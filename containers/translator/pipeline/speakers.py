"""What the drawing alone tells of who speaks: where a balloon's tail points, and which balloons are drawn as one.

Nothing is told that is not sure; a model that is shown the page sees the rest for itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from translator.pipeline.doubt import is_doubtful
from translator.pipeline.tails import Tail, tail_of
from translator.pipeline.types import Balloon, Box, Kind, Mask, Region

_OPEN, _CLOSED, _OVERLAP, _TINT = 0.3, 0.7, 0.02, 30
"""Of balloons that are one: how long they run together, against the smaller one's size; how much of the way between
its ends; how much of the smaller one may lie in both; how far their colours may differ."""


@dataclass(frozen=True, slots=True)
class Hint:
    """What is known of who says a text: where its ``tail`` points, in words, and the id of the text before it that the
    same one says. Empty for what is not known."""

    tail: str = ""
    joined: str = ""


def hints(asked: Sequence[Region], regions: Sequence[Region] = (), panels: Sequence[Box] = ()) -> Mapping[str, Hint]:
    """What is known of each text of ``asked``, in reading order; ``regions`` are all of the page.

    Only dialogue in balloons has a speaker whom its balloon points to; all others have no hint, and are not in the
    answer.
    """
    spoken = [region for region in asked if region.kind is Kind.DIALOGUE and region.balloon is not None]
    tails = {region.id: tail_of(region, regions, panels) for region in spoken}
    found = {}
    for place, region in enumerate(spoken):
        tail = tails[region.id]
        before = next((one for one in reversed(spoken[:place]) if _is_one(region, one, tails, panels)), None)
        if tail is not None or before is not None:
            found[region.id] = Hint(f"tail points {tail.direction}" if tail else "", before.id if before else "")
    return found


def _is_one(one: Region, other: Region, tails: Mapping[str, Tail | None], panels: Sequence[Box]) -> bool:
    """Balloons with a tail each are two people's, though they run into each other."""
    if tails[one.id] is not None and tails[other.id] is not None:
        return False
    return _panels_of(one, panels) == _panels_of(other, panels) and are_joined(one, other)


def _panels_of(region: Region, panels: Sequence[Box]) -> set[Box]:
    x, y = region.box.center
    return {panel for panel in panels if panel.x0 <= x < panel.x1 and panel.y0 <= y < panel.y1}


def are_joined(one: Region, other: Region) -> bool:
    """True for two texts whose balloons are drawn as one: between their insides is no line, along a good part of both.

    Balloons that only touch have their outlines between them, and may be of two people.
    """
    if one.balloon is None or other.balloon is None or not _near(one.balloon.box, other.balloon.box):
        return False
    if not _are_alike(one.balloon, other.balloon) or not _run_together(one.balloon, other.balloon):
        return False
    return not any(is_doubtful(region.balloon, region.box) for region in (one, other))


def _run_together(one: Balloon, other: Balloon) -> bool:
    """True where two insides meet without room for a line between them."""
    window = one.box.union(other.box)
    first, second = (_drawn(balloon, window) for balloon in (one, other))
    smaller = min(int(first.sum()), int(second.sum()))
    if not 0 < int((first & second).sum()) <= _OVERLAP * smaller:
        return False
    grown = np.asarray(cv2.dilate(first, np.ones((3, 3), np.uint8)), dtype=np.uint8)
    seam = grown & second & (1 - first)
    length = int(seam.sum())
    if length < _OPEN * smaller**0.5:
        return False
    _, size, _ = cv2.minAreaRect(cv2.findNonZero(seam))
    return length >= _CLOSED * max(size)


def _are_alike(one: Balloon, other: Balloon) -> bool:
    if one.fill_rgb is None or other.fill_rgb is None:
        return False
    return all(abs(a - b) <= _TINT for a, b in zip(one.fill_rgb, other.fill_rgb, strict=True))


def _drawn(balloon: Balloon, window: Box) -> Mask:
    mask = np.zeros((window.height, window.width), np.uint8)
    cv2.fillPoly(mask, [_points(balloon) - (window.x0, window.y0)], (1,))
    return mask


def _near(one: Box, other: Box) -> bool:
    return one.x0 <= other.x1 + 2 and other.x0 <= one.x1 + 2 and one.y0 <= other.y1 + 2 and other.y0 <= one.y1 + 2


def _points(balloon: Balloon) -> NDArray[np.int32]:
    return np.array(balloon.contour, dtype=np.int32).reshape(-1, 1, 2)
