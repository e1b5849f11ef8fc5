"""A balloon's outline keeps its distance: letters get a little smaller for it, and a lobe lends its neck."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from translator.pipeline.fonts import FontBook
from translator.pipeline.sizes import size_range
from translator.pipeline.types import Balloon, Box, Kind, Origin, Placement, Region, TextLine, Translation, Typeset
from translator.pipeline.typeset import BalloonTypesetter

FONTS = Path(__file__).parents[3] / "fonts"
WIDTH, HEIGHT = 830, 1170
WHITE = (255, 255, 255)


@pytest.fixture(scope="module")
def typesetter() -> BalloonTypesetter:
    return BalloonTypesetter(FontBook(FONTS))


def oval(plate: np.ndarray, x: int, y: int, rx: int, ry: int) -> Balloon:
    cv2.ellipse(plate, (x, y), (rx + 3, ry + 3), 0, 0, 360, (0, 0, 0), 3, cv2.LINE_AA)
    cv2.ellipse(plate, (x, y), (rx, ry), 0, 0, 360, WHITE, -1, cv2.LINE_AA)
    contour = tuple((int(a), int(b)) for a, b in cv2.ellipse2Poly((x, y), (rx, ry), 0, 0, 360, 2))
    return Balloon(Box(x - rx, y - ry, x + rx + 1, y + ry + 1), contour, WHITE)


def place(name: str, box: Box, balloon: Balloon, letter: int = 30) -> Region:
    lines = tuple(TextLine(Box(x, box.y0, x + letter, box.y1), box.polygon, 1.0) for x in range(box.x0, box.x1, letter))
    return Region(name, box, box.polygon, Kind.DIALOGUE, True, 1.0, lines, (), balloon)


def air(balloon: Balloon, placement: Placement) -> float:
    """The least distance of a line's frame to the balloon's edge, in letter sizes: below 0 outside."""
    contour = np.array(balloon.contour, np.int32).reshape(-1, 1, 2)
    corners = [
        (float(x), float(y))
        for line in placement.lines
        for x in (line.origin_xy[0], line.origin_xy[0] + line.width - 1)
        for y in (line.origin_xy[1], line.origin_xy[1] + line.height - 1)
    ]
    return min(cv2.pointPolygonTest(contour, corner, True) for corner in corners) / placement.size_px


def in_oval(
    typesetter: BalloonTypesetter, text: str, rx: int, *, own_x: int = 400, letter: int = 30, ry: int = 100
) -> tuple[Balloon, Placement]:
    """Beside two roomy texts that set the page's size."""
    plate = np.full((HEIGHT, WIDTH, 3), 150, np.uint8)
    balloon = oval(plate, 400, 300, rx, ry)
    places = [place("own", Box(own_x - letter // 2, 250, own_x + letter // 2, 350), balloon, letter)]
    for name, x in (("left", 200), ("right", 600)):
        places.append(place(name, Box(x - 30, 700, x + 30, 800), oval(plate, x, 750, 130, 130)))
    texts = [Translation(one.id, text if one.id == "own" else "An ordinary text.", Origin.USER) for one in places]
    return balloon, typesetter.typeset(plate, places, texts, target="en").placements[0]


@pytest.mark.parametrize(
    ("text", "rx"), [("Excuse me...", 36), ("Really?!", 36), ("Thank you.", 32), ("Who is stupid!!", 36)]
)
def test_a_text_has_air_all_round(typesetter: BalloonTypesetter, text: str, rx: int) -> None:
    balloon, placement = in_oval(typesetter, text, rx)
    assert air(balloon, placement) >= 0.22
    assert placement.size_px >= 0.7 * size_range(WIDTH, HEIGHT, 30).wanted


def test_half_a_letter_of_air_is_left_where_there_is_room(typesetter: BalloonTypesetter) -> None:
    balloon, placement = in_oval(typesetter, "Is that so?", 80)
    assert air(balloon, placement) >= 0.45


def test_air_is_not_bought_with_tiny_letters(typesetter: BalloonTypesetter) -> None:
    _, placement = in_oval(typesetter, "Balloons?", 40)
    assert placement.size_px >= 0.6 * size_range(WIDTH, HEIGHT, 30).wanted


@pytest.mark.parametrize("own_x", [385, 415])
def test_a_text_whose_source_stood_aside_is_centred_before_it_touches(
    typesetter: BalloonTypesetter, own_x: int
) -> None:
    balloon, placement = in_oval(typesetter, "Really, now?", 60, own_x=own_x)
    assert air(balloon, placement) >= 0.6


@pytest.mark.parametrize("letter", [39, 45])
def test_a_shout_that_was_drawn_larger_is_set_larger(typesetter: BalloonTypesetter, letter: int) -> None:
    _, usual = in_oval(typesetter, "What!?", 130, ry=130)
    _, larger = in_oval(typesetter, "What!?", 130, letter=letter, ry=130)
    assert 1.1 * usual.size_px <= larger.size_px <= 1.6 * usual.size_px


def lobes(typesetter: BalloonTypesetter, *, outlined: bool) -> tuple[Typeset, np.ndarray]:
    """A narrow lobe with a long word that runs into a wide one; ``outlined`` parts them with a line."""
    plate = np.full((HEIGHT, WIDTH, 3), 150, np.uint8)
    plate[200:401, 300:501] = 255
    if outlined:
        plate[200:401, 361:364] = 0
    left = Balloon(Box(300, 200, 361, 401), ((300, 200), (360, 200), (360, 400), (300, 400)), WHITE)
    right = Balloon(Box(364, 200, 501, 401), ((364, 200), (500, 200), (500, 400), (364, 400)), WHITE)
    places = [
        place("narrow", Box(315, 230, 345, 370), left),
        place("wide", Box(400, 230, 460, 370), right),
        place("roomy", Box(170, 700, 230, 800), oval(plate, 200, 750, 130, 130)),
    ]
    texts = [
        Translation("narrow", "Yourself, please.", Origin.USER),
        Translation("wide", "Oh.", Origin.USER),
        Translation("roomy", "An ordinary text.", Origin.USER),
    ]
    return typesetter.typeset(plate, places, texts, target="en"), plate


def right_end(placement: Placement) -> int:
    return max(line.origin_xy[0] + line.width for line in placement.lines)


def test_a_squeezed_text_reaches_into_the_neck_of_its_balloon(typesetter: BalloonTypesetter) -> None:
    free, _ = lobes(typesetter, outlined=False)
    parted, _ = lobes(typesetter, outlined=True)
    narrow, wide, _ = free.placements
    assert 361 < right_end(narrow) <= 361 + size_range(WIDTH, HEIGHT, 30).wanted
    assert narrow.size_px * narrow.stretch**0.5 > parted.placements[0].size_px * parted.placements[0].stretch ** 0.5
    assert right_end(narrow) < min(line.origin_xy[0] for line in wide.lines)


def test_no_text_crosses_the_line_between_two_balloons(typesetter: BalloonTypesetter) -> None:
    done, plate = lobes(typesetter, outlined=True)
    assert right_end(done.placements[0]) <= 361
    assert (done.rgb[200:401, 361:364] == plate[200:401, 361:364]).all()
