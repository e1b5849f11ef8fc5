"""A translation beside lettering that stays: small, outlined, clear of everything, or not at all."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from translator.pipeline.annotate import LEAST_PX
from translator.pipeline.fonts import FontBook
from translator.pipeline.types import Balloon, Box, Kind, Origin, Placement, Region, Rgb, TextLine, Translation, Typeset
from translator.pipeline.typeset import NO_ROOM, NO_TEXT, BalloonTypesetter

FONTS = Path(__file__).parents[3] / "fonts"
WIDTH, HEIGHT = 830, 1170


@pytest.fixture(scope="module")
def typesetter() -> BalloonTypesetter:
    return BalloonTypesetter(FontBook(FONTS))


def paper(value: int = 255) -> Rgb:
    return np.full((HEIGHT, WIDTH, 3), value, np.uint8)


def effect(name: str, box: Box, *, balloon: Balloon | None = None, kind: Kind = Kind.SFX) -> Region:
    line = TextLine(box, box.polygon, 1.0)
    return Region(name, box, box.polygon, kind, box.height > box.width, 1.0, (line,), (), balloon)


def annotate(
    typesetter: BalloonTypesetter,
    plate: Rgb,
    effects: list[Region],
    text: str = "Rumble",
    *,
    target: str = "en",
    kept: tuple[Box, ...] = (),
    panels: tuple[Box, ...] = (),
    spoken: tuple[Region, ...] = (),
) -> Typeset:
    """Every one of ``effects`` is annotated with ``text``, ``spoken`` ones are set as usual."""
    every = [*spoken, *effects]
    texts = [Translation(region.id, text, Origin.MODEL) for region in every]
    lettering = [region.box for region in effects]
    names = {region.id for region in effects}
    return typesetter.typeset(
        plate, every, texts, target=target, panels=panels, kept=(*kept, *lettering), annotated=names
    )


def ink(placement: Placement) -> Box:
    boxes = [
        Box(line.origin_xy[0], line.origin_xy[1], line.origin_xy[0] + line.width, line.origin_xy[1] + line.height)
        for line in placement.lines
    ]
    around = boxes[0]
    for box in boxes[1:]:
        around = around.union(box)
    return around


def gap(a: Box, b: Box) -> float:
    dx = max(a.x0 - b.x1, b.x0 - a.x1, 0)
    dy = max(a.y0 - b.y1, b.y0 - a.y1, 0)
    return float(np.hypot(dx, dy))


LETTERING = Box(300, 400, 360, 620)


def test_it_stands_near_its_lettering_and_not_on_it(typesetter: BalloonTypesetter) -> None:
    (placement,) = annotate(typesetter, paper(), [effect("e", LETTERING)]).placements
    assert ink(placement).intersection(LETTERING).area == 0
    assert 0 < gap(ink(placement), LETTERING) <= 2 * placement.size_px


def test_it_is_smaller_than_speech_but_readable(typesetter: BalloonTypesetter) -> None:
    balloon = Balloon(Box(500, 100, 700, 300), Box(500, 100, 700, 300).polygon, (255, 255, 255))
    said = effect("s", Box(570, 150, 630, 250), balloon=balloon, kind=Kind.DIALOGUE)
    speech, note = annotate(typesetter, paper(), [effect("e", LETTERING)], spoken=(said,)).placements
    assert LEAST_PX <= note.size_px < speech.size_px


@pytest.mark.parametrize("size", [(120, 160), (300, 420)])
def test_letters_never_get_too_small_to_be_read(typesetter: BalloonTypesetter, size: tuple[int, int]) -> None:
    plate = np.full((*size[::-1], 3), 255, np.uint8)
    (placement,) = annotate(typesetter, plate, [effect("e", Box(10, 10, 30, 60))], "Bam").placements
    assert placement.size_px >= LEAST_PX


@pytest.mark.parametrize(("ground", "fill"), [(255, (0, 0, 0)), (20, (255, 255, 255))])
def test_it_always_has_an_outline_that_sets_it_off(
    typesetter: BalloonTypesetter, ground: int, fill: tuple[int, int, int]
) -> None:
    (placement,) = annotate(typesetter, paper(ground), [effect("e", LETTERING)]).placements
    assert placement.fill_rgb == fill
    assert placement.stroke_rgb == tuple(255 - value for value in fill)
    assert placement.stroke_px >= 2


def test_the_lettering_is_not_touched(typesetter: BalloonTypesetter) -> None:
    plate = paper()
    plate[LETTERING.y0 : LETTERING.y1, LETTERING.x0 : LETTERING.x1] = np.random.default_rng(1).integers(
        0, 256, (LETTERING.height, LETTERING.width, 3), np.uint8
    )
    done = annotate(typesetter, plate, [effect("e", LETTERING)])
    part = np.s_[LETTERING.y0 : LETTERING.y1, LETTERING.x0 : LETTERING.x1]
    assert np.array_equal(done.rgb[part], plate[part])
    assert not np.array_equal(done.rgb, plate)


def test_nothing_is_set_over_other_lettering_other_texts_or_each_other(typesetter: BalloonTypesetter) -> None:
    kept = tuple(Box(200 + 90 * n, 640, 280 + 90 * n, 760) for n in range(5))
    effects = [effect(f"e{n}", Box(220 + 130 * n, 400, 260 + 130 * n, 620)) for n in range(4)]
    done = annotate(typesetter, paper(), effects, "Rumble rumble", kept=kept)
    inks = [ink(placement) for placement in done.placements]
    assert len(inks) == 4
    for index, box in enumerate(inks):
        others = [*kept, *(region.box for region in effects), *inks[:index]]
        assert not [other for other in others if box.intersection(other).area]


def test_it_stays_clear_of_the_balloons_of_others(typesetter: BalloonTypesetter) -> None:
    plate = paper(200)
    points = np.asarray(cv2.ellipse2Poly((480, 500), (110, 140), 0, 0, 360, 4), np.int32)
    contour = tuple((int(x), int(y)) for x, y in points)
    cv2.fillPoly(plate, [points], (255, 255, 255))
    balloon = Balloon(Box(370, 360, 591, 641), contour, (255, 255, 255))
    said = effect("s", Box(450, 430, 510, 570), balloon=balloon, kind=Kind.DIALOGUE)
    done = annotate(typesetter, plate, [effect("e", LETTERING)], "Ba-dump", spoken=(said,))
    note = next(placement for placement in done.placements if placement.region_id == "e")
    covered = np.zeros((HEIGHT, WIDTH), np.uint8)
    cv2.fillPoly(covered, [points], 1)
    box = ink(note)
    assert not covered[box.y0 : box.y1, box.x0 : box.x1].any()


def test_it_does_not_cross_the_outline_of_its_own_balloon(typesetter: BalloonTypesetter) -> None:
    box = Box(280, 380, 400, 640)
    own = effect("e", LETTERING, balloon=Balloon(box, box.polygon, (255, 255, 255)), kind=Kind.NARRATION)
    (placement,) = annotate(typesetter, paper(), [own], "The night the star fell").placements
    shared = ink(placement).intersection(box).area
    assert shared in (0, ink(placement).area)


def test_it_stays_in_its_panel(typesetter: BalloonTypesetter) -> None:
    panel = Box(250, 350, 420, 700)
    (placement,) = annotate(typesetter, paper(), [effect("e", LETTERING)], "Rumble rumble", panels=(panel,)).placements
    assert ink(placement).intersection(panel) == ink(placement)


def test_quiet_ground_is_better_than_busy_art(typesetter: BalloonTypesetter) -> None:
    plate = paper()
    noise = np.random.default_rng(2).integers(0, 256, (HEIGHT, WIDTH - LETTERING.x1 - 4, 3), np.uint8)
    plate[:, LETTERING.x1 + 4 :] = noise
    (placement,) = annotate(typesetter, plate, [effect("e", LETTERING)]).placements
    assert ink(placement).x1 <= LETTERING.x1 + 4


def test_leaning_lettering_leaves_its_corners_free(typesetter: BalloonTypesetter) -> None:
    leaning = ((300, 400), (330, 400), (560, 620), (530, 620))
    box = Box(300, 400, 560, 620)
    line = TextLine(box, leaning, 1.0)
    region = Region("e", box, leaning, Kind.SFX, False, 1.0, (line,))
    panel = Box(295, 395, 565, 625)
    done = annotate(typesetter, paper(), [region], "Zoom", panels=(panel,))
    (placement,) = done.placements
    letters = np.zeros((HEIGHT, WIDTH), np.uint8)
    cv2.fillPoly(letters, [np.array(leaning, np.int32)], 1)
    spot = ink(placement)
    assert not letters[spot.y0 : spot.y1, spot.x0 : spot.x1].any()
    assert spot.intersection(panel) == spot


def test_where_there_is_no_room_nothing_is_set_and_that_is_told(typesetter: BalloonTypesetter) -> None:
    panel = Box(295, 395, 365, 625)
    plate = paper()
    done = annotate(typesetter, plate, [effect("e", LETTERING)], panels=(panel,))
    assert (done.placements, done.omitted) == ((), {"e": NO_ROOM})
    assert done.warnings == (f"typeset: region e: {NO_ROOM}",)
    assert np.array_equal(done.rgb, plate)


def test_a_text_that_no_font_has_is_told(typesetter: BalloonTypesetter) -> None:
    done = annotate(typesetter, paper(), [effect("e", LETTERING)], "\u1234\u1235")
    assert done.omitted == {"e": NO_TEXT}
    assert "U+1234" in done.warnings[0]


@pytest.mark.parametrize(
    ("target", "text"), [("ko", "우르릉"), ("zh-Hans", "轰隆隆"), ("ru", "Гром"), ("ja", "ゴゴゴ")]
)
def test_it_is_set_in_rows_in_every_script(typesetter: BalloonTypesetter, target: str, text: str) -> None:
    (placement,) = annotate(typesetter, paper(), [effect("e", LETTERING)], text, target=target).placements
    assert not placement.vertical
    assert "".join(line.text for line in placement.lines).replace(" ", "").lower() == text.lower()
