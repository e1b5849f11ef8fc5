"""Who reads a page's document is told which texts were left as drawn."""

from __future__ import annotations

import numpy as np

from translator.pipeline.types import Box, Kind, Region, TextLine
from translator.pipeline.uncleaned import left_as_drawn

LINE = Box(10, 10, 20, 50)
PAGE = np.full((80, 80, 3), 200, np.uint8)
MASK = np.full((80, 80), 255, np.uint8)


def region(name: str, line: Box = LINE) -> Region:
    box = line.pad(5, width=80, height=80)
    return Region(name, box, box.polygon, Kind.NARRATION, True, 1.0, (TextLine(line, line.polygon, 1.0),))


def test_a_text_that_is_still_there_is_named() -> None:
    assert left_as_drawn(PAGE, PAGE.copy(), MASK, [region("r0003")]) == ("r0003",)


def test_a_text_that_is_gone_is_not() -> None:
    plate = PAGE.copy()
    plate[12, 12] = 0
    assert left_as_drawn(PAGE, plate, MASK, [region("r0003")]) == ()


def test_what_was_changed_beside_a_text_is_no_cleaning_of_it() -> None:
    plate = PAGE.copy()
    plate[60:] = 0
    two = [region("r0001"), region("r0002", Box(10, 55, 40, 75))]
    assert left_as_drawn(PAGE, plate, MASK, two) == ("r0001",)


def test_a_page_without_texts_has_nothing_to_tell() -> None:
    assert left_as_drawn(PAGE, PAGE, MASK, []) == ()


def test_where_nothing_was_marked_there_was_nothing_to_clean() -> None:
    assert left_as_drawn(PAGE, PAGE, np.zeros_like(MASK), [region("r0001")]) == ()
