"""How a translation is written before it is set."""

from __future__ import annotations

import pytest

from translator.pipeline.wording import latin_wording, right_to_left_wording, wide_wording


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("Hello there.", "HELLO THERE."),
        ("10 years later \nsummer", "10 YEARS LATER SUMMER"),
        ("Well …", "WELL..."),
        ("Well ......what?!", "WELL ...WHAT?!"),
        ("...if so", "...IF SO"),
        ("wait -- no", "WAIT—NO"),
        ('he said "hi"', "HE SAID “HI”"),
        ("don't", "DON’T"),
        ("a 'word'", "A ‘WORD’"),
        ("get 'em", "GET ’EM"),
        ("what！？", "WHAT!?"),
        ("「really」", "“REALLY”"),
        ("  ", ""),
    ],
)
def test_english_is_written_like_comic_lettering(text: str, written: str) -> None:
    assert latin_wording(text, caps=True, target="en") == written


def test_a_font_with_small_letters_keeps_them() -> None:
    assert latin_wording("Hello, you.", caps=False, target="en") == "Hello, you."


def test_capitals_follow_the_language() -> None:
    assert latin_wording("istanbul ışık", caps=True, target="tr") == "İSTANBUL IŞIK"
    assert latin_wording("straße", caps=True, target="de") == "STRASSE"
    assert latin_wording("Έλα εδώ, Μαΐου", caps=True, target="el") == "ΕΛΑ ΕΔΩ, ΜΑΪΟΥ"


def test_french_keeps_its_space_before_marks() -> None:
    assert latin_wording("Quoi !", caps=True, target="fr") == "QUOI !"
    assert latin_wording("What !", caps=True, target="en") == "WHAT!"


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("失敗了！ ！", "失敗了！！"),
        ("很好,相川...", "很好，相川……"),
        ("為什麼?\n我", "為什麼？我"),
        ("NASA, OK", "NASA, OK"),
        ("第3,000個", "第3,000個"),
    ],
)
def test_chinese_takes_wide_punctuation(text: str, written: str) -> None:
    assert wide_wording(text, full_width=True) == written


def test_korean_keeps_its_spaces_and_marks() -> None:
    assert wide_wording("정말 이야?\n그래", full_width=False) == "정말 이야? 그래"


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("ماذا?", "ماذا؟"),
        ("لا, نعم; ربما", "لا، نعم؛ ربما"),
        ("1,000 OK?", "1,000 OK?"),
        ("حسنا……", "حسنا…"),
        ("「نعم」", "“نعم”"),
    ],
)
def test_arabic_takes_its_own_marks(text: str, written: str) -> None:
    assert right_to_left_wording(text, arabic=True) == written


def test_hebrew_keeps_the_common_marks() -> None:
    assert right_to_left_wording("מה, אתה ?", arabic=False) == "מה, אתה?"
