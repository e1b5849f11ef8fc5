"""Panels are found by their gutters and frames, and a balloon across a gutter does not join two."""

from __future__ import annotations

import numpy as np
import pytest

from tests.translator.drawn_pages import Sheet
from translator.pipeline.panels import find_panels
from translator.pipeline.types import Box

FOUR = ((60, 60, 400, 540), (420, 60, 770, 540), (60, 580, 400, 1110), (420, 580, 770, 1110))


def sheet_of(*panels: tuple[int, int, int, int]) -> Sheet:
    sheet = Sheet()
    for box in panels:
        sheet.panel(box)
    return sheet


def assert_found(found: tuple[Box, ...], wanted: tuple[tuple[int, int, int, int], ...]) -> None:
    assert len(found) == len(wanted)
    for box in wanted:
        assert max(Box(*box).iou(panel) for panel in found) > 0.95


def test_a_page_of_four_panels() -> None:
    assert_found(find_panels(sheet_of(*FOUR).rgb), FOUR)


def test_panels_on_a_black_page() -> None:
    sheet = Sheet(ground=0)
    for box in FOUR:
        sheet.panel(box)
    assert_found(find_panels(sheet.rgb), FOUR)


def test_a_balloon_across_a_gutter_joins_nothing() -> None:
    sheet = sheet_of(*FOUR)
    sheet.oval((330, 150, 490, 420))
    found = find_panels(sheet.rgb, [Box(330, 150, 490, 420)])
    assert len(found) == 4


def test_a_tall_panel_beside_two_small_ones() -> None:
    panels = ((60, 60, 400, 1110), (420, 60, 770, 540), (420, 580, 770, 1110))
    assert_found(find_panels(sheet_of(*panels).rgb), panels)


def test_a_slanted_gutter() -> None:
    sheet = Sheet()
    sheet.pen.polygon(((60, 60), (770, 60), (770, 480), (60, 620)), fill=(205,) * 3, outline=(0,) * 3)
    sheet.pen.polygon(((60, 650), (770, 510), (770, 1110), (60, 1110)), fill=(205,) * 3, outline=(0,) * 3)
    found = find_panels(sheet.rgb)
    assert len(found) == 2


def test_panels_that_share_a_frame_line() -> None:
    sheet = Sheet()
    sheet.pen.rectangle((60, 60, 770, 1110), outline=(0, 0, 0), width=4)
    sheet.pen.rectangle((60, 560, 770, 563), fill=(0, 0, 0))
    # Something drawn in each, so that they are panels and not paper.
    for y in (300, 800):
        sheet.pen.ellipse((100, y, 740, y + 200), fill=(120,) * 3)
    assert len(find_panels(sheet.rgb)) == 2


def test_a_picture_that_fills_the_page_is_one_panel() -> None:
    noise = np.random.default_rng(7).integers(0, 200, (400, 300, 3)).astype(np.uint8)
    assert find_panels(noise) == (Box(0, 0, 300, 400),)


@pytest.mark.parametrize("value", [0, 255])
@pytest.mark.parametrize("shape", [(1, 1), (1, 300), (200, 150)])
def test_an_empty_page_has_no_panels(shape: tuple[int, int], value: int) -> None:
    assert find_panels(np.full((*shape, 3), value, np.uint8)) == ()


def test_a_large_scan_has_its_panels_in_its_own_pixels() -> None:
    large = np.asarray(sheet_of(*FOUR).image.resize((2490, 3510)))
    wanted = tuple((3 * x0, 3 * y0, 3 * x1, 3 * y1) for x0, y0, x1, y1 in FOUR)
    assert_found(find_panels(large), wanted)
