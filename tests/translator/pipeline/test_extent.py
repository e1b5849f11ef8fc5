"""A column grows over the dash that the network cut off, and over nothing else."""

from __future__ import annotations

from tests.translator.drawn_pages import Sheet
from translator.pipeline.extent import whole_lines
from translator.pipeline.ground import find_ground
from translator.pipeline.types import Box, TextLine


def balloon() -> Sheet:
    sheet = Sheet(400, 600)
    sheet.panel((10, 10, 390, 590), tone=150)
    sheet.oval((100, 60, 300, 540))
    return sheet


def whole(sheet: Sheet, *boxes: Box) -> Box:
    lines = [TextLine(box, box.polygon, 0.9) for box in boxes]
    return whole_lines(lines, find_ground(sheet.rgb))[0].box


def test_a_dash_below_the_box_is_taken_in() -> None:
    sheet = balloon()
    sheet.columns(["雨だなーー"], 220, 150)
    grown = whole(sheet, Box(182, 145, 228, 242))
    assert grown.x0 == 182
    assert grown.y0 == 145
    assert 295 <= grown.y1 <= 310


def test_a_dash_above_the_box_is_taken_in() -> None:
    sheet = balloon()
    sheet.columns(["ー雨だな"], 220, 150)
    assert 145 <= whole(sheet, Box(182, 182, 228, 275)).y0 <= 155


def test_the_balloons_outline_ends_the_line() -> None:
    sheet = balloon()
    sheet.columns(["雨だな"], 220, 430)
    box = Box(182, 425, 228, 522)
    assert whole(sheet, box) == box


def test_another_line_is_not_swallowed() -> None:
    sheet = balloon()
    sheet.columns(["雨だなーー"], 220, 150)
    box = Box(182, 145, 228, 242)
    assert whole(sheet, box, Box(182, 250, 228, 310)) == box


def test_over_art_no_line_grows() -> None:
    sheet = Sheet(400, 600)
    for y in range(0, 600, 6):
        sheet.pen.line((0, y, 400, y), fill=(0, 0, 0), width=3)
    box = Box(182, 145, 228, 242)
    assert whole(sheet, box) == box


def test_a_row_is_left_alone() -> None:
    box = Box(150, 200, 260, 230)
    assert whole(balloon(), box) == box


def test_a_dash_is_taken_in_though_the_next_columns_box_reaches_over_it() -> None:
    sheet = balloon()
    sheet.columns(["今日は雨だなあ", "雨だなーー"], 240, 150)
    box, beside = Box(161, 145, 206, 242), Box(199, 145, 248, 365)
    assert 295 <= whole(sheet, box, beside).y1 <= 310


def test_rays_around_a_text_are_no_dashes() -> None:
    sheet = balloon()
    sheet.columns(["雨だな"], 220, 250)
    for x in range(150, 250, 9):
        sheet.pen.line((x, 190, x, 240), fill=(0, 0, 0), width=2)
    box = Box(182, 247, 228, 343)
    assert whole(sheet, box) == box


def rays(sheet: Sheet) -> None:
    """Strokes left and right of where a dash would follow, and nothing in the middle."""
    for y in range(250, 310, 4):
        sheet.pen.line((170, y, 186, y), fill=(0, 0, 0), width=2)
        sheet.pen.line((224, y, 240, y), fill=(0, 0, 0), width=2)


def test_a_dash_is_taken_in_though_art_is_drawn_beside_it() -> None:
    sheet = balloon()
    sheet.columns(["雨だなーー"], 220, 150)
    rays(sheet)
    assert 295 <= whole(sheet, Box(182, 145, 228, 242)).y1 <= 310


def test_marks_among_art_are_left_out() -> None:
    sheet = balloon()
    sheet.columns(["雨だな"], 220, 150)
    rays(sheet)
    for y in (255, 270, 285):
        sheet.pen.ellipse((202, y, 208, y + 6), fill=(0, 0, 0))
    box = Box(182, 145, 228, 242)
    assert whole(sheet, box) == box
