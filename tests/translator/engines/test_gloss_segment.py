"""Balloon text is cut at its punctuation; stutters, drawn-out sounds and cries are told from words."""

from __future__ import annotations

import pytest

from translator.engines.gloss_segment import Segment, calmed, cry, has_japanese, segments


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("夢！", [Segment("夢", "!")]),
        ("...夢", [Segment("", "..."), Segment("夢", "")]),
        ("夢、翼。", [Segment("夢", ","), Segment("翼", ".")]),
        ("な、なんだ", [Segment("なんだ", "", stutters=True)]),
        ("な...なんだ", [Segment("なんだ", "", stutters=True)]),
        ("おっおい", [Segment("おい", "", stutters=True)]),
        ("いっ　いえ", [Segment("いえ", "", stutters=True)]),
        ("な、夢だ", [Segment("な", ","), Segment("夢だ", "")]),
        ("さっさと", [Segment("さっさと", "")]),
        ("十年後ーー夏", [Segment("十年後", "--"), Segment("夏", "")]),
        ("スーパー", [Segment("スーパー", "")]),
        ("夢\n翼", [Segment("夢翼", "")]),
        ("♪", [Segment("", "♪")]),
        ("", []),
    ],
)
def test_a_text_is_cut_at_its_marks(text: str, cut: list[Segment]) -> None:
    assert list(segments(text)) == cut


@pytest.mark.parametrize(
    ("words", "plain"), [("すごーい", "すごい"), ("だめっ", "だめ"), ("ピーラー", "ピーラー"), ("っ", "っ")]
)
def test_drawn_out_sounds_are_calmed_but_long_vowels_of_loanwords_stay(words: str, plain: str) -> None:
    assert calmed(words) == plain


@pytest.mark.parametrize(
    ("words", "english"),
    [
        ("きゃああああ", "eek"),
        ("ウワァァ", "whoa"),
        ("うんっ", "yeah"),
        ("ううん", "uh-uh"),
        ("はははは", "ha ha"),
        ("ばかーっ", "idiot"),
    ],
)
def test_a_cry_is_known_however_long_it_is_drawn_out(words: str, english: str) -> None:
    assert cry(words) == english


@pytest.mark.parametrize("words", ["風船", "あした", "うさぎ", "", "abc"])
def test_a_word_is_no_cry(words: str) -> None:
    assert cry(words) is None


@pytest.mark.parametrize(
    ("text", "japanese"),
    [
        ("夢", True),
        ("ｱ", True),
        ("あ", True),
        ("OK 3!", False),
        ("…！？", False),
        ("ー", False),
        ("", False),
        ("々", True),
    ],
)
def test_japanese_is_told_by_its_kana_and_kanji(text: str, japanese: bool) -> None:
    assert has_japanese(text) is japanese
