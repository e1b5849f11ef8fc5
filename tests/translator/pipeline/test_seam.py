"""Where a text that a border cuts belongs, and what of it each page has."""

from __future__ import annotations

import numpy as np
import pytest

from tests.translator.strip_stages import BarDetector, BarReader, strip
from tests.translator.tiny_stages import Script
from translator.pipeline.seam import Seam, read_seam
from translator.pipeline.seam_page import join_page
from translator.pipeline.seam_shape import area_between, cut_polygon
from translator.pipeline.seam_window import FAR, NEAR, Edges, Side, cut_window, edges_of, is_filled, is_gutter
from translator.pipeline.types import Box, Detection, Kind, Page, Region, Rgb, TextLine

SQUARE = ((0, 0), (10, 0), (10, 10), (0, 10))
RING = ((0, 0), (30, 0), (30, 20), (20, 20), (20, 10), (10, 10), (10, 20), (0, 20))
"""Like a bridge: two legs below row 10."""


def pages(rgb: Rgb, *rows: int) -> list[Page]:
    bounds = [0, *rows, rgb.shape[0]]
    return [Page(n + 1, rgb[bounds[n] : bounds[n + 1]]) for n in range(len(bounds) - 1)]


def seam(rgb: Rgb, *rows: int, border: int = 1) -> Seam:
    """What crosses the border below page ``border``."""
    edges = [edges_of(page) for page in pages(rgb, *rows)]
    return read_seam(
        Side(tuple(edges[:border][::-1])), Side(tuple(edges[border:])), BarDetector(Script()), BarReader(Script())
    )


@pytest.mark.parametrize(("top", "bottom", "area"), [(0, 10, 100), (4, 10, 60), (-5, 3, 30), (11, 20, 0), (-9, -1, 0)])
def test_a_polygon_is_cut_at_two_rows(top: int, bottom: int, area: float) -> None:
    assert area_between(SQUARE, top, bottom) == area


def test_a_hollow_polygon_keeps_both_its_legs() -> None:
    assert area_between(RING, 10, 20) == 200
    assert {x for x, _ in cut_polygon(RING, 12, 20)} == {0, 10, 20, 30}


def test_a_window_is_the_same_rows_whichever_page_it_is_cut_for() -> None:
    rgb = np.random.default_rng(1).integers(0, 255, (800, 100, 3), dtype=np.uint8)
    upper, lower = (edges_of(page) for page in pages(rgb, 450))
    window = cut_window(Side((upper,)), Side((lower,)), NEAR)
    assert (window.border, window.height, window.open_above, window.open_below) == (30, 60, True, True)
    assert np.array_equal(window.rgb, rgb[420:480])
    assert [(piece.page, piece.top, piece.bottom, piece.page_top) for piece in window.pieces] == [
        (1, 0, 30, 420),
        (2, 30, 60, 0),
    ]


def test_a_window_reaches_through_a_short_page_into_the_next_and_says_where_the_strip_ends() -> None:
    rgb = np.random.default_rng(1).integers(0, 255, (300, 100, 3), dtype=np.uint8)
    first, short, last = (edges_of(page) for page in pages(rgb, 200, 220))
    assert not is_filled([short])
    assert is_filled([short, last])
    assert is_filled([first])
    window = cut_window(
        Side((first,)),
        Side(
            (
                short,
                last,
            )
        ),
        FAR,
    )
    assert np.array_equal(window.rgb, rgb[110:290])
    assert window.borders == (90, 110)
    assert not cut_window(Side((first,)), Side((short,)), FAR).open_below
    assert not cut_window(
        Side(
            (
                short,
                first,
            )
        ),
        Side((last,)),
        FAR,
    ).open_below


