"""Engines that a translator has only if it is configured with them: from the environment to a page that was read."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import pytest

from contract.job import Options
from tests.support.secrets import CALLBACK
from tests.translator.engines.generate_content import GenerateContent
from tests.translator.test_build import SENTENCE, page
from tests.translator.tiny_stages import SilentWatch
from translator.build import EngineUnavailable, load_engines
from translator.config import Config, ConfigError
from translator.pipeline.pages import ReadPage
from translator.pipeline.pipeline import PagePipeline, PageSettings
from translator.stages import StageOrder, Unsupported
from translator.weights import BadManifest, WeightsDiffer, WeightsMissing

GEMINI = {"ENGINES": "gemini", "GEMINI_API_KEY": "AIza-secret", "GEMINI_MODEL": "tiny-vision"}


def config(env: Mapping[str, str]) -> Config:
    return Config.from_env({"CALLBACK_SECRETS": CALLBACK, "THREADS": "1", "DEVICE": "cpu", **env})


def installed(folder: Path, **models: Path) -> dict[str, str]:
    """Weights as ``translator.weights fetch`` leaves them, with their manifest."""
    entries = []
    for name, source in models.items():
        name = name.replace("_", "-")
        target = folder / name / "v1"
        target.parent.mkdir(parents=True)
        source.rename(target)
        files = [
            {"path": path.name, "bytes": path.stat().st_size, "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}
            for path in sorted(target.iterdir())
        ]
        entries.append({"name": name, "url": "https://hub.test/x", "revision": "v1", "files": files})
    (folder / "weights.json").write_text(json.dumps({"weights": entries}))
    return {"WEIGHTS_DIR": str(folder), "WEIGHTS_MANIFEST": str(folder / "weights.json")}


def read(config: Config, data: bytes, *, source: str = "ja", **chosen: str) -> tuple[ReadPage, dict[str, str]]:
    stages = load_engines(config).stages(StageOrder(source, "en", Options.from_json(chosen, "options")))
    return PagePipeline(stages, PageSettings()).read(data, 1, SilentWatch()), stages.names


def test_without_a_word_there_are_none() -> None:
    assert config({}).engines.optional == ()
    assert config({}).gemini_reader is None


@pytest.mark.parametrize(
    ("env", "key"),
    [
        ({"ENGINES": "tesseract"}, "ENGINES"),
        ({"ENGINES": "gemini", "GEMINI_MODEL": "m"}, "GEMINI_API_KEY"),
        ({"ENGINES": "gemini", "GEMINI_API_KEY": "AIza-secret"}, "GEMINI_READER_MODEL"),
        ({**GEMINI, "GEMINI_BASE_URL": "localhost"}, "GEMINI_BASE_URL"),
    ],
)
def test_what_is_missing_for_an_engine_is_named_at_the_start(env: dict[str, str], key: str) -> None:
    with pytest.raises(ConfigError) as caught:
        config(env)
    assert caught.value.key == key
    assert "AIza-secret" not in str(caught.value)


def test_the_key_does_not_show() -> None:
    assert "AIza-secret" not in repr(config(GEMINI))


def test_weights_that_are_not_there_stop_the_start_and_say_what_brings_them(tmp_path: Path) -> None:
    with pytest.raises(WeightsMissing, match=r"translator\.weights fetch manga-ocr"):
        load_engines(config({"ENGINES": "manga-ocr", "WEIGHTS_DIR": str(tmp_path)}))


def test_a_manifest_without_the_engine_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(BadManifest, match="comic-detr"):
        load_engines(config({"ENGINES": "comic-detr", **installed(tmp_path)}))


def test_an_engine_whose_packages_are_missing_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "translator.engines.gemini_model", None)
    with pytest.raises(EngineUnavailable, match=r"ENGINES names gemini.*not installed"):
        load_engines(config(GEMINI))


def test_pages_are_read_by_gemini_where_a_job_says_so() -> None:
    with closing(GenerateContent()) as server:
        given = config({**GEMINI, "GEMINI_BASE_URL": server.url})
        done, names = read(given, page(), reader="gemini")
        assert [asked.headers["x-goog-api-key"] for asked in server.asked] == ["AIza-secret"]
    assert {reading.text for reading in done.readings.values()} == {"?"}
    assert names["read"].startswith("gemini (tiny-vision) over PP-OCRv6")
    assert names["detect"].startswith("PP-OCRv6")


def test_other_jobs_of_the_same_process_are_read_as_ever() -> None:
    with closing(GenerateContent()) as server:
        done, names = read(config({**GEMINI, "GEMINI_BASE_URL": server.url}), page())
        assert server.asked == []
    assert SENTENCE in {reading.text for reading in done.readings.values()}
    assert names["read"].startswith("PP-OCRv6")


def test_a_language_that_only_gemini_reads_has_no_default_reader_behind_it() -> None:
    with closing(GenerateContent()) as server:
        given = config({**GEMINI, "GEMINI_BASE_URL": server.url})
        _, names = read(given, page(), reader="gemini", source="ko")
        assert "Language: ko" in server.asked[0].text
        with pytest.raises(Unsupported, match=r"options\.reader gemini can"):
            load_engines(given).check(StageOrder("ko", "en"))
    assert names["read"] == "gemini (tiny-vision)"


def test_models_of_the_hub_read_a_page_from_their_verified_weights(tmp_path: Path) -> None:
    pytest.importorskip("torch", reason="the optional engines are not installed (make setup-engines)")
    from tests.translator.engines.tiny_hub import save_detector, save_reader

    places = installed(
        tmp_path / "weights",
        manga_ocr=save_reader(tmp_path / "reader", says="猫", old=True),
        comic_detr=save_detector(tmp_path / "detector"),
    )
    given = config({"ENGINES": "comic-detr manga-ocr", **places})
    done, names = read(given, page(), reader="manga-ocr", detector="comic-detr")
    assert names["detect"].startswith("comic-detr (cpu) over PP-OCRv6")
    assert names["read"] == "manga-ocr (cpu)"
    assert done.regions
    assert all(set(reading.text) == {"猫"} for reading in done.readings.values())
    with pytest.raises(Unsupported, match="manga-ocr, which reads ja"):
        load_engines(given).check(StageOrder("en", "ja", Options(reader="manga-ocr")))


def test_weights_that_were_changed_stop_the_start(tmp_path: Path) -> None:
    source = tmp_path / "reader"
    source.mkdir()
    (source / "config.json").write_text("{}")
    places = installed(tmp_path / "weights", manga_ocr=source)
    (tmp_path / "weights" / "manga-ocr" / "v1" / "config.json").write_text("{ }")
    with pytest.raises(WeightsDiffer, match=r"config\.json"):
        load_engines(config({"ENGINES": "manga-ocr", **places}))
