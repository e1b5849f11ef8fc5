"""Letter sizes follow the page, stay even, and are found by bisection."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from translator.pipeline.sizes import SizeRange, base_size, emphasis, grown, largest, size_range, usual_letter_px
from translator.pipeline.types import Balloon, Box, Kind, Region, TextLine


def test_sizes_grow_with_the_page() -> None:
    assert size_range(830, 1170) == SizeRange(least=12, wanted=22)
    assert size_range(1660, 2340) == SizeRange(least=23, wanted=43)


@pytest.mark.parametrize(("letter_px", "wanted"), [(10, 18), (30, 21), (34, 24), (80, 26), (0, 22)])
def test_the_source_letters_give_the_size_within_what_a_printed_page_has(letter_px: float, wanted: int) -> None:
    assert size_range(830, 1170, letter_px).wanted == wanted


@pytest.mark.parametrize(("reached", "size"), [(None, 20), (12, 20), (24, 20), (25, 21), (30, 21), (31, 22), (90, 22)])
def test_a_text_grows_by_steps_in_a_roomy_balloon(reached: int | None, size: int) -> None:
    assert grown(20, reached, shouted=False) == size


def test_a_shout_grows_more_than_a_quiet_text() -> None:
    assert grown(20, 40, shouted=True) == 26
    assert grown(20, 22, shouted=True) == 20


def test_what_was_drawn_larger_does_not_grow_twice() -> None:
    assert grown(30, 90, shouted=True, scale=1.5) == 38
    assert grown(30, 90, shouted=True) == 39


def test_a_spread_counts_as_two_pages() -> None:
    assert size_range(1660, 1170) == size_range(830, 1170)


def test_a_strip_counts_by_its_width() -> None:
    assert size_range(800, 14_000) == size_range(800, 1100)


def test_even_a_thumbnail_has_letters_of_some_pixels() -> None:
    assert size_range(1, 1) == SizeRange(least=7, wanted=9)


@given(st.integers(5, 40), st.integers(0, 60), st.integers(0, 60))
def test_bisection_finds_the_largest_size_that_fits(least: int, more: int, limit: int) -> None:
    found = largest(least, least + more, lambda size: size <= limit)
    expected = min(limit, least + more)
    assert found == (expected if expected >= least else None)


def test_one_tight_balloon_does_not_shrink_the_whole_page() -> None:
    assert base_size([12, 20, 20, 20, 20, 20], SizeRange(12, 20)) == 20


def test_a_page_of_tight_balloons_is_set_smaller_as_a_whole() -> None:
    assert base_size([17, 17, 18, 20], SizeRange(12, 20)) == 17
    assert base_size([12, 12, 12, 13], SizeRange(12, 20)) == 17


def test_a_page_without_balloons_has_the_wanted_size() -> None:
    assert base_size([], SizeRange(12, 20)) == 20


def region(name: str, letter: int) -> Region:
    box = Box(0, 0, letter, 200)
    line = TextLine(box, box.polygon, 1.0)
    return Region(name, box, box.polygon, Kind.DIALOGUE, True, 1.0, (line,) if letter else ())


@pytest.mark.parametrize(
    ("letter", "scale"), [(20, 1.0), (24, 1.0), (25, 1.12), (28, 1.25), (33, 1.4), (44, 1.5), (90, 1.5), (0, 1.0)]
)
def test_only_letters_that_are_clearly_larger_are_emphasised(letter: int, scale: float) -> None:
    regions = [region("a", 20), region("b", 20), region("c", 20), region("d", letter)]
    assert emphasis(regions)["d"] == scale


def test_no_regions_have_no_emphasis() -> None:
    assert emphasis([]) == {}


def test_the_usual_letter_is_that_of_the_balloons_where_there_are_any() -> None:
    balloon = Balloon(Box(0, 0, 50, 50), ((0, 0), (50, 0), (50, 50)), (255, 255, 255))
    title, spoken = region("title", 90), replace(region("a", 30), balloon=balloon)
    assert usual_letter_px([title, spoken]) == 30
    assert usual_letter_px([title]) == 90
    assert usual_letter_px([]) == 0.0
