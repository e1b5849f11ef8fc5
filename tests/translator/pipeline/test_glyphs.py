"""What the ink of a column tells about marks, dashes and kana."""

from __future__ import annotations

import numpy as np
import pytest

from tests.translator.drawn_pages import Sheet
from translator.pipeline.glyphs import Cell, LineInk, around, dashes, kana_of_right_size, side_by_side, unread, upright

SIZE, MARGIN = 40, 12


def turned(text: str) -> np.ndarray:
    """A column of ``text``, turned 90 degrees counter-clockwise as the reader does it."""
    sheet = Sheet(SIZE + 2 * MARGIN, SIZE * len(text) + 2 * MARGIN)
    sheet.columns([text], SIZE + MARGIN, MARGIN, size=SIZE)
    return np.rot90(sheet.rgb)


def ink_of(text: str, read: int | None = None, *, skip: int = 0) -> LineInk:
    """``read`` characters of ``text`` count as recognized, after ``skip`` that do not."""
    length = SIZE * len(text) + 2 * MARGIN
    count = len(text) if read is None else read
    return LineInk.of(turned(text), [(MARGIN + (skip + i + 0.5) * SIZE) / length for i in range(count)])


@pytest.mark.parametrize(
    ("drawn", "read"), [("いいぞぉ", "いいぞお"), ("もうちょい", "もうちよい"), ("いやだ", "いゃだ")]
)
def test_a_kana_of_the_wrong_size_is_put_right(drawn: str, read: str) -> None:
    assert "".join(kana_of_right_size(list(read), [0.7] * len(read), ink_of(drawn))) == drawn


def test_a_sure_kana_is_left_alone() -> None:
    assert "".join(kana_of_right_size(list("いいぞお"), [0.99] * 4, ink_of("いいぞぉ"))) == "いいぞお"


def test_a_single_kana_has_nothing_to_be_compared_with() -> None:
    assert kana_of_right_size(["あ"], [0.5], ink_of("ぁ")) == ("あ",)


def test_unread_ink_after_the_last_character_is_found() -> None:
    before, after = unread(ink_of("失敗だ‼", 3))
    assert before is None
    assert after is not None
    assert abs((after.start + after.end) / 2 - (MARGIN + 3.5 * SIZE)) < 0.2 * SIZE


def test_unread_ink_before_the_first_character_is_found() -> None:
    before, after = unread(ink_of("ーだった", 3, skip=1))
    assert before is not None
    assert after is None


def test_a_line_that_was_read_to_its_ends_has_none() -> None:
    assert unread(ink_of("失敗だ")) == (None, None)


def test_a_line_in_which_nothing_was_read_has_none() -> None:
    assert unread(ink_of("失敗だ", 0)) == (None, None)


@pytest.mark.parametrize(("tail", "count"), [("ー", 1), ("ーー", 2), ("ーーー", 3), ("口", 0), ("‼", 0)])
def test_a_bar_is_as_many_dashes_as_it_is_long(tail: str, count: int) -> None:
    line = ink_of("夏だな" + tail, 3)
    first, last = MARGIN + 3 * SIZE, line.mask.shape[1]
    cells = line.runs(first, last, bridge=0.4 * SIZE)
    assert dashes(line, Cell(cells[0].start, cells[-1].end)) == count


def test_a_mark_is_cut_out_the_way_it_was_drawn() -> None:
    crop = turned("雨だ‼")
    cell = around(ink_of("雨だ‼"), 2)
    assert cell is not None
    image = upright(crop, cell)
    assert image.shape[1] == SIZE + 2 * MARGIN
    columns = (image[:, :, 0] < 128).any(axis=0).astype(int)
    assert (np.diff(columns) == 1).sum() == 2  # two strokes side by side


def test_a_crop_without_ink_is_no_error() -> None:
    line = LineInk.of(np.full((30, 90, 3), 255, np.uint8), [0.5])
    assert unread(line) == (None, None)
    assert around(line, 0) is None
    assert kana_of_right_size(["あ"], [0.1], line) == ("あ",)


@pytest.mark.parametrize(("text", "two"), [("!?", True), ("!!", True), ("!", False), ("?", False), ("", False)])
def test_marks_beside_each_other_are_told_from_one(text: str, two: bool) -> None:
    sheet = Sheet(70, 50)
    sheet.row(text, 15, 5, size=30)
    assert side_by_side(sheet.rgb) is two
