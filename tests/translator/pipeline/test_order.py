"""Texts are read as panels and balloons follow each other; the pages are drawn as small diagrams."""

from __future__ import annotations

import pytest

from translator.pipeline.order import reading_order, resolve
from translator.pipeline.types import Box, ReadingDirection

CELL = 10


def boxes(diagram: str, letters: str) -> list[Box]:
    """The bounds of each letter of a diagram, one character being ten pixels."""
    rows = [line for line in diagram.splitlines() if line.strip()]
    found = []
    for letter in letters:
        spots = [(x, y) for y, row in enumerate(rows) for x, c in enumerate(row) if c == letter]
        xs, ys = [x for x, _ in spots], [y for _, y in spots]
        found.append(Box(min(xs) * CELL, min(ys) * CELL, (max(xs) + 1) * CELL, (max(ys) + 1) * CELL))
    return found


def read(page: str, panels: str = "", *, direction: ReadingDirection = ReadingDirection.RTL) -> str:
    """The lower-case letters of a diagram (texts) in reading order; ``panels`` has capitals at each panel's corners."""
    texts = sorted({c for c in page if c.islower()})
    frames = boxes(panels, "".join(sorted({c for c in panels if c.isupper()}))) if panels else []
    order = reading_order(boxes(page, "".join(texts)), frames, direction)
    return "".join(texts[index] for index in order)


PAGE = """
aaa.bbb
aaa.bbb
.......
ccc.ddd
ccc.ddd
"""


def test_manga_goes_right_to_left_then_down() -> None:
    assert read(PAGE) == "badc"


def test_western_pages_go_left_to_right_then_down() -> None:
    assert read(PAGE, direction=ReadingDirection.LTR) == "abcd"


def test_columns_far_apart_are_strips_of_their_own() -> None:
    page = """
    aa.....bb
    .........
    cc.....dd
    """
    assert read(page) == "bdac"


def test_a_webtoon_goes_straight_down_whatever_its_panels_say() -> None:
    page = """
    aa......
    ........
    .....bb.
    ........
    c.......
    """
    assert read(page, direction=ReadingDirection.WEBTOON) == "abc"


def test_a_panel_is_finished_before_the_next_one_starts() -> None:
    page = """
    a...b.c.
    ......c.
    ..d.....
    ........
    ......e.
    """
    panels = """
    A..AB..B
    ........
    ........
    ........
    A..AB..B
    """
    assert read(page, panels) == "cbead"


def test_a_tall_panel_beside_two_small_ones_is_read_at_its_side() -> None:
    page = """
    a.....b.
    ........
    c.......
    """
    panels = """
    A..A.B.B
    A..A....
    C..C....
    C..C.B.B
    """
    assert read(page, panels) == "bac"


def test_panels_that_overlap_a_little_are_still_two_rows() -> None:
    page = """
    ......a.
    ........
    ........
    ........
    b.......
    """
    panels = """
    A......A
    ........
    A......A
    B......B
    B......B
    """
    frames = boxes(panels, "AB")
    overlapping = [frames[0], Box(0, frames[1].y0 - 5, 80, frames[1].y1)]
    assert reading_order(boxes(page, "ab"), overlapping, ReadingDirection.RTL) == (0, 1)


def test_a_text_outside_every_panel_goes_with_the_nearest_one() -> None:
    page = """
    a.......
    .......b
    c.......
    """
    panels = """
    ........
    ..A..A.B
    ..A..A.B
    """
    assert read(page, panels)[0] == "b"


def test_texts_that_no_straight_line_parts_go_from_the_first_corner() -> None:
    page = [Box(0, 0, 60, 30), Box(50, 20, 100, 60)]
    assert reading_order(page, [], ReadingDirection.RTL) == (1, 0)
    assert reading_order(page, [], ReadingDirection.LTR) == (0, 1)


def test_an_empty_page_has_an_empty_order() -> None:
    assert reading_order([], [], ReadingDirection.RTL) == ()


def test_every_text_appears_exactly_once_even_when_all_are_the_same() -> None:
    assert sorted(reading_order([Box(5, 5, 9, 9)] * 7, [Box(0, 0, 3, 3)] * 2, ReadingDirection.LTR)) == list(range(7))


def test_auto_must_be_settled_before_ordering() -> None:
    with pytest.raises(ValueError, match="resolve"):
        reading_order([], [], ReadingDirection.AUTO)


@pytest.mark.parametrize(
    ("page", "vertical", "expected"),
    [
        (Box(0, 0, 830, 1170), True, ReadingDirection.RTL),
        (Box(0, 0, 830, 1170), False, ReadingDirection.LTR),
        (Box(0, 0, 720, 14046), True, ReadingDirection.WEBTOON),
    ],
)
def test_auto_follows_the_page_and_its_lettering(page: Box, vertical: bool, expected: ReadingDirection) -> None:
    assert resolve([(Box(0, 0, 20, 90), vertical)], page) is expected


def test_auto_without_any_text_is_right_to_left() -> None:
    assert resolve([], Box(0, 0, 830, 1170)) is ReadingDirection.RTL
