"""Columns become blocks: one balloon's text is one, neighbours stay apart, furigana goes to its column."""

from __future__ import annotations

from translator.pipeline.grouping import Block, group, in_reading_order, is_tall
from translator.pipeline.types import Box, TextLine


def line(x0: int, y0: int, x1: int, y1: int) -> TextLine:
    box = Box(x0, y0, x1, y1)
    return TextLine(box, box.polygon, 0.9)


def grouped(*lines: TextLine, apart: bool = False, vertical: bool = True) -> tuple[Block, ...]:
    return group(lines, vertical=vertical, separated=lambda a, b: apart)


def _never(a: TextLine, b: TextLine) -> bool:
    return False


def _always(a: TextLine, b: TextLine) -> bool:
    return True


LEFT, RIGHT = line(100, 100, 130, 300), line(135, 100, 165, 260)


def test_columns_side_by_side_are_one_block_read_right_to_left() -> None:
    (block,) = grouped(LEFT, RIGHT)
    assert block.lines == (RIGHT, LEFT)
    assert block.vertical
    assert block.box == Box(100, 100, 165, 300)


def test_an_outline_between_two_columns_makes_two_blocks() -> None:
    assert len(grouped(LEFT, RIGHT, apart=True)) == 2


def test_columns_that_start_at_different_heights_belong_to_different_balloons() -> None:
    assert len(grouped(LEFT, line(135, 60, 165, 260))) == 2


def test_a_wide_gap_makes_two_blocks() -> None:
    assert len(grouped(LEFT, line(155, 100, 185, 260))) == 2


def test_furigana_may_stand_between_the_columns_of_one_balloon() -> None:
    (block,) = group([LEFT, line(160, 100, 190, 260)], vertical=True, separated=_never, together=_always)
    assert len(block.lines) == 2


def test_columns_of_one_balloon_far_apart_or_at_other_heights_are_two_texts() -> None:
    for other in (line(180, 100, 210, 260), line(160, 60, 190, 260)):
        assert len(group([LEFT, other], vertical=True, separated=_never, together=_always)) == 2


def test_lettering_of_another_size_is_another_text() -> None:
    assert len(grouped(LEFT, line(76, 100, 92, 260))) == 2


def test_a_column_broken_by_a_dash_is_one_column() -> None:
    upper, lower = line(100, 100, 130, 180), line(101, 190, 131, 300)
    (block,) = grouped(lower, upper)
    assert block.lines == (upper, lower)


def test_furigana_stays_out_of_the_lines() -> None:
    small = line(131, 120, 143, 170)
    (block,) = grouped(LEFT, small)
    assert block.lines == (LEFT,)
    assert block.ruby == (small,)


def test_a_thin_line_left_of_a_column_is_no_furigana() -> None:
    blocks = grouped(LEFT, line(85, 120, 97, 170))
    assert all(not block.ruby for block in blocks)


def test_furigana_of_another_balloon_is_not_taken() -> None:
    blocks = grouped(LEFT, line(131, 120, 143, 170), apart=True)
    assert all(not block.ruby for block in blocks)


def test_rows_are_one_block_read_downwards() -> None:
    upper, lower = line(100, 100, 300, 125), line(110, 135, 290, 160)
    (block,) = grouped(lower, upper)
    assert block.lines == (upper, lower)
    assert not block.vertical


def test_a_square_box_follows_the_lines_around_it() -> None:
    square = line(101, 305, 129, 333)
    (block,) = grouped(LEFT, square, vertical=False)
    assert block.vertical
    assert block.lines == (LEFT, square)


def test_a_lone_square_box_follows_the_page() -> None:
    assert is_tall(Box(0, 0, 30, 30)) is None
    assert grouped(line(0, 0, 30, 30), vertical=True)[0].vertical
    assert not grouped(line(0, 0, 30, 30), vertical=False)[0].vertical


def test_a_page_without_lines_has_no_blocks() -> None:
    assert grouped() == ()


def test_parts_of_a_row_are_read_left_to_right() -> None:
    first, second = line(0, 0, 80, 20), line(90, 1, 150, 21)
    assert in_reading_order([second, first], vertical=False) == (first, second)


def leaning(x0: int, y0: int, x1: int, y1: int) -> TextLine:
    """A column of the given box whose foot stands left of its head."""
    by = round(0.4 * (x1 - x0))
    return TextLine(Box(x0, y0, x1, y1), ((x0 + by, y0), (x1, y0), (x1 - by, y1), (x0, y1)), 0.9)


def test_lettering_that_leans_below_a_column_is_another_text() -> None:
    upright = line(100, 100, 130, 200)
    assert len(grouped(upright, line(98, 205, 140, 290))) == 1
    assert len(grouped(upright, leaning(98, 205, 140, 290))) == 2


def test_columns_that_lean_together_are_one_text() -> None:
    assert len(grouped(leaning(100, 100, 140, 300), leaning(144, 100, 184, 290))) == 1


def test_of_a_short_line_nobody_can_tell_whether_it_leans() -> None:
    assert len(grouped(line(100, 100, 130, 200), leaning(100, 205, 130, 235))) == 1


def test_lines_at_the_ends_of_a_strip_are_not_compared() -> None:
    far = [line(100, 400 * number, 130, 400 * number + 200) for number in range(40)]
    asked: list[tuple[TextLine, TextLine]] = []

    def parts(first: TextLine, second: TextLine) -> bool:
        asked.append((first, second))
        return False

    assert len(group(far, vertical=True, separated=parts, together=parts)) == 40
    assert asked == []
