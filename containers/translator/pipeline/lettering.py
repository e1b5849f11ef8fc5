"""Which pixels are letters where text stands on art: dark ones, light ones or coloured ones, with the rim around them.

A detector's mask is of no use there: it is cut at one tone, and art has every tone. Letters are told from art by what
they are: strokes of one colour and much the same width, as large as their line, that end in it, and whose surroundings
are all of one tone where they have a rim.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from translator.pipeline.inpaint import dilate
from translator.pipeline.types import Box, Mask, Rgb

Flags = NDArray[np.bool_]
Tone = NDArray[np.uint8]
"""uint8 ``(h, w)``: how much a pixel is of the letters' colour, 255 for wholly."""

_CUTS = (185, 155, 125, 95)
"""From which tone a pixel may be ink: letters are of one colour, so that the art that is near to it falls off first."""
_PAD = 0.08
"""How far letters reach out of a line's box, in its thickness."""
_SMALLEST = 6
"""Letters of fewer pixels cannot be told from art."""
_VIVID, _VIVID_SHARE = 90, 0.03
"""Levels between its channels from which a pixel has a colour; how much of the lines is of one, if letters are."""
_HELD = 0.85
_ACROSS, _DASH, _ALONG, _THICKEST = 1.3, 0.3, 3.2, 0.17
"""The largest mark of a letter, how broad and how long a dash is, and half the thickest stroke: in thicknesses of the
line."""
_THINNEST, _THICKER, _DOT = 0.5, 1.9, 0.02
"""Half a stroke beside the usual one, at least and at most; the area of a dot beside the square of the line."""
_BAND = 0.45
"""How far from the middle of a line the middle of a mark of its letters is, in thicknesses of the line."""
_CONTRAST, _ALIKE = 70, 45
_SET_OFF = 0.7
"""Share of a mark's surroundings that is like that of the others, beside what is usual."""
_DOT_NEAR, _SMALL, _FINEST = 0.2, 0.06, 0.35
_MOST_MARKS = 8
"""A letter has no more marks that hang apart; what has is a screentone, or noise."""
_CLEARLY, _FRINGE, _SOFT = 0.08, 110, 2
"""A lower cut must be so much better; ink of less tone beside what it finds, up to so many pixels, goes with it."""
_GAP = 0.3
"""The side of a gap between strokes, in thicknesses of the line."""
_LEAST = 0.55
"""What the likeliest letters must come to (share of the line that they fill by how well they are set off)."""
_RIMMED, _RIM_REACH, _RIM_TONE = 0.75, 12, 40


@dataclass(frozen=True, slots=True)
class Lettering:
    """The letters of a text in a crop, uint8 ``(h, w)`` of 0 and 255: ``core`` their strokes, ``whole`` with the rim.

    ``score``, 0.0 to 1.0: how much they look like letters.
    """

    core: Mask
    whole: Mask
    score: float


@dataclass(frozen=True, slots=True)
class _Marks:
    """The connected marks of a picture; the arrays have one entry each, the first for the ground between them."""

    labels: NDArray[np.int32]
    box: NDArray[np.int32]
    area: NDArray[np.int32]
    depth: NDArray[np.float32]


def find_lettering(crop_rgb: Rgb, lines: Sequence[Box], *, vertical: bool) -> Lettering | None:
    """The letters of ``lines`` (boxes in the crop); ``None`` where nothing looks like some.

    ``crop_rgb`` is uint8 ``(h, w, 3)`` RGB with some of the page around the text.
    """
    lines = [line for line in lines if min(line.width, line.height) >= _SMALLEST]
    length = sum(_length(line, vertical=vertical) for line in lines)
    best, likeliest = np.zeros(crop_rgb.shape[:2], np.uint8), 0.0
    for tone in _tones(crop_rgb, lines):
        core, score = np.zeros_like(best), 0.0
        for line in lines:
            score += _line(tone, core, line, vertical=vertical) * _length(line, vertical=vertical) / max(1, length)
        if score > likeliest:
            best, likeliest = core, score
    if likeliest < _LEAST:
        return None
    rimmed = _with_rim(crop_rgb, best)
    whole = best if rimmed is None else _without_gaps(rimmed, _GAP * _em(lines, vertical=vertical))
    return Lettering(best, whole, likeliest)


