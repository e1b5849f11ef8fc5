"""Texts are compared as a reader of the page would: by what is drawn, not by which code point was typed."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from translator.evaluation.compare import compare, confusions, differences, same_but_for_size


@pytest.mark.parametrize(
    ("wanted", "found", "edits", "bare"),
    [
        ("あ!?", "あ！？", 0, 0),
        ("わ〜", "わ～", 0, 0),
        ("翌朝――", "翌朝ーー", 0, 0),
        ("翌朝——", "翌朝ー", 1, 1),
        ("…はい", "はい", 3, 0),
        ("は い", "はい", 0, 0),
        ("お", "", 1, 1),
        ("ﾊﾝｶｸ", "ハンカク", 0, 0),
        ("あっ", "あつ", 1, 1),
    ],
)
def test_forms_of_a_mark_are_equal_and_punctuation_is_set_apart(wanted: str, found: str, edits: int, bare: int) -> None:
    compared = compare(wanted, found)
    assert (compared.edits, compared.bare_edits) == (edits, bare)


def test_a_lost_space_counts_where_spaces_part_words() -> None:
    assert compare("no  way", "noway", source="en").edits == 1
    assert compare("no  way", "no way", source="en").edits == 0
    assert compare("no way", "noway", source="ja").edits == 0


def test_only_the_size_of_kana_is_told_from_other_errors() -> None:
    assert same_but_for_size("ちょっと", "ちよつと")
    assert not same_but_for_size("ちょっと", "ちょっと")
    assert not same_but_for_size("ちょっと", "ちよつて")


def test_each_character_read_as_another_lost_or_added_is_named() -> None:
    assert confusions("雨だ", "両だ") == (("雨", "両"),)
    assert confusions("雨だ", "雨") == (("だ", ""),)
    assert confusions("雨", "雨ね") == (("", "ね"),)


@given(st.text("あいう雨傘!。", max_size=12), st.text("あいう雨傘!。", max_size=12))
def test_the_differences_spell_both_texts(wanted: str, found: str) -> None:
    runs = differences(wanted, found)
    assert "".join(run.wanted for run in runs) == wanted
    assert "".join(run.found for run in runs) == found
    assert all(run.is_same == (run.wanted == run.found) for run in runs)
    assert all(before.is_same != after.is_same for before, after in pairwise(runs))
