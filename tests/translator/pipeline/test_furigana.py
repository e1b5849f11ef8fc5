"""Furigana is parted from its column by the ink, and nothing else is taken for it."""

from __future__ import annotations

import pytest

from tests.translator.drawn_pages import Sheet
from translator.pipeline.furigana import part_ruby
from translator.pipeline.ground import find_ground
from translator.pipeline.types import Box, TextLine


def line(box: Box) -> TextLine:
    return TextLine(box, box.polygon, 0.9)


def parted(sheet: Sheet, *boxes: Box) -> list[Box]:
    return [found.box for found in part_ruby([line(box) for box in boxes], find_ground(sheet.rgb))]


def column(text: str = "薬店にかけこみ", ruby: str = "", *, at: int = 20, ink: int = 0, ground: int = 255) -> Sheet:
    """Letters of 40 px from x = 60 to 100, furigana of 18 px from x = 103."""
    sheet = Sheet(240, 340, ground=ground)
    sheet.columns([text], 100, 20, size=40, ink=ink)
    if ruby:
        sheet.columns([ruby], 121, at, size=18, ink=ink)
    return sheet


WIDE = Box(52, 14, 126, 306)
"""What the network draws around a column together with its furigana."""


@pytest.mark.parametrize(("ink", "ground"), [(0, 255), (255, 10)])
def test_a_box_across_both_becomes_a_column_and_its_furigana(ink: int, ground: int) -> None:
    base, small = parted(column(ruby="くすり", ink=ink, ground=ground), WIDE)
    assert base.x1 <= 110
    assert base.intersection(Box(62, 14, 98, 306)) == Box(62, 14, 98, 306)
    assert small.x0 >= 99
    assert 48 <= small.height <= 64


def test_furigana_outside_the_box_is_found_as_well() -> None:
    assert len(parted(column(ruby="くすり"), Box(52, 14, 102, 306))) == 2


def test_words_apart_are_lines_of_their_own() -> None:
    sheet = column(ruby="くす", at=20)
    sheet.columns(["てん"], 121, 150, size=18)
    assert len(parted(sheet, WIDE)) == 3


def test_the_networks_own_line_around_furigana_is_replaced() -> None:
    assert len(parted(column(ruby="くすり"), WIDE, Box(98, 16, 124, 78))) == 2


def test_a_column_without_furigana_is_left_alone() -> None:
    assert parted(column(), WIDE) == [WIDE]


@pytest.mark.parametrize("text", ["いいいい", "りりり", "川川川", "いり川い"])
def test_letters_of_upright_strokes_are_not_cut_in_two(text: str) -> None:
    box = Box(52, 14, 108, 40 * len(text) + 26)
    assert parted(column(text), box) == [box]


def test_the_next_column_is_no_furigana() -> None:
    sheet = Sheet(300, 340)
    sheet.columns(["ってって", "薬店にかけ"], 160, 20, size=40)
    left, right = Box(62, 14, 118, 226), Box(112, 14, 168, 186)
    assert set(parted(sheet, left, right)) == {left, right}


def test_an_outline_beside_a_column_is_no_furigana() -> None:
    sheet = column()
    sheet.pen.rectangle((20, 4, 112, 330), outline=(0, 0, 0), width=3)
    assert parted(sheet, Box(52, 14, 106, 306)) == [Box(52, 14, 106, 306)]


def test_over_art_nothing_is_parted() -> None:
    sheet = column(ruby="くすり")
    for y in range(0, 340, 4):
        sheet.pen.line((0, y, 240, y), fill=(0, 0, 0), width=2)
    assert parted(sheet, WIDE) == [WIDE]


def test_a_page_without_lines_has_none() -> None:
    assert parted(column()) == []
