"""A series memory finds a sentence again in spite of recognition errors, and nothing where there is a doubt."""

from __future__ import annotations

from typing import Any

import pytest

from translator.pipeline.memory import (
    MAX_ENTRIES,
    MAX_TEXT,
    MemoryFormatError,
    MemoryMatch,
    TranslationMemory,
    same_language,
)


def document(*pairs: tuple[str, str], source: str = "ja", target: str = "en") -> dict[str, Any]:
    entries = [{"source": text, "target": english} for text, english in pairs]
    return {"schema": 1, "source": source, "target": target, "entries": entries}


def find(text: str, *pairs: tuple[str, str]) -> MemoryMatch | None:
    return TranslationMemory.from_json(document(*pairs)).find(text, source="ja", target="en")


def answer(text: str, *pairs: tuple[str, str]) -> str | None:
    match = find(text, *pairs)
    return match.entry.target if match else None


@pytest.mark.parametrize(
    "read",
    [
        "なんだ！？",
        "なんだ!?",
        "なん\nだ⁉",
        "な ん　だ?!",
    ],
)
def test_the_same_text_is_found_whatever_its_spaces_line_breaks_and_widths(read: str) -> None:
    match = find(read, ("なんだ!?", "What?!"))
    assert match is not None
    assert (match.entry.target, match.score) == ("What?!", 1.0)


@pytest.mark.parametrize(
    ("stored", "read"),
    [
        ("まって…", "まって..."),
        ("まって…", "まって・・・"),
        ("まって……", "まって…"),
        ("まってー", "まって—"),
        ("まって〜", "まって～"),
        ("まって!!", "まって！"),
        ("ガラス", "ｶﾞﾗｽ"),
        ("が来た", "か゛来た"),
    ],
)
def test_variants_of_a_mark_are_one_mark(stored: str, read: str) -> None:
    match = find(read, (stored, "Wait"))
    assert match is not None
    assert match.score == 1.0


def test_punctuation_that_the_recognizer_lost_costs_a_little_score() -> None:
    match = find("行くぞ", ("行くぞ！", "Let's go!"))
    assert match is not None
    assert 0.95 < match.score < 1.0


def test_a_question_is_not_the_statement_in_the_same_words() -> None:
    assert find("行くの?", ("行くの", "I'm going.")) is None


def test_a_question_mark_that_was_lost_with_the_last_marks_is_forgiven() -> None:
    match = find("いまのなに！", ("いまのなに！？", "What was that?!"))
    assert match is not None
    assert match.entry.target == "What was that?!"
    assert 0.95 < match.score < 0.99


def test_a_lost_question_mark_with_two_answers_or_in_the_middle_is_a_doubt() -> None:
    assert find("いまの！", ("いまの？", "That one?"), ("いまの！？", "What was that?!")) is None
    assert find("なに、いまの", ("なに？いまの", "What was that?")) is None


@pytest.mark.parametrize(
    ("stored", "read"),
    [
        ("明日の朝に出発", "明日の朝に出登"),
        ("明日の朝に出発", "明目の朝に出登"),
        ("ここで待ってて", "ここで侍ってて"),
        ("十年前の夏休み", "十年前の夏体み"),
        ("びょういんへ行く", "びよういんへ行く"),
        ("カエルのへや", "カエルのヘヤ"),
        ("宇宙飛行士になって丸い地球を見ること", "宇宙飛行土になって丸い地球を貝ること"),
        ("カメラを回収したら地球の写真が撮れる", "カメラ回収したら地球の写真が撮れる"),
    ],
)
def test_one_or_two_wrong_characters_in_six_or_more_are_forgiven(stored: str, read: str) -> None:
    match = find(read, (stored, "found"))
    assert match is not None
    assert 0.6 < match.score < 1.0


def test_more_wrong_characters_score_lower() -> None:
    stored = ("カメラを宇宙に上げるんです", "We're sending it up!")
    one, two = find("カメラを宇庫に上げるんです", stored), find("カメラを宇庫に土げるんです", stored)
    assert one is not None
    assert two is not None
    assert one.score > two.score


@pytest.mark.parametrize(
    ("stored", "read"),
    [
        ("行くよ", "行けよ"),
        ("はい", "いいえ"),
        ("そうか", "そうだ"),
        ("寒くない", "寒いです"),
        ("ありました", "ありません"),
        ("いただきます", "いってきます"),
        ("いってらっしゃい", "いらっしゃい"),
        ("ありがとうございます", "おめでとうございます"),
        ("それは分かります", "それは分かりません"),
        ("それは分かりません", "それは分かります"),
        ("まだ知りませんでした", "まだ知りました"),
        ("明日は必ず来るよ", "明日は必ず来ないよ"),
        ("3時に駅で会おう", "8時に駅で会おう"),
        ("よかったのか?", "何かあったのか?"),
        ("今日はいい天気だ", "昨日は雪だった"),
        ("行きますか", "いきました"),
    ],
)
def test_a_different_sentence_is_not_taken_for_a_misread_one(stored: str, read: str) -> None:
    assert find(read, (stored, "wrong")) is None


