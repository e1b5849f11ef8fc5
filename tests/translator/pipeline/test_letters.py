"""Lines are drawn in their script's direction, at the length that was measured."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from translator.pipeline.fonts import FontBook
from translator.pipeline.letters import Ink, Pen, SetLine, ink_of

FONTS = Path(__file__).parents[3] / "fonts"
SIZE = 40


@pytest.fixture(scope="module")
def book() -> FontBook:
    return FontBook(FONTS)


def pen(book: FontBook, language: str, *, vertical: bool = False) -> Pen:
    return Pen(book.chain("dialogue", language), SIZE, language=language, vertical=vertical)


def drawn(book: FontBook, text: str, language: str, *, vertical: bool = False) -> Ink:
    writer = pen(book, language, vertical=vertical)
    return ink_of(SetLine(text, 200.0, 200.0, writer.length(text)), writer)


def columns_of(ink: Ink) -> NDArray[np.int64]:
    return np.asarray((ink.mask > 128).sum(axis=0), np.int64)


@pytest.mark.parametrize(("text", "language"), [("שלום", "he"), ("لا أعرف", "ar"), ("น้ำใจ", "th"), ("HELLO", "en")])
def test_a_row_is_as_long_as_was_measured(book: FontBook, text: str, language: str) -> None:
    ink = drawn(book, text, language)
    assert abs(ink.box.width - pen(book, language).length(text)) <= SIZE / 4
    assert abs(ink.box.x0 - 200) <= SIZE / 4


@pytest.mark.parametrize(("word", "language"), [("שלום", "he"), ("مرحبا", "ar")])
def test_what_comes_first_stands_at_the_right(book: FontBook, word: str, language: str) -> None:
    # The heart is of another font, so that the line has two runs: it follows the word, to its left.
    alone, followed = drawn(book, word, language), drawn(book, f"{word} ♥", language)
    width = alone.box.width
    assert followed.box.width > width + SIZE / 2
    assert np.array_equal(columns_of(followed)[-width // 2 :], columns_of(alone)[-width // 2 :])


def test_a_latin_word_inside_hebrew_keeps_its_direction(book: FontBook) -> None:
    latin, mixed = drawn(book, "OK", "he"), drawn(book, "כן OK", "he")
    assert np.array_equal(columns_of(mixed)[: latin.box.width], columns_of(latin))


def test_arabic_letters_are_joined(book: FontBook) -> None:
    separate = sum(pen(book, "ar").length(char) for char in "كتب")
    assert pen(book, "ar").length("كتب") < 0.9 * separate


@pytest.mark.parametrize("text", ["25", "100", "!?", "!!"])
def test_what_shares_a_cell_of_a_column_fits_into_it(book: FontBook, text: str) -> None:
    ink = drawn(book, text, "ja", vertical=True)
    assert pen(book, "ja", vertical=True).length(text) == SIZE
    assert ink.box.width <= SIZE
    assert ink.box.height <= SIZE
    assert abs(ink.box.center[0] - (200 + SIZE / 2)) <= 2
    assert abs(ink.box.center[1] - (200 + SIZE / 2)) <= 2


def test_a_latin_word_lies_in_its_column(book: FontBook) -> None:
    ink = drawn(book, "Tokyo", "ja", vertical=True)
    row = drawn(book, "Tokyo", "ja")
    assert ink.box.height == pytest.approx(row.box.width, abs=3)
    assert ink.box.width == pytest.approx(row.box.height, abs=3)
    assert ink.box.x0 >= 200 - SIZE / 4
    assert ink.box.x1 <= 200 + SIZE + SIZE / 4


def test_a_column_grows_with_all_of_its_parts(book: FontBook) -> None:
    writer = pen(book, "ja", vertical=True)
    parts = ["第", "25", "話で", "Tokyo", "に"]
    assert writer.length("".join(parts)) == pytest.approx(sum(writer.length(part) for part in parts), abs=1)


@pytest.mark.parametrize("text", ["第25話", "Tokyoに", "何!?"])
def test_an_outline_grows_every_part_of_a_column(book: FontBook, text: str) -> None:
    writer = pen(book, "ja", vertical=True)
    line = SetLine(text, 200.0, 200.0, writer.length(text))
    plain, outlined = ink_of(line, writer), ink_of(line, writer, stroke=4)
    assert outlined.box.height >= plain.box.height + 6
    assert outlined.box.x0 < plain.box.x0


@pytest.mark.parametrize("stretch", [0.93, 0.8])
@pytest.mark.parametrize(("text", "language"), [("HELLO", "en"), ("ПРИВЕТ", "ru"), ("שלום", "he"), ("안녕", "ko")])
def test_narrower_letters_are_as_high_and_as_long_as_was_measured(
    book: FontBook, text: str, language: str, stretch: float
) -> None:
    chain = book.chain("dialogue", language)
    plain, narrow = (Pen(chain, SIZE, language=language, stretch=by) for by in (1.0, stretch))
    assert narrow.length(text) == pytest.approx(stretch * plain.length(text), rel=0.03)
    assert narrow.body == plain.body
    wide, thin = (ink_of(SetLine(text, 200.0, 200.0, one.length(text)), one) for one in (plain, narrow))
    assert thin.box.width == pytest.approx(stretch * wide.box.width, abs=2)
    assert abs(thin.box.height - wide.box.height) <= 1
    assert abs(thin.box.y0 - wide.box.y0) <= 1


def test_an_outline_of_narrower_letters_goes_around_them(book: FontBook) -> None:
    narrow = Pen(book.chain("dialogue", "en"), SIZE, language="en", stretch=0.8)
    line = SetLine("HELLO", 200.0, 200.0, narrow.length("HELLO"))
    ink, outline = ink_of(line, narrow), ink_of(line, narrow, stroke=4)
    assert 5 <= outline.box.width - ink.box.width <= 9
    assert 7 <= outline.box.height - ink.box.height <= 9


def test_columns_have_letters_of_their_full_width(book: FontBook) -> None:
    chain = book.chain("dialogue", "ja")
    assert Pen(chain, SIZE, language="ja", vertical=True, stretch=0.8).stretch == 1.0
