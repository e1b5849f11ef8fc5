"""The parts the pages are drawn with: tone, strokes, curves, markup, panels."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from random import Random

import numpy as np
import pytest

from sample.balloon import Balloon, Shape, tails
from sample.canvas import SCALE, Canvas, shrink
from sample.cat import Cat
from sample.effect import FocusLines, Hatching, SpeedLines
from sample.errors import MarkupError
from sample.face import Mood
from sample.geometry import Frame, bounds, ellipse, rectangle, rotate, spline
from sample.girl import Girl, Pose
from sample.markup import parse
from sample.panel import Drawing, Panel, draw_panel
from sample.star import Star

SQUARE = rectangle(0, 0, 120, 120)


@pytest.mark.parametrize("density", [0.0, 0.1, 0.3, 0.5, 0.8, 1.0])
def test_tone_is_as_dark_as_it_says(density: float) -> None:
    canvas = Canvas((0, 0, 120, 120))
    canvas.tone(SQUARE, density)
    assert (canvas.grey == 0).mean() == pytest.approx(density, abs=0.02)


def test_graded_tone_runs_from_top_to_bottom() -> None:
    canvas = Canvas((0, 0, 120, 120))
    canvas.tone(SQUARE, (0.1, 0.7))
    thirds = [(part == 0).mean() for part in np.array_split(canvas.grey, 3)]
    assert thirds == sorted(thirds)
    assert thirds[2] - thirds[0] > 0.3


def test_tone_lines_up_across_parts_of_a_page() -> None:
    whole, part = Canvas((0, 0, 120, 120)), Canvas((37, 51, 120, 120))
    for canvas in (whole, part):
        canvas.tone(SQUARE, 0.4)
    assert np.array_equal(whole.grey[51 * SCALE :, 37 * SCALE :], part.grey)


def test_a_stroke_is_as_wide_as_it_says_and_can_taper() -> None:
    canvas = Canvas((0, 0, 100, 40))
    canvas.stroke([(5, 20), (95, 20)], [1.0, 9.0, 1.0])
    widths = (canvas.grey == 0).sum(axis=0) / SCALE
    assert widths[50 * SCALE] == pytest.approx(9.0, abs=0.8)
    assert widths[15 * SCALE] < 4


def test_a_canvas_keeps_what_falls_outside_to_itself() -> None:
    canvas = Canvas((0, 0, 30, 30))
    canvas.fill([(-1e9, -1e9), (1e9, -1e9), (1e9, 1e9), (-1e9, 1e9)], 0)
    canvas.stroke([(-50, 15), (80, 15)], 3, 255)
    canvas.tone(rectangle(200, 200, 300, 300), 1.0)
    assert canvas.grey.min() == 0
    assert canvas.pixels()[15, 15] > 128


def test_shrinking_takes_means() -> None:
    cells = np.zeros((SCALE, 2 * SCALE), np.uint8)
    cells[:, SCALE:] = 255
    cells[0, 0] = 90
    assert shrink(cells).tolist() == [[10, 255]]


def test_a_panel_cuts_its_art_off_at_its_corners() -> None:
    canvas = Canvas((0, 0, 60, 60))
    flood = FocusLines((30, 30), (1, 1), count=400, width=20)
    draw_panel(canvas, Panel(((10, 10), (50, 10), (50, 50), (10, 50)), (flood,), border=False), Random(1))
    grey = canvas.pixels()
    assert (grey[:9] == 255).all()
    assert (grey[:, :9] == 255).all()
    assert grey[12:48, 12:48].mean() < 128


def test_hatching_stays_within_its_corners() -> None:
    canvas = Canvas((0, 0, 60, 60))
    Hatching(((20, 20), (40, 20), (40, 40), (20, 40)), cross=True).draw(canvas, Random(1))
    grey = canvas.pixels()
    assert grey[20:40, 20:40].mean() < 230
    grey[19:41, 19:41] = 255
    assert (grey == 255).all()


FIGURES: list[Drawing] = [
    *(Girl((60, 40), 22, mood, turn=0.5) for mood in Mood),
    *(Girl((60, 40), 22, pose=pose, rim=3) for pose in Pose),
    Girl((60, 40), 22, back=True, flip=True),
    *(Cat((60, 50), 26, mood) for mood in Mood),
    *(Star((60, 60), 40, mood, tear=True, glow=0.5) for mood in Mood),
    SpeedLines((0, 0, 120, 120), 30),
]


@pytest.mark.parametrize("figure", FIGURES, ids=repr)
def test_a_figure_draws_the_same_each_time_and_leaves_ink(figure: Drawing) -> None:
    one, two = Canvas((0, 0, 120, 130)), Canvas((0, 0, 120, 130))
    figure.draw(one, Random(3))
    figure.draw(two, Random(3))
    assert np.array_equal(one.grey, two.grey)
    assert 0.01 < (one.grey == 0).mean() < 0.9


@pytest.mark.parametrize("figure", [Girl, Cat, Star])
def test_each_mood_of_a_figure_has_a_face_of_its_own(figure: type[Girl | Cat | Star]) -> None:
    faces = set()
    for mood in Mood:
        canvas = Canvas((0, 0, 200, 200))
        figure((100, 100), 80, mood).draw(canvas, Random(3))
        faces.add(canvas.grey.tobytes())
    assert len(faces) >= 6


def test_a_rim_makes_a_figure_stand_out_from_black() -> None:
    bright = []
    for rim in (0.0, 4.0):
        canvas = Canvas((0, 0, 120, 130), paper=0)
        Girl((60, 40), 22, rim=rim).draw(canvas, Random(3))
        bright.append((canvas.grey == 255).mean())
    assert bright[1] > bright[0] * 1.1


def test_a_tail_ends_at_its_tip() -> None:
    (tail,) = tails(Balloon(tail=(200, 300)), (100, 100), (40, 60))
    assert np.hypot(*(tail - [200, 300]).T).min() < 1e-6
    assert tails(Balloon(), (100, 100), (40, 60)) == ()
    assert len(tails(Balloon(Shape.CLOUD, (200, 300), bubbles=True), (100, 100), (40, 60))) == 3


def test_turning_is_clockwise_on_a_page_whose_y_points_down() -> None:
    assert rotate([(1, 0)], 90)[0] == pytest.approx([0, 1])
    assert Frame((10, 20), 2, flip=True)([(1, 1)])[0] == pytest.approx([8, 22])


def test_a_curve_runs_through_its_points_and_closes() -> None:
    corners = [(0, 0), (10, 0), (10, 10), (0, 10)]
    curve = spline(corners, closed=True, steps=8)
    for corner in corners:
        assert np.hypot(*(curve - corner).T).min() < 1e-9
    assert spline([(0, 0), (5, 5)]).tolist() == [[0, 0], [5, 5]]
    assert bounds(ellipse((5, 5), 3, 2)) == pytest.approx((2, 3, 8, 7), abs=1e-6)


def test_markup_is_taken_apart() -> None:
    marked = parse("{東京|とうきょう}へ\n{行|い}く")
    assert marked.lines == ("東京へ", "行く")
    assert marked.plain == "東京へ行く"
    assert [(r.start, r.end, r.text) for r in marked.ruby] == [(0, 2, "とうきょう"), (3, 4, "い")]


def test_markup_names_where_it_breaks() -> None:
    with pytest.raises(MarkupError, match="at 2 of"):
        parse("ああ{")


def test_specs_cannot_be_changed() -> None:
    girl = Girl((0, 0), 10)
    with pytest.raises(FrozenInstanceError):
        girl.size = 20  # type: ignore[misc]
