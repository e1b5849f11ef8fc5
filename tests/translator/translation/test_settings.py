"""The environment, read once; and the check of models and keys at the start."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from contract.translation import Context
from tests.support.llm_server import ModelServer
from tests.translator.translation.jobs import DICT, KEY, MAKERS, SECOND_KEY, endpoint, loaded, page
from translator.pipeline.protocols import PageTranslator
from translator.pipeline.types import Origin
from translator.translation.factory import TranslationService, build_translator
from translator.translation.settings import SettingsError, TranslationSettings
from translator.translation.style import DictionaryError

GEMINI = {"TRANSLATOR": "gemini_hq", "GEMINI_API_KEY": KEY, "GEMINI_MODEL": "test-model"}
LOCAL = {"TRANSLATOR": "openai", "OPENAI_BASE_URL": "http://localhost:11434/v1/", "OPENAI_MODEL": "gemma"}


def read(env: dict[str, str]) -> TranslationSettings:
    settings = TranslationSettings.from_env(env, dict_dir=DICT)
    assert settings is not None
    return settings


@pytest.mark.parametrize("env", [{}, {"TRANSLATOR": "keyless", "GEMINI_API_KEY": KEY}, {"GEMINI_API_KEY": " "}])
def test_without_a_model_nothing_is_configured(env: dict[str, str]) -> None:
    assert TranslationSettings.from_env(env, dict_dir=DICT) is None


def test_a_gemini_key_is_enough_to_want_gemini() -> None:
    settings = read({"GEMINI_API_KEYS": f"{KEY}, {SECOND_KEY},{KEY}", "GEMINI_MODEL": "m", "GEMINI_API_KEY": KEY})
    assert [key.secret for key in settings.primary.keys] == [KEY, SECOND_KEY]
    assert [key.label for key in settings.primary.keys] == ["key 1", "key 2"]
    assert settings.name == "gemini_hq:m"


def test_a_local_endpoint_needs_no_key() -> None:
    settings = read({**LOCAL, "OPENAI_VISION": "1", "OPENAI_STREAM": "false", "OPENAI_THINKING": "low"})
    assert settings.primary.model.base_url == "http://localhost:11434/v1"
    assert (settings.primary.keys[0].secret, settings.secrets) == ("", ())
    model = settings.primary.model
    assert (model.vision, model.stream, model.thinking) == (True, False, "low")


def test_everything_can_be_set() -> None:
    settings = read(
        {
            **GEMINI,
            "FALLBACK_MODEL": "other-model",
            "CONTEXT_PAGES": "10",
            "CONTEXT": "source",
            "PAGES_PER_CALL": "4",
            "TRANSLATION_STYLES": "literal, family-friendly",
            "KEY_REQUESTS_PER_MINUTE": "15",
            "TRANSLATION_STORE": "store",
            "MODEL_CALL_S": "60",
            "PROPOSE_TERMS": "1",
        }
    )
    assert settings.fallback is not None
    assert (settings.fallback.model.name, settings.fallback.keys) == ("other-model", settings.primary.keys)
    assert (settings.manner.context, settings.manner.context_pages) == (Context.SOURCE, 10)
    assert settings.manner.styles == ("literal", "family-friendly")
    assert (settings.manner.pages_per_call, settings.requests_per_minute, settings.store) == (4, 15, Path("store"))
    assert (settings.patience.call_s, settings.patience.silence_s) == (60.0, 60.0)


def test_the_fallback_may_be_elsewhere() -> None:
    settings = read({**GEMINI, **LOCAL, "TRANSLATOR": "gemini_hq", "FALLBACK_MODEL": "openai:qwen3:8b"})
    assert settings.fallback is not None
    assert (settings.fallback.engine, settings.fallback.model.name) == ("openai", "qwen3:8b")


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"TRANSLATOR": "deepl"}, "TRANSLATOR"),
        ({"GEMINI_API_KEY": ""}, "GEMINI_API_KEY"),
        ({"GEMINI_API_KEY": "two words"}, "GEMINI_API_KEY"),
        ({"GEMINI_API_KEY": "schlüssel"}, "GEMINI_API_KEY"),
        ({"GEMINI_MODEL": ""}, "GEMINI_MODEL"),
        ({"GEMINI_BASE_URL": "ftp://x"}, "GEMINI_BASE_URL"),
        ({"GEMINI_BASE_URL": "https://user:pass@x"}, "GEMINI_BASE_URL"),
        ({"GEMINI_THINKING": "a lot"}, "GEMINI_THINKING"),
        ({"TRANSLATOR": "openai"}, "OPENAI_BASE_URL"),
        ({"FALLBACK_MODEL": "openai:x"}, "OPENAI_BASE_URL"),
        ({"CONTEXT_PAGES": "11"}, "CONTEXT_PAGES"),
        ({"CONTEXT_PAGES": "three"}, "CONTEXT_PAGES"),
        ({"CONTEXT": "all"}, "CONTEXT"),
        ({"PAGES_PER_CALL": "0"}, "PAGES_PER_CALL"),
        ({"GEMINI_VISION": "yes"}, "GEMINI_VISION"),
    ],
)
def test_a_wrong_key_of_the_environment_is_named(change: dict[str, str], key: str) -> None:
    with pytest.raises(SettingsError) as caught:
        read({**GEMINI, **change})
    assert caught.value.key == key
    assert KEY not in str(caught.value)


def test_settings_show_no_key() -> None:
    settings = read({**GEMINI, "FALLBACK_MODEL": "x"})
    assert settings.secrets == (KEY, KEY)
    assert KEY not in repr(settings) + str(settings)


def test_a_model_that_is_there_passes_the_check(gemini: ModelServer) -> None:
    with loaded(endpoint(gemini), fallback=endpoint(gemini, model="other-model")) as translation:
        translation.check()
    assert gemini.checks == ["test-model", "other-model"]
    assert not gemini.calls


@pytest.mark.parametrize("engine", ["gemini_hq", "openai"])
def test_a_retired_model_is_one_clear_error_before_any_page(
    gemini: ModelServer, openai: ModelServer, engine: str
) -> None:
    server = gemini if engine == "gemini_hq" else openai
    with (
        loaded(endpoint(server, engine=engine, model="gone-model")) as translation,
        pytest.raises(SettingsError, match=r"_MODEL: gone-model: .*retired"),
    ):
        translation.check()
    assert not server.calls


def test_a_retired_fallback_is_found_before_it_is_needed(gemini: ModelServer) -> None:
    with (
        loaded(endpoint(gemini), fallback=endpoint(gemini, model="gone-model")) as translation,
        pytest.raises(SettingsError, match="gone-model"),
    ):
        translation.check()


def test_one_wrong_key_among_two_is_a_warning_two_are_an_error(
    gemini: ModelServer, caplog: pytest.LogCaptureFixture
) -> None:
    gemini.refused_keys = frozenset({KEY})
    with loaded(endpoint(gemini, keys=(KEY, SECOND_KEY))) as translation:
        translation.check()
    assert [record.message for record in caplog.records if record.levelno == logging.WARNING] == ["keys are refused"]
    gemini.refused_keys = frozenset({KEY, SECOND_KEY})
    with (
        loaded(endpoint(gemini, keys=(KEY, SECOND_KEY))) as translation,
        pytest.raises(SettingsError, match="GEMINI_API_KEY"),
    ):
        translation.check()


def test_an_endpoint_that_is_down_does_not_stop_the_start(caplog: pytest.LogCaptureFixture) -> None:
    settings = read({**LOCAL, "OPENAI_BASE_URL": "http://127.0.0.1:9/v1"})
    translation = TranslationService(settings, MAKERS)
    translation.check()
    translation.close()
    assert "a model could not be checked" in caplog.messages


def test_a_style_that_is_not_there_stops_the_start() -> None:
    with pytest.raises(DictionaryError, match="pirates"):
        TranslationService(read({**GEMINI, "TRANSLATION_STYLES": "pirates"}), MAKERS)


def test_a_store_that_cannot_be_a_folder_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingsError, match="TRANSLATION_STORE"):
        TranslationService(read({**GEMINI, "TRANSLATION_STORE": str(tmp_path / "file" / "store")}), MAKERS)


def test_an_engine_that_is_not_built_in_is_named() -> None:
    with pytest.raises(SettingsError, match="gemini_hq is not built in"):
        TranslationService(read(GEMINI), {})


def test_three_lines_make_a_translator(gemini: ModelServer) -> None:
    settings = read({**GEMINI, "GEMINI_BASE_URL": gemini.origin})
    translator: PageTranslator
    translator = closed = build_translator(settings, MAKERS)
    found = translator.translate(page("行くぞ!"))
    closed.close()
    assert found[0].origin is Origin.MODEL
