"""A text has one home among the panels, and its place in it does not depend on how it was found."""

from __future__ import annotations

import pytest

from translator.pipeline.text_order import home_of, text_order, unframed
from translator.pipeline.types import Box

LEFT, RIGHT = Box(0, 0, 100, 200), Box(110, 0, 210, 200)


@pytest.mark.parametrize(
    ("text", "home"),
    [
        (Box(10, 10, 40, 60), 0),
        (Box(150, 10, 180, 60), 1),
        # Across the gutter: where most of it is.
        (Box(60, 10, 125, 60), 0),
        (Box(90, 10, 160, 60), 1),
        # Outside of both: the nearest.
        (Box(103, 10, 109, 60), 1),
        (Box(0, 230, 30, 260), 0),
        (Box(240, 0, 260, 40), 1),
    ],
)
def test_a_text_belongs_to_one_panel(text: Box, home: int) -> None:
    assert home_of(text, (LEFT, RIGHT)) == home


def test_without_panels_there_is_no_home() -> None:
    assert home_of(LEFT, ()) == -1


def test_an_inset_has_its_texts_before_its_host() -> None:
    host, inset = Box(0, 0, 400, 400), Box(150, 150, 300, 300)
    assert home_of(Box(200, 200, 230, 260), (host, inset)) == 1
    assert home_of(Box(20, 20, 50, 80), (host, inset)) == 0


def test_where_slanted_frames_overlap_the_one_with_more_room_around_the_text_has_it() -> None:
    upper, lower = Box(0, 0, 400, 260), Box(0, 180, 400, 500)
    assert home_of(Box(300, 190, 330, 230), (upper, lower)) == 0
    assert home_of(Box(300, 215, 330, 255), (upper, lower)) == 1


def test_a_text_without_area_has_a_home_all_the_same() -> None:
    assert home_of(Box(150, 50, 150, 50), (LEFT, RIGHT)) == 1


def test_an_exact_copy_keeps_its_place() -> None:
    assert text_order([LEFT, LEFT, LEFT], is_rtl=True) == (0, 1, 2)
    assert text_order([LEFT, LEFT, LEFT], is_rtl=False) == (0, 1, 2)


def test_a_strip_goes_down_however_far_apart_its_columns_are() -> None:
    texts = [Box(0, 0, 20, 20), Box(500, 25, 520, 45), Box(0, 50, 20, 70)]
    assert text_order(texts, is_rtl=False, is_strip=True) == (0, 1, 2)
    assert text_order(texts, is_rtl=False) == (0, 2, 1)


def test_on_a_page_without_panels_rows_come_before_columns_that_are_further_apart() -> None:
    texts = [Box(200, 0, 260, 100), Box(0, 0, 60, 100), Box(200, 140, 260, 240), Box(0, 140, 60, 240)]
    assert text_order(texts, is_rtl=True, is_page=True) == (0, 1, 2, 3)
    assert text_order(texts, is_rtl=True) == (0, 2, 1, 3)


def test_lines_of_a_title_that_overlap_are_read_downwards() -> None:
    title, name = Box(4, 829, 830, 1071), Box(454, 991, 812, 1135)
    assert text_order([name, title], is_rtl=True) == (1, 0)


def test_columns_that_overlap_are_read_across() -> None:
    right, left = Box(50, 30, 100, 200), Box(0, 0, 55, 180)
    assert text_order([left, right], is_rtl=True) == (1, 0)
    assert text_order([left, right], is_rtl=False) == (0, 1)


def test_texts_far_from_every_panel_stand_in_one_that_was_not_found() -> None:
    texts = [Box(10, 10, 40, 60), Box(150, 260, 180, 320), Box(30, 280, 60, 340)]
    assert unframed(texts, (LEFT, RIGHT)) == [Box(30, 260, 180, 340)]


def test_no_panel_is_made_across_one_that_is_there() -> None:
    above, below = Box(20, 0, 60, 60), Box(20, 500, 60, 560)
    assert unframed([above, below], (Box(0, 200, 210, 400),)) == [above, below]


@pytest.mark.parametrize(
    "text", [Box(60, 10, 125, 60), Box(90, 10, 160, 60), Box(103, 10, 109, 60), Box(0, 205, 60, 260)]
)
def test_a_text_on_a_panel_or_close_to_it_needs_none_of_its_own(text: Box) -> None:
    assert unframed([text], (LEFT, RIGHT)) == []


def test_a_page_without_panels_gets_none() -> None:
    assert unframed([LEFT, RIGHT], ()) == []
