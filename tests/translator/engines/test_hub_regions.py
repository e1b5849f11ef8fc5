"""Lines of one detector in the blocks of another."""

from __future__ import annotations

import numpy as np
import pytest

from translator.engines.hub_regions import Block, BlockLabel, distinct, regroup, uncovered
from translator.pipeline.types import Balloon, Box, Detection, Kind, Region, TextLine

PAGE = Box(0, 0, 400, 600)
BALLOON = Balloon(Box(40, 40, 200, 300), Box(40, 40, 200, 300).polygon, (255, 255, 255))


def line(x0: int, y0: int, x1: int, y1: int) -> TextLine:
    box = Box(x0, y0, x1, y1)
    return TextLine(box, box.polygon, 0.9)


def region(*lines: TextLine, ruby: tuple[TextLine, ...] = (), **changes: object) -> Region:
    box = lines[0].box
    for other in lines[1:]:
        box = box.union(other.box)
    given = {"kind": Kind.DIALOGUE, "vertical": True, "balloon": BALLOON, **changes}
    return Region("r", box, box.polygon, confidence=0.9, lines=lines, ruby=ruby, **given)  # type: ignore[arg-type]


def detection(*regions: Region) -> Detection:
    return Detection(regions, np.zeros((600, 400), np.uint8), (PAGE,))


def block(x0: int, y0: int, x1: int, y1: int, label: BlockLabel = BlockLabel.TEXT_BUBBLE, score: float = 0.8) -> Block:
    return Block(Box(x0, y0, x1, y1), label, score)


RIGHT, MIDDLE, LEFT = line(160, 60, 180, 200), line(130, 60, 150, 200), line(60, 100, 80, 260)


def test_two_regions_in_one_block_become_one() -> None:
    found = regroup(detection(region(RIGHT), region(MIDDLE)), [block(125, 55, 185, 205)], PAGE)
    (joined,) = found.regions
    assert joined.lines == (RIGHT, MIDDLE)
    assert (joined.id, joined.box, joined.confidence) == ("r0001", Box(125, 55, 185, 205), 0.8)
    assert joined.balloon is BALLOON


def test_a_region_in_two_blocks_becomes_two() -> None:
    both = [block(125, 55, 185, 205), block(55, 95, 85, 265)]
    found = regroup(detection(region(RIGHT, MIDDLE, LEFT)), both, PAGE)
    assert [one.lines for one in found.regions] == [(RIGHT, MIDDLE), (LEFT,)]
    assert [one.id for one in found.regions] == ["r0001", "r0002"]


def test_what_no_block_covers_stays_as_it_was() -> None:
    sign = region(line(300, 500, 380, 520), kind=Kind.SIGN, vertical=False, balloon=None)
    found = regroup(detection(region(RIGHT), sign), [block(155, 55, 185, 205)], PAGE)
    assert [(one.kind, one.lines) for one in found.regions] == [(Kind.DIALOGUE, (RIGHT,)), (Kind.SIGN, sign.lines)]
    assert regroup(detection(region(RIGHT), sign), [], PAGE).regions[1].box == sign.box


def test_the_rest_of_a_region_that_lost_lines_is_drawn_anew() -> None:
    found = regroup(detection(region(RIGHT, LEFT)), [block(155, 55, 185, 205)], PAGE)
    assert [(one.lines, one.box) for one in found.regions] == [((RIGHT,), Box(155, 55, 185, 205)), ((LEFT,), LEFT.box)]


def test_a_block_never_cuts_its_lines() -> None:
    (found,) = regroup(detection(region(RIGHT)), [block(165, 80, 178, 190)], PAGE).regions
    assert found.box.intersection(RIGHT.box) == RIGHT.box


def test_a_line_goes_to_the_block_that_has_most_of_it() -> None:
    long = line(100, 100, 120, 300)
    found = regroup(detection(region(long)), [block(90, 90, 130, 190), block(90, 180, 130, 310)], PAGE)
    (only,) = found.regions
    assert only.box == Box(90, 100, 130, 310)


def test_furigana_goes_with_its_block_and_stays_furigana() -> None:
    ruby = line(182, 70, 190, 120)
    (found,) = regroup(detection(region(RIGHT, ruby=(ruby,))), [block(155, 55, 195, 205)], PAGE).regions
    assert (found.lines, found.ruby) == ((RIGHT,), (ruby,))


@pytest.mark.parametrize(
    ("label", "was", "becomes"),
    [
        (BlockLabel.TEXT_BUBBLE, Kind.SFX, Kind.DIALOGUE),
        (BlockLabel.TEXT_BUBBLE, Kind.PAGE_NUMBER, Kind.DIALOGUE),
        (BlockLabel.TEXT_BUBBLE, Kind.THOUGHT, Kind.THOUGHT),
        (BlockLabel.TEXT_FREE, Kind.SFX, Kind.SFX),
        (BlockLabel.TEXT_FREE, Kind.NARRATION, Kind.NARRATION),
    ],
)
def test_what_is_in_a_balloon_is_said(label: BlockLabel, was: Kind, becomes: Kind) -> None:
    (found,) = regroup(detection(region(RIGHT, kind=was)), [block(155, 55, 185, 205, label)], PAGE).regions
    assert found.kind is becomes


def test_of_the_same_text_seen_twice_the_surer_one_counts() -> None:
    sure, unsure, other = block(10, 10, 50, 90, score=0.9), block(12, 8, 52, 92, score=0.5), block(200, 10, 240, 90)
    inside = block(15, 20, 40, 60, BlockLabel.TEXT_FREE, score=0.7)
    assert distinct([unsure, inside, other, sure]) == (sure, other)


def test_blocks_without_lines_are_told() -> None:
    empty = block(300, 300, 340, 380)
    assert uncovered([block(155, 55, 185, 205), empty], detection(region(RIGHT))) == (empty,)
