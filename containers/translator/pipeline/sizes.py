"""Letter sizes: one for a page's dialogue, relative to the page, with few exceptions."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

from translator.pipeline.types import Region


@dataclass(frozen=True, slots=True)
class SizeRange:
    """Sizes in pixels: ``least`` is readable, ``wanted`` is what a printed book would use on such a page."""

    least: int
    wanted: int


def size_range(width: int, height: int) -> SizeRange:
    """For a page of ``width`` x ``height``: 2.4 % of a page's width is wanted, 1.4 % at least.

    A printed volume sets about 8 pt on 127 mm. Spreads hold two pages side by side.
    """
    unit = width / 2 if 1.15 < width / max(1, height) < 1.8 and width > 1000 else width
    wanted = max(9, round(unit * 0.024))
    return SizeRange(least=max(7, round(unit * 0.014)), wanted=wanted)


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
    """One size for the page: what at least seven of ten texts can have, but no less than 0.82 of what is wanted."""
    if not largest_sizes:
        return sizes.wanted
    ranked = sorted(min(size, sizes.wanted) for size in largest_sizes)
    common = ranked[min(len(ranked) - 1, math.floor(len(ranked) * 0.3))]
    return max(common, math.ceil(sizes.wanted * 0.82))


def emphasis(regions: Sequence[Region]) -> dict[str, float]:
    """How large each text's source letters are beside the page's median: 1.0 for ordinary ones, at most 1.5."""
    letters = {region.id: _letter_px(region) for region in regions}
    known = [px for px in letters.values() if px > 0]
    if not known:
        return dict.fromkeys(letters, 1.0)
    usual = median(known)
    return {region_id: _step(px / usual) if px > 0 else 1.0 for region_id, px in letters.items()}


def _letter_px(region: Region) -> float:
    widths = [line.box.width if region.vertical else line.box.height for line in region.lines]
    return float(median(widths)) if widths else 0.0


def _step(ratio: float) -> float:
    """Steps, so that measuring noise never makes sizes jump."""
    if ratio > 1.7:
        return 1.45
    return 1.2 if ratio > 1.35 else 1.0
