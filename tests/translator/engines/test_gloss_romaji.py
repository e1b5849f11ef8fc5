"""Kana become the letters that a reader of English can pronounce."""

from __future__ import annotations

import pytest

from translator.engines.gloss_romaji import romanize


@pytest.mark.parametrize(
    ("kana", "letters"),
    [
        ("さくら", "sakura"),
        ("サクラ", "sakura"),
        ("トウキョウ", "tokyo"),
        ("オオサカ", "osaka"),
        ("ニイガタ", "niigata"),
        ("シンジ", "shinji"),
        ("チヅル", "chizuru"),
        ("フジ", "fuji"),
        ("ケンイチ", "kenichi"),
        ("キョウ", "kyo"),
        ("シャチョウ", "shacho"),
        ("ジュン", "jun"),
        ("ハッピ", "happi"),
        ("マッチャ", "matcha"),
        ("ファイト", "faito"),
        ("ティーカップ", "tikappu"),
        ("ウィン", "win"),
        ("ヴァン", "van"),
        ("スーパー", "supa"),
        ("ｶﾞｸ", "gaku"),
        ("が", "ga"),
        ("ぎゃああああ", "gyaa"),
        ("A子", "a"),
        ("ッ", ""),
        ("ー", ""),
        ("ゃ", "ya"),
        ("漢字", ""),
        ("", ""),
    ],
)
def test_kana_are_romanized(kana: str, letters: str) -> None:
    assert romanize(kana) == letters


def test_every_kana_has_letters_in_ascii() -> None:
    for code in (*range(ord("ぁ"), ord("ゖ") + 1), *range(ord("ァ"), ord("ヶ") + 1)):
        letters = romanize(chr(code) + "あ")
        assert letters.isascii()
        assert letters.isalpha(), chr(code)
