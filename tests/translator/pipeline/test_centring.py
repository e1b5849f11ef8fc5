"""A text is moved to where the air around it is even, by little, and only for more air."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from translator.pipeline.centring import centred
from translator.pipeline.layout import Layout
from translator.pipeline.letters import SetLine
from translator.pipeline.shape import rectangle_area
from translator.pipeline.types import Box

SIZE, THICKNESS = 20, 14
BALLOON = Box(100, 100, 200, 180)


def set_at(x: float, y: float, length: float = 80.0) -> Layout:
    return Layout((SetLine("HELLO THERE", x, y, length),), SIZE, 0.0)


def moved(layout: Layout) -> tuple[float, float]:
    line = centred(layout, rectangle_area(BALLOON), THICKNESS).lines[0]
    return line.along, line.across


@pytest.mark.parametrize(("x", "expected"), [(102.0, 110.0), (118.0, 110.0), (110.0, 110.0)])
def test_a_line_near_one_side_goes_to_the_middle(x: float, expected: float) -> None:
    assert moved(set_at(x, 133.0))[0] == pytest.approx(expected, abs=2)


def test_a_text_near_the_top_goes_down() -> None:
    assert moved(set_at(110.0, 102.0))[1] > 102.0


def test_a_text_with_plenty_of_air_stays_where_the_source_had_it() -> None:
    assert moved(set_at(125.0, 130.0, length=40.0)) == (125.0, 130.0)


def test_a_text_is_not_carried_across_its_balloon() -> None:
    x, _ = moved(set_at(100.0, 133.0, length=10.0))
    assert x <= 100.0 + 0.8 * SIZE + 2


def test_all_lines_move_together() -> None:
    layout = Layout((SetLine("ONE", 102.0, 120.0, 80.0), SetLine("TWO", 112.0, 140.0, 60.0)), SIZE, 0.0)
    first, second = centred(layout, rectangle_area(BALLOON), THICKNESS).lines
    assert (second.along - first.along, second.across - first.across) == (10.0, 20.0)


@given(st.integers(100, 160), st.integers(100, 160), st.integers(10, 60))
def test_a_text_never_gets_less_air(x: int, y: int, length: int) -> None:
    before, area = set_at(x, y, length), rectangle_area(BALLOON)
    after = centred(before, area, THICKNESS)
    air = [
        area.clearance(line.along, line.across, line.along + line.length, line.across + THICKNESS)
        for line in (before.lines[0], after.lines[0])
    ]
    assert min(air[1], 0.8 * SIZE) >= min(air[0], 0.8 * SIZE)
