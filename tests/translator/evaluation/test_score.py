"""The figures count what they say they count."""

from __future__ import annotations

import pytest

from tests.translator.evaluation.pages import LEFT, LEFT_TEXT, RIGHT, RIGHT_TEXT, TRUTH, figures, scored
from translator.evaluation.score import Score, order
from translator.evaluation.truth import TruePage, TrueText
from translator.pipeline.types import Box, Kind


def test_a_perfect_page() -> None:
    got = figures(scored(RIGHT_TEXT, LEFT_TEXT))
    assert got["cer"] == got["cer_bare"] == 0
    assert {got[key] for key in got if not key.startswith("cer")} == {1.0}


def test_a_missed_text_costs_all_its_characters() -> None:
    got = figures(scored(RIGHT_TEXT))
    assert got["recall"] == 0.5
    assert got["covered"] == 0.5
    assert got["cer"] == pytest.approx(7 / 12)
    assert got["cer_bare"] == pytest.approx(4 / 8)


def test_two_texts_read_as_one_are_neither_right() -> None:
    assert figures(scored((LEFT.union(RIGHT), "今日は雨!傘がない…")))["exact"] == 0


def test_a_text_in_two_blocks_is_read_as_their_sum_but_not_found_as_a_block() -> None:
    upper, lower = Box(300, 100, 360, 200), Box(300, 200, 360, 300)
    got = figures(scored((upper, "今日は"), (lower, "雨!"), LEFT_TEXT))
    assert got["cer"] == 0
    assert got["f1"] < 1


def test_the_wrong_order_is_counted() -> None:
    got = figures(scored(LEFT_TEXT, RIGHT_TEXT))
    assert got["order_pairs"] == 0
    assert got["order_pages"] == 0
    assert got["cer"] == 0


def test_a_page_with_one_text_says_nothing_of_order() -> None:
    one = TruePage("book", "001", TRUTH.texts[:1])
    total = scored(RIGHT_TEXT, truth=one).score + scored(LEFT_TEXT, RIGHT_TEXT).score
    assert (total.pages, total.ordered_pages, total.pages_in_order) == (2, 1, 0)


@pytest.mark.parametrize(
    ("places", "expected"),
    [
        ([0, 1, 2], (2, 2, True)),
        ([0, None, 1], (1, 1, True)),
        ([1, 0, 2], (0, 2, False)),
        ([5, 9], (1, 1, True)),
        ([None, None], (0, 0, True)),
        ([], (0, 0, True)),
    ],
)
def test_order_is_of_what_was_found(places: list[int | None], expected: tuple[int, int, bool]) -> None:
    assert order(places) == expected


def test_a_sound_that_nobody_annotated_costs_nothing_and_false_dialogue_does() -> None:
    texts = (RIGHT_TEXT, LEFT_TEXT, (Box(0, 350, 50, 400), "ドン"))
    assert figures(scored(*texts))["precision"] == pytest.approx(2 / 3)
    assert figures(scored(*texts, kind=Kind.SFX))["precision"] == 1


def test_an_annotated_sound_is_no_false_alarm_whatever_its_kind_was_taken_for() -> None:
    sound = Box(0, 350, 50, 400)
    truth = TruePage("book", "001", (*TRUTH.texts, TrueText(sound, "ドン", Kind.SFX, scored=False)))
    got = figures(scored(RIGHT_TEXT, LEFT_TEXT, (sound, "ドン"), truth=truth))
    assert got["precision"] == got["recall"] == 1
    assert figures(scored(RIGHT_TEXT, LEFT_TEXT, truth=truth))["recall"] == 1


def test_marks_alone_have_to_be_found_to_be_right() -> None:
    truth = TruePage("book", "001", (TrueText(RIGHT, "……！"),))
    assert figures(scored(truth=truth))["exact"] == 0
    assert figures(scored((RIGHT, "…"), truth=truth))["exact"] == 1
    assert figures(scored((RIGHT, "…"), truth=truth))["exact_marks"] == 0


def test_an_annotation_without_text_is_a_block_to_find_and_nothing_to_read() -> None:
    truth = TruePage("book", "001", (TrueText(RIGHT, ""), TrueText(LEFT, "傘がない…")))
    result = scored(RIGHT_TEXT, LEFT_TEXT, truth=truth)
    assert figures(result)["cer"] == 0
    assert (result.score.texts, result.score.readable, result.score.exact) == (2, 1, 1)


def test_no_pages_give_zeros_rather_than_an_error() -> None:
    assert {figure.value for figure in Score().figures()} == {0.0}


def test_figures_of_two_pages_are_ratios_of_sums() -> None:
    both = scored(RIGHT_TEXT, LEFT_TEXT).score + scored(RIGHT_TEXT).score
    assert next(figure.value for figure in both.figures() if figure.key == "recall") == 0.75
