"""A text's certainty falls with each sign of a wrong reading, and what is not certain is one to look at."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from contract.document import PageDocument
from translator.pipeline.confidence import CHECK_BELOW, WEIGHTS, Evidence, certainty, needs_check
from translator.pipeline.documents import Passage, page_document
from translator.pipeline.types import Balloon, Box, Kind, Origin, Page, Reading, Region, TextLine, Translation

BOX = Box(100, 100, 140, 200)
AROUND = Box(80, 60, 160, 240)
SURE = Reading("r0001", "明日の朝、駅で。", 0.99, weakest=0.99)
CLEAR = Evidence(letter=0.99, line=0.95, short=0.1, balloon=1.0)


def region(line: float = 0.95, *, balloon: bool = True) -> Region:
    around = Balloon(AROUND, AROUND.polygon, (255, 255, 255)) if balloon else None
    lines = (TextLine(BOX, BOX.polygon, 0.99), TextLine(BOX, BOX.polygon, line))
    return Region("r0001", BOX, BOX.polygon, Kind.DIALOGUE, True, 0.97, lines, balloon=around)


@pytest.mark.parametrize(
    "worse",
    [replace(CLEAR, letter=0.3), replace(CLEAR, line=0.6), replace(CLEAR, short=1.0), replace(CLEAR, balloon=0.0)],
    ids=["letter", "line", "short", "balloon"],
)
def test_each_sign_of_doubt_makes_a_text_less_certain(worse: Evidence) -> None:
    assert WEIGHTS.certainty(worse) < WEIGHTS.certainty(CLEAR)


def test_a_clear_text_in_a_balloon_is_certain_and_needs_nobody() -> None:
    assert certainty(region(), SURE) > 0.9
    assert not needs_check(region(), SURE)


def test_one_doubtful_letter_among_clear_ones_is_to_be_looked_at() -> None:
    doubtful = replace(SURE, weakest=0.2, confidence=0.92)
    assert certainty(region(0.85), doubtful) < CHECK_BELOW
    assert needs_check(region(0.85), doubtful)


def test_one_doubtful_line_among_clear_ones_is_to_be_looked_at() -> None:
    assert needs_check(region(0.55, balloon=False), SURE)


@pytest.mark.parametrize("text", ["", " "])
def test_what_could_not_be_read_is_no_text_to_look_at(text: str) -> None:
    assert not needs_check(region(), Reading("r0001", text, 0.1, weakest=0.1))


def test_an_engine_that_says_nothing_of_letters_is_taken_at_its_word() -> None:
    assert certainty(region(), Reading("r0001", "駅", 0.8)) == 0.8
    assert needs_check(region(), Reading("r0001", "駅", CHECK_BELOW - 0.01))


def test_a_certainty_stays_a_probability_however_wild_the_evidence() -> None:
    for value in (0.0, 1.0):
        assert 0.0 <= WEIGHTS.certainty(Evidence(value, value, 1 - value, value)) <= 1.0


def document(reading: Reading | None) -> PageDocument:
    passage = Passage(region(), reading, Translation("r0001", "AT THE STATION.", Origin.MODEL))
    return page_document(
        Page(1, np.zeros((400, 400, 3), np.uint8)),
        [passage],
        panels=(),
        languages=("ja", "en"),
        timings_ms={},
        engines={},
        warnings=(),
    )


def test_the_page_document_says_how_certain_a_text_is_and_whether_to_look() -> None:
    (sure,) = document(SURE).regions
    (doubtful,) = document(replace(SURE, weakest=0.0)).regions
    assert (sure.check, doubtful.check) == (False, True)
    assert doubtful.confidence < CHECK_BELOW < sure.confidence


def test_the_flag_survives_json_and_a_document_from_before_it_has_none() -> None:
    written = document(replace(SURE, weakest=0.0))
    assert PageDocument.parse(written.to_bytes()).regions[0].check is True
    before = written.to_bytes().replace(b'"check": true', b'"unknown": true')
    assert PageDocument.parse(before).regions[0].check is False


def test_a_text_that_nobody_read_has_neither_certainty_nor_flag() -> None:
    (unread,) = document(None).regions
    assert (unread.confidence, unread.check) == (0.0, False)
