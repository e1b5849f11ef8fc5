"""What an engine says stands on a page, in the form in which it is scored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from translator.pipeline.confidence import Evidence, certainty, needs_check
from translator.pipeline.types import Box, Detection, Kind, Line, Reading

UNANNOTATED = frozenset({Kind.SFX, Kind.SIGN, Kind.PAGE_NUMBER})
"""Kinds that stay as drawn, and that annotations leave out: one found where nothing is annotated is no error."""


@dataclass(frozen=True, slots=True)
class FoundText:
    """A region in which something was read; ``check`` says that a person should look at it."""

    id: str
    box: Box
    kind: Kind
    text: str
    confidence: float = 1.0
    check: bool = False
    evidence: Evidence | None = None


@dataclass(frozen=True, slots=True)
class FoundPage:
    """``texts`` are in reading order. ``unread`` are the regions in which nothing was read."""

    texts: tuple[FoundText, ...]
    panels: tuple[Box, ...] = ()
    unread: tuple[FoundText, ...] = ()


def found_page(detection: Detection, readings: Sequence[Reading], lines: Sequence[Line]) -> FoundPage:
    """The answers of the three stages, put together."""
    place = {line.region_id: line.position for line in lines}
    reading_of = {reading.region_id: reading for reading in readings}
    texts = [
        FoundText(
            region.id,
            region.box,
            region.kind,
            reading.text,
            certainty(region, reading),
            needs_check(region, reading),
            Evidence.of(region, reading),
        )
        for region in sorted(detection.regions, key=lambda region: place[region.id])
        if (reading := reading_of[region.id])
    ]
    return FoundPage(
        tuple(text for text in texts if text.text),
        detection.panels,
        tuple(text for text in texts if not text.text),
    )
