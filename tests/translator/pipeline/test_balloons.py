"""A text's balloon is the flat area it stands in, bounded by an outline; art, gutters and open paper are none."""

from __future__ import annotations

import cv2
import numpy as np

from tests.translator.drawn_pages import Sheet
from translator.pipeline.balloons import find_balloons
from translator.pipeline.ground import between, find_ground, together
from translator.pipeline.types import Balloon, Box, TextLine


def line(box: Box) -> TextLine:
    return TextLine(box, box.polygon, 0.9)


def balloon_of(sheet: Sheet, text: Box, *others: Box) -> Balloon | None:
    return find_balloons(sheet.rgb, [[line(text)], *([line(other)] for other in others)])[0]


def area(balloon: Balloon) -> float:
    return float(cv2.contourArea(np.array(balloon.contour, dtype=np.int32)))


def toned() -> Sheet:
    sheet = Sheet(600, 600)
    sheet.panel((20, 20, 580, 580), tone=180)
    return sheet


def test_an_oval_is_found_with_its_inside_and_its_colour() -> None:
    sheet = toned()
    sheet.oval((150, 100, 450, 500))
    text = sheet.columns(["今日は雨が", "降るらしい"], 340, 220)
    balloon = balloon_of(sheet, text)
    assert balloon is not None
    assert balloon.fill_rgb == (255, 255, 255)
    assert not balloon.is_dark
    assert balloon.box.iou(Box(153, 103, 448, 498)) > 0.95
    assert abs(area(balloon) / (np.pi * 147 * 197) - 1) < 0.05


def test_a_dark_balloon_knows_that_it_is_dark() -> None:
    sheet = toned()
    sheet.oval((150, 100, 450, 500), fill=(10, 10, 10), ink=255)
    text = sheet.columns(["今日は雨が"], 320, 220, ink=255)
    balloon = balloon_of(sheet, text)
    assert balloon is not None
    assert balloon.is_dark


def test_a_coloured_balloon_keeps_its_colour() -> None:
    sheet = toned()
    sheet.oval((150, 100, 450, 500), fill=(250, 220, 120))
    balloon = balloon_of(sheet, sheet.columns(["今日は雨が"], 320, 220))
    assert balloon is not None
    assert balloon.fill_rgb == (250, 220, 120)


def test_an_outline_with_a_small_gap_still_holds() -> None:
    sheet = toned()
    sheet.pen.rectangle((20, 20, 580, 580), fill=(255, 255, 255), outline=(0, 0, 0), width=3)
    sheet.oval((150, 100, 450, 500))
    sheet.pen.rectangle((295, 495, 299, 505), fill=(255, 255, 255))
    balloon = balloon_of(sheet, sheet.columns(["今日は雨が", "降るらしい"], 340, 220))
    assert balloon is not None
    assert balloon.box.iou(Box(153, 103, 448, 498)) > 0.9


def test_two_texts_in_balloons_that_run_together_share_the_ground() -> None:
    sheet = toned()
    sheet.oval((100, 100, 320, 460))
    sheet.oval((280, 140, 500, 500))
    sheet.pen.rectangle((282, 200, 318, 400), fill=(255, 255, 255))
    left, right = sheet.columns(["今日は雨が"], 225, 180), sheet.columns(["傘を忘れた"], 405, 230)
    first, second = balloon_of(sheet, left, right), balloon_of(sheet, right, left)
    assert first is not None
    assert second is not None
    assert first.box.x1 < right.x0
    assert second.box.x0 > left.x1


def test_text_over_screentone_has_no_balloon() -> None:
    sheet = toned()
    pixels = np.array(sheet.rgb)
    pixels[::4, ::4] = 0
    pixels[1::4, 1::4] = 0
    box = Box(250, 200, 300, 400)
    assert find_balloons(pixels, [[line(box)]]) == (None,)


def test_text_on_open_paper_has_no_balloon() -> None:
    sheet = Sheet(600, 600)
    assert balloon_of(sheet, sheet.columns(["今日は雨が"], 320, 220)) is None


def test_a_page_without_text_has_no_balloons() -> None:
    assert find_balloons(Sheet(40, 40).rgb, []) == ()


def test_an_outline_between_two_lines_parts_them_and_open_ground_does_not() -> None:
    sheet = toned()
    sheet.oval((60, 100, 290, 500))
    sheet.oval((300, 100, 540, 500))
    columns = [line(Box(x, 200, x + 36, 380)) for x in (120, 160, 390)]
    ground = find_ground(sheet.rgb)
    assert between(ground, columns[0], columns[2])
    assert not between(ground, columns[0], columns[1])


def test_a_waist_between_two_lobes_parts_their_lines() -> None:
    sheet = toned()
    sheet.oval((100, 60, 303, 540))
    sheet.oval((297, 60, 500, 540))
    sheet.pen.rectangle((285, 260, 315, 330), fill=(255, 255, 255))
    columns = [line(Box(x, 200, x + 60, 390)) for x in (200, 340)]
    assert between(find_ground(sheet.rgb), *columns)


def in_ground(sheet: Sheet, text: Box) -> Balloon | None:
    return find_balloons(sheet.rgb, [[line(text)]], find_ground(sheet.rgb))[0]


def test_a_narration_box_hardly_larger_than_its_text_is_found() -> None:
    sheet = Sheet(600, 600, ground=10)
    sheet.pen.rectangle((298, 100, 390, 290), fill=(255, 255, 255), outline=(0, 0, 0), width=3)
    text = sheet.columns(["今日は雨が", "降るらしい"], 378, 112, size=30)
    balloon = in_ground(sheet, text.pad(8, width=600, height=600))
    assert balloon is not None
    assert balloon.box.iou(Box(301, 103, 388, 288)) > 0.95


def test_a_box_against_the_panels_border_is_found() -> None:
    sheet = Sheet(600, 600)
    sheet.panel((20, 20, 580, 580), tone=20)
    sheet.pen.rectangle((500, 100, 580, 300), fill=(255, 255, 255), outline=(0, 0, 0), width=3)
    text = sheet.columns(["今日は雨が"], 558, 120, size=30)
    balloon = in_ground(sheet, text)
    assert balloon is not None
    assert balloon.box.iou(Box(503, 103, 578, 298)) > 0.95


def test_open_paper_is_no_balloon_in_the_ground_either() -> None:
    sheet = Sheet(600, 600)
    text = sheet.columns(["今日は雨が"], 340, 200)
    assert in_ground(sheet, text) is None


def test_columns_of_one_oval_are_together_though_furigana_stands_between() -> None:
    sheet = toned()
    sheet.oval((200, 150, 450, 450))
    boxes = [sheet.columns([text], right, 220) for text, right in (("今日は雨が", 370), ("降るらしい", 310))]
    sheet.columns(["きょうはあめが"], 334, 222, size=14)
    first, second = (line(box.pad(4, width=600, height=600)) for box in boxes)
    ground = find_ground(sheet.rgb)
    assert together(ground, first, second)
    assert not between(ground, first, second)


def test_columns_of_two_joined_ovals_or_of_open_paper_are_not_together() -> None:
    joined = toned()
    joined.oval((60, 150, 300, 450))
    joined.oval((280, 150, 520, 450))
    joined.pen.rectangle((282, 270, 298, 330), fill=(255, 255, 255))
    for sheet in (joined, Sheet(600, 600)):
        boxes = [sheet.columns(["今日は雨が"], right, 220) for right in (195, 415)]
        first, second = (line(box.pad(4, width=600, height=600)) for box in boxes)
        assert not together(find_ground(sheet.rgb), first, second)
