"""The flag and the confidence are judged by what really was wrong."""

from __future__ import annotations

import pytest

from tests.translator.evaluation.pages import LEFT_TEXT, RIGHT, RIGHT_TEXT, scored
from translator.evaluation.checks import BINS, Checks, Judged
from translator.evaluation.truth import TruePage, TrueText
from translator.pipeline.types import Box, Kind


def figures(*judged: Judged) -> dict[str, float]:
    return {figure.key: figure.value for figure in Checks(judged).figures()}


def test_recall_is_of_the_wrong_and_precision_of_the_flagged() -> None:
    got = figures(
        Judged(0.2, check=True, is_right=False),
        Judged(0.3, check=True, is_right=True),
        Judged(0.9, check=False, is_right=False),
        Judged(0.9, check=False, is_right=True),
    )
    assert (got["check_recall"], got["check_precision"], got["check_share"]) == (0.5, 0.5, 0.5)


def test_a_confidence_that_says_how_often_it_is_right_has_no_calibration_error() -> None:
    judged = [Judged(0.75, check=False, is_right=n % 4 > 0) for n in range(40)]
    assert figures(*judged)["calibration_error"] == pytest.approx(0)
    boasting = [Judged(0.99, check=False, is_right=n % 4 > 0) for n in range(40)]
    assert figures(*boasting)["calibration_error"] == pytest.approx(0.24)


def test_the_brier_score_is_the_mean_squared_distance_from_what_is() -> None:
    judged = (Judged(0.9, check=False, is_right=True), Judged(0.6, check=True, is_right=False))
    assert figures(*judged)["brier"] == pytest.approx((0.01 + 0.36) / 2)


@pytest.mark.parametrize("confidence", [0.0, 0.3, 0.7499, 0.98, 1.0])
def test_every_confidence_is_in_one_bin(confidence: float) -> None:
    bins = Checks((Judged(confidence, check=False, is_right=True),)).bins
    assert sum(one.texts for one in bins) == 1
    assert len(bins) == len(BINS) - 1


def test_a_false_alarm_is_wrong_and_what_nobody_annotated_is_not_judged() -> None:
    elsewhere = Box(0, 350, 50, 400)
    assert [one.is_right for one in scored(RIGHT_TEXT, (elsewhere, "口")).judged] == [True, False]
    assert len(scored(RIGHT_TEXT, (elsewhere, "口"), kind=Kind.SFX).judged) == 1
    blank = TruePage("book", "001", (TrueText(RIGHT, ""),))
    assert scored(RIGHT_TEXT, truth=blank).judged == ()


def test_wrong_punctuation_is_not_for_a_person_to_look_at() -> None:
    assert [one.is_right for one in scored((RIGHT, "今日は雨"), LEFT_TEXT).judged] == [True, True]


def test_nothing_judged_is_zeros() -> None:
    assert set(figures().values()) == {0.0}