def _line(tone: Tone, core: Mask, line: Box, *, vertical: bool) -> float:
    """Add the letters of a line to ``core``; the answer is how much they look like some. Each line is judged by itself:
    one may stand on the sky, and the next one on a coat."""
    em = line.width if vertical else line.height
    room = line.pad(em, width=tone.shape[1], height=tone.shape[0])
    window = np.s_[room.y0 : room.y1, room.x0 : room.x1]
    inner = Box(line.x0 - room.x0, line.y0 - room.y0, line.x1 - room.x0, line.y1 - room.y0)
    best, likeliest = None, 0.0
    for cut in _CUTS:
        found, score = _at(tone[window], cut, inner, vertical=vertical)
        if score > likeliest + (_CLEARLY if best is not None else 0.0):
            best, likeliest = found, score
    if best is not None:
        core[window] |= best
    return likeliest


def _length(line: Box, *, vertical: bool) -> int:
    return line.height if vertical else line.width


def _tones(crop_rgb: Rgb, lines: Sequence[Box]) -> Iterator[Tone]:
    """What the letters may be drawn in: black, white, and the colour that stands out in the lines."""
    grey = np.asarray(cv2.cvtColor(crop_rgb, cv2.COLOR_RGB2GRAY), np.uint8)
    yield 255 - grey
    yield grey
    pixels = np.concatenate([crop_rgb[:0, 0], *(crop_rgb[b.y0 : b.y1, b.x0 : b.x1].reshape(-1, 3) for b in lines)])
    vivid = pixels[np.ptp(pixels, axis=1) > _VIVID]
    if len(vivid) > _VIVID_SHARE * len(pixels):
        away = np.abs(crop_rgb.astype(np.int16) - np.median(vivid, axis=0).astype(np.int16)).max(axis=2)
        yield np.clip(255 - 2.2 * away, 0, 255).astype(np.uint8)


def _at(tone: Tone, cut: int, line: Box, *, vertical: bool) -> tuple[Mask, float]:
    """The letters of a line that are of a tone, and how much they look like some."""
    marks = _marks_of(tone >= cut)
    own = _letters(marks, line, vertical=vertical)
    if not own.any():
        return np.zeros_like(tone), 0.0
    shell = _shells(marks, own, tone)
    least = _SET_OFF * float(np.average(shell[own], weights=marks.area[own]))
    own &= shell >= least
    own |= _beside(marks, own, line.width if vertical else line.height)
    shell = _shells(marks, own, tone)
    own &= shell >= least
    if not own.any():
        return np.zeros_like(tone), 0.0
    core = np.where(own[marks.labels], 255, 0).astype(np.uint8)
    core = np.where((tone >= min(cut, _FRINGE)) & (dilate(core, _SOFT) > 0), 255, 0).astype(np.uint8)
    return core, float(np.average(shell[own], weights=marks.area[own])) * _filled(core, line, vertical=vertical)


def _beside(marks: _Marks, own: Flags, em: float) -> Flags:
    """The voicing marks and dots that stand beside letters, which may be too small to be judged by themselves."""
    core = own[marks.labels]
    if not core.any():
        return own
    near = cv2.distanceTransform(np.where(core, 0, 255).astype(np.uint8), cv2.DIST_L2, 3) <= _DOT_NEAR * em
    inside = np.bincount(marks.labels[near], minlength=len(marks.area))
    thick = float(np.average(marks.depth[own], weights=marks.area[own]))
    small = (marks.area <= _SMALL * em**2) & (inside == marks.area)
    return np.asarray(small & (marks.depth >= _FINEST * thick) & (marks.depth <= 1.2 * thick))


def _em(lines: Sequence[Box], *, vertical: bool) -> float:
    return float(np.median([line.width if vertical else line.height for line in lines]))


