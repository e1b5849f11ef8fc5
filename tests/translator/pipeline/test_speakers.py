"""What is told of who speaks is told only where the drawing leaves no doubt."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from contract.policy import Policies
from translator.pipeline.pages import ReadPage
from translator.pipeline.plan import plan_page
from translator.pipeline.protocols import SourceText
from translator.pipeline.speakers import Hint, are_joined, hints
from translator.pipeline.tails import tail_of
from translator.pipeline.types import Balloon, Box, Detection, Kind, Mask, Page, Polygon, Reading, Region

WHITE = (255, 255, 255)
SHEET = (700, 900)
WAYS = ("right", "down right", "down", "down left", "left", "up left", "up", "up right")


def sheet() -> Mask:
    return np.zeros(SHEET, np.uint8)


def oval(x: int, y: int, *, width: int = 80, height: int = 110) -> Mask:
    drawn = sheet()
    cv2.ellipse(drawn, (x, y), (width, height), 0, 0, 360, (1,), -1)
    return drawn


def horn(x: int, y: int, degrees: float, *, length: float = 40, half: float = 9, reach: float = 95) -> Mask:
    """A narrow triangle that leaves an oval around ``x, y``."""
    along = np.array((math.cos(math.radians(degrees)), math.sin(math.radians(degrees))))
    edge = reach * along * (80, 110) / 95
    side = np.array((-along[1], along[0])) * half
    corners = np.array((edge * 0.85 + side, edge + along * length, edge * 0.85 - side)) + np.array((x, y))
    points: NDArray[np.int32] = np.rint(corners).astype(np.int32)
    drawn = sheet()
    cv2.fillPoly(drawn, [points.reshape(-1, 1, 2)], (1,))
    return drawn


def ring(x: int, y: int, radii: Sequence[float]) -> Mask:
    angles = np.linspace(0, 2 * math.pi, len(radii), endpoint=False)
    points = np.stack((np.cos(angles) * radii + x, np.sin(angles) * radii + y), axis=1)
    drawn = sheet()
    cv2.fillPoly(drawn, [np.rint(points).astype(np.int32).reshape(-1, 1, 2)], (1,))
    return drawn


def contour(drawn: Mask) -> Polygon:
    found, _ = cv2.findContours(drawn, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    outer = cv2.approxPolyDP(max(found, key=cv2.contourArea), 1.0, True).reshape(-1, 2)
    return tuple((int(x), int(y)) for x, y in outer)


def region(
    name: str, drawn: Mask, text: Box, *, kind: Kind = Kind.DIALOGUE, fill: tuple[int, int, int] = WHITE
) -> Region:
    points = contour(drawn)
    xs, ys = [x for x, _ in points], [y for _, y in points]
    balloon = Balloon(Box(min(xs), min(ys), max(xs) + 1, max(ys) + 1), points, fill)
    return Region(name, text, text.polygon, kind, True, 0.9, balloon=balloon)


def text(x: int, y: int) -> Box:
    return Box(x - 45, y - 70, x + 45, y + 70)


def speaking(name: str, *degrees: float, x: int = 300, y: int = 300) -> Region:
    drawn = oval(x, y)
    for one in degrees:
        drawn |= horn(x, y, one)
    return region(name, drawn, text(x, y))


def pair(*, gap: int = 0, tails: bool = False) -> tuple[Region, Region]:
    """Two ovals that run into each other, parted by a straight cut, with ``gap`` pixels between the insides."""
    right, left = oval(420, 300), oval(300, 340)
    if tails:
        right, left = right | horn(420, 300, -20), left | horn(300, 340, 160)
    both = right | left
    columns = np.arange(SHEET[1])
    first, second = both * (columns >= 360 + gap), both * (columns <= 360)
    return (
        region("a", np.ascontiguousarray(first, np.uint8), text(425, 300)),
        region("b", np.ascontiguousarray(second, np.uint8), text(295, 340)),
    )


@pytest.mark.parametrize(("turn", "way"), list(enumerate(WAYS)))
def test_a_tail_points_where_its_tip_is(turn: int, way: str) -> None:
    one = speaking("a", 45 * turn)
    assert hints([one], [one]) == {"a": Hint(f"tail points {way}")}


@pytest.mark.parametrize("scale", [0.5, 3.0])
def test_the_size_of_the_page_does_not_matter(scale: float) -> None:
    one = speaking("a", 90)
    assert one.balloon is not None
    points = tuple((round(x * scale), round(y * scale)) for x, y in one.balloon.contour)
    grown = replace(one.balloon, contour=points)
    found = tail_of(replace(one, box=_scaled(one.box, scale), balloon=grown))
    assert found is not None
    assert found.direction == "down"


@pytest.mark.parametrize(
    "drawn",
    [
        oval(300, 300),
        ring(300, 300, [130 - 40 * (place % 2) for place in range(28)]),
        ring(300, 300, [100 + 24 * abs(math.sin(4.5 * place / 57.3)) for place in range(360)]),
        oval(300, 300) | horn(300, 300, 0) | horn(300, 300, 180),
        oval(300, 300) | horn(300, 300, 90, half=40),
        oval(300, 300) | horn(300, 300, 90, length=8),
        oval(300, 300) | horn(300, 300, 90, length=220),
        np.ascontiguousarray(oval(300, 300)[:, :] * (np.arange(SHEET[1]) < 340), np.uint8),
        horn(300, 300, 90, length=200, half=4, reach=10),
    ],
    ids=[
        "round",
        "spiky",
        "cloud",
        "two tails",
        "a wedge",
        "a dent",
        "a gap of the outline",
        "cut by a panel",
        "no body",
    ],
)
def test_what_is_no_single_tail_is_none(drawn: Mask) -> None:
    assert hints([one := region("a", drawn, text(300, 300))], [one]) == {}


def test_an_area_that_is_not_drawn_around_its_text_has_no_tail() -> None:
    one = speaking("a", 90)
    for box in (Box(290, 200, 305, 230), Box(225, 200, 300, 300), Box(100, 50, 500, 550)):
        assert tail_of(replace(one, box=box)) is None


def test_a_corner_that_another_balloon_or_the_panel_cuts_is_no_tail() -> None:
    one = speaking("a", 90)
    tail = tail_of(one)
    assert tail is not None
    x, y = round(tail.tip[0]), round(tail.tip[1])
    assert tail_of(one, [one, region("b", oval(x, y + 120), text(x, y + 120))]) is None
    assert tail_of(one, [one], [Box(50, 50, 800, y + 2)]) is None
    assert tail_of(one, [one], [Box(50, 50, 800, y + 60)]) == tail


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind is not Kind.DIALOGUE])
def test_only_dialogue_has_a_speaker(kind: Kind) -> None:
    one, other = (replace(each, kind=kind) for each in pair())
    pointing = replace(speaking("c", 90), kind=kind)
    assert hints([one, other, pointing]) == {}


def test_of_balloons_that_are_one_the_later_refers_to_the_earlier() -> None:
    one, other = pair()
    assert hints([one, other], [one, other]) == {"b": Hint(joined="a")}
    assert hints([other, one], [one, other]) == {"a": Hint(joined="b")}
    assert hints([other], [one, other]) == {}


def test_a_line_between_them_parts_them() -> None:
    assert not are_joined(*pair(gap=4))


def test_balloons_apart_or_of_other_colours_are_two() -> None:
    one, other = pair()
    assert other.balloon is not None
    assert not are_joined(one, speaking("c", x=700, y=500))
    for fill in ((20, 20, 20), None):
        assert not are_joined(one, replace(other, balloon=replace(other.balloon, fill_rgb=fill)))


def test_two_tails_are_of_two_speakers() -> None:
    one, other = pair(tails=True)
    assert are_joined(one, other)
    found = hints([one, other], [one, other])
    assert found == {"a": Hint("tail points right"), "b": Hint("tail points left")}


def test_what_another_panel_holds_is_not_joined() -> None:
    one, other = pair()
    panels = (Box(361, 0, 900, 700), Box(0, 0, 360, 700))
    assert hints([one, other], [one, other], panels) == {}


def test_text_over_art_and_contours_without_an_inside_have_no_hint() -> None:
    one = speaking("a", 90)
    assert one.balloon is not None
    flat = replace(one.balloon, contour=((10, 10), (90, 10)))
    assert hints([replace(one, balloon=None), replace(one, id="b", balloon=flat)]) == {}


def test_the_translator_is_told_of_the_texts_that_it_is_asked() -> None:
    one, other = pair()
    pointing = speaking("c", 90, x=700, y=300)
    asked = plan((one, other, pointing), {"a": "どこへ行く", "b": "おい、待て", "c": "帰るんだ"})
    assert [(text.region_id, text.speaker, text.joined) for text in asked] == [
        ("a", "", ""),
        ("b", "", "a"),
        ("c", "tail points down", ""),
    ]


def test_a_text_that_could_not_be_read_is_not_referred_to() -> None:
    one, other = pair()
    (asked,) = plan((one, other), {"a": "", "b": "おい、待て"})
    assert (asked.region_id, asked.joined) == ("b", "")


def test_the_same_page_is_told_the_same_again() -> None:
    regions, texts = (*pair(), speaking("c", 90, x=700, y=300)), {"a": "どこへ行く", "b": "おい、待て", "c": "帰るんだ"}
    assert plan(regions, texts) == plan(regions, texts)


def plan(regions: tuple[Region, ...], texts: dict[str, str]) -> tuple[SourceText, ...]:
    page = Page(1, np.full((*SHEET, 3), 255, np.uint8))
    detection = Detection(tuple(reversed(regions)), sheet(), (Box(0, 0, 900, 700),))
    readings = {name: Reading(name, said, 0.9) for name, said in texts.items()}
    return plan_page(ReadPage(page, detection, regions, readings, {}), Policies()).texts


def _scaled(box: Box, scale: float) -> Box:
    return Box(*(round(side * scale) for side in (box.x0, box.y0, box.x1, box.y1)))
