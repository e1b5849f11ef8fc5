"""Each thing that goes wrong has one name."""

from __future__ import annotations

import pytest

from tests.translator.evaluation.pages import LEFT, LEFT_TEXT, RIGHT, RIGHT_TEXT, scored
from translator.evaluation.errors import Mistake, Verdict, error_counts
from translator.evaluation.truth import TruePage, TrueText
from translator.pipeline.types import Box, Kind

UPPER, LOWER = Box(300, 100, 360, 200), Box(300, 200, 360, 300)


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        ([RIGHT_TEXT, LEFT_TEXT], {}),
        ([RIGHT_TEXT], {"missed": 1}),
        ([(RIGHT, "今日は両!"), LEFT_TEXT], {"misread": 1}),
        ([(RIGHT, "今日は雨"), LEFT_TEXT], {"punctuation": 1}),
        ([(LEFT.union(RIGHT), "今日は雨!傘がない…")], {"merged": 2}),
        ([(UPPER, "今日"), (LOWER, "雨!"), LEFT_TEXT], {"split": 1}),
        ([(UPPER, "今日は"), (LOWER, "雨!"), LEFT_TEXT], {"split_block": 1}),
        ([LEFT_TEXT, RIGHT_TEXT], {"order": 1}),
        ([RIGHT_TEXT, LEFT_TEXT, (Box(0, 350, 50, 400), "口口")], {"false": 1}),
    ],
)
def test_an_error_has_its_kind(texts: list[tuple[Box, str]], expected: dict[str, int]) -> None:
    assert dict(scored(*texts).errors.counts) == expected


def test_kana_of_the_wrong_size_are_a_kind_of_their_own() -> None:
    truth = TruePage("book", "001", (TrueText(RIGHT, "ちょっと"),))
    assert scored((RIGHT, "ちよっと"), truth=truth).errors.verdicts == (Verdict.KANA_SIZE,)


def test_an_annotation_without_text_is_nobodys_error() -> None:
    truth = TruePage("book", "001", (TrueText(RIGHT, ""),))
    result = scored((RIGHT, "雨"), truth=truth)
    assert result.errors.verdicts == (Verdict.UNANNOTATED,)
    assert not result.errors.counts


def test_what_is_not_translated_is_no_false_alarm() -> None:
    assert not scored(RIGHT_TEXT, LEFT_TEXT, (Box(0, 350, 50, 400), "ドン"), kind=Kind.SFX).errors.counts


def test_confused_characters_are_counted_and_those_of_missed_texts_are_not() -> None:
    assert scored((RIGHT, "今日は両!")).errors.confused == {("雨", "両"): 1}


def test_errors_of_pages_add_up() -> None:
    pages = [scored(RIGHT_TEXT).errors, scored(LEFT_TEXT, RIGHT_TEXT).errors, scored(LEFT_TEXT).errors]
    assert error_counts(pages) == {Verdict.MISSED.value: 2, Mistake.ORDER.value: 1}