def test_boxes_go_to_the_pages_pixels_where_a_page_is_narrower() -> None:
    upper = Edges(1, 200, 400, np.zeros((400, 200, 3), np.uint8), np.zeros((400, 200, 3), np.uint8))
    lower = Edges(2, 198, 396, np.zeros((396, 198, 3), np.uint8), np.zeros((396, 198, 3), np.uint8))
    window = cut_window(Side((upper,)), Side((lower,)), NEAR)
    below = window.pieces[1]
    assert window.rgb.shape == (120, 200, 3)
    assert below.box_of_page(Box(0, 0, 200, 160)) == Box(0, 0, 198, 59)
    assert window.pieces[0].box_of_page(Box(10, 30, 20, 90)) == Box(10, 370, 20, 400)


def test_rows_of_one_colour_around_the_border_are_a_gutter_and_a_gap_between_two_lines_is_none() -> None:
    plain = [edges_of(page) for page in pages(strip(400, [(100, 170), (230, 300)]), 200)]
    close = [edges_of(page) for page in pages(strip(400, [(150, 196), (204, 260)]), 200)]
    assert is_gutter(cut_window(Side((plain[0],)), Side((plain[1],)), NEAR))
    assert not is_gutter(cut_window(Side((close[0],)), Side((close[1],)), NEAR))


def test_a_text_that_goes_on_beyond_the_near_window_is_looked_at_in_the_far_one() -> None:
    (text,) = seam(strip(800, [(300, 470)]), 400).texts
    assert text.reading is not None
    assert text.reading.text == "170 rows"


def test_a_text_longer_than_the_far_window_is_left_to_each_page_and_that_is_told() -> None:
    found = seam(strip(1200, [(300, 820)]), 560)
    assert found.texts == ()
    assert found.warnings == ("seam: 1 texts at the border below page 1 are too long to be joined",)


def test_a_text_over_two_borders_belongs_to_the_seam_of_the_first() -> None:
    rgb = strip(700, [(280, 420)])
    assert [text.pages for text in seam(rgb, 300, 350, border=1).texts] == [(1, 2, 3)]
    assert seam(rgb, 300, 350, border=2).texts == ()


def test_a_text_beside_the_border_is_nobody_elses_business() -> None:
    assert seam(strip(600, [(200, 290), (330, 400)]), 310).texts == ()


def test_a_page_gets_its_part_with_its_lines_cut_and_keeps_their_size_for_lettering() -> None:
    rgb = strip(600, [(260, 340)])
    lower = pages(rgb, 280)[1]
    joined = join_page(lower, _found(lower), [seam(rgb, 280)])
    part = joined.parts["s0001-1"]
    assert part.is_owned
    assert part.region.box == part.region.lines[0].box == Box(80, 0, 120, 60)
    assert part.lettering.lines[0].box == Box(80, 0, 120, 80)
    assert [region.id for region in joined.detection.regions] == ["s0001-1"]
    assert joined.alone.regions == ()
    assert np.count_nonzero(joined.detection.mask[:60, 80:120]) == 60 * 40


def test_lines_of_other_texts_stay_where_the_page_alone_took_two_texts_for_one() -> None:
    rgb = strip(600, [(260, 340)])
    lower = pages(rgb, 300)[1]
    cut, other = Box(80, 0, 120, 40), Box(20, 0, 60, 90)
    lines = tuple(TextLine(box, box.polygon, 0.9) for box in (cut, other))
    merged = Region("r1", cut.union(other), cut.polygon, Kind.DIALOGUE, True, 0.9, lines)
    untouched = Region("r2", Box(0, 200, 40, 260), (), Kind.DIALOGUE, True, 0.9)
    mask = np.zeros((300, 200), np.uint8)
    joined = join_page(lower, Detection((merged, untouched), mask), [seam(rgb, 300)])
    left, same = joined.alone.regions
    assert (left.id, left.box, len(left.lines)) == ("r1", other, 1)
    assert same is untouched


def test_a_page_without_a_part_in_any_seam_keeps_its_detection() -> None:
    rgb = strip(600, [(260, 340)])
    page = Page(7, rgb[:300])
    found = _found(page)
    assert join_page(page, found, [seam(rgb, 300)]).detection is found


def _found(page: Page) -> Detection:
    return BarDetector(Script()).detect(page)
