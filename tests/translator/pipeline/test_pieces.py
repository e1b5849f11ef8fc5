"""Where lines may end: words, phrases, characters under kinsoku, and syllables as the last resort."""

from __future__ import annotations

import pytest

from translator.pipeline.flow import measure
from translator.pipeline.pieces import pieces_of, split_long


def ten_px_a_letter(text: str) -> float:
    return 10.0 * len(text)


def texts(text: str, target: str) -> list[str]:
    return [piece.text for piece in pieces_of(text, target=target)]


@pytest.mark.parametrize("text", ["WELL-KNOWN", "WHAT—NOW", "SO...WHAT"])
def test_a_line_may_end_after_a_hyphen_a_dash_or_dots(text: str) -> None:
    pieces = pieces_of(text, target="en")
    assert len(pieces) == 2
    assert "".join(piece.text for piece in pieces) == text


def test_a_number_range_and_an_opening_dash_are_not_torn() -> None:
    assert [piece.text for piece in pieces_of("—HEY -5", target="en")] == ["—HEY", "-5"]


def test_an_opening_bracket_never_ends_a_line() -> None:
    pieces = [piece.text for piece in pieces_of("私は「猫」です", target="ja")]
    assert "「猫」" in pieces


def test_latin_words_and_dots_inside_ideographs_stay_whole() -> None:
    pieces = [piece.text for piece in pieces_of("彼はNASAに……", target="ja")]
    assert "NASA" in pieces
    assert "に……" in pieces


def test_a_long_word_is_broken_with_a_hyphen_as_a_last_resort() -> None:
    pieces = split_long(pieces_of("AN UNBELIEVABLE DAY", target="en"), ten_px_a_letter, 90.0, target="en")
    paragraph = measure(pieces, ten_px_a_letter, 10.0)
    assert paragraph.widest_piece <= 90.0
    assert paragraph.line(0, 2) == "AN UNBELIEV-"
    assert paragraph.line(0, 4) == "AN UNBELIEVABLE DAY"


def test_a_short_word_is_never_broken() -> None:
    pieces = pieces_of("HELLO", target="en")
    assert split_long(pieces, ten_px_a_letter, 20.0, target="en") == pieces


@pytest.mark.parametrize("text", ["E-EXCUSE", "H-HUH?", "W-W-WAIT!", "“N-NO!”", "...IF"])
def test_a_stutter_and_its_word_are_never_torn(text: str) -> None:
    assert [piece.text for piece in pieces_of(text, target="en")] == [text]


def test_thai_is_parted_between_its_words_though_nothing_marks_them() -> None:
    assert texts("ฉันไม่รู้ว่าจะทำอย่างไรดี", "th") == ["ฉัน", "ไม่", "รู้", "ว่า", "จะ", "ทำ", "อย่าง", "ไร", "ดี"]


def test_a_thai_mark_stays_with_its_word_and_a_space_is_kept() -> None:
    pieces = pieces_of("รู้แล้ว! ฉัน...", target="th")
    assert "".join((" " if piece.space else "") + piece.text for piece in pieces) == "รู้แล้ว! ฉัน..."
    assert all(piece.text[0] not in "!." for piece in pieces)


@pytest.mark.parametrize(
    ("text", "target", "phrases"),
    [
        ("今日はとても天気がいい", "ja", ["今日は", "とても", "天気が", "いい"]),
        ("今天天气真好，我们去公园", "zh-CN", ["今天", "天气", "真好，", "我们", "去", "公园"]),
        ("今天天氣真好", "zh-TW", ["今天", "天氣", "真好"]),
    ],
)
def test_a_line_of_chinese_or_japanese_rather_begins_with_a_phrase(text: str, target: str, phrases: list[str]) -> None:
    found: list[str] = []
    for piece in pieces_of(text, target=target):
        if piece.penalty <= 0.0:
            found.append(piece.text)
        else:
            found[-1] += piece.text
    assert found == phrases


@pytest.mark.parametrize(
    ("text", "inside"),
    [
        ("載人火箭“朝顏”爆炸了", {"顏”"}),
        ("去看「王冠」和「你所不知道的世界」", {"冠」"}),  # a sentence in quotes may be broken
    ],
)
def test_a_line_rather_does_not_begin_inside_a_short_quote(text: str, inside: set[str]) -> None:
    pieces = pieces_of(text, target="zh-Hant")
    assert {piece.text for piece in pieces if piece.penalty > 3.0} == inside


@pytest.mark.parametrize(
    ("word", "target", "limit", "first"),
    [
        ("MISUNDERSTANDING", "en", 100.0, "MISUNDER-"),
        ("MISUNDERSTANDING", "en-US", 50.0, "MIS-"),
        ("GESCHWINDIGKEIT", "de", 110.0, "GESCHWIN-"),
        ("НЕДОРАЗУМЕНИЕ", "ru", 90.0, "НЕДОРАЗУ-"),
        ("“UNBELIEVABLE!”", "en", 90.0, "“UNBE-"),
    ],
)
def test_words_are_divided_by_the_patterns_of_their_language(word: str, target: str, limit: float, first: str) -> None:
    pieces = split_long(pieces_of(word, target=target), ten_px_a_letter, limit, target=target)
    assert measure(pieces, ten_px_a_letter, 10.0).line(0, 1) == first
    assert "".join(piece.text for piece in pieces) == word


@pytest.mark.parametrize(("text", "target"), [("المستشفيات", "ar"), ("האוניברסיטאות", "he")])
def test_arabic_and_hebrew_words_are_never_divided(text: str, target: str) -> None:
    pieces = pieces_of(text, target=target)
    assert split_long(pieces, ten_px_a_letter, 30.0, target=target) == pieces


def test_a_language_without_patterns_still_divides_what_is_too_wide() -> None:
    pieces = split_long(pieces_of("ABCDEFGHIJKLMNOP", target="xx"), ten_px_a_letter, 90.0, target="xx")
    assert all(ten_px_a_letter(piece.text) <= 90.0 for piece in pieces)


def test_an_unknown_script_is_cut_at_its_spaces() -> None:
    assert texts("אני לא יודע", "he") == ["אני", "לא", "יודע"]


def test_a_word_is_divided_only_where_its_language_does_unless_it_has_to_be() -> None:
    pieces = pieces_of("STRENGTHS RECOMMENDATION", target="en")
    gentle = split_long(pieces, ten_px_a_letter, 60.0, target="en", anywhere=False)
    assert [piece.text for piece in gentle] == ["STRENGTHS", "RECOM", "MENDA", "TION"]
    forced = split_long(pieces, ten_px_a_letter, 60.0, target="en")
    assert all(ten_px_a_letter(piece.text + "-" * piece.hyphen) <= 60.0 for piece in forced)


def test_marks_at_a_word_do_not_make_it_long_enough_to_be_divided() -> None:
    pieces = pieces_of("“POISON...?!”", target="en")
    assert split_long(pieces, ten_px_a_letter, 60.0, target="en", shortest=7) == pieces


def test_a_line_of_chinese_rather_begins_after_a_mark() -> None:
    penalties = {piece.text: piece.penalty for piece in pieces_of("很好，相川。來吧", target="zh-TW")}
    assert penalties["相"] < 0
    assert penalties["來"] < penalties["相"]
