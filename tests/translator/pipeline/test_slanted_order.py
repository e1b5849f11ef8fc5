"""Slanted gutters part panels whose boxes overlap; every layout is a diagram, lettered as it is to be read."""

from __future__ import annotations

import pytest

from tests.translator.pipeline.diagram import outlines, parse
from translator.pipeline.cuts import mirrored, mirrored_outlines
from translator.pipeline.order import panels_in_order, reading_order
from translator.pipeline.types import Box, Polygon, ReadingDirection

LTR, RTL, WEBTOON = ReadingDirection.LTR, ReadingDirection.RTL, ReadingDirection.WEBTOON

SLANTED = {
    "rows of two along a falling gutter": """
        BBBBBBBBBBBBBBBBB.AAAAAAAAAAAAAAAAA
        BBBBBBBBBBBBBBBBB.AAAAAAAAAAAAAAAAA
        BBBBBBBBBBBBBBBBB.AAAAAAAAAAAAAAAAA
        ......BBBBBBBBBBB.AAAAAAAAAAAAAAAAA
        ..................AAAAAAAAAAAAAAAAA
        DDDDDD.......................AAAAAA
        DDDDDDDDDDDDDDDDD..................
        DDDDDDDDDDDDDDDDD.CCCCCCCCCCC......
        DDDDDDDDDDDDDDDDD.CCCCCCCCCCCCCCCCC
        DDDDDDDDDDDDDDDDD.CCCCCCCCCCCCCCCCC
        DDDDDDDDDDDDDDDDD.CCCCCCCCCCCCCCCCC
        DDDDDDDDDDDDDDDDD.CCCCCCCCCCCCCCCCC
        ...................................
        EEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEE
        EEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEE
        EEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEE
        EEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEE
        EEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEE
        EEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEE
        EEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEE
    """,
    "rows of two along a rising gutter": """
        BBBBBBBBBBBBBBBBB.AAAAAAAAAAAAAAAAA
        BBBBBBBBBBBBBBBBB.AAAAAAAAAAAAAAAAA
        BBBBBBBBBBBBBBBBB.AAAAAAAAAAAAAAAAA
        BBBBBBBBBBBBBBBBB.AAAAAAAAAAA......
        BBBBBBBBBBBBBBBBB..................
        BBBBBB.......................CCCCCC
        ..................CCCCCCCCCCCCCCCCC
        ......DDDDDDDDDDD.CCCCCCCCCCCCCCCCC
        DDDDDDDDDDDDDDDDD.CCCCCCCCCCCCCCCCC
        DDDDDDDDDDDDDDDDD.CCCCCCCCCCCCCCCCC
        DDDDDDDDDDDDDDDDD.CCCCCCCCCCCCCCCCC
        DDDDDDDDDDDDDDDDD.CCCCCCCCCCCCCCCCC
        ...................................
        EEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEE
        EEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEE
        EEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEE
        EEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEE
        EEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEE
        EEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEE
        EEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEEE
    """,
    "a slanted gutter with two panels on its left": """
        BBBBBBBBBBBBBBBBBBB.AAAAAAAAAA
        BBBBBBBBBBBBBBBBBB.AAAAAAAAAAA
        BBBBBBBBBBBBBBBBBB.AAAAAAAAAAA
        BBBBBBBBBBBBBBBBB.AAAAAAAAAAAA
        .................AAAAAAAAAAAAA
        CCCCCCCCCCCCCCCC.AAAAAAAAAAAAA
        CCCCCCCCCCCCCCC.AAAAAAAAAAAAAA
        CCCCCCCCCCCCCCC.AAAAAAAAAAAAAA
        CCCCCCCCCCCCCC.AAAAAAAAAAAAAAA
    """,
    "columns whose gutters do not meet stay columns": """
        CCCCCCCCCCCCCC.AAAAAAAAAAAAAAA
        CCCCCCCCCCCCCC.AAAAAAAAAAAAAAA
        CCCCCCCCCCCCCC.AAAAAAAAAAAAAAA
        CCCCCCCCCCCCCC................
        CCCCCCCCCCCCCC.BBBBBBBBBBBBBBB
        ...............BBBBBBBBBBBBBBB
        DDDDDDDDDDDDDD.BBBBBBBBBBBBBBB
        DDDDDDDDDDDDDD.BBBBBBBBBBBBBBB
    """,
}


def lettered(panels: tuple[Box, ...], page: Box, direction: ReadingDirection, shapes: tuple[Polygon, ...]) -> list[int]:
    return [panels.index(panel) for panel in panels_in_order(panels, page, direction, outlines=shapes)]


@pytest.mark.parametrize("name", SLANTED)
def test_a_page_of_slanted_panels_is_read_row_by_row(name: str) -> None:
    layout, shapes = parse(SLANTED[name]), outlines(SLANTED[name])
    wanted = list(range(len(layout.panels)))
    assert lettered(layout.panels, layout.page, RTL, shapes) == wanted
    assert lettered(layout.panels, layout.page, RTL, shapes[::-1]) == wanted


@pytest.mark.parametrize("name", SLANTED)
def test_the_mirrored_page_is_read_the_other_way(name: str) -> None:
    layout, shapes = parse(SLANTED[name]), outlines(SLANTED[name])
    everything = (*layout.panels, layout.page)
    *panels, page = mirrored(everything)
    turned = mirrored_outlines(shapes, everything)
    assert lettered(tuple(panels), page, LTR, turned) == list(range(len(panels)))


def test_without_outlines_boxes_that_overlap_by_as_much_are_columns() -> None:
    layout = parse(SLANTED["rows of two along a rising gutter"])
    assert lettered(layout.panels, layout.page, RTL, ()) == [0, 2, 1, 3, 4]


def test_the_texts_follow_the_panels() -> None:
    diagram = SLANTED["rows of two along a rising gutter"]
    layout = parse(diagram)
    texts = [Box(x - 10, y - 20, x + 10, y + 20) for x, y in ((250, 30), (80, 60), (260, 150), (70, 165))]
    assert reading_order(texts, layout.panels, RTL, page=layout.page, outlines=outlines(diagram)) == (0, 1, 2, 3)


def test_an_outline_of_no_panel_is_of_no_consequence() -> None:
    panels, page = (Box(110, 0, 200, 100), Box(0, 0, 90, 100)), Box(0, 0, 200, 100)
    assert lettered(panels, page, RTL, (((5, 5), (9, 5), (9, 9)),)) == [0, 1]


def test_a_strip_with_slanted_panels_goes_down() -> None:
    diagram = SLANTED["rows of two along a falling gutter"]
    layout = parse(diagram)
    order = panels_in_order(layout.panels, layout.page, WEBTOON, strip_is_rtl=True, outlines=outlines(diagram))
    assert order == layout.panels
