"""The orchestrator's configuration: read once from an environment, frozen, no secret in any repr."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from contract.errors import BadKey
from contract.keys import check_id
from contract.signing import Secret

MIN_TOKEN_SECRET_CHARS = 32
_SHA256 = re.compile(r"[0-9a-f]{64}")
_S3_KEYS = ("S3_ENDPOINT", "S3_BUCKET", "S3_ACCESS_KEY_ID", "S3_SECRET_ACCESS_KEY")
_SWITCH = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False, "": False}


class ConfigError(Exception):
    """A value is missing or wrong. Names the key and never repeats the value."""

    def __init__(self, key: str, detail: str) -> None:
        super().__init__(f"{key}: {detail}")
        self.key, self.detail = key, detail


@dataclass(frozen=True, slots=True)
class S3Access:
    """Where presigned URLs point, and what signs them."""

    endpoint: str
    bucket: str
    access_key_id: str
    secret_access_key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Config:
    """``s3`` is ``None`` in the fallback upload mode. Lists of secrets hold the newest first."""

    public_url: str
    translator_url: str
    api_keys: Mapping[str, str] = field(repr=False)
    callback_secrets: tuple[Secret, ...] = field(repr=False)
    webhook_secrets: tuple[Secret, ...] = field(repr=False)
    token_secrets: tuple[str, ...] = field(repr=False)
    s3: S3Access | None = None
    heartbeat_s: float = 15.0
    lease_s: float = 60.0
    grant_ttl_s: int = 600
    job_ttl_s: int = 86_400
    max_page_bytes: int = 20_000_000
    allow_private_webhooks: bool = False

    @property
    def mode(self) -> str:
        return "presigned" if self.s3 else "fallback"

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Config:
        """Raises :class:`ConfigError`."""
        config = cls(
            public_url=_url(env, "PUBLIC_URL"),
            translator_url=_url(env, "TRANSLATOR_URL"),
            api_keys=_api_keys(env),
            callback_secrets=_secrets(env, "CALLBACK_SECRETS"),
            webhook_secrets=_secrets(env, "WEBHOOK_SECRETS"),
            token_secrets=_token_secrets(env),
            s3=_s3(env),
            heartbeat_s=_number(env, "HEARTBEAT_S", 15, low=0.05, high=3600),
            lease_s=_number(env, "LEASE_S", 60, low=0.1, high=86_400),
            grant_ttl_s=int(_number(env, "GRANT_TTL_S", 600, low=300, high=600)),
            job_ttl_s=int(_number(env, "JOB_TTL_S", 86_400, low=60, high=30 * 86_400)),
            max_page_bytes=int(_number(env, "MAX_PAGE_BYTES", 20_000_000, low=1, high=100_000_000)),
            allow_private_webhooks=_switch(env, "ALLOW_PRIVATE_WEBHOOKS"),
        )
        if config.lease_s <= config.heartbeat_s:
            raise ConfigError("LEASE_S", "not longer than HEARTBEAT_S: every attempt would be taken over")
        return config


def _required(env: Mapping[str, str], key: str) -> str:
    value = env.get(key, "").strip()
    if not value:
        raise ConfigError(key, "missing")
    return value


def _url(env: Mapping[str, str], key: str) -> str:
    value = _required(env, key)
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise ConfigError(key, "not an absolute http(s) URL without query")
    return value.rstrip("/")


def _api_keys(env: Mapping[str, str]) -> dict[str, str]:
    try:
        value = json.loads(_required(env, "API_KEYS"))
    except ValueError:
        raise ConfigError("API_KEYS", "not JSON") from None
    if not isinstance(value, dict) or not value:
        raise ConfigError("API_KEYS", 'not a JSON object {"owner": "sha256 of the key, in hex"}')
    for owner, digest in value.items():
        _check_owner(owner)
        if not isinstance(digest, str) or not _SHA256.fullmatch(digest):
            raise ConfigError("API_KEYS", f"the value of {owner} is not a SHA-256 in lower-case hex")
    return value


def _check_owner(owner: str) -> None:
    try:
        check_id("owner", owner)
    except BadKey as error:
        raise ConfigError("API_KEYS", str(error)) from None


def _secrets(env: Mapping[str, str], key: str) -> tuple[Secret, ...]:
    try:
        return Secret.parse_list(_required(env, key))
    except ValueError as error:
        raise ConfigError(key, str(error)) from None


def _token_secrets(env: Mapping[str, str]) -> tuple[str, ...]:
    secrets = tuple(_required(env, "TOKEN_SECRETS").split())
    if any(len(secret) < MIN_TOKEN_SECRET_CHARS for secret in secrets):
        raise ConfigError("TOKEN_SECRETS", f"a secret is shorter than {MIN_TOKEN_SECRET_CHARS} characters")
    return secrets


def _s3(env: Mapping[str, str]) -> S3Access | None:
    given = [key for key in _S3_KEYS if env.get(key, "").strip()]
    if not given:
        return None
    return S3Access(
        endpoint=_url(env, "S3_ENDPOINT"),
        bucket=_required(env, "S3_BUCKET"),
        access_key_id=_required(env, "S3_ACCESS_KEY_ID"),
        secret_access_key=_required(env, "S3_SECRET_ACCESS_KEY"),
    )


def _number(env: Mapping[str, str], key: str, default: float, *, low: float, high: float) -> float:
    try:
        value = float(env.get(key, "").strip() or default)
    except ValueError:
        raise ConfigError(key, "not a number") from None
    if not low <= value <= high:
        raise ConfigError(key, f"not between {low:g} and {high:g}")
    return value


def _switch(env: Mapping[str, str], key: str) -> bool:
    try:
        return _SWITCH[env.get(key, "").strip().lower()]
    except KeyError:
        raise ConfigError(key, "not true or false") from None
