"""Several looks at a line become the one that most of them saw, and doubt shows where they differ."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from translator.engines.ppocr_recognizer import Character
from translator.engines.ppocr_vote import vote


def look(text: str, *unsure: tuple[str, float]) -> tuple[Character, ...]:
    """A line read surely but for the characters of ``unsure``."""
    shares = dict(unsure)
    return tuple(
        Character(letter, shares.get(letter, 0.98), (n + 0.5) / max(1, len(text))) for n, letter in enumerate(text)
    )


def text(line: Sequence[Character]) -> str:
    return "".join(character.text for character in line)


@pytest.mark.parametrize(
    ("looks", "expected"),
    [
        (("系が切れ", "糸が切れ", "糸が切れ"), "糸が切れ"),
        (("すこい", "すごい", "すじい"), "すごい"),
        (("てんちょ", "てんちょお", "てんちょお"), "てんちょお"),
        (("しまった。", "しまった", "しまった"), "しまった"),
        (("", "雨だ", "雨だ"), "雨だ"),
        (("今日は", "今日は雨だ", "日は雨だ"), "今日は雨だ"),
    ],
)
def test_what_most_looks_saw_stands(looks: tuple[str, str, str], expected: str) -> None:
    first, second, third = looks
    assert text(vote([look(first, ("こ", 0.5)), look(second, ("ご", 0.9)), look(third, ("じ", 0.4))])) == expected


def test_two_unsure_looks_do_not_outvote_a_sure_one() -> None:
    assert text(vote([look("雨"), look("両", ("両", 0.3)), look("両", ("両", 0.4))])) == "雨"


def test_a_character_that_the_looks_differ_on_is_less_sure_than_one_that_they_agree_on() -> None:
    line = vote([look("雨だ"), look("雨だ"), look("両だ")])
    assert line[0].confidence < 0.7 < line[1].confidence
    assert (line[0].other, line[1].other) == ("両", "")


def test_widths_of_a_digit_are_one_character() -> None:
    (digit,) = vote([look("3"), look("３"), look("３")])
    assert digit.confidence == pytest.approx(0.98)


def test_a_single_look_stays_as_it_is() -> None:
    assert vote([look("雨だな")]) == look("雨だな")


def test_looks_that_saw_nothing_are_an_empty_line() -> None:
    assert vote([(), (), ()]) == ()
