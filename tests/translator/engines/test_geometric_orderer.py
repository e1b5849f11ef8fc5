"""The default orderer: every region gets its place, whatever the direction."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from translator.engines.geometric_orderer import GeometricOrderer
from translator.pipeline.direction import evidence
from translator.pipeline.types import Box, Detection, Kind, Page, ReadingDirection, Region

LEFT, RIGHT = Box(20, 20, 60, 120), Box(140, 20, 180, 120)
PANELS = (Box(0, 0, 95, 280), Box(105, 0, 200, 280))


def page(*, width: int = 200, height: int = 280) -> Page:
    return Page(1, np.full((height, width, 3), 255, np.uint8))


def detection(*boxes: Box, vertical: bool, panels: tuple[Box, ...] = PANELS) -> Detection:
    regions = tuple(
        Region(f"r{n:04d}", box, box.polygon, Kind.DIALOGUE, vertical, 0.9) for n, box in enumerate(boxes, start=1)
    )
    return Detection(regions, np.zeros((280, 200), np.uint8), panels)


def ids(found: Detection, direction: ReadingDirection, *, language: str = "") -> list[str]:
    return [line.region_id for line in GeometricOrderer(language).order(page(), found, direction)]


@pytest.mark.parametrize(
    ("vertical", "direction", "expected"),
    [
        (True, ReadingDirection.AUTO, ["r0002", "r0001"]),
        (False, ReadingDirection.AUTO, ["r0001", "r0002"]),
        (True, ReadingDirection.LTR, ["r0001", "r0002"]),
        (False, ReadingDirection.RTL, ["r0002", "r0001"]),
        (False, ReadingDirection.WEBTOON, ["r0001", "r0002"]),
        (True, ReadingDirection.WEBTOON, ["r0002", "r0001"]),
    ],
)
def test_two_panels_side_by_side(vertical: bool, direction: ReadingDirection, expected: list[str]) -> None:
    assert ids(detection(LEFT, RIGHT, vertical=vertical), direction) == expected


def test_the_language_is_a_hint_for_auto_alone() -> None:
    found = detection(LEFT, RIGHT, vertical=True)
    assert ids(found, ReadingDirection.AUTO, language="en") == ["r0001", "r0002"]
    assert ids(found, ReadingDirection.RTL, language="en") == ["r0002", "r0001"]


def test_the_outlines_of_slanted_panels_part_what_their_boxes_cannot() -> None:
    outlines = (
        ((0, 0), (95, 0), (95, 80), (0, 110)),
        ((105, 0), (200, 0), (200, 50), (105, 80)),
        ((0, 120), (95, 90), (95, 200), (0, 200)),
        ((105, 90), (200, 60), (200, 200), (105, 200)),
        ((0, 210), (200, 210), (200, 280), (0, 280)),
    )
    panels = (
        Box(0, 0, 95, 110),
        Box(105, 0, 200, 80),
        Box(0, 90, 95, 200),
        Box(105, 60, 200, 200),
        Box(0, 210, 200, 280),
    )
    slanted = replace(detection(vertical=True, panels=panels), outlines=outlines)
    found = GeometricOrderer().panels(page(), slanted, ReadingDirection.RTL)
    assert found == tuple(panels[n] for n in (1, 0, 3, 2, 4))


def test_positions_count_from_zero_without_gaps() -> None:
    lines = GeometricOrderer().order(page(), detection(LEFT, RIGHT, LEFT, vertical=True), ReadingDirection.AUTO)
    assert [line.position for line in lines] == [0, 1, 2]


def test_a_page_without_text_has_no_lines() -> None:
    assert ids(detection(vertical=True, panels=()), ReadingDirection.AUTO) == []


def test_the_panels_come_as_the_texts_do() -> None:
    orderer, found = GeometricOrderer(), detection(LEFT, RIGHT, vertical=True)
    assert orderer.panels(page(), found, ReadingDirection.AUTO) == (PANELS[1], PANELS[0])
    assert orderer.panels(page(), found, ReadingDirection.LTR) == PANELS


def test_a_chapter_is_settled_once() -> None:
    said, silent = detection(LEFT, RIGHT, vertical=True), detection(vertical=True)
    pages = [evidence(found.regions, page().box) for found in (silent, said, silent)]
    assert GeometricOrderer("zh").chapter_direction(pages) is ReadingDirection.RTL
    assert GeometricOrderer("zh").chapter_direction(pages[:1]) is ReadingDirection.LTR
