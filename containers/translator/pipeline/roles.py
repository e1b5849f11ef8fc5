"""The part that a text's font plays on its page: its kind, unless what it says or stands beside is another."""

from __future__ import annotations

import re
from collections.abc import Sequence

import cv2
import numpy as np

from translator.pipeline.free import panel_of
from translator.pipeline.rubied import plain
from translator.pipeline.sizes import letter_px, usual_letter_px
from translator.pipeline.types import Box, Kind, Polygon, Region

_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_SENTENCE, _PHRASE = 3, 2
"""How many different words no sound has, and how many none has beside narration of the same lettering."""
_ALIKE = 1.25
SHOUT = "shout"
_DRAWN_LARGER = 1.3
"""What letters are of the page's usual ones where somebody shouts."""
_SPIKES, _SHARP, _FULLEST, _FINE = 5, 60.0, 0.93, 0.006
"""A burst has so many corners that point outwards and turn by so many degrees, and so much of its hull at most; an
outline is followed as closely as this share of its length."""


def role_of(region: Region, text: str, others: Sequence[Region], panels: Sequence[Box]) -> str:
    """The role that the font of ``text``, the translation of ``region``, is chosen for: a :class:`Kind`'s value, or
    ``shout``: an exclamation in a burst, in letters that were drawn larger than the page's.

    Large lettering on the art is not always a sound: a narrator may speak as large. What a person would read out as a
    sentence is set as narration, and so is what looks like the narration in its panel.
    """
    if region.kind is Kind.DIALOGUE and _is_shouted(region, text, others):
        return SHOUT
    if region.kind is not Kind.SFX:
        return region.kind.value
    words = {word.casefold() for word in _WORD.findall(text)}
    beside = any(other.kind is Kind.NARRATION and are_alike(region, other, panels) for other in others)
    narrated = len(words) >= _SENTENCE or (len(words) >= _PHRASE and beside)
    return (Kind.NARRATION if narrated else Kind.SFX).value


def _is_shouted(region: Region, text: str, others: Sequence[Region]) -> bool:
    ends_loud = any(mark in plain(text)[-4:] for mark in "!！")
    if not ends_loud or region.balloon is None:
        return False
    return letter_px(region) >= _DRAWN_LARGER * usual_letter_px(others) > 0 and is_burst(region.balloon.contour)


def is_burst(contour: Polygon) -> bool:
    """True for an outline with spikes that point outwards."""
    points = np.array(contour, dtype=np.int32).reshape(-1, 1, 2)
    full = cv2.contourArea(points) / max(1.0, cv2.contourArea(cv2.convexHull(points)))
    simple = cv2.approxPolyDP(points, _FINE * cv2.arcLength(points, True), True).reshape(-1, 2)
    before, after = simple - np.roll(simple, 1, axis=0), np.roll(simple, -1, axis=0) - simple
    turn = np.degrees(np.arctan2(before[:, 0] * after[:, 1] - before[:, 1] * after[:, 0], (before * after).sum(axis=1)))
    spikes = int((turn * np.sign(turn.sum()) >= _SHARP).sum())
    return len(simple) >= _SPIKES and full <= _FULLEST and spikes >= _SPIKES


def are_alike(region: Region, other: Region, panels: Sequence[Box]) -> bool:
    """Whether two texts stand on the art of one panel in letters of about one size."""
    if other.id == region.id or region.balloon is not None or other.balloon is not None:
        return False
    sizes = sorted((letter_px(region), letter_px(other)))
    return 0 < sizes[1] <= _ALIKE * sizes[0] and panel_of(region.box, panels) == panel_of(other.box, panels)
