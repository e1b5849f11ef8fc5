"""Texts and panels are read as comics are; every layout is a diagram, numbered as it is to be read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.translator.pipeline.diagram import Layout, parse
from tests.translator.pipeline.layouts import RIGHT_TO_LEFT, STRIPS
from translator.pipeline.cuts import mirrored
from translator.pipeline.order import panels_in_order, reading_order
from translator.pipeline.types import Box, ReadingDirection

LTR, RTL, WEBTOON = ReadingDirection.LTR, ReadingDirection.RTL, ReadingDirection.WEBTOON


def numbered(layout: Layout, direction: ReadingDirection, *, strip_is_rtl: bool = False) -> tuple[str, str]:
    """The digits and the letters of a layout in the order that was found."""
    order = reading_order(layout.texts, layout.panels, direction, page=layout.page, strip_is_rtl=strip_is_rtl)
    panels = panels_in_order(layout.panels, layout.page, direction, strip_is_rtl=strip_is_rtl)
    return "".join(map(str, order)), "".join(chr(ord("A") + layout.panels.index(panel)) for panel in panels)


def as_drawn(layout: Layout) -> tuple[str, str]:
    return "".join(map(str, range(len(layout.texts)))), "".join(chr(65 + i) for i in range(len(layout.panels)))


def flipped(layout: Layout) -> Layout:
    page, *boxes = mirrored((layout.page, *layout.panels, *layout.texts))
    count = len(layout.panels)
    return Layout(page, tuple(boxes[:count]), tuple(boxes[count:]))


@pytest.mark.parametrize("name", RIGHT_TO_LEFT)
def test_a_page_is_read_right_to_left(name: str) -> None:
    layout = parse(RIGHT_TO_LEFT[name])
    assert numbered(layout, RTL) == as_drawn(layout)


@pytest.mark.parametrize("name", RIGHT_TO_LEFT)
def test_the_mirrored_page_is_read_left_to_right(name: str) -> None:
    layout = parse(RIGHT_TO_LEFT[name])
    assert numbered(flipped(layout), LTR) == as_drawn(layout)


@pytest.mark.parametrize("name", STRIPS)
def test_a_strip_is_read_downwards(name: str) -> None:
    layout = parse(STRIPS[name])
    assert numbered(layout, WEBTOON) == as_drawn(layout)


@pytest.mark.parametrize("name", STRIPS)
def test_a_strip_of_a_right_to_left_language_is_read_downwards_too(name: str) -> None:
    layout = parse(STRIPS[name])
    assert numbered(flipped(layout), WEBTOON, strip_is_rtl=True) == as_drawn(layout)


def test_four_panels_of_a_western_page_start_at_the_left() -> None:
    layout = parse("""
        AAAAA.BBBBB
        A.0.A.B.1.B
        AAAAA.BBBBB
        ...........
        CCCCC.DDDDD
        C.2.C.D.3.D
        CCCCC.DDDDD
    """)
    assert numbered(layout, LTR) == ("0123", "ABCD")
    assert numbered(layout, RTL) == ("1032", "BADC")


def test_a_frame_that_is_a_little_too_tall_decides_nothing() -> None:
    panels = [Box(420, 0, 800, 502), Box(0, 0, 400, 498), Box(420, 500, 800, 1000), Box(0, 501, 400, 1000)]
    assert panels_in_order(panels, Box(0, 0, 800, 1000), RTL) == tuple(panels)


def test_texts_within_one_another_have_an_order_all_the_same() -> None:
    outer, inner = Box(0, 0, 100, 100), Box(40, 40, 60, 60)
    assert sorted(reading_order([outer, inner], [], RTL)) == [0, 1]


def test_panels_without_area_have_an_order_too() -> None:
    panels = [Box(0, 0, 0, 0), Box(1, 1, 1, 1)]
    assert sorted(panels_in_order(panels, Box(0, 0, 300, 300), RTL)) == panels


def test_an_empty_page_has_an_empty_order() -> None:
    assert reading_order([], [], RTL) == ()
    assert reading_order([], [], WEBTOON) == ()
    assert panels_in_order([], Box(0, 0, 0, 0), RTL) == ()


def test_auto_must_be_settled_before_ordering() -> None:
    with pytest.raises(ValueError, match="AUTO"):
        reading_order([], [], ReadingDirection.AUTO)
    with pytest.raises(ValueError, match="AUTO"):
        panels_in_order([], Box(0, 0, 9, 9), ReadingDirection.AUTO)


def boxes(most: int) -> st.SearchStrategy[list[Box]]:
    side, length = st.integers(0, 200), st.integers(0, 90)
    one = st.builds(lambda x, y, w, h: Box(x, y, x + w, y + h), side, side, length, length)
    return st.lists(one, max_size=most)


PAGES = st.sampled_from([Box(0, 0, 300, 300), Box(0, 0, 300, 200), Box(0, 0, 300, 900)])


@given(texts=boxes(9), panels=boxes(7), page=PAGES, direction=st.sampled_from([RTL, LTR, WEBTOON]))
def test_every_text_is_read_exactly_once(
    texts: list[Box], panels: list[Box], page: Box, direction: ReadingDirection
) -> None:
    assert sorted(reading_order(texts, panels, direction, page=page)) == list(range(len(texts)))


@given(panels=boxes(8), page=PAGES, direction=st.sampled_from([RTL, LTR, WEBTOON]))
def test_every_panel_is_read_exactly_once(panels: list[Box], page: Box, direction: ReadingDirection) -> None:
    assert sorted(panels_in_order(panels, page, direction)) == sorted(panels)


@given(texts=boxes(9), panels=boxes(7), page=PAGES)
def test_the_mirrored_page_has_the_same_order_the_other_way(texts: list[Box], panels: list[Box], page: Box) -> None:
    turned = flipped(Layout(page, tuple(panels), tuple(texts)))
    there = reading_order(texts, panels, RTL, page=page)
    assert reading_order(turned.texts, turned.panels, LTR, page=turned.page) == there


@given(texts=boxes(9), panels=boxes(7), page=PAGES, by=st.integers(2, 7))
def test_a_larger_scan_has_the_same_order(texts: list[Box], panels: list[Box], page: Box, by: int) -> None:
    def larger(box: Box) -> Box:
        return Box(*(value * by for value in box.to_json()))

    scan = reading_order([*map(larger, texts)], [*map(larger, panels)], RTL, page=larger(page))
    assert scan == reading_order(texts, panels, RTL, page=page)
