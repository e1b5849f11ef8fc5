"""Where a balloon is too narrow for its words, they are made to fit in the order in which a letterer would try."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from translator.pipeline.fonts import FontBook
from translator.pipeline.types import Balloon, Box, Kind, Origin, Pin, Placement, Region, TextLine, Translation
from translator.pipeline.typeset import BalloonTypesetter

FONTS = Path(__file__).parents[3] / "fonts"
WIDTH, HEIGHT = 830, 1170
ROOMY = "You have the academic ability to enter those universities."


@pytest.fixture(scope="module")
def typesetter() -> BalloonTypesetter:
    return BalloonTypesetter(FontBook(FONTS))


def paper() -> np.ndarray:
    return np.full((HEIGHT, WIDTH, 3), 150, np.uint8)


def place(name: str, box: Box, balloon: Balloon) -> Region:
    lines = tuple(TextLine(Box(x, box.y0, x + 32, box.y1), box.polygon, 1.0) for x in range(box.x0, box.x1, 36))
    return Region(name, box, box.polygon, Kind.DIALOGUE, True, 1.0, lines, (), balloon)


def oval(plate: np.ndarray, x: int, y: int, rx: int, ry: int) -> Balloon:
    cv2.ellipse(plate, (x, y), (rx + 3, ry + 3), 0, 0, 360, (0, 0, 0), 3, cv2.LINE_AA)
    cv2.ellipse(plate, (x, y), (rx, ry), 0, 0, 360, (255, 255, 255), -1, cv2.LINE_AA)
    points = cv2.ellipse2Poly((x, y), (rx, ry), 0, 0, 360, 2)
    contour = tuple((int(a), int(b)) for a, b in points)
    return Balloon(Box(x - rx, y - ry, x + rx + 1, y + ry + 1), contour, (255, 255, 255))


def ink_beyond(balloon: Balloon, changed: np.ndarray) -> int:
    mask = np.zeros(changed.shape, np.uint8)
    cv2.fillPoly(mask, [np.array(balloon.contour, np.int32)], (255,))
    return int((changed & (mask == 0)).sum())


def in_narrow(typesetter: BalloonTypesetter, text: str, rx: int, ry: int = 110, target: str = "en") -> Placement:
    """A text in a balloon of half the width ``rx``, beside a roomy one that sets the page's size."""
    plate = paper()
    narrow, wide = oval(plate, 250, 500, rx, ry), oval(plate, 550, 500, 130, 150)
    places = [place("narrow", Box(238, 440, 262, 560), narrow), place("wide", Box(500, 420, 600, 580), wide)]
    texts = [Translation("narrow", text, Origin.USER), Translation("wide", ROOMY, Origin.USER)]
    done = typesetter.typeset(plate, places, texts, target=target)
    assert ink_beyond(narrow, _left(done.rgb, plate)) == 0
    return done.placements[0]


def _left(rgb: np.ndarray, plate: np.ndarray) -> np.ndarray:
    changed = (rgb != plate).any(axis=2)
    changed[:, 400:] = False
    return np.asarray(changed, bool)


def lines(placement: Placement) -> list[str]:
    return [line.text for line in placement.lines]


def test_a_long_word_that_would_make_a_text_tiny_is_divided_where_its_language_does(
    typesetter: BalloonTypesetter,
) -> None:
    placement = in_narrow(typesetter, "Food poisoning...", 28)
    assert lines(placement) == ["FOOD", "POISON-", "ING..."]
    assert placement.size_px >= 16


def test_english_is_divided_as_in_america_unless_it_is_british(typesetter: BalloonTypesetter) -> None:
    assert "POISON-" in lines(in_narrow(typesetter, "Food poisoning...", 28, target="en-US"))
    assert "POIS-" in lines(in_narrow(typesetter, "Food poisoning...", 28, target="en-GB"))


@pytest.mark.parametrize("text", ["Good morning.", "The regrets", "Welcome back."])
def test_shorter_words_are_set_small_rather_than_divided(typesetter: BalloonTypesetter, text: str) -> None:
    placement = in_narrow(typesetter, text, 34)
    assert not any(line.endswith("-") for line in lines(placement))
    assert placement.stretch < 1.0


def test_a_word_is_divided_no_more_often_than_it_has_to_be(typesetter: BalloonTypesetter) -> None:
    for rx in (34, 40, 46, 52):
        placement = in_narrow(typesetter, "A recommendation", rx)
        assert not placement.overflow
        assert sum(line.endswith("-") for line in lines(placement)) <= (2 if rx < 40 else 1)


