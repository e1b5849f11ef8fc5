"""Letter sizes: one for a page's dialogue, relative to the page, with few exceptions."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

from translator.pipeline.types import Region

_SMALL, _USUAL, _LARGE = 0.022, 0.026, 0.031
_OF_SOURCE = 0.7
"""Size of Latin letters for a line of source letters whose box is 1 px thick: detectors' boxes have some air around."""
_GROWTH = ((1.25, 1.07), (1.55, 1.12))
_SHOUTED = ((1.15, 1.1), (1.3, 1.2), (1.5, 1.3))
"""By how much a text grows in a balloon that could hold it larger by so much: in steps, so that sizes stay few."""
_EMPHASES = ((1.25, 1.12), (1.4, 1.25), (1.6, 1.4), (1.8, 1.5))
"""By how much letters are set larger that were drawn larger than is usual on their page by so much."""
_MOST = 1.9
"""What emphasis and growth together come to at most."""


@dataclass(frozen=True, slots=True)
class SizeRange:
    """Sizes in pixels: ``least`` is readable, ``wanted`` is what a letterer would use on such a page."""

    least: int
    wanted: int

    @property
    def most(self) -> int:
        """What an ordinary text may grow to where its balloon is roomy."""
        return round(self.wanted * _GROWTH[-1][1])


def size_range(width: int, height: int, letter_px: float = 0.0) -> SizeRange:
    """For a page of ``width`` x ``height``: what the source's letters of ``letter_px`` suggest, within 2.2 to 3.1 % of
    the page's width, 2.6 % where nothing is known (0.0); 1.4 % at least.

    A printed volume sets about 8 pt on 127 mm. Spreads hold two pages side by side.
    """
    unit = width / 2 if 1.15 < width / max(1, height) < 1.8 and width > 1000 else width
    share = _USUAL if letter_px <= 0 else min(max(_OF_SOURCE * letter_px / max(1.0, unit), _SMALL), _LARGE)
    return SizeRange(least=max(7, round(unit * 0.014)), wanted=max(9, round(unit * share)))


def largest(least: int, most: int, fits: Callable[[int], bool]) -> int | None:
    """The largest size that fits, by bisection; ``None`` where not even ``least`` does."""
    if fits(most):
        return most
    if most <= least or not fits(least):
        return None
    low, high = least, most
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if fits(middle) else (low, middle)
    return low


def base_size(largest_sizes: Sequence[int], sizes: SizeRange) -> int:
    """One size for the page: what at least six of ten texts can have, but no less than 0.82 of what is wanted."""
    if not largest_sizes:
        return sizes.wanted
    ranked = sorted(min(size, sizes.wanted) for size in largest_sizes)
    common = ranked[min(len(ranked) - 1, math.floor(len(ranked) * 0.4))]
    return max(common, math.ceil(sizes.wanted * 0.82))


def grown(base: int, reached: int | None, *, shouted: bool, scale: float = 1.0) -> int:
    """The size for a text that could be set at ``reached`` (``None``: it has no balloon to fill). What was drawn larger
    by ``scale``, which ``base`` has already, grows the less for it."""
    if reached is None:
        return base
    steps = [by for room, by in (_SHOUTED if shouted else _GROWTH) if reached >= room * base]
    return round(base * min(max(steps, default=1.0), max(1.0, _MOST / scale)))


def usual_letter_px(regions: Sequence[Region]) -> float:
    """The median thickness of the page's source lines in balloons, of all lines where there are none; 0.0 without."""
    spoken = [px for region in regions if region.balloon is not None and (px := letter_px(region)) > 0]
    known = spoken or [px for region in regions if (px := letter_px(region)) > 0]
    return float(median(known)) if known else 0.0


def emphasis(regions: Sequence[Region]) -> dict[str, float]:
    """How large each text's source letters are beside the page's median: 1.0 for ordinary ones, at most 1.5."""
    letters = {region.id: letter_px(region) for region in regions}
    known = [px for px in letters.values() if px > 0]
    if not known:
        return dict.fromkeys(letters, 1.0)
    usual = median(known)
    return {region_id: _step(px / usual) if px > 0 else 1.0 for region_id, px in letters.items()}


def letter_px(region: Region) -> float:
    """The median thickness of a text's source lines in pixels; 0.0 without any."""
    widths = [line.box.width if region.vertical else line.box.height for line in region.lines]
    return float(median(widths)) if widths else 0.0


def _step(ratio: float) -> float:
    """Steps, so that measuring noise never makes sizes jump."""
    return max((by for from_, by in _EMPHASES if ratio >= from_), default=1.0)
