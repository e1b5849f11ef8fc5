"""Fills a hole in drawn art with what stands elsewhere in the crop: sharp, as a letterer's clone brush would.

Coarse to fine, as a line or an edge must find its other end before the tone on it matters (Y. Wexler, E. Shechtman,
M. Irani, *Space-Time Completion of Video*, 2007, on pictures). The same crop gives the same fill.
"""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from translator.pipeline.patches import Level, Matches, Picture
from translator.pipeline.types import Box, Mask, Rgb

_SEED = 5
_THINNEST, _SMALLEST, _MOST_LEVELS = 1.6, 24, 5
"""The hole is halved until it is no wider than so many pixels from its rim; no picture gets smaller than this."""
_ROUNDS = (6, 4, 4, 6, 8)
"""How often each level is matched and voted on, the finest first."""
_MOST_WORK = 4_000_000
"""Values compared in one look at all targets, summed over a level's rounds: what bounds the time."""
_TILE_PX, _OVERLAP_PX = 448, 64
_GREY_SPREAD = 24
_NEAR_BY = 12
"""How far from where the coarser level has found its patches a finer one looks, pixels."""

Hole = NDArray[np.bool_]


def fill_by_examples(out: Rgb, left: Mask, hole: Mask) -> None:
    """Fill, in place, the pixels of ``left`` (uint8 ``(h, w)``); ``hole`` marks these and what else is not to be copied
    from ``out`` (uint8 ``(h, w, 3)`` RGB). A large crop is filled tile by tile."""
    open_, unknown = left > 0, hole > 0
    for tile in _tiles(left):
        window = np.s_[tile.y0 : tile.y1, tile.x0 : tile.x1]
        asked = open_[window].copy()
        if asked.any():
            out[window][asked] = _filled(out[window], unknown[window])[asked]
            open_[window], unknown[window] = False, unknown[window] & ~asked


def _tiles(left: Mask) -> Iterator[Box]:
    height, width = left.shape
    for y in _starts(height):
        for x in _starts(width):
            yield Box(x, y, min(width, x + _TILE_PX), min(height, y + _TILE_PX))


def _starts(extent: int) -> range:
    return range(0, max(1, extent - _OVERLAP_PX), _TILE_PX - _OVERLAP_PX)


def _filled(crop: Rgb, hole: Hole) -> Rgb:
    rng = np.random.default_rng(_SEED)
    grey, colour = not np.ptp(crop, axis=2).any(), _is_coloured(crop, hole)
    pyramid = _pyramid(crop[:, :, :1] if grey else crop, hole)
    picture, done = _guessed(*pyramid[-1]), None
    for number, (known, part) in reversed(list(enumerate(pyramid))):
        level, picture = Level(part, scale=2**number, colour=colour), _enlarged(picture, known, part)
        if len(level.sources):  # otherwise it is nearly all hole, and the guess goes on to the next level
            picture, matches = _matched(level, picture, done, rng, finest=number == 0)
            done = level, matches
    return np.broadcast_to(picture, crop.shape)


def _matched(
    level: Level, picture: Picture, coarse: tuple[Level, Matches] | None, rng: np.random.Generator, *, finest: bool
) -> tuple[Picture, Matches]:
    """The picture with its hole filled, and what from."""
    source = level.anywhere(rng) if coarse is None else level.finer(coarse[1], coarse[0], rng)
    tries, reach = (3, max(level.hole.shape) // 2) if coarse is None else (2, _NEAR_BY)
    for left in range(_rounds(level) - 1, -1, -1):
        matches = level.match(picture, source, rng, rounds=tries, reach=reach)
        source, picture = matches.source, level.vote(picture, matches, sharp=finest and not left)
    return picture, matches


def _rounds(level: Level) -> int:
    return max(1, min(_ROUNDS[level.scale.bit_length() - 1], _MOST_WORK // max(1, level.work)))


def _is_coloured(crop: Rgb, hole: Hole) -> bool:
    known = crop[~hole]
    return bool(len(known)) and float(np.percentile(np.ptp(known, axis=1), 99)) > _GREY_SPREAD


def _pyramid(crop: Picture, hole: Hole) -> list[tuple[Picture, Hole]]:
    levels = [(crop, hole)]
    while len(levels) < _MOST_LEVELS and min(hole.shape) // 2 >= _SMALLEST:
        if cv2.distanceTransform(hole.astype(np.uint8), cv2.DIST_L2, 3).max() <= _THINNEST:
            break
        crop, hole = _halved(crop, hole)
        if not hole.any():
            break
        levels.append((crop, hole))
    return levels


def _halved(crop: Picture, hole: Hole) -> tuple[Picture, Hole]:
    """Half the size, of what is known alone."""
    size = hole.shape[1] // 2, hole.shape[0] // 2
    known = np.where(hole, 0.0, 1.0).astype(np.float32)
    seen = crop.astype(np.float32) * known[..., None]
    total = cv2.resize(seen, size, interpolation=cv2.INTER_AREA).reshape(size[1], size[0], -1)
    share = np.asarray(cv2.resize(known, size, interpolation=cv2.INTER_AREA))
    return np.clip(total / np.maximum(share, 1e-3)[..., None], 0, 255).astype(np.uint8), np.asarray(share < 0.5)


def _guessed(crop: Picture, hole: Hole) -> Picture:
    filled = cv2.inpaint(crop, hole.astype(np.uint8), 3, cv2.INPAINT_TELEA)
    return np.asarray(filled, np.uint8).reshape(crop.shape)


def _enlarged(picture: Picture, known: Picture, hole: Hole) -> Picture:
    """``known`` with the coarser picture in its hole."""
    if picture.shape == known.shape:
        return np.where(hole[..., None], picture, known)
    rough = cv2.resize(picture, hole.shape[::-1], interpolation=cv2.INTER_LINEAR)
    return np.where(hole[..., None], np.asarray(rough, np.uint8).reshape(known.shape), known)
