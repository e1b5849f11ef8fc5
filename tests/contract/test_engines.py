"""Which engines a deployment has, what they read, and what is told to whoever asks for others."""

from __future__ import annotations

import pytest

from contract.engines import OPTIONAL, READABLE, EngineRole, EngineSet, check_target, languages_of
from contract.errors import BadMessage
from contract.languages import SETTABLE, reading_language, script_of


def test_without_a_word_there_are_the_default_engines_only() -> None:
    engines = EngineSet.parse("")
    named = {role.value: engines.names(role) for role in EngineRole}
    only = ("default",)
    assert named == {"detector": only, "reader": only, "cleaner": only, "translator": ("default", "keyless")}


def test_a_model_that_translates_can_be_named_where_it_is_configured() -> None:
    engines = EngineSet.parse("gemini_hq")
    engines.check(EngineRole.TRANSLATOR, "gemini_hq")
    with pytest.raises(BadMessage, match=r"what is: default, keyless, gemini_hq$"):
        engines.check(EngineRole.TRANSLATOR, "openai")


def test_names_stand_between_blanks_or_commas() -> None:
    engines = EngineSet.parse(" manga-ocr,comic-detr  manga-ocr ")
    assert engines.names(EngineRole.READER) == ("default", "manga-ocr")
    assert engines.names(EngineRole.DETECTOR) == ("default", "comic-detr")


def test_a_name_that_nobody_knows_is_refused_with_those_that_are_known() -> None:
    with pytest.raises(ValueError, match="'mangaocr' is not one of comic-detr, manga-ocr"):
        EngineSet.parse("manga-ocr mangaocr")


def test_an_engine_is_for_one_thing() -> None:
    engines = EngineSet.parse("manga-ocr")
    engines.check(EngineRole.READER, "manga-ocr")
    with pytest.raises(BadMessage, match=r"what is: default$") as caught:
        engines.check(EngineRole.DETECTOR, "manga-ocr")
    assert caught.value.field == "options.detector"


@pytest.mark.parametrize("source", ["ja", "ja-JP", "zh", "zh-TW", "zh-Hans", "zh-SG", "en-GB"])
def test_what_the_default_reader_reads_is_taken(source: str) -> None:
    EngineSet().check_source(source, "default")


@pytest.mark.parametrize("source", ["ko", "ko-KR", "fr", "ru", "tlh", "enm"])
def test_what_it_cannot_read_is_refused_naming_what_it_can(source: str) -> None:
    with pytest.raises(BadMessage, match=rf"{source} cannot .* reads ja, zh, zh-Hans, zh-Hant, en$") as it:
        EngineSet().check_source(source, "default")
    assert it.value.field == "source"


def test_a_reader_that_could_is_named() -> None:
    with pytest.raises(BadMessage, match=r"options\.reader gemini can"):
        EngineSet.parse("gemini").check_source("ko", "default")
    EngineSet.parse("gemini").check_source("ko", "gemini")


def test_a_reader_of_one_language_reads_no_other() -> None:
    with pytest.raises(BadMessage, match=r"manga-ocr, which reads ja; options\.reader default can"):
        EngineSet.parse("manga-ocr").check_source("en", "manga-ocr")


def test_each_language_of_the_table_is_the_one_that_its_tag_leads_to() -> None:
    for name in ("default", *(name for name, engine in OPTIONAL.items() if engine.role is EngineRole.READER)):
        assert languages_of(name)
        assert all(reading_language(language) == language for language in languages_of(name))
    assert set(READABLE) <= set(languages_of("gemini"))


@pytest.mark.parametrize(
    ("tag", "script"),
    [
        ("en", "Latn"),
        ("pt-BR", "Latn"),
        ("vi", "Viet"),
        ("zh", "Hans"),
        ("zh-HK", "Hant"),
        ("zh-Hans-TW", "Hans"),
        ("sr", "Cyrl"),
        ("sr-Latn", "Latn"),
        ("az-Cyrl", "Cyrl"),
        ("pa_IN", "Guru"),
        ("hi", "Deva"),
        ("en-Zsye", "Zsye"),
    ],
)
def test_a_tag_tells_its_script(tag: str, script: str) -> None:
    assert script_of(tag) == script


@pytest.mark.parametrize("target", ["hi", "ta", "my", "ka", "en-Zsye"])
def test_a_script_without_a_font_is_refused_naming_those_with_one(target: str) -> None:
    with pytest.raises(BadMessage, match="no font for its script") as caught:
        check_target(target)
    assert caught.value.field == "target"
    assert all(name in caught.value.detail for name in SETTABLE.values())