def test_three_wrong_characters_of_six_are_too_many() -> None:
    assert find("明日のの登発", ("明日朝に出発", "We leave tomorrow.")) is None


def test_two_entries_equally_near_answer_nothing() -> None:
    pairs = (("あの山に登ろう", "Let's climb it."), ("あの川に登ろう", "Let's go up the river."))
    assert find("あの口に登ろう", *pairs) is None


def test_two_entries_nearly_equally_near_answer_nothing() -> None:
    pairs = (("あの山に登ろうよ", "Let's climb it."), ("あの川に登ろうか", "Up the river?"))
    assert find("あの口に登ろうよ", *pairs) is None


def test_entries_equally_near_that_say_the_same_are_one_answer() -> None:
    pairs = (("あの山に登ろう", "Let's go!"), ("あの川に登ろう", "Let's go!"))
    assert answer("あの口に登ろう", *pairs) == "Let's go!"


def test_an_exact_entry_wins_over_its_neighbours() -> None:
    pairs = (("あの山に登ろう", "mountain"), ("あの川に登ろう", "river"))
    assert [answer(text, *pairs) for text, _ in pairs] == ["mountain", "river"]


def test_a_later_entry_corrects_an_earlier_one_of_the_same_text() -> None:
    assert answer("店長", ("店長", "Shop manager"), ("店長", "Boss")) == "Boss"


def test_two_texts_that_differ_in_lost_punctuation_only_answer_nothing_without_it() -> None:
    assert find("え", ("え…", "Oh..."), ("え!", "Oh!")) is None


def test_punctuation_alone_matches_only_itself() -> None:
    assert answer("……", ("...", "...")) == "..."
    assert find("!?", ("...", "...")) is None


@pytest.mark.parametrize("text", ["", "   ", "\n"])
def test_a_text_of_nothing_is_not_found(text: str) -> None:
    assert find(text, ("店長", "Boss")) is None


def test_an_empty_memory_finds_nothing() -> None:
    memory = TranslationMemory.from_json(document())
    assert len(memory) == 0
    assert memory.find("明日の朝に出発", source="ja", target="en") is None


@pytest.mark.parametrize(("source", "target"), [("zh", "en"), ("ja", "de"), ("en", "ja"), ("ja", "zh-Hant")])
def test_another_language_pair_is_never_answered(source: str, target: str) -> None:
    memory = TranslationMemory.from_json(document(("店長", "Boss")))
    assert memory.find("店長", source=source, target=target) is None


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        ("ja", "ja-JP", True),
        ("EN", "en_us", True),
        ("pt-BR", "pt-PT", False),
        ("zh-Hans", "zh-Hant", False),
        ("zh", "zh-Hant", False),
        ("zh-Hant-TW", "zh-Hant", True),
        ("ja", "jv", False),
    ],
)
def test_languages_are_the_same_up_to_a_region_left_out(a: str, b: str, same: bool) -> None:
    assert same_language(a, b) is same
    assert same_language(b, a) is same


def test_members_that_are_not_known_are_left_alone() -> None:
    parsed = document(("店長", "Boss")) | {"note": "x"}
    parsed["entries"][0]["page"] = 3
    assert len(TranslationMemory.from_json(parsed)) == 1


def changed(**members: object) -> dict[str, Any]:
    return document(("店長", "Boss")) | members


@pytest.mark.parametrize(
    ("bad", "place"),
    [
        (None, ""),
        ([], ""),
        ("x", ""),
        ({}, "/schema"),
        (changed(schema=2), "/schema"),
        (changed(schema="1"), "/schema"),
        (changed(schema=True), "/schema"),
        (changed(source=None), "/source"),
        (changed(target=" "), "/target"),
        (changed(entries=None), "/entries"),
        (changed(entries={"店長": "Boss"}), "/entries"),
        (changed(entries=[{"source": "a", "target": "b"}] * (MAX_ENTRIES + 1)), "/entries"),
        (changed(entries=[{"source": "a", "target": "b"}, None]), "/entries/1"),
        (changed(entries=[{"target": "b"}]), "/entries/0/source"),
        (changed(entries=[{"source": "a", "target": 7}]), "/entries/0/target"),
        (changed(entries=[{"source": "a", "target": ""}]), "/entries/0/target"),
        (changed(entries=[{"source": "a" * (MAX_TEXT + 1), "target": "b"}]), "/entries/0/source"),
    ],
)
def test_a_document_that_is_no_memory_ends_in_an_error_that_names_the_place(bad: object, place: str) -> None:
    with pytest.raises(MemoryFormatError) as caught:
        TranslationMemory.from_json(bad)
    assert caught.value.place == place
    assert caught.value.detail
