"""What is found in answers, by its name; and what must not be taken for a fault."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from translator.translation.answer import Item
from translator.translation.asked import Asked, echo_length
from translator.translation.checks import Checked, FaultKind, check, is_wrong_language, longest_answer
from translator.translation.glossary import Glossary, Term
from translator.translation.small_words import _WORDS, is_of_another_language
from translator.translation.style import StyleBook

DICT = Path(__file__).resolve().parents[3] / "dict"
BOOK = StyleBook.load(DICT)


def asked(*texts: str) -> tuple[Asked, ...]:
    return tuple(Asked(str(i + 1), 1, i, f"r{i}", text, "dialogue") for i, text in enumerate(texts))


def judge(texts: tuple[Asked, ...], items: list[Item], target: str = "en", glossary: Glossary | None = None) -> Checked:
    return check(texts, items, BOOK.language(target), glossary or Glossary())


def one(source: str, translation: str, target: str = "en", echo: str | None = None) -> FaultKind | None:
    """The fault of a single answer."""
    checked = judge(asked(source), [Item("1", source[:6] if echo is None else echo, translation)], target)
    return checked.faults[0].kind if checked.faults else None


def test_every_text_is_good_or_has_a_fault() -> None:
    texts = asked("おはよう", "どこだ?", "知らない")
    checked = judge(texts, [Item("1", "おはよう", "Morning!"), Item("9", "", "Who?"), Item("2", "どこだ?", "")])
    assert checked.good == {"1": "Morning!"}
    assert {(fault.label, fault.kind) for fault in checked.faults} == {
        ("9", FaultKind.UNKNOWN),
        ("2", FaultKind.EMPTY),
        ("3", FaultKind.MISSING),
    }
    assert set(checked.wrong) == {"2", "3"}


def test_the_same_answer_twice_is_one_answer_and_two_different_ones_are_none() -> None:
    item = Item("1", "おはよう", "Morning!")
    assert judge(asked("おはよう"), [item, item]).good == {"1": "Morning!"}
    checked = judge(asked("おはよう"), [item, Item("1", "おはよう", "Hello!")])
    assert checked.faults[0].kind is FaultKind.DUPLICATE


def test_exchanged_answers_are_found_by_their_echoes_though_no_id_is_missing() -> None:
    texts = asked("お前は誰だ?", "私は医者です。", "帰れ!")
    items = [
        Item("1", "私は医者です", "I'm a doctor."),
        Item("2", "お前は誰だ?", "Who are you?"),
        Item("3", "帰れ!", "Go home!"),
    ]
    checked = judge(texts, items)
    assert checked.good == {"3": "Go home!"}
    assert [fault.kind for fault in checked.faults] == [FaultKind.SWAPPED] * 2


def test_answers_that_all_moved_by_one_are_found() -> None:
    sources = ("お前は誰だ?", "私は医者です。", "帰れ!", "嫌だと言ったら?")
    items = [Item(str(i + 1), sources[(i + 1) % 4][:6], f"Text {i}.") for i in range(4)]
    assert not judge(asked(*sources), items).good


def test_texts_that_begin_alike_are_told_apart_by_a_longer_echo() -> None:
    texts = asked("お兄ちゃん、お願い、行かないで", "お兄ちゃん、お願い、助けて")
    size = echo_length(texts)
    assert size > 10
    checked = judge(texts, [Item("1", texts[1].text[:size], "Help me!"), Item("2", texts[0].text[:size], "Don't go!")])
    assert [fault.kind for fault in checked.faults] == [FaultKind.SWAPPED] * 2


def test_a_repeated_line_has_no_wrong_echo() -> None:
    checked = judge(asked("えっ?", "えっ?"), [Item("1", "えっ?", "Huh?"), Item("2", "えっ?", "What?")])
    assert set(checked.good) == {"1", "2"}


@pytest.mark.parametrize(
    ("source", "echo"),
    [
        ("もう遅いんだよ。", "もう遅いんだよ。"),
        ("もう遅いんだよ。", "もう遅いん"),
        ("もう遅いんだよ。", "もう 遅い んだよ"),
        ("……そうか", "...そうか"),
        ("ＯＫだ！", "OKだ!"),
        ("い曰曜日だよね", "い日曜日だ"),
        ("え", "え"),
    ],
)
def test_an_echo_may_differ_as_models_type(source: str, echo: str) -> None:
    assert one(source, "Fine, then.", echo=echo) is None


@pytest.mark.parametrize("echo", ["", "   ", "Too late", "全然違う文章"])
def test_an_answer_that_shows_no_source_is_not_believed(echo: str) -> None:
    assert one("もう遅いんだよ。", "It's too late.", echo=echo) is FaultKind.NO_ECHO


@pytest.mark.parametrize(
    ("source", "translation", "target"),
    [
        ("OK!", "OK!", "en"),
        ("3000", "3000", "en"),
        ("TOKYO", "TOKYO", "de"),
        ("Maria!", "Maria!", "es"),
        ("東京", "東京", "zh-Hant"),
        ("山田太郎", "山田太郎", "zh-Hans"),
        ("ハハハ", "Ha ha ha!", "en"),
        ("えっ", "Huh?", "en"),
        ("(´・ω・`)", "(´・ω・`)", "en"),
        ("キター(´Д`)", "It's here! (´Д`)", "en"),
        ("Tシャツ", "T恤", "zh-Hans"),
        ("NASAだ", "NASA다", "ko"),
        ("SOS!", "SOS!", "ko"),
        ("アイラブユー", "I love you", "ko"),
        ("OKだ", "OK!", "ru"),
        ("田中さん", "Танака", "ru"),
        ("ねえ", "Hé, œuvre à ça ! Ça va ?", "fr"),
        ("百万円", "1,000,000 yen", "en"),
        ("…", "…", "en"),
        ("一期一会だ", "It's a once-in-a-lifetime encounter.", "en"),
        ("優の良品", "優の良品大特賣中", "zh-Hant"),
        ("これ", "Đây này!", "vi"),
        ("これ", "นี่ไง", "th"),
        ("これ", "ها هو!", "ar"),
        ("これ", "Acest lucru, ăsta", "ro"),
        ("なに", "Τι;", "el"),
        ("ザ・ロックが来た", "¡Ha llegado The Rock!", "es"),
        ("ラブソングだ", "Das ist „Let’s Stay Together“!", "de"),
        ("お前は誰だ?", "Wer bist du, und was willst du hier?", "de"),
        ("お前は誰だ?", "¿Quién eres y qué quieres?", "es-419"),
        ("俺は知らない", "Je ne sais pas, moi.", "fr"),
        ("知らない", "Nie wiem, co to jest.", "pl"),
        ("“What are you?” だと", "Er fragt: “What are you?”", "de"),
        ("これは何だ", "Vad är det här för något?", "sv"),
        ("これは何だ", "Wat is dit en waar is hij?", "nl"),
        ("ラ・ドルチェ・ヴィータ", "La dolce vita", "es"),
        ("デジャヴュ", "Un déjà vu", "en"),
        ("オラ、アミーゴ", "Hola, amigo", "en"),
    ],
)
def test_names_numbers_cries_and_faces_are_no_fault(source: str, translation: str, target: str) -> None:
    assert one(source, translation, target) is None


@pytest.mark.parametrize(
    ("source", "translation", "target"),
    [
        ("どこだ?", "你在哪里?", "en"),
        ("どこだ?", "Где ты?", "en"),
        ("どこだ?", "어디야?", "en"),
        ("すごいな", "That's すごい!", "en"),
        ("どこだ?", "Where are you?", "zh-Hans"),
        ("どこだ?", "Where are you?", "ru"),
        ("どこだ?", "Where are you?", "ar"),
        ("どこだ?", "你在哪里?", "ko"),
        ("どこだ?", "どこですか?", "zh-Hans"),
        ("まだ言うのか", "你这个说话的东西还没完", "zh-Hant"),
        ("まだ言うのか", "你這個說話的東西還沒完", "zh-Hans"),
        ("お前は誰だ?", "Who are you and what do you want?", "es"),
        ("知らないと言っただろう", "I’m sure that’s what I said.", "id"),
        ("お前は誰だ?", "¿Quién eres y qué quieres?", "fr"),
        ("待ってくれ、話を聞いてくれ!", "¡Espera, tengo que hablar contigo, y no aquí!", "fr"),
        ("俺は知らない", "Je ne sais pas, moi.", "es"),
        ("行かなければならない", "Ich muss jetzt gehen.", "fr"),
        ("お前は知らない", "Você não sabe de nada!", "es"),
        ("お前は知らない", "Yo no lo sé, ¿y tú quién eres?", "pt-BR"),
        ("何がほしい?", "Che cosa vuoi da me?", "pt"),
        ("あなたは誰?", "Kamu siapa, dan apa maumu?", "vi"),
        ("あなたは誰?", "Sen kimsin, ne istiyorsun?", "de"),
        ("知らない", "Nie wiem, co to jest.", "de"),
        ("もう遅い", "Không, tôi không biết gì.", "id"),
    ],
)
def test_another_script_is_another_language(source: str, translation: str, target: str) -> None:
    assert one(source, translation, target) in (FaultKind.WRONG_LANGUAGE, FaultKind.SOURCE_COPIED)


SHORT = {
    "どこだ?": ("¿Dónde?", "Où ça ?"),
    "誰だ?": ("¿Quién es?", "Qui est-ce ?"),
    "嫌だ": ("No quiero.", "Je veux pas."),
    "待て": ("Espera ya.", "Attends."),
    "ここだ": ("Aquí.", "Ici, là."),
    "マリア!": ("¡María!", "Maria !"),
    "知らない": ("No sé nada.", "J'en sais rien."),
}


def test_short_answers_of_another_language_are_told_by_all_of_them_together() -> None:
    texts = asked(*SHORT)
    spanish, french = zip(*SHORT.values(), strict=True)
    wrong = judge(texts, answered(texts, spanish), target="fr")
    assert not wrong.good
    assert {fault.kind for fault in wrong.faults} == {FaultKind.WRONG_LANGUAGE}
    assert len(judge(texts, answered(texts, french), target="fr").good) == len(SHORT)
    assert len(judge(texts, answered(texts, spanish), target="es").good) == len(SHORT)


def test_of_answers_in_two_languages_those_in_the_right_one_stay() -> None:
    texts = asked(*SHORT)
    spanish, french = zip(*SHORT.values(), strict=True)
    mixed = (*spanish[:3], "Pero ¿y los demás?", "Ya estoy aquí.", spanish[5], french[6])
    assert judge(texts, answered(texts, mixed), target="fr").good == {"7": french[6]}


def answered(texts: Sequence[Asked], answers: Sequence[str]) -> list[Item]:
    return [Item(one.label, one.text, answer) for one, answer in zip(texts, answers, strict=True)]


@pytest.mark.parametrize("tag", sorted(_WORDS))
def test_a_language_never_takes_its_own_small_words_for_anothers(tag: str) -> None:
    assert not is_of_another_language(sorted(_WORDS.get(tag, ())), tag, many=True)


def test_every_language_in_latin_letters_that_has_rules_has_its_small_words() -> None:
    tags = {path.stem for path in (DICT / "languages").glob("*.md")}
    assert set(_WORDS) == {tag for tag in tags if BOOK.language(tag).scripts == {"Latin"}}


@pytest.mark.parametrize(
    ("source", "target"),
    [("どこだ?", "en"), ("どこだ?", "zh-Hans"), ("ど こ だ", "ko"), ("I don't know what you mean", "es")],
)
def test_the_source_is_no_translation(source: str, target: str) -> None:
    assert one(source, source, target) is FaultKind.SOURCE_COPIED


@pytest.mark.parametrize(("source", "target"), [("え", "en"), ("おはよう", "en"), ("お前には関係ない。", "zh-Hans")])
def test_ten_times_too_long_is_a_runaway(source: str, target: str) -> None:
    word = "好" if target.startswith("zh") else "la "
    text = word * (longest_answer(source, BOOK.language(target)) + 1)
    assert one(source, text, target) is FaultKind.RUNAWAY


def test_one_long_answer_to_three_texts_is_no_translation_of_any() -> None:
    texts = asked("行くぞ", "待て", "何だ?", "え")
    same = "I'm sorry, I can't say."
    items = [Item(str(i + 1), texts[i].text, same) for i in range(3)] + [Item("4", "え", "Huh?")]
    checked = judge(texts, items)
    assert checked.good == {"4": "Huh?"}
    assert {fault.kind for fault in checked.faults} == {FaultKind.REPEATED}


def test_a_short_answer_may_come_often() -> None:
    texts = asked("え", "なに", "はあ")
    items = [Item(str(i + 1), texts[i].text, "Huh?") for i in range(3)]
    assert len(judge(texts, items).good) == 3


def test_a_missed_term_leaves_a_doubtful_answer() -> None:
    glossary = Glossary([Term("黒木", "Kuroki"), Term("剣", "sword")])
    checked = judge(asked("黒木の剣だ"), [Item("1", "黒木の剣だ", "That's his blade.")], glossary=glossary)
    assert checked.doubtful == {"1": "That's his blade."}
    assert "Kuroki" in checked.wrong["1"]


def test_a_language_without_rules_is_not_checked_for_its_script() -> None:
    assert not is_wrong_language("何でも", "なんでも", BOOK.language("qaa"))
