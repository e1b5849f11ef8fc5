"""The gloss over its real tokenizer and dictionary, where the extra ``gloss`` is installed, and without them."""

from __future__ import annotations

import json
import sqlite3
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path

import pytest

from translator.engines.gloss import Gloss, GlossUnavailableError, Lexicon
from translator.engines.gloss_dictionary import JmDict, shortened
from translator.engines.gloss_segment import has_japanese
from translator.engines.gloss_word import Part, Word

ANNOTATION = Path(__file__).parents[3] / ".." / "shared" / "manga-dev" / "annotation.json"
_PACKAGES = ("sudachipy", "sudachidict_core", "jamdict_data")
with_packages = pytest.mark.skipif(
    not all(find_spec(name) for name in _PACKAGES), reason="the extra fukidashi[gloss] is not installed"
)


@pytest.fixture(scope="module")
def gloss() -> Iterator[Gloss]:
    lexicons: list[Lexicon] = []

    def load() -> Lexicon:
        lexicons.append(Lexicon.installed())
        return lexicons[0]

    yield Gloss(load)
    for lexicon in lexicons:
        assert isinstance(lexicon.dictionary, JmDict)
        lexicon.dictionary.close()


@with_packages
@pytest.mark.parametrize(
    ("text", "english"),
    [
        ("風船が割れた", "balloon, break"),
        ("夢の翼は", "dream, wing"),
        ("私の本", "my, book"),
        ("行きたくない", "not want to go"),
        ("食べられなかった!", "not eat!"),
        ("見るな!!", "don't look!!"),
        ("これを食べてください", "this, please eat"),
        ("行かなきゃいけない", "must go"),
        ("行かなければならない", "must go"),
        ("行かなくちゃ!", "must go!"),
        ("お金がなければ買えない", "if no money, not buy"),
        ("帰ろう", "let's return"),
        ("どうしよう...", "what to do..."),
        ("誰もいません", "no one, not be"),
        ("嘘はありません", "lie, none"),
        ("「夢」は見ない", '"dream" not look'),
        ("GPSを探す", "GPS, search for"),
        ("大事なものなんだよ", "important, thing"),
        ("まっ待て!", "w-wait!"),
        ("時間がない", "no time"),
        ("本当なのか", "really?"),
        ("太郎さんは?", "Taro-san?"),
        ("今日は寒いけど外へ行く", "today, cold, but, outside, go"),
        ("夢...?", "dream...?"),
        ("...風船?", "...balloon?"),
        ("「夢」を見る", '"dream" look'),
        ("3万メートルの高さ", "30000, metre, height"),
        ("風船　カメラ", "balloon, camera"),
    ],
)
def test_words_are_put_into_english_one_after_the_other(gloss: Gloss, text: str, english: str) -> None:
    assert gloss.gloss(text) == english


@with_packages
@pytest.mark.parametrize(
    ("text", "english"),
    [("メルゼブ!", "Meruzebu!"), ("よね", "yone"), ("龘龘", "(?)")],
)
def test_what_no_dictionary_has_is_pronounced_or_marked_as_unreadable(gloss: Gloss, text: str, english: str) -> None:
    assert gloss.gloss(text) == english


@with_packages
def test_no_text_of_real_manga_leaves_japanese_or_nothing_behind(gloss: Gloss) -> None:
    if not ANNOTATION.exists():
        pytest.skip("the development pages are not on this machine")
    books = json.loads(ANNOTATION.read_text(encoding="utf-8"))
    texts = [text["text_ja"] for book in books for page in book["pages"] for text in page["text"]]
    for text in filter(str.strip, texts):
        english = gloss.gloss(text)
        assert english, text
        assert not has_japanese(english), (text, english)
        assert ", ," not in english


@with_packages
def test_many_threads_get_the_answers_that_one_gets(gloss: Gloss) -> None:
    texts = ["風船が割れた", "夢の翼は", "行きたくない", "私の本"] * 50
    alone = [gloss.gloss(text) for text in texts]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(gloss.gloss, texts)) == alone


@pytest.mark.parametrize("package", _PACKAGES)
def test_a_missing_package_is_named_with_the_extra_that_brings_it(
    package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(GlossUnavailableError, match=r"fukidashi\[gloss\]"):
        Gloss().gloss("風船")


@pytest.mark.parametrize("content", [b"", b"no database at all, only text" * 100])
def test_a_damaged_dictionary_is_a_typed_error(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "jamdict.db"
    path.write_bytes(content)
    with pytest.raises(sqlite3.Error):
        JmDict(path)


class OneWord:
    """A tokenizer that takes each text for one noun."""

    def words(self, text: str) -> tuple[Word, ...]:
        return (Word(text, text, text, "", Part.NOUN),)


class Unreadable:
    """A dictionary whose file broke after it was opened."""

    def meaning(self, spelling: str, part: Part, reading: str = "") -> str | None:
        raise sqlite3.DatabaseError("disk image is malformed")

    def has_phrase(self, spelling: str) -> bool:
        return False


class Fixed:
    """A dictionary with one answer for everything."""

    def meaning(self, spelling: str, part: Part, reading: str = "") -> str | None:
        return "word"

    def has_phrase(self, spelling: str) -> bool:
        return False


def test_a_dictionary_that_breaks_while_in_use_is_a_typed_error() -> None:
    with pytest.raises(GlossUnavailableError, match="cannot be read"):
        Gloss(lambda: Lexicon(OneWord(), Unreadable())).gloss("風船")


def never() -> Lexicon:
    raise AssertionError("the lexicon was loaded")


@pytest.mark.parametrize(
    ("text", "english"),
    [
        ("...", "..."),
        ("……！？", "...!?"),
        ("！！", "!!"),
        ("", ""),
        ("OK!", "OK!"),
        ("あっ!", "ah!"),
        ("うおおおおおおお!?", "whoa!?"),
        ("え、ええっ!?", "h-huh!?"),
        ("ありがとうございます", "thank you"),
        ("ただいまー!", "I'm home!"),
        ("おっおい!!", "h-hey!!"),
    ],
)
def test_punctuation_and_cries_need_no_dictionary(text: str, english: str) -> None:
    assert Gloss(never).gloss(text) == english


def test_the_lexicon_is_loaded_once_however_many_threads_ask_first() -> None:
    loads: list[int] = []
    start = threading.Barrier(8)

    def load() -> Lexicon:
        loads.append(1)
        return Lexicon(OneWord(), Fixed())

    shared = Gloss(load)

    def ask(_: int) -> str:
        start.wait(5)
        return shared.gloss("風船")

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(ask, range(8))) == {"word"}
    assert loads == [1]


def test_a_lexicon_that_cannot_be_loaded_is_tried_once() -> None:
    loads: list[int] = []

    def load() -> Lexicon:
        loads.append(1)
        raise GlossUnavailableError("no dictionary")

    broken = Gloss(load)
    for _ in range(3):
        with pytest.raises(GlossUnavailableError, match="no dictionary"):
            broken.gloss("風船")
    assert loads == [1]


@pytest.mark.parametrize(
    ("senses", "short"),
    [
        ([["to melt", "to dissolve"]], "melt"),
        ([["a long explanation of many words", "short one"]], "short one"),
        ([["a long explanation of many words"], ["brief"]], "brief"),
        ([["one two three four five six"]], "one two three four"),
        ([["balloon (esp. small)"]], "balloon"),
        ([["prefix for forming ordinals"], ["-ical"]], ""),
        ([[]], ""),
        ([], ""),
    ],
)
def test_a_sense_is_cut_to_a_few_words_of_english(senses: list[list[str]], short: str) -> None:
    assert shortened(senses) == short
