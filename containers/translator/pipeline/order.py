"""Reading order from rectangles alone: panels first, then the texts of each panel."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

from translator.pipeline.panel_order import PanelSettings, is_spread, panel_order
from translator.pipeline.text_order import home_of, text_order, unframed
from translator.pipeline.types import Box, Polygon, ReadingDirection

_WHOLE = 0.8
"""A panel that is so much of its page is the page itself: what cuts it was not found."""


def reading_order(
    texts: Sequence[Box],
    panels: Sequence[Box],
    direction: ReadingDirection,
    *,
    page: Box | None = None,
    strip_is_rtl: bool = False,
    outlines: Sequence[Polygon] = (),
) -> tuple[int, ...]:
    """The indices of ``texts`` in reading order. ``direction`` is any but ``AUTO``.

    ``page`` tells a spread from a page; ``strip_is_rtl`` is how panels and texts side by side in a strip go;
    ``outlines`` are of panels with slanted edges, in any order: one belongs to the box around it.
    Raises ``ValueError`` for ``AUTO``, which ``direction.settle`` settles.
    """
    settings = _settings(direction, strip_is_rtl=strip_is_rtl)
    if settings.is_strip:
        return _strip_order(texts, panels, settings)
    sheet = page or _bounds((*texts, *panels))
    frames = list(panels) or (_facing_pages(sheet) if is_spread(sheet) else [])
    frames += unframed(texts, frames)
    sequence = [frames[index] for index in panel_order(frames, sheet, settings, outlines=outlines)]
    homes = [home_of(text, sequence) for text in texts]
    inside = [
        _inside(texts, homes, home, settings, is_page=not sequence or sequence[home].area >= _WHOLE * sheet.area)
        for home in sorted(set(homes))
    ]
    return tuple(chain.from_iterable(inside))


def panels_in_order(
    panels: Sequence[Box],
    page: Box,
    direction: ReadingDirection,
    *,
    strip_is_rtl: bool = False,
    outlines: Sequence[Polygon] = (),
) -> tuple[Box, ...]:
    """The panels as they are read. Raises ``ValueError`` for ``AUTO``."""
    settings = _settings(direction, strip_is_rtl=strip_is_rtl)
    return tuple(panels[index] for index in panel_order(panels, page, settings, outlines=outlines))


def _settings(direction: ReadingDirection, *, strip_is_rtl: bool) -> PanelSettings:
    if direction is ReadingDirection.AUTO:
        raise ValueError("settle ReadingDirection.AUTO first")
    if direction is ReadingDirection.WEBTOON:
        return PanelSettings(is_rtl=strip_is_rtl, is_strip=True)
    return PanelSettings(is_rtl=direction is ReadingDirection.RTL)


def _strip_order(texts: Sequence[Box], panels: Sequence[Box], settings: PanelSettings) -> tuple[int, ...]:
    """Straight down, whatever panels are stacked; only panels side by side keep their texts together."""
    frames = _side_by_side(panels)
    homes = [_holder(text, frames) for text in texts]
    groups = [(frame, [i for i, home in enumerate(homes) if home == at]) for at, frame in enumerate(frames)]
    groups += [(text, [i]) for i, text in enumerate(texts) if homes[i] is None]
    groups = [group for group in groups if group[1]]
    order = text_order([box for box, _ in groups], is_rtl=settings.is_rtl, is_strip=True)
    return tuple(chain.from_iterable(_sorted_inside(texts, groups[index][1], settings) for index in order))


def _holder(text: Box, frames: Sequence[Box]) -> int | None:
    x, y = text.center
    return next((i for i, box in enumerate(frames) if box.x0 <= x < box.x1 and box.y0 <= y < box.y1), None)


def _side_by_side(panels: Sequence[Box]) -> list[Box]:
    return [panel for panel in panels if any(_beside(panel, other) for other in panels if other != panel)]


def _beside(a: Box, b: Box) -> bool:
    shared = min(a.y1, b.y1) - max(a.y0, b.y0)
    return (a.x1 <= b.x0 or b.x1 <= a.x0) and shared > 0.5 * min(a.height, b.height)


def _inside(
    texts: Sequence[Box], homes: Sequence[int], home: int, settings: PanelSettings, *, is_page: bool
) -> list[int]:
    indices = [index for index, at in enumerate(homes) if at == home]
    return _sorted_inside(texts, indices, settings, is_page=is_page)


def _sorted_inside(
    texts: Sequence[Box], indices: Sequence[int], settings: PanelSettings, *, is_page: bool = False
) -> list[int]:
    boxes = [texts[i] for i in indices]
    order = text_order(boxes, is_rtl=settings.is_rtl, is_strip=settings.is_strip, is_page=is_page)
    return [indices[place] for place in order]


def _facing_pages(page: Box) -> list[Box]:
    middle = round(page.center[0])
    return [Box(page.x0, page.y0, middle, page.y1), Box(middle, page.y0, page.x1, page.y1)]


def _bounds(boxes: Sequence[Box]) -> Box:
    if not boxes:
        return Box(0, 0, 0, 0)
    whole = boxes[0]
    for box in boxes[1:]:
        whole = whole.union(box)
    return whole
