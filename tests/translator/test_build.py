"""The engines that ship, put together: what they refuse, and a page that goes through all of them."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import onnxruntime
import pytest
from PIL import Image, ImageDraw, ImageFont

from contract.document import PageDocument
from contract.engines import READABLE, languages_of
from contract.job import Options
from contract.languages import SETTABLE, reading_language, script_of
from tests.support.processes import ROOT
from tests.translator.tiny_stages import SilentWatch
from translator.build import Engines, load_engines
from translator.config import Config
from translator.engines.ppocr_models import RECOGNIZER, DeviceUnavailableError, model_path, open_model
from translator.engines.ppocr_recognizer import LineRecognizer
from translator.pipeline.alphabets import LANGUAGES, allowed
from translator.pipeline.fonts import FontBook
from translator.pipeline.memory import MemoryEntry, TranslationMemory
from translator.pipeline.pipeline import PagePipeline, PageSettings
from translator.series_translator import SeriesTranslator
from translator.stages import StageOrder, Unsupported

SENTENCE = "今日はいい天気ですね"


@pytest.fixture(scope="module")
def engines() -> Engines:
    return load_engines(Config())


@pytest.mark.parametrize(
    ("tag", "language"),
    [
        ("ja", "ja"),
        ("ja-JP", "ja"),
        ("en-US", "en"),
        ("zh", "zh"),
        ("zh-CN", "zh-Hans"),
        ("zh-Hant-HK", "zh-Hant"),
        ("zh-TW", "zh-Hant"),
    ],
)
def test_a_language_tag_finds_its_reader(tag: str, language: str) -> None:
    assert reading_language(tag) == language


@pytest.mark.parametrize("tag", ["ko", "ru", "tlh", "fr-CA"])
def test_a_language_that_cannot_be_read_is_refused_naming_those_that_can(engines: Engines, tag: str) -> None:
    with pytest.raises(Unsupported, match="ja, zh, zh-Hans, zh-Hant, en") as caught:
        engines.check(StageOrder(tag, "en"))
    assert caught.value.field == "source"


@pytest.mark.parametrize("tag", ["hi", "ka", "am-Ethi", "en-Runr"])
def test_a_language_that_cannot_be_set_is_refused_naming_those_that_can(engines: Engines, tag: str) -> None:
    with pytest.raises(Unsupported, match=r"no font.*Latin.*Korean") as caught:
        engines.check(StageOrder("ja", tag))
    assert caught.value.field == "target"


def test_the_default_reader_reads_what_the_contract_says_it_does(engines: Engines) -> None:
    assert languages_of("default") == READABLE == LANGUAGES
    characters = tuple("あア漢汉A")
    for tag in READABLE:
        engines.check(StageOrder(tag, "en"))
        assert allowed(reading_language(tag), characters)


def test_the_default_recognizer_has_no_korean() -> None:
    """Else ko could be read, and belonged into the contract's table."""
    recognizer = LineRecognizer(open_model(model_path(RECOGNIZER), threads=1))
    assert not [character for character in recognizer.characters if "\uac00" <= character <= "\ud7a3"]


@pytest.mark.parametrize(
    "tag", ["en", "vi", "ru", "ja", "zh-CN", "zh-TW", "ko", "th", "ar", "he", "el", "hi", "sr-Latn"]
)
def test_what_the_contract_says_can_be_set_is_what_the_fonts_can_set(tag: str) -> None:
    assert FontBook(ROOT / "fonts").can_set(script_of(tag)) == (script_of(tag) in SETTABLE)


@pytest.mark.parametrize("option", ["detector", "reader", "cleaner"])
def test_an_engine_that_is_not_configured_is_refused_naming_those_that_are(engines: Engines, option: str) -> None:
    with pytest.raises(Unsupported, match="'manga-eyes' is not configured; what is: default") as caught:
        engines.check(StageOrder("ja", "en", Options.from_json({option: "manga-eyes"}, "options")))
    assert caught.value.field == f"options.{option}"


def test_a_translator_that_is_not_configured_is_refused(engines: Engines) -> None:
    with pytest.raises(Unsupported) as caught:
        engines.check(StageOrder("ja", "en", Options(translator="oracle")))
    assert caught.value.field == "options.translator"


def test_each_stage_has_a_name(engines: Engines) -> None:
    assert set(engines.engines) == {"detect", "read", "order", "translate", "clean", "typeset"}
    assert all(engines.engines.values())


def test_the_names_say_what_the_models_run_on(engines: Engines) -> None:
    expected = "cuda" if "CUDAExecutionProvider" in onnxruntime.get_available_providers() else "cpu"
    assert {engines.engines[stage] for stage in ("detect", "read")} == {f"PP-OCRv6-small ({expected})"}


def test_a_gpu_that_is_asked_for_and_not_there_stops_the_start() -> None:
    if "CUDAExecutionProvider" in onnxruntime.get_available_providers():
        pytest.skip("this onnxruntime can use a GPU")
    with pytest.raises(DeviceUnavailableError, match="CUDAExecutionProvider"):
        load_engines(Config(device="cuda"))


def test_a_sentence_of_the_memory_is_read_found_and_set(engines: Engines) -> None:
    memory = TranslationMemory([MemoryEntry(SENTENCE, "Lovely weather today.")], source="ja", target="en")
    stages = engines.stages(StageOrder("ja", "en"))
    stages = replace(stages, translator=SeriesTranslator(stages.translator, memory=memory))
    pipeline, watch = PagePipeline(stages, PageSettings()), SilentWatch()
    read = pipeline.read(page(), 1, watch)
    finished = pipeline.finish(pipeline.translate(read, (), watch), watch)
    document = PageDocument.parse(finished.document.to_bytes())
    (region,) = document.regions
    assert (region.source_text, region.translation, region.origin) == (SENTENCE, "Lovely weather today.", "memory")
    assert region.placement is not None
    assert Image.open(io.BytesIO(finished.image)).size == (600, 800)


def page() -> bytes:
    """A balloon with one vertical sentence."""
    picture = Image.new("RGB", (600, 800), "white")
    draw = ImageDraw.Draw(picture)
    draw.rectangle((30, 30, 570, 770), outline="black", width=4)
    draw.ellipse((200, 120, 420, 620), outline="black", width=4)
    font = ImageFont.truetype(str(japanese_font()), 38)
    for index, character in enumerate(SENTENCE):
        draw.text((310, 200 + 36 * index), character, font=font, fill="black", anchor="mt")
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def japanese_font() -> Path:
    return ROOT / "fonts" / "Mplus1-Bold-subset.otf"
