"""Rows of dots are a text of their own; eyes, screentone and letters are not."""

from __future__ import annotations

import numpy as np
import pytest

from tests.translator.drawn_pages import Sheet
from translator.pipeline.dots import ellipsis, with_dots
from translator.pipeline.ground import find_ground
from translator.pipeline.types import Box, Rgb, TextLine

COLUMN = Box(280, 100, 330, 300)


def balloons() -> Sheet:
    """A balloon with a column of letters, and an empty one left of it."""
    sheet = Sheet(420, 420)
    sheet.panel((10, 10, 410, 410), tone=150)
    sheet.oval((230, 60, 380, 360))
    sheet.columns(["今日は雨"], 325, 110, size=40)
    sheet.oval((60, 80, 190, 320))
    return sheet


def dots(sheet: Sheet, count: int, *, x: int = 125, y: int = 170, step: int = 14, radius: int = 3) -> None:
    for number in range(count):
        top = y + number * step
        sheet.pen.ellipse((x - radius, top - radius, x + radius, top + radius), fill=(0, 0, 0))


def found(sheet: Sheet, *boxes: Box) -> list[TextLine]:
    lines = [TextLine(box, box.polygon, 0.9) for box in (COLUMN, *boxes)]
    return list(with_dots(lines, find_ground(sheet.rgb)))[1:]


def crop(count: int, *, step: int = 14) -> Rgb:
    sheet = Sheet(50, 40 + count * step)
    dots(sheet, count, x=25, y=25, step=step)
    return np.rot90(sheet.rgb)


@pytest.mark.parametrize("count", [3, 4, 6])
def test_a_silent_balloon_is_found(count: int) -> None:
    sheet = balloons()
    dots(sheet, count)
    (line,) = found(sheet)
    assert line.dots == count
    assert line.box.intersection(Box(122, 167, 129, 173 + (count - 1) * 14)).height >= (count - 1) * 14 + 6
    assert 28 <= line.box.width <= 56


def test_dots_beside_letters_in_one_balloon_are_found() -> None:
    sheet = balloons()
    dots(sheet, 6, x=265, y=120)
    (line,) = found(sheet)
    assert line.dots == 6
    assert line.box.x1 <= 290


def test_a_thin_box_around_dots_gets_a_letters_width() -> None:
    sheet = balloons()
    dots(sheet, 4)
    (line,) = found(sheet, Box(118, 160, 132, 220))
    assert line.dots == 4
    assert line.box.width >= 28


def test_two_dots_are_eyes() -> None:
    sheet = balloons()
    dots(sheet, 2)
    assert found(sheet) == []


def test_dots_of_many_sizes_are_no_text() -> None:
    sheet = balloons()
    for number, radius in enumerate((2, 6, 3)):
        dots(sheet, 1, y=150 + 20 * number, radius=radius)
    assert found(sheet) == []


def test_dots_at_uneven_steps_are_no_text() -> None:
    sheet = balloons()
    for y in (140, 152, 182):
        dots(sheet, 1, y=y)
    assert found(sheet) == []


def test_a_pattern_is_no_text() -> None:
    sheet = balloons()
    for x in range(100, 160, 14):
        dots(sheet, 5, x=x)
    assert found(sheet) == []


def test_dots_beside_another_drawing_are_no_text() -> None:
    sheet = balloons()
    dots(sheet, 4)
    sheet.pen.line((90, 200, 110, 240), fill=(0, 0, 0), width=3)
    assert found(sheet) == []


def test_a_column_of_letters_stays_as_it_is() -> None:
    sheet = balloons()
    line = TextLine(COLUMN, COLUMN.polygon, 0.9)
    assert with_dots([line], find_ground(sheet.rgb)) == (line,)


def test_a_page_without_lines_has_no_dots() -> None:
    sheet = balloons()
    dots(sheet, 4)
    assert with_dots([], find_ground(sheet.rgb)) == ()


@pytest.mark.parametrize(("count", "text"), [(2, "‥"), (3, "…"), (4, "‥‥"), (5, "…‥"), (6, "……"), (7, "…‥‥")])
def test_every_dot_is_read_once(count: int, text: str) -> None:
    assert ellipsis(crop(count)) == text


def test_a_narrow_balloons_outline_beside_the_dots_is_not_read() -> None:
    sheet = Sheet(50, 120)
    dots(sheet, 4, x=25, y=30)
    sheet.pen.line((0, 20, 3, 90), fill=(0, 0, 0), width=3)
    assert ellipsis(np.rot90(sheet.rgb)) == "‥‥"


@pytest.mark.parametrize("text", ["雨", "一", "ーー", "三日", "！"])
def test_letters_are_no_dots(text: str) -> None:
    sheet = Sheet(60, 40 + 40 * len(text))
    sheet.columns([text], 50, 20, size=40)
    assert ellipsis(np.rot90(sheet.rgb)) == ""


def test_letters_that_fill_a_narrow_crop_leave_no_dots() -> None:
    sheet = Sheet(50, 120)
    dots(sheet, 3, x=25, y=40)
    for y in (30, 62, 94):
        sheet.pen.line((0, y, 20, y), fill=(0, 0, 0), width=3)
    assert ellipsis(np.rot90(sheet.rgb)) == ""


def test_an_empty_crop_has_no_dots() -> None:
    assert ellipsis(np.full((1, 1, 3), 255, np.uint8)) == ""
    assert ellipsis(Sheet(60, 200).rgb) == ""
