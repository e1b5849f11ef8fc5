"""One level of an exemplar-based fill: where patches of the known picture suit the hole, and what they say is in it.

A nearest patch is found by spreading and random search (C. Barnes et al., *PatchMatch*, 2009), all targets at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import cv2
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

Places = NDArray[np.int64]
"""int64 ``(n,)``: a pixel each, counted along the rows."""
Weights = NDArray[np.float32]
Picture = NDArray[np.uint8]
"""uint8 ``(h, w, 3)`` RGB, or ``(h, w, 1)`` where all three are the same."""
Number = TypeVar("Number", np.uint8, np.float32)

_RADIUS = 3
_SIDE = 2 * _RADIUS + 1
_FADE, _DEEPEST = 1.7, 12.0
"""What is so many pixels inside the hole counts less by this factor for each of them: it was guessed."""
_NEAR_PX = 1.0
"""Squared levels that a pixel of distance costs: of two patches that suit, the nearer one."""
_SPREAD = ((0, 1), (0, -1), (1, 0), (-1, 0))
_FAR_SPREAD = ((0, 4), (0, -4), (4, 0), (-4, 0))


@dataclass(frozen=True, slots=True)
class Matches:
    """The best known patch of each target: its middle, and how unlike it is (weighted mean of squared levels)."""

    source: Places
    error: Weights


class Level:
    """A picture with a guess in its ``hole`` (bool ``(h, w)``); ``scale`` is how many pixels
    of the page one of its pixels is. The targets are the patches that reach into the hole."""

    def __init__(self, hole: NDArray[np.bool_], *, scale: int, colour: bool) -> None:
        self.hole, self.scale, self._colour = hole, scale, colour
        self.height, self.width = hole.shape
        near = cv2.dilate(hole.astype(np.uint8), np.ones((_SIDE, _SIDE), np.uint8)) > 0
        whole = np.zeros_like(hole)
        whole[_RADIUS:-_RADIUS, _RADIUS:-_RADIUS] = True
        self._usable = (whole & ~near).ravel()
        self.targets: Places = np.flatnonzero(near)
        self._rows, self._columns = np.divmod(self.targets, self.width)
        self._number = np.full(hole.size, -1, np.int64)
        self._number[self.targets] = np.arange(len(self.targets))
        self._weight = self._trust()

    @property
    def sources(self) -> Places:
        """The middles of the patches that are wholly known; there may be none."""
        return np.flatnonzero(self._usable)

    @property
    def work(self) -> int:
        """How many values one look at all targets compares."""
        return len(self.targets) * _SIDE * _SIDE * (3 if self._colour else 1)

    def _trust(self) -> Weights:
        depth = cv2.distanceTransform(self.hole.astype(np.uint8), cv2.DIST_L2, 3)
        trust = (_FADE ** -np.minimum(depth, _DEEPEST)).astype(np.float32)
        weight = _patches(trust[:, :, None])[self.targets]
        weight = np.tile(weight, (1, 3)) if self._colour else weight
        return np.asarray(weight / weight.sum(axis=1, keepdims=True), np.float32)

    def finer(self, matches: Matches, coarse: Level, rng: np.random.Generator) -> Places:
        """Sources for this level's targets: those of the level above, at twice the distance."""
        parents = coarse._number[
            np.minimum(self._rows // 2, coarse.height - 1) * coarse.width
            + np.minimum(self._columns // 2, coarse.width - 1)
        ]
        rows, columns = np.divmod(matches.source[parents], coarse.width)
        rows = self._rows + 2 * (rows - coarse._rows[parents])
        columns = self._columns + 2 * (columns - coarse._columns[parents])
        found, usable = self._at(rows, columns)
        return np.where(usable & (parents >= 0), found, self.anywhere(rng))

    def anywhere(self, rng: np.random.Generator) -> Places:
        """A known patch for each target, at random."""
        return np.asarray(rng.choice(self.sources, len(self.targets)), np.int64)

    def match(self, picture: Picture, source: Places, rng: np.random.Generator, *, rounds: int, reach: int) -> Matches:
        """Better sources than ``source``: those of the neighbours, and random ones up to ``reach`` pixels from it."""
        search = _Search(self, _patches(_features(picture, colour=self._colour)), source)
        for number in range(rounds):
            for dy, dx in _SPREAD if number else _SPREAD + _FAR_SPREAD:
                search.spread(dy, dx)
            width = reach
            while width >= 1:
                search.scatter(rng, width)
                width //= 2
        return Matches(search.source, search.error)

    def vote(self, picture: Picture, matches: Matches, *, sharp: bool) -> Picture:
        """The picture with the hole as its patches have it: their mean, or what the best one says (``sharp``)."""
        colours = picture.reshape(-1, picture.shape[2]).astype(np.float32)
        total, weight = np.zeros_like(colours), np.zeros(len(colours), np.float32)
        usual = max(float(np.percentile(matches.error, 75)), 4.0)
        likely = np.exp(-matches.error / (2 * usual)).astype(np.float32)
        for dy, dx in np.ndindex(_SIDE, _SIDE):
            dy, dx = dy - _RADIUS, dx - _RADIUS
            inside = (self._rows + dy >= 0) & (self._rows + dy < self.height)
            inside &= (self._columns + dx >= 0) & (self._columns + dx < self.width)
            voters = np.flatnonzero(inside)
            voters = voters[self.hole.ravel()[self.targets[voters] + dy * self.width + dx]]
            pixels, seen = (places[voters] + dy * self.width + dx for places in (self.targets, matches.source))
            if sharp:
                central = likely[voters] * float(np.exp(-(dy * dy + dx * dx) / 6))
                better = central > weight[pixels]
                weight[pixels[better]] = central[better]
                total[pixels[better]] = colours[seen[better]] * central[better][:, None]
            else:
                weight[pixels] += likely[voters]
                total[pixels] += colours[seen] * likely[voters][:, None]
        known = weight > 0
        out = picture.reshape(len(weight), -1).copy()
        out[known] = np.clip(np.rint(total[known] / weight[known][:, None]), 0, 255).astype(np.uint8)
        return out.reshape(picture.shape)

    def _at(self, rows: Places, columns: Places) -> tuple[Places, NDArray[np.bool_]]:
        """The places of pixels, and which of them are in the picture and the middle of a known patch."""
        inside = (rows >= 0) & (rows < self.height) & (columns >= 0) & (columns < self.width)
        places = np.where(inside, rows * self.width + columns, 0)
        return places, inside & self._usable[places]


class _Search:
    """Sources that only ever get better."""

    def __init__(self, level: Level, patches: NDArray[np.uint8], source: Places) -> None:
        self._level, self._patches = level, patches
        self._wanted = patches[level.targets].astype(np.float32)
        self.source = source.copy()
        self.error = self._errors(np.arange(len(source)), source)

    def spread(self, dy: int, dx: int) -> None:
        """What suits the neighbour that lies so far off, moved back by as much, may suit here."""
        level = self._level
        rows, columns = level._rows + dy, level._columns + dx
        inside = (rows >= 0) & (rows < level.height) & (columns >= 0) & (columns < level.width)
        neighbours = np.where(inside, level._number[np.where(inside, rows * level.width + columns, 0)], -1)
        asked = np.flatnonzero(neighbours >= 0)
        rows, columns = np.divmod(self.source[neighbours[asked]], level.width)
        self._improve(asked, rows - dy, columns - dx)

    def scatter(self, rng: np.random.Generator, reach: int) -> None:
        count = len(self.source)
        rows, columns = np.divmod(self.source, self._level.width)
        rows = rows + rng.integers(-reach, reach + 1, count)
        self._improve(np.arange(count), rows, columns + rng.integers(-reach, reach + 1, count))

    def _improve(self, asked: Places, rows: Places, columns: Places) -> None:
        places, usable = self._level._at(rows, columns)
        usable &= places != self.source[asked]
        asked, places = asked[usable], places[usable]
        error = self._errors(asked, places)
        better = error < self.error[asked]
        self.source[asked[better]], self.error[asked[better]] = places[better], error[better]

    def _errors(self, asked: Places, places: Places) -> Weights:
        level = self._level
        difference = self._patches[places].astype(np.float32)
        difference -= self._wanted[asked]
        np.multiply(difference, difference, out=difference)
        error = np.einsum("ij,ij->i", difference, level._weight[asked])
        rows, columns = np.divmod(places, level.width)
        away = np.hypot(rows - level._rows[asked], columns - level._columns[asked])
        return np.asarray(error + _NEAR_PX * level.scale * away, np.float32)


def _features(picture: Picture, *, colour: bool) -> NDArray[np.uint8]:
    """What patches are compared by: the colours, or the greys of a page that has none."""
    if colour or picture.shape[2] == 1:
        return picture
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), np.uint8)[:, :, None]


def _patches(planes: NDArray[Number]) -> NDArray[Number]:
    """The patch around each pixel of ``(h, w, c)`` planes, ``(h * w, c * side * side)``."""
    height, width, count = planes.shape
    edged = cv2.copyMakeBorder(planes, _RADIUS, _RADIUS, _RADIUS, _RADIUS, cv2.BORDER_REFLECT_101)
    windows = sliding_window_view(edged.reshape(height + 2 * _RADIUS, -1, count), (_SIDE, _SIDE), axis=(0, 1))
    return np.ascontiguousarray(windows).reshape(height * width, -1).astype(planes.dtype, copy=False)
