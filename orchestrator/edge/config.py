"""The orchestrator's configuration: read once from an environment, frozen, no secret in any repr."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import urlsplit

from contract.engines import EngineSet
from contract.job import MAX_PAGES
from contract.signing import Secret
from edge.api_keys import ApiKey, parse_api_keys

MIN_TOKEN_SECRET_CHARS = 32
_ORIGIN = re.compile(r"https?://[A-Za-z0-9.\-\[\]:]+")
_S3_KEYS = ("S3_ENDPOINT", "S3_BUCKET", "S3_ACCESS_KEY_ID", "S3_SECRET_ACCESS_KEY")
_SWITCH = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False, "": False}


class ConfigError(Exception):
    """A value is missing or wrong. Names the key and never repeats the value."""

    def __init__(self, key: str, detail: str) -> None:
        super().__init__(f"{key}: {detail}")
        self.key, self.detail = key, detail


class Dispatch(StrEnum):
    """How attempts come to translators."""

    PUSH = "push"
    """The orchestrator orders them from ``translator_url``."""
    PULL = "pull"
    """Translators claim them."""


@dataclass(frozen=True, slots=True)
class S3Access:
    """Where presigned URLs point, and what signs them."""

    endpoint: str
    bucket: str
    access_key_id: str
    secret_access_key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Config:
    """``s3`` is ``None`` in the fallback upload mode. Lists of secrets hold the newest first.

    ``job_ttl_s``: an open job is given up after it. ``result_ttl_s``: one that has ended can be asked for this long.
    ``max_active_jobs`` of an owner run at a time, the others wait. ``cors_origins`` may be ``("*",)``. ``engines`` are
    what the translators have.
    """

    public_url: str
    translator_url: str
    api_keys: tuple[ApiKey, ...] = field(repr=False)
    callback_secrets: tuple[Secret, ...] = field(repr=False)
    webhook_secrets: tuple[Secret, ...] = field(repr=False)
    token_secrets: tuple[str, ...] = field(repr=False)
    s3: S3Access | None = None
    heartbeat_s: float = 15.0
    lease_s: float = 60.0
    grant_ttl_s: int = 600
    job_ttl_s: int = 86_400
    result_ttl_s: int = 7 * 86_400
    max_page_bytes: int = 20_000_000
    max_job_bytes: int = 4_000_000_000
    max_pages: int = MAX_PAGES
    max_active_jobs: int = 50
    cors_origins: tuple[str, ...] = ()
    allow_private_webhooks: bool = False
    allow_private_pages: bool = False
    dispatch: Dispatch = Dispatch.PUSH
    engines: EngineSet = field(default_factory=EngineSet)

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
            result_ttl_s=int(_number(env, "RESULT_TTL_S", 7 * 86_400, low=60, high=30 * 86_400)),
            max_page_bytes=int(_number(env, "MAX_PAGE_BYTES", 20_000_000, low=1, high=100_000_000)),
            max_job_bytes=int(_number(env, "MAX_JOB_BYTES", 4e9, low=1, high=1e12)),
            max_pages=int(_number(env, "MAX_PAGES", MAX_PAGES, low=1, high=MAX_PAGES)),
            max_active_jobs=int(_number(env, "MAX_ACTIVE_JOBS", 50, low=1, high=1000)),
            cors_origins=_origins(env),
            allow_private_webhooks=_switch(env, "ALLOW_PRIVATE_WEBHOOKS"),
            allow_private_pages=_switch(env, "ALLOW_PRIVATE_PAGES"),
            dispatch=_dispatch(env),
            engines=_engines(env),
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


def _api_keys(env: Mapping[str, str]) -> tuple[ApiKey, ...]:
    try:
        return parse_api_keys(_required(env, "API_KEYS"))
    except ValueError as error:
        raise ConfigError("API_KEYS", str(error)) from None


def _origins(env: Mapping[str, str]) -> tuple[str, ...]:
    origins = tuple(re.split(r"[\s,]+", env.get("CORS_ORIGINS", "").strip()))
    if origins in (("",), ("*",)):
        return () if origins == ("",) else origins
    if not all(_ORIGIN.fullmatch(origin) for origin in origins):
        raise ConfigError("CORS_ORIGINS", "not * and no list of origins such as https://reader.example")
    return origins


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


def _dispatch(env: Mapping[str, str]) -> Dispatch:
    try:
        return Dispatch(env.get("DISPATCH", "").strip().lower() or Dispatch.PUSH.value)
    except ValueError:
        raise ConfigError("DISPATCH", "not push or pull") from None


def _engines(env: Mapping[str, str]) -> EngineSet:
    try:
        return EngineSet.parse(env.get("ENGINES", ""))
    except ValueError as error:
        raise ConfigError("ENGINES", str(error)) from None


def _switch(env: Mapping[str, str], key: str) -> bool:
    try:
        return _SWITCH[env.get(key, "").strip().lower()]
    except KeyError:
        raise ConfigError(key, "not true or false") from None
