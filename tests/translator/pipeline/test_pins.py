"""What a person decided of a text's setting is done, and what does not fit says so."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from translator.pipeline.fonts import FontBook
from translator.pipeline.types import (
    Balloon,
    Box,
    Kind,
    Origin,
    Pin,
    Placement,
    Region,
    TextLine,
    Translation,
    Typeset,
)
from translator.pipeline.typeset import BalloonTypesetter

FONTS = Path(__file__).parents[3] / "fonts"
TEXT = "You have the academic ability to enter those universities."


@pytest.fixture(scope="module")
def typesetter() -> BalloonTypesetter:
    return BalloonTypesetter(FontBook(FONTS))


def set_with(typesetter: BalloonTypesetter, pin: Pin, text: str = TEXT) -> tuple[Typeset, Placement]:
    plate = np.full((1170, 830, 3), 200, np.uint8)
    cv2.ellipse(plate, (300, 300), (110, 130), 0, 0, 360, (255, 255, 255), -1, cv2.LINE_AA)
    points = cv2.ellipse2Poly((300, 300), (110, 130), 0, 0, 360, 2)
    contour = tuple((int(x), int(y)) for x, y in points)
    box = Box(240, 210, 360, 390)
    lines = tuple(TextLine(Box(x, 210, x + 24, 390), box.polygon, 1.0) for x in range(240, 360, 30))
    balloon = Balloon(Box(190, 170, 411, 431), contour, (255, 255, 255))
    place = Region("r0001", box, box.polygon, Kind.DIALOGUE, True, 1.0, lines, (), balloon)
    translation = Translation("r0001", text, Origin.USER)
    done = typesetter.typeset(plate, [place], [translation], target="en", pins={"r0001": pin})
    return done, done.placements[0]


@pytest.mark.parametrize("size", [12, 15, 19, 22])
def test_a_pinned_size_is_the_size(typesetter: BalloonTypesetter, size: int) -> None:
    done, placement = set_with(typesetter, Pin(size_px=size))
    assert placement.size_px == size
    assert not placement.overflow
    assert not done.warnings


def test_a_pinned_size_that_does_not_fit_is_set_and_flagged(typesetter: BalloonTypesetter) -> None:
    done, placement = set_with(typesetter, Pin(size_px=60))
    assert placement.size_px == 60
    assert placement.overflow
    assert "r0001" in done.warnings[0]


def test_pinned_lines_end_where_they_were_ended_and_keep_their_letters(typesetter: BalloonTypesetter) -> None:
    _, placement = set_with(typesetter, Pin(lines=("You have", "what it", "takes.")))
    assert [line.text for line in placement.lines] == ["You have", "what it", "takes."]


def test_pinned_lines_are_made_smaller_before_they_are_broken(typesetter: BalloonTypesetter) -> None:
    _, placement = set_with(typesetter, Pin(lines=("YOU HAVE THE ABILITY TO", "ENTER.")))
    assert [line.text for line in placement.lines] == ["YOU HAVE THE ABILITY TO", "ENTER."]
    assert placement.lines[0].width <= 220


def test_a_pinned_font_sets_the_text(typesetter: BalloonTypesetter) -> None:
    _, placement = set_with(typesetter, Pin(font="Bangers"))
    assert placement.font == "Bangers"


def test_a_font_that_is_not_there_is_named_and_the_text_still_set(typesetter: BalloonTypesetter) -> None:
    done, placement = set_with(typesetter, Pin(font="Comic Sans"))
    assert placement.font == "Comic Neue Bold"
    assert "Comic Sans" in done.warnings[0]


def test_a_pinned_box_holds_the_text_wherever_the_balloon_is(typesetter: BalloonTypesetter) -> None:
    box = Box(500, 600, 700, 760)
    _, placement = set_with(typesetter, Pin(box=box))
    assert placement.area == box
    for line in placement.lines:
        x, y = line.origin_xy
        assert Box(x, y, x + line.width, y + line.height).intersection(box).area == line.width * line.height


def test_a_pinned_size_does_not_change_the_sizes_of_other_texts(typesetter: BalloonTypesetter) -> None:
    plate = np.full((1170, 830, 3), 255, np.uint8)
    boxes = [Box(100, 100, 300, 260), Box(500, 100, 700, 260)]
    regions = [
        Region(f"r{n}", box, box.polygon, Kind.DIALOGUE, False, 1.0, (), (), Balloon(box, box.polygon, (255, 255, 255)))
        for n, box in enumerate(boxes)
    ]
    texts = [Translation(region.id, "Why me...", Origin.USER) for region in regions]
    free = typesetter.typeset(plate, regions, texts, target="en")
    pinned = typesetter.typeset(plate, regions, texts, target="en", pins={"r0": Pin(size_px=10)})
    assert pinned.placements[0].size_px == 10
    assert pinned.placements[1] == free.placements[1]
