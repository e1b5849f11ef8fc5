"""A block's kind follows from its balloon, its tilt, its size and its place; doubt ends in what is translated."""

from __future__ import annotations

import math

import pytest

from translator.pipeline.grouping import Block
from translator.pipeline.kinds import is_cloud, kind_of
from translator.pipeline.tilt import tilt
from translator.pipeline.types import Balloon, Box, Kind, Polygon, TextLine

PAGE = Box(0, 0, 830, 1170)
PANELS = (Box(60, 60, 770, 1100),)


def ring(radius: object, points: int = 360) -> Polygon:
    """A closed contour whose radius is a function of the angle."""
    assert callable(radius)
    angles = [2 * math.pi * i / points for i in range(points)]
    return tuple((round(400 + radius(a) * math.cos(a)), round(400 + radius(a) * math.sin(a))) for a in angles)


def balloon(contour: Polygon) -> Balloon:
    xs, ys = [x for x, _ in contour], [y for _, y in contour]
    return Balloon(Box(min(xs), min(ys), max(xs), max(ys)), contour, (255, 255, 255))


OVAL = ring(lambda a: 150)
CLOUD = ring(lambda a: 130 + 40 * abs(math.sin(4.5 * a)))
BURST = ring(lambda a: 170 - 60 * abs(math.sin(7 * a)))


def block(box: Box, *, vertical: bool = True, lean: int = 0, lines: int = 1) -> Block:
    polygon = ((box.x0 + lean, box.y0), (box.x1 + lean, box.y0), (box.x1, box.y1), (box.x0, box.y1))
    return Block((TextLine(box, polygon, 0.9),) * lines, (), vertical)


def kind(given: Block, around: Balloon | None = None, *, mostly_vertical: bool = True) -> Kind:
    return kind_of(given, around, page=PAGE, usual_thickness=30, mostly_vertical=mostly_vertical, panels=PANELS)


COLUMN = Box(400, 300, 430, 500)


@pytest.mark.parametrize(
    ("contour", "expected"),
    [
        (OVAL, Kind.DIALOGUE),
        (BURST, Kind.DIALOGUE),
        (CLOUD, Kind.THOUGHT),
        (Box(300, 300, 400, 600).polygon, Kind.NARRATION),
    ],
)
def test_the_shape_of_the_balloon_tells_the_kind(contour: Polygon, expected: Kind) -> None:
    assert kind(block(COLUMN), balloon(contour)) is expected


def test_only_bulging_arcs_are_a_cloud() -> None:
    assert is_cloud(CLOUD)
    assert not is_cloud(BURST)
    assert not is_cloud(OVAL)


def test_straight_text_over_art_is_narration() -> None:
    assert kind(block(COLUMN)) is Kind.NARRATION


def test_tilted_or_huge_text_over_art_is_a_sound() -> None:
    assert kind(block(COLUMN, lean=60)) is Kind.SFX
    assert kind(block(Box(300, 300, 380, 600))) is Kind.SFX


def test_huge_text_in_a_balloon_is_spoken() -> None:
    assert kind(block(Box(300, 300, 380, 600)), balloon(OVAL)) is Kind.DIALOGUE


def test_a_row_over_art_on_a_page_of_columns_is_a_sign() -> None:
    row = block(Box(300, 300, 500, 330), vertical=False)
    assert kind(row) is Kind.SIGN
    assert kind(row, mostly_vertical=False) is Kind.NARRATION


def test_digits_in_the_margin_are_a_page_number() -> None:
    assert kind(block(Box(60, 1130, 90, 1150), vertical=False)) is Kind.PAGE_NUMBER


def test_small_text_inside_a_panel_is_no_page_number() -> None:
    assert kind(block(Box(400, 1075, 430, 1095), vertical=False)) is not Kind.PAGE_NUMBER


@pytest.mark.parametrize(("lean", "expected"), [(0, 0), (35, 9.9), (-35, -9.9)])
def test_tilt_is_measured_off_the_nearer_direction(lean: int, expected: float) -> None:
    assert abs(tilt(block(Box(0, 0, 30, 200), lean=lean).lines[0].polygon)) == pytest.approx(abs(expected), abs=0.2)


def test_a_number_that_bounds_what_was_taken_for_a_panel_is_a_page_number() -> None:
    number = block(Box(780, 1130, 800, 1150))
    found = kind_of(number, None, page=PAGE, usual_thickness=30, mostly_vertical=True, panels=(Box(0, 600, 802, 1152),))
    assert found is Kind.PAGE_NUMBER


def test_a_word_well_inside_a_panel_is_no_page_number() -> None:
    number = block(Box(600, 1110, 620, 1130))
    found = kind_of(number, None, page=PAGE, usual_thickness=30, mostly_vertical=True, panels=(Box(0, 600, 830, 1170),))
    assert found is not Kind.PAGE_NUMBER


def test_a_board_that_leans_is_a_sign_and_an_upright_box_narration() -> None:
    upright = ((300, 250), (500, 250), (500, 600), (300, 600))
    leaning = ((310, 250), (510, 262), (490, 612), (290, 600))
    assert kind(block(COLUMN), balloon(upright)) is Kind.NARRATION
    assert kind(block(COLUMN), balloon(leaning)) is Kind.SIGN


WINDING: Polygon = ((330, 240), (520, 240), (520, 640), (330, 640), (330, 560), (480, 560), (480, 280), (330, 280))


def test_columns_that_lean_on_a_sheet_of_paper_are_a_sign() -> None:
    assert kind(block(COLUMN, lean=60, lines=2), balloon(WINDING)) is Kind.SIGN


def test_lettering_that_leans_in_a_corner_of_white_is_a_sound() -> None:
    assert kind(block(COLUMN, lean=60), balloon(WINDING)) is Kind.SFX


def test_upright_text_in_a_doubtful_shape_and_leaning_text_in_a_balloon_are_spoken() -> None:
    assert kind(block(COLUMN), balloon(WINDING)) is Kind.DIALOGUE
    assert kind(block(Box(340, 290, 460, 510), lean=60), balloon(OVAL)) is Kind.DIALOGUE


def test_a_balloon_cut_by_its_panels_corner_and_a_box_with_round_corners_are_spoken() -> None:
    corner = ((300, 250), (560, 250), (566, 330), (560, 400), (540, 480), (500, 560), (480, 600), (300, 600))
    rounded = tuple(
        (
            round(430 + 130 * abs(x) ** 0.35 * (1 if x > 0 else -1)),
            round(400 + 150 * abs(y) ** 0.35 * (1 if y > 0 else -1)),
        )
        for x, y in ((math.cos(a / 57.3), math.sin(a / 57.3)) for a in range(0, 360, 4))
    )
    assert kind(block(COLUMN), balloon(corner)) is Kind.DIALOGUE
    assert kind(block(COLUMN), balloon(rounded)) is Kind.DIALOGUE


def test_shallow_arcs_are_a_cloud_and_a_wavering_outline_is_none() -> None:
    assert is_cloud(ring(lambda a: 150 + 22 * abs(math.sin(5 * a))))
    assert not is_cloud(ring(lambda a: 150 + 14 * math.sin(11 * a)))
