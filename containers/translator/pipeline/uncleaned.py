"""Which texts a cleaner has left as drawn, because it could not tell their letters from the art."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from translator.pipeline.types import Box, Mask, Region, Rgb


def left_as_drawn(page_rgb: Rgb, plate: Rgb, mask: Mask, cleaned: Sequence[Region]) -> tuple[str, ...]:
    """The ids of the ``cleaned`` regions in whose lines page and clean plate are equal, uint8 ``(h, w, 3)`` both,
    although text is marked there (``mask``, uint8 ``(h, w)``)."""
    return tuple(
        region.id
        for region in cleaned
        if _is_left(page_rgb, plate, mask, [line.box for line in region.lines] or [region.box])
    )


def _is_left(page_rgb: Rgb, plate: Rgb, mask: Mask, boxes: Sequence[Box]) -> bool:
    windows = [np.s_[max(0, box.y0) : max(0, box.y1), max(0, box.x0) : max(0, box.x1)] for box in boxes]
    marked = any(bool(mask[window].any()) for window in windows)
    return marked and all(np.array_equal(page_rgb[window], plate[window]) for window in windows)
