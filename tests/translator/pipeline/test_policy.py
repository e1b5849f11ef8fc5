"""Which texts are left as they were drawn."""

from __future__ import annotations

import pytest

from translator.pipeline.policy import reason_to_keep
from translator.pipeline.types import Balloon, Box, Kind, Reading, Region

BOX = Box(10, 10, 60, 90)
BALLOON = Balloon(BOX, BOX.polygon, (255, 255, 255))


def region(kind: Kind = Kind.DIALOGUE, *, balloon: Balloon | None = BALLOON) -> Region:
    return Region("r0001", BOX, BOX.polygon, kind, True, 0.9, balloon=balloon)


def read(text: str, confidence: float = 0.95) -> Reading:
    return Reading("r0001", text, confidence)


def test_a_text_in_a_balloon_is_translated() -> None:
    assert reason_to_keep(region(), read("夢の翼は")) == ""


@pytest.mark.parametrize("kind", [Kind.SFX, Kind.SIGN, Kind.PAGE_NUMBER])
def test_effects_signs_and_page_numbers_stay_as_drawn(kind: Kind) -> None:
    assert "as drawn" in reason_to_keep(region(kind), read("ドーン"))


@pytest.mark.parametrize("reading", [None, read(""), read("  ")])
def test_a_text_that_could_not_be_read_stays(reading: Reading | None) -> None:
    assert reason_to_keep(region(), reading) == "no text could be read"


@pytest.mark.parametrize("text", ["……", "！？", "!!"])
def test_punctuation_alone_stays(text: str) -> None:
    assert "punctuation" in reason_to_keep(region(), read(text))


def test_an_unsure_reading_stays_and_tells_how_unsure() -> None:
    assert "0.31" in reason_to_keep(region(), read("夢の翼は", 0.31))


@pytest.mark.parametrize("text", ["田田", "口", "O"])
def test_windows_and_rings_over_the_drawing_are_no_text(text: str) -> None:
    assert "looks like characters" in reason_to_keep(region(Kind.NARRATION, balloon=None), read(text))
    assert reason_to_keep(region(), read(text)) == ""


def test_a_word_over_the_drawing_is_translated() -> None:
    assert reason_to_keep(region(Kind.NARRATION, balloon=None), read("日曜日")) == ""
