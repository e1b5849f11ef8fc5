"""Where the recognizer wavers between two shapes, Japanese decides; where it is sure, it is believed."""

from __future__ import annotations

import pytest

from translator.engines.ppocr_lookalikes import told_apart
from translator.engines.ppocr_recognizer import Character


def line(text: str, **wavering: tuple[str, float, float]) -> tuple[Character, ...]:
    """``wavering``: a character to its rival, its own confidence and that of the rival."""
    out = []
    for letter in text:
        other, own, rival = wavering.get(letter, ("", 0.98, 0.0))
        out.append(Character(letter, own, 0.5, other, rival))
    return tuple(out)


def told(text: str, **wavering: tuple[str, float, float]) -> str:
    return "".join(character.text for character in told_apart(line(text, **wavering)))


def test_an_old_form_that_could_be_the_new_one_is_the_new_one() -> None:
    assert told("顏上げろ", 顏=("顔", 0.86, 0.13)) == "顔上げろ"
    assert told("成層圈", 圈=("圏", 0.76, 0.24)) == "成層圏"


def test_an_old_form_that_was_read_surely_stays() -> None:
    assert told("櫻井の國", 國=("国", 0.96, 0.03)) == "櫻井の國"
    assert told("國") == "國"


@pytest.mark.parametrize("other", ["頗", ""])
def test_an_old_form_whose_rival_is_another_character_stays(other: str) -> None:
    assert told("顏", 顏=(other, 0.6, 0.3 if other else 0.0)) == "顏"


@pytest.mark.parametrize(
    ("text", "letter", "other", "expected"),
    [("力エル", "力", "カ", "カエル"), ("体カが", "カ", "力", "体力が"), ("メ口ン", "口", "ロ", "メロン")],
)
def test_kana_and_kanji_of_one_shape_follow_their_neighbours(text: str, letter: str, other: str, expected: str) -> None:
    assert told(text, **{letter: (other, 0.58, 0.41)}) == expected


def test_no_neighbour_speaks_for_a_shape_that_the_recognizer_ruled_out() -> None:
    assert told("力エル", 力=("カ", 0.97, 0.03)) == "力エル"


def test_kana_of_one_shape_in_both_scripts_speak_for_neither() -> None:
    assert told("ああ夕ベ", 夕=("タ", 0.59, 0.4)) == "ああ夕ベ"


def test_neighbours_that_contradict_each_other_change_nothing() -> None:
    assert told("人力ド", 力=("カ", 0.5, 0.45)) == "人力ド"


def test_what_was_told_apart_is_as_sure_as_both_shapes_were() -> None:
    (first, *_) = told_apart(line("力エル", 力=("カ", 0.58, 0.41)))
    assert first.confidence == pytest.approx(0.99)
    assert first.other_confidence == 0.0


def test_an_empty_line_stays_empty() -> None:
    assert told_apart(()) == ()
