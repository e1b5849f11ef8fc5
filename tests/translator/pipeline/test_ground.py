"""Which lines stand in one balloon, told from the ground under them."""

from __future__ import annotations

from tests.translator.drawn_pages import Sheet
from translator.pipeline.ground import between, find_ground
from translator.pipeline.types import Box, TextLine


def line(box: Box) -> TextLine:
    return TextLine(box, box.polygon, 0.9)


def sheet() -> Sheet:
    page = Sheet(420, 620)
    page.panel((10, 10, 410, 610), tone=150)
    page.oval((120, 60, 300, 330))
    page.columns(["今日は雨"], 230, 110, size=40)
    return page


INSIDE = Box(183, 104, 237, 276)


def test_lettering_below_a_balloon_over_art_is_another_text() -> None:
    page = sheet()
    page.columns(["ふおお"], 232, 345, size=44, ink=20)
    below = Box(180, 340, 240, 480)
    ground = find_ground(page.rgb)
    assert ground.under(below) == 0
    assert between(ground, line(INSIDE), line(below))
    assert between(ground, line(below), line(INSIDE))


def test_a_line_that_runs_against_its_balloons_outline_stays_in_it() -> None:
    page = sheet()
    ground = find_ground(page.rgb)
    tight = Box(120, 130, 182, 270)
    assert not between(ground, line(INSIDE), line(tight))


def test_two_lines_over_art_are_not_parted_by_the_ground() -> None:
    page = Sheet(420, 620)
    for y in range(0, 620, 6):
        page.pen.line((0, y, 420, y), fill=(0, 0, 0), width=3)
    assert not between(find_ground(page.rgb), line(Box(200, 100, 240, 300)), line(Box(150, 100, 190, 300)))


def test_a_line_on_open_paper_is_not_parted_from_one_over_art_beside_it() -> None:
    page = Sheet(420, 620)
    for y in range(0, 620, 6):
        page.pen.line((0, y, 190, y), fill=(0, 0, 0), width=3)
    assert not between(find_ground(page.rgb), line(Box(240, 100, 280, 300)), line(Box(130, 100, 180, 300)))
