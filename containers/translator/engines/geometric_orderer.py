"""The default orderer: panels and reading order by geometry, no model."""

from __future__ import annotations

from collections.abc import Iterable

from translator.pipeline.direction import Evidence, evidence, settle, total
from translator.pipeline.order import panels_in_order, reading_order
from translator.pipeline.types import Box, Detection, Line, Page, ReadingDirection


class GeometricOrderer:
    """Implements ``Orderer``. ``AUTO``: a strip goes downwards, vertical text right to left, other left to right.

    ``language`` is the source's tag (BCP 47), a hint for ``AUTO``; empty where unknown.
    """

    name = "geometric"

    def __init__(self, language: str = "") -> None:
        self._language = language

    def order(self, page: Page, detection: Detection, direction: ReadingDirection) -> tuple[Line, ...]:
        """One line a region, positions from 0 without gaps."""
        regions, found = detection.regions, evidence(detection.regions, page.box)
        order = reading_order(
            [region.box for region in regions],
            detection.panels,
            self._settled(direction, found),
            page=page.box,
            strip_is_rtl=_is_rtl(found),
            outlines=detection.outlines,
        )
        return tuple(Line(regions[index].id, position) for position, index in enumerate(order))

    def panels(self, page: Page, detection: Detection, direction: ReadingDirection) -> tuple[Box, ...]:
        """The panels of a page as they are read."""
        found = evidence(detection.regions, page.box)
        return panels_in_order(
            detection.panels,
            page.box,
            self._settled(direction, found),
            strip_is_rtl=_is_rtl(found),
            outlines=detection.outlines,
        )

    def chapter_direction(self, pages: Iterable[Evidence]) -> ReadingDirection:
        """What ``AUTO`` means for a chapter, so that one page without lettering does not go its own way."""
        return settle(total(pages), self._language)

    def _settled(self, direction: ReadingDirection, found: Evidence) -> ReadingDirection:
        return settle(found, self._language) if direction is ReadingDirection.AUTO else direction


def _is_rtl(found: Evidence) -> bool:
    """Whether panels side by side in a strip go right to left: where its lettering is vertical."""
    return (found.vertical_share or 0.0) >= 0.5
