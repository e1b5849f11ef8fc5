"""Line breaking: where lines may end, and which breaks are chosen."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from translator.pipeline.flow import break_lines, fits, measure
from translator.pipeline.pieces import pieces_of


def ten_px_a_letter(text: str) -> float:
    return 10.0 * len(text)


def set_in(text: str, limits: list[float], *, target: str = "en") -> list[str] | None:
    paragraph = measure(pieces_of(text, target=target), ten_px_a_letter, 16.0)
    ideal = paragraph.length / len(limits)
    broken = break_lines(paragraph, limits, [ideal] * len(limits))
    if broken is None:
        return None
    ends = broken[1]
    return [paragraph.line(a, b) for a, b in zip((0, *ends[:-1]), ends, strict=True)]


def test_lines_break_at_spaces_and_are_as_even_as_can_be() -> None:
    assert set_in("ONE TWO THREE FOUR FIVE SIX", [200.0] * 3) == ["ONE TWO", "THREE FOUR", "FIVE SIX"]


def test_the_whole_paragraph_is_weighed_and_not_line_by_line() -> None:
    # Greedy filling would leave the last line with one word.
    assert set_in("AAAA BBBB CCCC DDDD", [140.0] * 2) == ["AAAA BBBB", "CCCC DDDD"]


def test_each_line_keeps_to_its_own_limit() -> None:
    assert set_in("IT WAS ABSOLUTELY AN ACCIDENT OK", [70.0, 150.0, 130.0]) is not None
    assert set_in("ABSOLUTELY IT WAS", [70.0, 150.0]) is None


def test_a_word_wider_than_every_line_does_not_fit() -> None:
    assert set_in("INCOMPREHENSIBLE", [100.0]) is None


def test_an_article_stays_with_its_noun_where_that_costs_little() -> None:
    lines = set_in("LOOK AT THE STAR", [130.0] * 2)
    assert lines == ["LOOK AT", "THE STAR"]


def test_ideographs_break_anywhere_but_punctuation_never_starts_a_line() -> None:
    lines = set_in("今日は、いい天気ですね。", [40.0] * 4, target="ja")
    assert lines is not None
    assert all(line[0] not in "、。" for line in lines)
    assert "".join(lines) == "今日は、いい天気ですね。"


words = st.lists(st.text("ABCDEFG", min_size=1, max_size=9), min_size=1, max_size=14).map(" ".join)
limits = st.lists(st.floats(20, 200), min_size=1, max_size=6)


@given(words, limits)
def test_no_word_is_lost_and_no_limit_broken(text: str, widths: list[float]) -> None:
    lines = set_in(text, widths)
    paragraph = measure(pieces_of(text, target="en"), ten_px_a_letter, 10.0)
    assert fits(paragraph, np.array(widths)) == (lines is not None)
    if lines is not None:
        assert " ".join(lines) == text
        assert len(lines) == len(widths)
        assert all(ten_px_a_letter(line) <= width + 1e-6 for line, width in zip(lines, widths, strict=True))


def test_a_name_keeps_its_honorific_where_it_can() -> None:
    # Evener lines would end with "AIKAWA-" and "THIRTY-".
    assert set_in("WELL, AIKAWA-SAN DID", [200.0] * 2) == ["WELL,", "AIKAWA-SAN DID"]
    assert set_in("WELL, THIRTY-ONE DID", [200.0] * 2) == ["WELL, THIRTY-", "ONE DID"]


@pytest.mark.parametrize("small", ["A", "I", "THE"])
def test_a_small_word_does_not_end_a_line_where_it_need_not(small: str) -> None:
    lines = set_in(f"NOBODY SAW {small} CAT THERE", [200.0] * 2)
    assert lines is not None
    assert not lines[0].endswith(f" {small}")


def test_a_sentence_likes_to_begin_a_line() -> None:
    # Without the full stop, evener lines win.
    assert set_in("I SAW IT. WE ALL DID", [150.0] * 2) == ["I SAW IT.", "WE ALL DID"]
    assert set_in("I SAW IT AS WE ALL DID", [150.0] * 2) == ["I SAW IT AS", "WE ALL DID"]


def test_a_short_word_does_not_stand_alone_between_longer_lines() -> None:
    lines = set_in("TREMENDOUS NOT INCREDIBLE WORK", [160.0] * 3)
    assert lines is not None
    assert "NOT" not in lines
