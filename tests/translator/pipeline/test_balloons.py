"""A text's balloon is the flat area it stands in, bounded by an outline; art, gutters and open paper are none."""

from __future__ import annotations

import cv2
import numpy as np

from tests.translator.drawn_pages import Sheet
from translator.pipeline.balloons import find_balloons
from translator.pipeline.ground import between, find_ground
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