def test_a_language_without_hyphenation_keeps_its_words(typesetter: BalloonTypesetter) -> None:
    placement = in_narrow(typesetter, "والمستشفيات", 40, target="ar")
    assert lines(placement) == ["والمستشفيات"]


def test_letters_come_nearer_to_the_edge_before_they_get_smaller(typesetter: BalloonTypesetter) -> None:
    placement = in_narrow(typesetter, "“Retching”", 32)
    width = max(line.width for line in placement.lines)
    assert width > 2 * 32 - 2 * 0.2 * placement.size_px - 4


def shared(typesetter: BalloonTypesetter, pin: Pin | None = None) -> tuple[Placement, Placement]:
    """Two texts in one contour: a long word beside a short text that leaves most of its part free."""
    plate = paper()
    plate[400:601, 300:421] = 255
    both = Balloon(Box(300, 400, 421, 601), ((300, 400), (420, 400), (420, 600), (300, 600)), (255, 255, 255))
    places = [place("left", Box(330, 410, 362, 480), both), place("right", Box(376, 430, 408, 595), both)]
    wide = oval(plate, 650, 500, 130, 150)
    places.append(place("wide", Box(600, 420, 700, 580), wide))
    texts = [
        Translation("left", "Good morning, everyone.", Origin.USER),
        Translation("right", "Oh.", Origin.USER),
        Translation("wide", ROOMY, Origin.USER),
    ]
    pins = {} if pin is None else {"left": pin}
    first, second, _ = typesetter.typeset(plate, places, texts, target="en", pins=pins).placements
    return first, second


def test_a_squeezed_text_has_what_its_neighbour_leaves_free(typesetter: BalloonTypesetter) -> None:
    squeezed, neighbour = shared(typesetter)
    boxes = [
        [Box(*line.origin_xy, line.origin_xy[0] + line.width, line.origin_xy[1] + line.height) for line in one.lines]
        for one in (squeezed, neighbour)
    ]
    half_way = (362 + 376) // 2
    assert (squeezed.stretch, neighbour.size_px) == (1.0, squeezed.size_px)
    assert max(box.x1 for box in boxes[0]) > half_way
    assert not squeezed.overflow
    assert all(ours.intersection(theirs).area == 0 for ours in boxes[0] for theirs in boxes[1])
    assert max(box.x1 for box in boxes[0]) <= 420
    assert min(box.x0 for box in boxes[0]) >= 300


def test_a_pinned_text_is_not_moved_to_where_its_neighbour_leaves_room(typesetter: BalloonTypesetter) -> None:
    squeezed, _ = shared(typesetter, Pin(size_px=12))
    assert squeezed.size_px == 12


def sizes_of_two(typesetter: BalloonTypesetter, apart: int, kind: Kind = Kind.DIALOGUE) -> tuple[int, int]:
    """A shout in a roomy balloon, and beside it, ``apart`` pixels away, a longer text in a tighter one."""
    plate = paper()
    roomy, tight = oval(plate, 200, 300, 120, 130), oval(plate, 200 + 120 + 70 + apart, 300, 70, 90)
    places = [
        place("roomy", Box(180, 260, 216, 340), roomy),
        replace(place("tight", Box(360 + apart, 250, 420 + apart, 350), tight), kind=kind),
        place("wide", Box(400, 720, 500, 880), oval(plate, 450, 800, 130, 150)),
    ]
    texts = [
        Translation("roomy", "What?!", Origin.USER),
        Translation("tight", "Of course you can.", Origin.USER),
        Translation("wide", ROOMY, Origin.USER),
    ]
    first, second, _ = typesetter.typeset(plate, places, texts, target="en").placements
    return first.size_px, second.size_px


def test_a_text_is_not_grown_in_a_balloon_that_runs_into_one_of_the_usual_size(typesetter: BalloonTypesetter) -> None:
    alone, beside = sizes_of_two(typesetter, 30)
    joined, same = sizes_of_two(typesetter, 1)
    assert alone > beside
    assert joined == same == beside


def test_balloons_of_unlike_texts_do_not_share_a_size(typesetter: BalloonTypesetter) -> None:
    assert sizes_of_two(typesetter, 1, Kind.NARRATION)[0] == sizes_of_two(typesetter, 30)[0]
