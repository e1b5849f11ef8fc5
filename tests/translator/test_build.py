"""The engines that ship, put together: what they refuse, and a page that goes through all of them."""

from __future__ import annotations

import io
import json
from pathlib import Path

import onnxruntime
import pytest
from PIL import Image, ImageDraw, ImageFont

from contract.document import PageDocument
from tests.support.processes import ROOT
from tests.translator.tiny_stages import SilentWatch
from translator.build import Engines, load_engines, reading_language
from translator.config import Config
from translator.engines.ppocr_models import DeviceUnavailableError
from translator.pipeline.pipeline import PagePipeline, PageSettings
from translator.stages import BadMemory, Unsupported

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
def test_a_language_that_cannot_be_read_is_refused(tag: str) -> None:
    with pytest.raises(Unsupported) as caught:
        reading_language(tag)
    assert caught.value.field == "source"


def test_a_translator_that_is_not_configured_is_refused(engines: Engines) -> None:
    with pytest.raises(Unsupported) as caught:
        engines.check(source="ja", target="en", translator="oracle")
    assert caught.value.field == "options.translator"


@pytest.mark.parametrize("memory", [b"", b"{", b"[]", b'{"schema": 9}', b"\xff", b"[" * 100_000])
def test_a_memory_that_is_none_is_refused(engines: Engines, memory: bytes) -> None:
    with pytest.raises(BadMemory):
        engines.stages(source="ja", target="en", translator="default", memory=memory)


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
    entries = [{"source": SENTENCE, "target": "Lovely weather today."}]
    memory = json.dumps({"schema": 1, "source": "ja", "target": "en", "entries": entries}).encode()
    stages = engines.stages(source="ja", target="en", translator="default", memory=memory)
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
