"""Without a key: a gloss that says so, else the source kept and marked. Never one for the other."""

from __future__ import annotations

import logging

import numpy as np
import pytest

from translator.engines.gloss import Gloss, GlossUnavailableError, Lexicon
from translator.engines.gloss_word import Part, Word
from translator.engines.keyless import GLOSS_NOTE, KeylessTranslator
from translator.pipeline.protocols import PageTranslator, SourceText, TranslateRequest
from translator.pipeline.types import Origin, Translation


class OneWord:
    def words(self, text: str) -> tuple[Word, ...]:
        return (Word(text, text, text, "", Part.NOUN),)


class Fixed:
    def meaning(self, spelling: str, part: Part, reading: str = "") -> str | None:
        return "balloon"

    def has_phrase(self, spelling: str) -> bool:
        return False


def working() -> Gloss:
    return Gloss(lambda: Lexicon(OneWord(), Fixed()))


def unavailable() -> Gloss:
    def load() -> Lexicon:
        raise GlossUnavailableError("install the extra fukidashi[gloss]")

    return Gloss(load)


def never_loaded() -> Gloss:
    def load() -> Lexicon:
        raise AssertionError("the lexicon was loaded")

    return Gloss(load)


def request(*texts: tuple[str, str], source: str = "ja", target: str = "en") -> TranslateRequest:
    asked = tuple(SourceText(region_id, text, "dialogue") for region_id, text in texts)
    return TranslateRequest(1, source, target, asked, np.zeros((8, 8, 3), np.uint8))


def one(translator: PageTranslator, text: str, *, source: str = "ja", target: str = "en") -> Translation:
    (translation,) = translator.translate(request(("r1", text), source=source, target=target))
    return translation


def test_a_text_is_glossed_and_says_so() -> None:
    found = one(KeylessTranslator(working()), "風船")
    assert found == Translation("r1", "balloon", Origin.GLOSS, GLOSS_NOTE)


def test_every_id_is_answered_once_in_the_order_asked() -> None:
    asked = request(("c", "風船"), ("a", ""), ("b", "OK"), ("a", "風船"))
    answers = KeylessTranslator(working()).translate(asked)
    assert [(answer.region_id, answer.origin) for answer in answers] == [
        ("c", Origin.GLOSS),
        ("a", Origin.KEPT_SOURCE),
        ("b", Origin.KEPT_SOURCE),
    ]


def test_a_page_without_text_has_no_answers() -> None:
    assert KeylessTranslator(never_loaded()).translate(request()) == ()


def test_punctuation_alone_answers_as_punctuation() -> None:
    found = one(KeylessTranslator(never_loaded()), "……！？")
    assert (found.text, found.origin) == ("...!?", Origin.GLOSS)


@pytest.mark.parametrize(
    ("text", "source", "target", "reason"),
    [
        ("风筝", "zh", "en", "ja to en"),
        ("안녕", "ko", "en", "ja to en"),
        ("風船", "ja", "de", "ja to en"),
        ("風船", "ja", "ja", "both"),
        ("風船", "ja-JP", "ja", "both"),
        ("hello", "en", "en-US", "both"),
        ("明日の朝に出発だ", "zh", "en", "ja to en"),
        ("  ", "ja", "en", "no text"),
        ("OK", "ja", "en", "nothing Japanese"),
    ],
)
def test_what_cannot_be_glossed_is_kept_as_it_is_with_the_reason(
    text: str, source: str, target: str, reason: str
) -> None:
    found = one(KeylessTranslator(never_loaded()), text, source=source, target=target)
    assert (found.text, found.origin) == (text, Origin.KEPT_SOURCE)
    assert reason in found.note


def test_regions_of_the_language_do_not_matter() -> None:
    assert one(KeylessTranslator(working()), "風船", source="ja-JP", target="en-GB").origin is Origin.GLOSS


def test_without_a_gloss_everything_is_kept() -> None:
    found = one(KeylessTranslator(None), "風船")
    assert (found.text, found.origin) == ("風船", Origin.KEPT_SOURCE)
    assert "no gloss" in found.note


def test_without_the_packages_texts_are_kept_and_one_warning_says_why(caplog: pytest.LogCaptureFixture) -> None:
    translator = KeylessTranslator(unavailable())
    with caplog.at_level(logging.WARNING):
        answers = [one(translator, text) for text in ("風船", "夢の翼")]
    assert [answer.origin for answer in answers] == [Origin.KEPT_SOURCE, Origin.KEPT_SOURCE]
    assert [answer.text for answer in answers] == ["風船", "夢の翼"]
    assert "fukidashi[gloss]" in answers[0].note
    assert len(caplog.records) == 1
    assert "fukidashi[gloss]" in caplog.text
