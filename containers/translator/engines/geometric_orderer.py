"""The default orderer: panels and reading order by geometry, no model."""

from __future__ import annotations

from translator.pipeline.order import reading_order, resolve
from translator.pipeline.types import Detection, Line, Page, ReadingDirection


class GeometricOrderer:
    """Implements ``Orderer``. ``AUTO``: a strip goes downwards, vertical text right to left, other left to right."""

    name = "geometric"

    def order(self, page: Page, detection: Detection, direction: ReadingDirection) -> tuple[Line, ...]:
        """One line a region, positions from 0 without gaps."""
        regions = detection.regions
        if direction is ReadingDirection.AUTO:
            direction = resolve([(region.box, region.vertical) for region in regions], page.box)
        order = reading_order([region.box for region in regions], detection.panels, direction)
        return tuple(Line(regions[index].id, position) for position, index in enumerate(order))
