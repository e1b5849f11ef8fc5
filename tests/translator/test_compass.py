"""When a chapter's direction is settled, and by which of its pages."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from translator.compass import Compass
from translator.pipeline.direction import Evidence, settle, total
from translator.pipeline.types import ReadingDirection

COLUMNS, ROWS, BLANK = Evidence(vertical=0.2, pages=1), Evidence(horizontal=0.2, pages=1), Evidence(pages=1)
PIECE = Evidence(horizontal=0.1, strips=1, pages=1)


def compass(*, waits: bool = True) -> Compass[int]:
    return Compass(lambda pages: settle(total(pages), "ja"), waits=waits)


def released(found: Compass[int], pages: Sequence[Evidence]) -> list[list[int]]:
    return [found.add(page, number) for number, page in enumerate(pages, start=1)]


def test_pages_wait_for_three_with_lettering_and_then_none_does() -> None:
    found = compass()
    assert released(found, [BLANK, COLUMNS, ROWS, COLUMNS, ROWS]) == [[], [], [], [1, 2, 3, 4], [5]]
    assert found.direction is ReadingDirection.RTL


def test_what_comes_later_changes_nothing() -> None:
    found = compass()
    released(found, [COLUMNS, COLUMNS, COLUMNS, *[ROWS] * 20])
    assert found.direction is ReadingDirection.RTL


def test_two_pieces_of_a_strip_settle_it_though_the_first_page_is_a_cover() -> None:
    found = compass()
    assert released(found, [BLANK, PIECE, PIECE]) == [[], [], [1, 2, 3]]
    assert found.direction is ReadingDirection.WEBTOON


def test_no_page_waits_for_more_than_eight() -> None:
    found = compass()
    assert released(found, [BLANK] * 9)[7:] == [[1, 2, 3, 4, 5, 6, 7, 8], [9]]


def test_a_chapter_that_ends_before_is_settled_by_what_it_has() -> None:
    found = compass()
    assert released(found, [ROWS, ROWS]) == [[], []]
    assert found.end() == [1, 2]
    assert found.direction is ReadingDirection.LTR


def test_a_chapter_without_pages_settles_nothing() -> None:
    found = compass()
    assert found.end() == []
    assert found.direction is None


def test_where_pages_must_not_wait_the_first_settles_it() -> None:
    found = compass(waits=False)
    assert released(found, [ROWS, COLUMNS]) == [[1], [2]]
    assert found.direction is ReadingDirection.LTR


@pytest.mark.parametrize("direction", [ReadingDirection.LTR, ReadingDirection.WEBTOON])
def test_what_was_settled_before_holds(direction: ReadingDirection) -> None:
    found = compass()
    found.direction = direction
    assert released(found, [COLUMNS, COLUMNS, COLUMNS]) == [[1], [2], [3]]
    assert found.direction is direction
