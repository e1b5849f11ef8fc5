"""A found text belongs to the annotation that it fits, also where annotated boxes overlap."""

from __future__ import annotations

import pytest

from translator.evaluation.matching import covered, matched, owner
from translator.pipeline.types import Box

LARGE, SMALL = Box(0, 0, 100, 100), Box(60, 0, 100, 40)


@pytest.mark.parametrize(
    ("box", "expected"),
    [
        (Box(62, 2, 98, 38), 1),
        (Box(2, 20, 98, 98), 0),
        (Box(0, 50, 100, 100), 0),
        (Box(90, 0, 130, 40), None),
        (Box(200, 200, 300, 300), None),
        (Box(50, 50, 50, 50), None),
    ],
    ids=["the small one", "the large one", "half of the large one", "mostly outside", "elsewhere", "empty"],
)
def test_the_owner_is_the_box_that_fits(box: Box, expected: int | None) -> None:
    assert owner(box, [LARGE, SMALL]) == expected
    assert owner(box, [SMALL, LARGE]) == (None if expected is None else 1 - expected)


def test_without_annotations_nothing_has_an_owner() -> None:
    assert owner(LARGE, []) is None


def test_each_box_is_matched_once() -> None:
    assert matched([LARGE], [LARGE, Box(0, 0, 100, 90)]) == 1
    assert matched([LARGE, Box(0, 0, 100, 90)], [LARGE]) == 1
    assert matched([LARGE, SMALL], [SMALL, LARGE]) == 2
    assert matched([LARGE], [Box(0, 0, 100, 49)]) == 0


def test_covered_is_of_the_best_single_box() -> None:
    halves = [Box(0, 0, 40, 100), Box(40, 0, 100, 100)]
    assert covered(LARGE, halves) == pytest.approx(0.6)
    assert covered(LARGE, []) == 0.0
