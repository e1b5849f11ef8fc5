"""A block's kind follows from its balloon, its tilt, its size and its place; doubt ends in what is translated."""

from __future__ import annotations

import math

import numpy as np
import pytest

from translator.pipeline.grouping import Block
from translator.pipeline.kinds import is_cloud, kind_of, settled
from translator.pipeline.tilt import tilt
from translator.pipeline.types import Balloon, Box, Detection, Kind, Polygon, Reading, Region, TextLine

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


FULL = Box(340, 290, 460, 510)


def read_as(
    text: str,
    was: Kind = Kind.DIALOGUE,
    *,
    around: Balloon | None = None,
    lean: int = 0,
    weakest: float = 0.9,
    dots: int = 0,
) -> Kind:
    """The kind of a region that was taken for ``was``, once ``text`` was read in it."""
    polygon = block(FULL, lean=lean).lines[0].polygon
    lines = (TextLine(FULL, polygon, 0.9, dots),)
    region = Region("r0001", FULL, FULL.polygon, was, True, 0.9, lines, balloon=around)
    detection = Detection((region,), np.zeros((1, 1), np.uint8))
    reading = Reading("r0001", text, 0.9, weakest=weakest if text else None)
    return settled(detection, {"r0001": reading}).regions[0].kind


@pytest.mark.parametrize("was", [Kind.DIALOGUE, Kind.NARRATION])
def test_what_nobody_can_read_outside_of_a_balloon_is_drawn(was: Kind) -> None:
    assert read_as("", was) is Kind.SFX
    assert read_as("", was, around=balloon(WINDING)) is Kind.SFX


def test_what_nobody_can_read_in_a_balloon_is_still_spoken() -> None:
    assert read_as("", around=balloon(OVAL)) is Kind.DIALOGUE


def test_a_row_of_dots_outside_of_a_balloon_is_no_sound() -> None:
    assert read_as("", dots=6) is Kind.DIALOGUE


def test_short_kana_that_lean_over_art_are_a_sound_and_upright_ones_are_spoken() -> None:
    assert read_as("もそ", lean=20) is Kind.SFX
    assert read_as("もそ") is Kind.DIALOGUE


@pytest.mark.parametrize("text", ["今日はもう", "うるさいなあ", "なに!?嘘", "198"])
def test_words_that_lean_over_art_are_spoken(text: str) -> None:
    assert read_as(text, lean=20) is Kind.DIALOGUE


def test_short_kana_that_lean_in_a_balloon_are_spoken() -> None:
    assert read_as("もそ", around=balloon(OVAL), lean=20) is Kind.DIALOGUE


def test_a_sentence_that_was_taken_for_a_sound_is_told_and_a_board_is_a_sign() -> None:
    assert read_as("夢の翼は", Kind.SFX) is Kind.NARRATION
    assert read_as("処分品セール", Kind.SFX) is Kind.SIGN


@pytest.mark.parametrize(
    ("text", "weakest"), [("ドドド", 0.9), ("★", 0.9), ("", 0.9), ("轟轟", 0.9), ("夢の翼は", 0.4)]
)
def test_a_sound_stays_one_where_the_reading_does_not_clearly_speak_against_it(text: str, weakest: float) -> None:
    assert read_as(text, Kind.SFX, weakest=weakest) is Kind.SFX


@pytest.mark.parametrize("was", [Kind.SIGN, Kind.PAGE_NUMBER])
def test_signs_and_page_numbers_that_cannot_be_read_stay_what_they_are(was: Kind) -> None:
    assert read_as("", was) is was


def test_a_part_of_a_text_that_another_page_reads_keeps_its_kind() -> None:
    region = Region("r0001", COLUMN, COLUMN.polygon, Kind.DIALOGUE, True, 0.9)
    detection = Detection((region,), np.zeros((1, 1), np.uint8))
    assert settled(detection, {}).regions == (region,)
