"""Start-up fails naming the key, and no secret shows."""

from __future__ import annotations

import pytest

from edge.config import Config, ConfigError

SECRET = "whsec_" + "QUFB" * 10
ENV = {
    "PUBLIC_URL": "https://o.test/",
    "TRANSLATOR_URL": "http://t.test:8080",
    "API_KEYS": '{"owner-a": "' + "0" * 64 + '"}',
    "CALLBACK_SECRETS": SECRET,
    "WEBHOOK_SECRETS": f"{SECRET} {SECRET}",
    "TOKEN_SECRETS": "x" * 32,
}
S3 = {"S3_ENDPOINT": "https://r2.test", "S3_BUCKET": "b", "S3_ACCESS_KEY_ID": "a", "S3_SECRET_ACCESS_KEY": "hush-hush"}


def test_the_least_configuration_is_the_fallback_mode() -> None:
    config = Config.from_env(ENV)
    assert (config.mode, config.public_url, config.lease_s, config.grant_ttl_s) == (
        "fallback",
        "https://o.test",
        60.0,
        600,
    )
    assert (len(config.webhook_secrets), config.allow_private_webhooks) == (2, False)


def test_all_four_s3_values_are_the_presigned_mode() -> None:
    assert Config.from_env({**ENV, **S3}).mode == "presigned"


@pytest.mark.parametrize("key", sorted(S3))
def test_some_s3_values_are_an_error_that_names_the_missing_one(key: str) -> None:
    some = {name: value for name, value in S3.items() if name != key}
    with pytest.raises(ConfigError, match=f"^{key}: missing"):
        Config.from_env({**ENV, **some})


@pytest.mark.parametrize("key", sorted(ENV))
def test_a_missing_value_is_named(key: str) -> None:
    with pytest.raises(ConfigError, match=f"^{key}: missing"):
        Config.from_env({name: value for name, value in ENV.items() if name != key})


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("PUBLIC_URL", "o.test"),
        ("PUBLIC_URL", "ftp://o.test"),
        ("TRANSLATOR_URL", "https://t.test/?x=1"),
        ("API_KEYS", "{"),
        ("API_KEYS", "[]"),
        ("API_KEYS", '{"a/b": "' + "0" * 64 + '"}'),
        ("API_KEYS", '{"owner-a": "plain-text-key"}'),
        ("CALLBACK_SECRETS", "short-secret-value"),
        ("TOKEN_SECRETS", "too-short-token-secret"),
        ("LEASE_S", "10"),
        ("LEASE_S", "soon"),
        ("GRANT_TTL_S", "3600"),
        ("GRANT_TTL_S", "299"),
        ("JOB_TTL_S", "nan"),
        ("ALLOW_PRIVATE_WEBHOOKS", "perhaps"),
    ],
)
def test_a_wrong_value_is_named_and_not_repeated(key: str, value: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Config.from_env({**ENV, key: value})
    assert caught.value.key == key
    if "SECRET" in key or key == "API_KEYS":
        assert value not in str(caught.value) or len(value) < 3


def test_a_configuration_shows_no_secret() -> None:
    shown = repr(Config.from_env({**ENV, **S3}))
    assert "hush-hush" not in shown
    assert "x" * 32 not in shown
    assert "0" * 64 not in shown
    assert "AAA" not in shown
