"""What a text block is on the page: told from its geometry, and once more from what could be read of it.

These are heuristics, and a wrong one is cheap by design: dialogue, thought and narration are all translated.
Only ``sfx`` and ``page_number`` are kept by default, so both are claimed on strong evidence only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import cv2
import numpy as np

from translator.pipeline.doubt import is_doubtful
from translator.pipeline.grouping import Block
from translator.pipeline.tilt import tilt
from translator.pipeline.types import Balloon, Box, Detection, Kind, Polygon, Reading, Region

_SFX_SCALE = 1.9
_SFX_TILT = 9.0
_DRAWN_TILT, _DRAWN_LETTERS = 4.0, 4
"""A short text of kana (ごそ, ぱっ) that leans this far, outside of a clear balloon, is drawn; type leans less."""
_SURE, _SENTENCE = 0.6, 4
"""How sure each letter of a text is that says it is no sound, and its fewest letters if it is a sentence."""
_EDGE = 0.06
_BOARD_TILT = 1.5
_BOARD, _SHARP = 0.93, 0.97
"""The share of its rectangle that a board fills, and a box with sharp corners: a balloon's are rounded."""
_FULL, _FULLEST_SPIKES, _FINE = 0.92, 0.85, 0.004
"""How full a cloud of shallow arcs is (waves are less), how full spikes may be, and how closely an outline is followed,
in its length."""


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
    leaning = [abs(tilt(line.polygon)) >= _SFX_TILT for line in block.lines]
    if balloon is not None and not (all(leaning) and is_doubtful(balloon, block.box)):
        return _kind_of_balloon(balloon)
    if _is_page_number(block, page, panels):
        return Kind.PAGE_NUMBER
    tilted = any(leaning)
    if balloon is not None and len(block.lines) > 1:
        return Kind.SIGN  # columns that lean together on a sheet of paper
    if not block.vertical and mostly_vertical:
        return Kind.SIGN
    if tilted or (len(block.lines) == 1 and block.thickness >= _SFX_SCALE * usual_thickness):
        return Kind.SFX
    return Kind.NARRATION


def settled(detection: Detection, readings: Mapping[str, Reading]) -> Detection:
    """The same with kinds that only show in what was read. A region that ``readings`` has nothing of stays as it is.

    A sound is drawn, not set, so most of them cannot be read; a spoken text that cannot be is as rare as its loss is
    dear, and is not translated either way. What *was* read, and might be spoken, has to lean as well.
    """
    regions = (
        replace(region, kind=_kind_as_read(region, readings[region.id])) if region.id in readings else region
        for region in detection.regions
    )
    return replace(detection, regions=tuple(regions))


def _kind_as_read(region: Region, reading: Reading) -> Kind:
    if region.kind is Kind.SFX:
        return _kind_of_writing(reading)
    spoken = region.kind in (Kind.DIALOGUE, Kind.NARRATION, Kind.THOUGHT)
    drawn = spoken and is_doubtful(region.balloon, region.box) and _is_drawn(region, reading)
    return Kind.SFX if drawn else region.kind


def _is_drawn(region: Region, reading: Reading) -> bool:
    letters = [character for character in reading.text if character.isalnum()]
    if not reading.text.strip():
        return not any(line.dots for line in region.lines)
    leaning = all(abs(tilt(line.polygon)) >= _DRAWN_TILT for line in region.lines)
    return leaning and 0 < len(letters) <= _DRAWN_LETTERS and all(_is_kana(character) for character in letters)


def _kind_of_writing(reading: Reading) -> Kind:
    """Sounds are written in kana: kanji that were read surely are a sentence if hiragana is with them, else a sign.

    Chinese sounds are written in hanzi, and stay what they are: without kana beside them nothing tells.
    """
    kanji = sum("一" <= character <= "鿿" for character in reading.text)
    kana = sum(_is_kana(character) for character in reading.text)
    if reading.weakest is None or reading.weakest < _SURE or not kanji or not kana:
        return Kind.SFX
    sentence = kanji + kana >= _SENTENCE and any("ぁ" <= character <= "ゖ" for character in reading.text)
    return Kind.NARRATION if sentence else Kind.SIGN


def _is_kana(character: str) -> bool:
    return "ぁ" <= character <= "ゖ" or "ァ" <= character <= "ヺ" or character == "ー"


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
    square = area / (w * h) if w * h > 0 else 0.0
    # A box of the layout is upright, with sharp corners; a board that stands in the scene seldom is.
    if square >= _BOARD and _BOARD_TILT <= angle % 90 <= 90 - _BOARD_TILT:
        return Kind.SIGN
    if square >= _SHARP:
        return Kind.NARRATION
    return Kind.THOUGHT if is_cloud(balloon.contour) else Kind.DIALOGUE


def is_cloud(contour: Polygon) -> bool:
    """True for an outline of arcs that bulge outwards: many sharp corners, all of them pointing inwards."""
    points = np.array(contour, dtype=np.int32).reshape(-1, 1, 2)
    simple = cv2.approxPolyDP(points, _FINE * cv2.arcLength(points, True), True).reshape(-1, 2)
    full = cv2.contourArea(points) / max(1.0, cv2.contourArea(cv2.convexHull(points)))
    if len(simple) < 12 or full < _FULLEST_SPIKES:
        return False
    before, after = simple - np.roll(simple, 1, axis=0), np.roll(simple, -1, axis=0) - simple
    turn = np.degrees(np.arctan2(before[:, 0] * after[:, 1] - before[:, 1] * after[:, 0], (before * after).sum(axis=1)))
    turn = turn if turn.sum() > 0 else -turn
    inwards, outwards = int((turn < -35).sum()), int((turn > 75).sum())
    return inwards >= 8 and outwards <= (1 if full >= _FULL else 0)