def _marks_of(ink: Flags) -> _Marks:
    drawn = ink.astype(np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(drawn, connectivity=8)
    away = cv2.distanceTransform(drawn, cv2.DIST_L2, 3)
    depth = np.zeros(count, np.float32)
    np.maximum.at(depth, np.asarray(labels, np.intp).ravel(), away.ravel())
    return _Marks(np.asarray(labels, np.int32), stats[:, :4].astype(np.int32), stats[:, 4].astype(np.int32), depth)


def _letters(marks: _Marks, line: Box, *, vertical: bool) -> Flags:
    """The marks that are as letters of this line are."""
    em = line.width if vertical else line.height
    height, width = marks.labels.shape
    room = line.pad(round(_PAD * em), width=width, height=height)
    inside = np.bincount(marks.labels[room.y0 : room.y1, room.x0 : room.x1].ravel(), minlength=len(marks.area))
    across, along = (marks.box[:, 2], marks.box[:, 3]) if vertical else (marks.box[:, 3], marks.box[:, 2])
    dash = (across <= _DASH * em) & (along <= _ALONG * em)
    own = (inside >= _HELD * marks.area) & (across <= _ACROSS * em) & ((along <= _ACROSS * em) | dash)
    own &= marks.depth <= max(2.0, _THICKEST * em)
    own[0] = False
    large = own & (marks.area >= _DOT * em**2)
    if own.any():
        usual = float(np.median(marks.depth[large if large.any() else own]))
        own &= (marks.depth >= _THINNEST * usual) & (marks.depth <= _THICKER * usual)
    own &= _in_band(marks, own, em, vertical=vertical)
    most = _MOST_MARKS * max(1.0, line.area / em**2)
    own = own & large if np.count_nonzero(own) > most else own
    return own if np.count_nonzero(own) <= most else np.zeros_like(own)


def _in_band(marks: _Marks, own: Flags, em: float, *, vertical: bool) -> Flags:
    """The marks that stand where most of the line's letters do: a line's box may be wider than its letters."""
    start, extent = (marks.box[:, 0], marks.box[:, 2]) if vertical else (marks.box[:, 1], marks.box[:, 3])
    middle = start + extent / 2
    of = np.flatnonzero(own)
    if not of.size:
        return own
    weight = marks.area[of][order := np.argsort(middle[of])].cumsum()
    centre = float(middle[of][order][np.searchsorted(weight, weight[-1] / 2)])
    return np.asarray(np.abs(middle - centre) <= _BAND * em)


def _shells(marks: _Marks, own: Flags, tone: Tone) -> NDArray[np.float32]:
    """How much of each mark's surroundings is unlike ink, and of the tone that is usual around the marks."""
    core = own[marks.labels].astype(np.uint8)
    near = cv2.dilate(np.where(core > 0, marks.labels, 0).astype(np.float32), np.ones((5, 5), np.uint8)).astype(np.intp)
    shell = (near > 0) & (cv2.dilate(core, np.ones((3, 3), np.uint8)) == 0)
    if not shell.any():
        return np.zeros(len(marks.area), np.float32)
    around, of = tone[shell].astype(np.int16), near[shell]
    ink = float(np.median(tone[core > 0]))
    usual = float(np.median(around))
    good = (around < ink - _CONTRAST) & (np.abs(around - usual) <= _ALIKE)
    count = np.bincount(of, minlength=len(marks.area))
    return (np.bincount(of[good], minlength=len(marks.area)) / np.maximum(count, 1)).astype(np.float32)


def _filled(core: Mask, line: Box, *, vertical: bool) -> float:
    """The share of the line's length that has letters."""
    part = core[line.y0 : line.y1, line.x0 : line.x1] > 0
    along = part.any(axis=1 if vertical else 0, keepdims=True).reshape(-1, 1).astype(np.uint8)
    gap = max(1, round(0.5 * (line.width if vertical else line.height))) | 1
    return float(np.mean(cv2.morphologyEx(along, cv2.MORPH_CLOSE, np.ones((gap, 1), np.uint8))))


def _with_rim(crop_rgb: Rgb, core: Mask) -> Mask | None:
    """``core`` with the even rim that is drawn around it, ``None`` without one; its width shows where the ground beyond
    it is of another tone."""
    grey = cv2.cvtColor(crop_rgb, cv2.COLOR_RGB2GRAY)
    away = cv2.distanceTransform(np.where(core > 0, 0, 255).astype(np.uint8), cv2.DIST_L2, 5)
    shell = grey[(away > 1.5) & (away <= 2.5)]
    if shell.size < 16:
        return None
    rim = float(np.median(shell))
    if float(np.mean(np.abs(shell - rim) <= _RIM_TONE)) < _RIMMED:
        return None
    other = ((np.abs(grey - rim) > _RIM_TONE) & (away > 2.5) & (away <= _RIM_REACH)).astype(np.uint8)
    if np.count_nonzero(other) < 16:
        return None  # the ground is of the rim's tone: nothing shows
    ahead = away[other > 0]
    width = float(np.percentile(ahead, 4))
    return dilate(core, round(width))


def _without_gaps(whole: Mask, side: float) -> Mask:
    """With the small gaps between strokes filled: what shows in them is no ground to go on from."""
    closed = cv2.morphologyEx(whole, cv2.MORPH_CLOSE, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (5, 5)))
    _, labels, stats, _ = cv2.connectedComponentsWithStats(255 - np.asarray(closed, np.uint8), connectivity=4)
    small = stats[:, 4] < side**2
    small[0] = False
    return np.where(small[labels] & (np.asarray(closed) == 0) | (np.asarray(closed) > 0), 255, 0).astype(np.uint8)
