"""The environment, read once: what is missing or wrong is named, and a secret never shows."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.secrets import CALLBACK, INTERNAL_TOKEN
from translator.config import Config, ConfigError

GOOD = {"CALLBACK_SECRETS": CALLBACK, "INTERNAL_TOKEN": INTERNAL_TOKEN}


def test_the_defaults_serve_this_machine_only() -> None:
    config = Config.from_env(GOOD)
    assert (config.host, config.port, config.max_jobs, config.threads) == ("127.0.0.1", 8080, 1, 2)
    assert config.device == "auto"
    assert (config.fonts_dir / "manifest.json").is_file()


def test_every_key_is_read(tmp_path: Path) -> None:
    numbers = {
        "PORT": "0",
        "MAX_JOBS": "3",
        "THREADS": "4",
        "MAX_PAGE_PIXELS": "5",
        "MAX_PAGE_BYTES": "6",
        "DRAIN_S": "7",
    }
    folders = {"FONTS_DIR": str(tmp_path), "DICT_DIR": str(tmp_path)}
    config = Config.from_env({**GOOD, **numbers, **folders, "HOST": "0.0.0.0", "DEVICE": "CUDA"})
    assert (config.port, config.max_jobs, config.threads) == (0, 3, 4)
    assert config.device == "cuda"
    assert (config.max_page_pixels, config.max_page_bytes, config.drain_s) == (5, 6, 7.0)
    assert (config.host, config.fonts_dir, config.dict_dir) == ("0.0.0.0", tmp_path, tmp_path)


@pytest.mark.parametrize("only", ["CALLBACK_SECRETS", "INTERNAL_TOKEN"])
def test_one_way_in_is_enough(only: str) -> None:
    Config.from_env({only: GOOD[only]})


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("PORT", "eighty"),
        ("PORT", "70000"),
        ("PORT", "-1"),
        ("MAX_JOBS", "0"),
        ("THREADS", "1.5"),
        ("MAX_PAGE_PIXELS", "0"),
        ("MAX_PAGE_BYTES", "lots"),
        ("DEVICE", "tpu"),
        ("FONTS_DIR", "/no/such/folder"),
        ("DICT_DIR", "/no/such/folder"),
        ("CALLBACK_SECRETS", "whsec_c2hvcnQ="),
        ("CALLBACK_SECRETS", "sesame"),
        ("INTERNAL_TOKEN", "sesame"),
        ("INTERNAL_TOKEN", "ünïcödé-token-of-some-length"),
    ],
)
def test_a_wrong_value_names_its_key_and_no_secret(key: str, value: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Config.from_env({**GOOD, key: value})
    assert caught.value.key == key
    if key in GOOD:
        assert value not in str(caught.value)


def test_a_server_that_nobody_could_use_does_not_start() -> None:
    with pytest.raises(ConfigError, match="CALLBACK_SECRETS"):
        Config.from_env({})


def test_no_secret_is_in_the_repr() -> None:
    shown = repr(Config.from_env(GOOD))
    assert INTERNAL_TOKEN not in shown
    assert CALLBACK.removeprefix("whsec_")[:12] not in shown
    assert "callback-secret" not in shown
