"""Panels are found by their gutters and frames, and a balloon across a gutter does not join two."""

from __future__ import annotations

import numpy as np
import pytest

from tests.translator.drawn_pages import Sheet
from translator.pipeline.panel_order import bounds
from translator.pipeline.panels import find_outlines, find_panels
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


@pytest.mark.parametrize("gap", [3, 4, 6])
def test_thin_gutters(gap: int) -> None:
    panels = (
        (60, 60, 400, 540),
        (401 + gap, 60, 770, 540),
        (60, 541 + gap, 400, 1110),
        (401 + gap, 541 + gap, 770, 1110),
    )
    assert_found(find_panels(sheet_of(*panels).rgb), panels)


def test_a_gutter_that_balloons_stand_on_for_most_of_its_length() -> None:
    sheet = sheet_of(*FOUR)
    balloons = [(330, 100, 490, 300), (340, 295, 500, 480)]
    for box in balloons:
        sheet.oval(box)
    assert len(find_panels(sheet.rgb, [Box(*box) for box in balloons])) == 4


def test_balloons_from_end_to_end_of_a_gutter_hide_it() -> None:
    sheet = sheet_of((60, 60, 400, 540), (420, 60, 770, 540))
    sheet.oval((330, 40, 490, 560))
    assert len(find_panels(sheet.rgb, [Box(330, 40, 490, 560)])) == 1


def test_a_gutter_beside_a_blank_picture_that_bleeds_off_the_page() -> None:
    sheet = Sheet()
    sheet.panel((0, 0, 400, 540))
    sheet.pen.line((420, 0, 420, 540), fill=(0, 0, 0), width=4)
    sheet.pen.rectangle((420, 340, 829, 540), fill=(150,) * 3, outline=(0, 0, 0), width=3)
    sheet.panel((60, 580, 770, 1110))
    assert len(find_panels(sheet.rgb)) == 3


def test_the_mirrored_page_has_the_mirrored_panels() -> None:
    panels = ((60, 60, 300, 540), (304, 60, 770, 540), (60, 580, 500, 1110), (507, 580, 770, 1110))
    rgb = sheet_of(*panels).rgb
    there = {(830 - box.x1, box.y0, 830 - box.x0, box.y1) for box in find_panels(rgb)}
    assert_found(find_panels(np.ascontiguousarray(rgb[:, ::-1])), tuple(there))


def test_an_outline_is_as_slanted_as_its_gutter() -> None:
    sheet = Sheet()
    sheet.pen.polygon(((60, 60), (770, 60), (770, 480), (60, 620)), fill=(205,) * 3, outline=(0,) * 3)
    sheet.pen.polygon(((60, 650), (770, 510), (770, 1110), (60, 1110)), fill=(205,) * 3, outline=(0,) * 3)
    upper, lower = find_outlines(sheet.rgb)
    assert bounds(upper).y1 > bounds(lower).y0
    right = [y for x, y in upper if x > 700]
    assert max(right) == pytest.approx(490, abs=20)
    assert find_panels(sheet.rgb) == (bounds(upper), bounds(lower))


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


def test_a_thin_slanted_gutter_between_two_columns() -> None:
    sheet = Sheet()
    sheet.pen.polygon(((60, 300), (440, 300), (400, 800), (60, 800)), fill=(205,) * 3, outline=(0,) * 3)
    sheet.pen.polygon(((452, 300), (770, 300), (770, 800), (412, 800)), fill=(205,) * 3, outline=(0,) * 3)
    assert_found(find_panels(sheet.rgb), ((412, 300, 770, 800), (60, 300, 440, 800)))


def test_a_figure_that_reaches_across_a_gutter_joins_nothing() -> None:
    sheet = sheet_of((60, 60, 770, 540), (60, 580, 770, 1110))
    sheet.pen.ellipse((300, 400, 440, 700), fill=(90,) * 3)
    assert len(find_panels(sheet.rgb)) == 2


def test_a_door_frame_from_top_to_bottom_of_a_panel_cuts_nothing() -> None:
    sheet = sheet_of((60, 60, 770, 540), (60, 580, 770, 1110))
    for x in (300, 330, 520):
        sheet.pen.rectangle((x, 60, x + 3, 540), fill=(0,) * 3)
    assert_found(find_panels(sheet.rgb), ((60, 60, 770, 540), (60, 580, 770, 1110)))


def test_a_window_with_a_white_frame_cuts_nothing() -> None:
    sheet = sheet_of((60, 60, 770, 540), (60, 580, 770, 1110))
    sheet.pen.rectangle((380, 66, 392, 534), fill=(255,) * 3, outline=(0,) * 3)
    assert len(find_panels(sheet.rgb)) == 2


def test_figures_on_a_blank_ground_are_one_panel() -> None:
    sheet = Sheet()
    sheet.panel((60, 60, 770, 540))
    for x in (120, 560):
        sheet.pen.ellipse((x, 640, x + 150, 1080), fill=(120,) * 3)
    assert len(find_panels(sheet.rgb)) == 2


def test_a_picture_without_a_frame_above_a_framed_row() -> None:
    sheet = Sheet()
    sheet.pen.ellipse((250, 120, 560, 560), fill=(120,) * 3)
    sheet.panel((60, 560, 770, 1110))
    found = find_panels(sheet.rgb)
    assert len(found) == 2
    assert found[1].iou(Box(60, 560, 770, 1110)) > 0.9


def test_panels_that_bleed_off_the_page() -> None:
    sheet = Sheet()
    sheet.pen.rectangle((0, 0, 829, 500), fill=(150,) * 3)
    sheet.pen.rectangle((0, 530, 400, 1169), fill=(150,) * 3)
    sheet.pen.rectangle((430, 530, 829, 1169), fill=(150,) * 3)
    assert_found(find_panels(sheet.rgb), ((0, 0, 830, 501), (430, 530, 830, 1170), (0, 530, 401, 1170)))


def test_the_panels_come_right_to_left() -> None:
    found = find_panels(sheet_of(*FOUR).rgb)
    assert [found.index(max(found, key=Box(*box).iou)) for box in FOUR] == [1, 0, 3, 2]


def test_a_balloon_that_fills_its_panel_leaves_the_page_alone() -> None:
    everything = [Box(0, 0, 830, 1170)]
    assert len(find_panels(sheet_of(*FOUR).rgb, everything)) <= 1


def test_a_strip_of_many_screens() -> None:
    sheet = Sheet(720, 14046)
    tops = range(100, 13000, 1300)
    for top in tops:
        sheet.panel((40, top, 680, top + 900))
    found = find_panels(sheet.rgb)
    assert [abs(panel.y0 - top) < 20 for panel, top in zip(found, tops, strict=True)] == [True] * 10


@pytest.mark.parametrize("value", [0, 255])
@pytest.mark.parametrize("shape", [(1, 1), (1, 300), (200, 150)])
def test_an_empty_page_has_no_panels(shape: tuple[int, int], value: int) -> None:
    assert find_panels(np.full((*shape, 3), value, np.uint8)) == ()


def test_a_large_scan_has_its_panels_in_its_own_pixels() -> None:
    large = np.asarray(sheet_of(*FOUR).image.resize((2490, 3510)))
    wanted = tuple((3 * x0, 3 * y0, 3 * x1, 3 * y1) for x0, y0, x1, y1 in FOUR)
    assert_found(find_panels(large), wanted)
