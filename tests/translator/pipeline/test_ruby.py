"""Furigana is attached to the kanji that it stands beside."""

from __future__ import annotations

from translator.pipeline.ruby import place_ruby
from translator.pipeline.types import Box, TextLine


def line(x0: int, y0: int, x1: int, y1: int) -> TextLine:
    box = Box(x0, y0, x1, y1)
    return TextLine(box, box.polygon, 0.9)


RIGHT, LEFT = line(140, 100, 170, 250), line(100, 100, 130, 250)
COLUMNS, TEXTS = [RIGHT, LEFT], ["腹をこわし", "薬店にかけ"]


def test_furigana_stands_beside_its_kanji() -> None:
    assert place_ruby(line(131, 100, 141, 160), COLUMNS, TEXTS, vertical=True) == (5, 7)


def test_the_range_shrinks_to_kanji() -> None:
    assert place_ruby(line(171, 100, 181, 190), COLUMNS, TEXTS, vertical=True) == (0, 1)


def test_furigana_over_a_row() -> None:
    row = line(100, 100, 250, 130)
    assert place_ruby(line(100, 88, 160, 99), [row], ["薬店にかけ"], vertical=False) == (0, 2)


def test_the_space_between_rows_counts() -> None:
    rows = [line(100, 60, 250, 80), line(100, 100, 250, 130)]
    assert place_ruby(line(100, 88, 160, 99), rows, ["かけこみ中", "薬店にかけ"], vertical=False, separator=1) == (6, 8)


def test_furigana_beside_kana_only_is_not_placed() -> None:
    assert place_ruby(line(171, 190, 181, 250), COLUMNS, TEXTS, vertical=True) is None


def test_furigana_left_of_every_column_is_not_placed() -> None:
    assert place_ruby(line(80, 100, 90, 160), COLUMNS, TEXTS, vertical=True) is None


def test_furigana_beside_an_unread_column_is_not_placed() -> None:
    assert place_ruby(line(131, 100, 141, 160), COLUMNS, ["腹をこわし", ""], vertical=True) is None


def test_furigana_of_nothing_is_not_placed() -> None:
    assert place_ruby(line(131, 100, 141, 160), [], [], vertical=True) is None
