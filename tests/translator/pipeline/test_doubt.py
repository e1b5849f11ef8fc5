"""A balloon is drawn around its text; a corner of white paper is not."""

from __future__ import annotations

import math

import pytest

from translator.pipeline.doubt import is_doubtful
from translator.pipeline.types import Balloon, Box, Polygon

TEXT = Box(350, 300, 450, 500)


def ring(rx: int, ry: int, *, spikes: float = 0.0) -> Polygon:
    angles = [2 * math.pi * i / 180 for i in range(180)]
    sizes = [1 - spikes * abs(math.sin(9 * a)) for a in angles]
    return tuple(
        (round(400 + rx * s * math.cos(a)), round(400 + ry * s * math.sin(a)))
        for a, s in zip(angles, sizes, strict=True)
    )


def balloon(contour: Polygon) -> Balloon:
    xs, ys = [x for x, _ in contour], [y for _, y in contour]
    return Balloon(Box(min(xs), min(ys), max(xs), max(ys)), contour, (255, 255, 255))


@pytest.mark.parametrize(
    "contour", [ring(90, 150), ring(110, 170, spikes=0.12), Box(330, 280, 470, 520).polygon], ids=str
)
def test_a_shape_around_its_text_is_sure(contour: Polygon) -> None:
    assert not is_doubtful(balloon(contour), TEXT)


def test_text_over_art_is_doubtful() -> None:
    assert is_doubtful(None, TEXT)


def test_a_text_in_the_corner_of_a_shape_is_doubtful() -> None:
    assert is_doubtful(balloon(Box(340, 290, 600, 620).polygon), TEXT)


def test_a_shape_with_much_room_to_spare_is_doubtful() -> None:
    assert is_doubtful(balloon(ring(190, 320)), TEXT)


def test_an_area_that_winds_around_a_figure_is_doubtful() -> None:
    winding = ((300, 260), (500, 260), (500, 540), (300, 540), (300, 480), (460, 480), (460, 320), (300, 320))
    assert is_doubtful(balloon(winding), TEXT)


def test_a_text_of_no_size_is_doubtful() -> None:
    assert is_doubtful(balloon(ring(90, 150)), Box(400, 400, 400, 400))
