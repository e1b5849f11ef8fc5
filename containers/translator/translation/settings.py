"""Which models translate, and how: read once from the environment, with an error that names the key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from contract.translation import Context
from translator.translation.asking import Patience
from translator.translation.model import ApiKey, ModelSettings
from translator.translation.translate import Manner

KEYLESS, GEMINI, OPENAI = "keyless", "gemini_hq", "openai"
TRANSLATORS = (KEYLESS, GEMINI, OPENAI)
_THINKING = ("", "minimal", "low", "medium", "high")
_PREFIX = {GEMINI: "GEMINI", OPENAI: "OPENAI"}
_MOST_CONTEXT, _MOST_PAGES = 10, 8
_MOST_OUTPUT = {GEMINI: 32_768, OPENAI: 8_192}
"""Gemini counts what it thinks; many other endpoints reject more than this."""


class SettingsError(Exception):
    """A key of the environment is missing or wrong. The message names it and holds no secret."""

    def __init__(self, key: str, detail: str) -> None:
        super().__init__(f"{key}: {detail}")
        self.key, self.detail = key, detail


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A model with its keys. ``engine`` is ``gemini_hq`` or ``openai``."""

    engine: str
    model: ModelSettings
    keys: tuple[ApiKey, ...]


@dataclass(frozen=True, slots=True)
class TranslationSettings:
    """``requests_per_minute`` is for each key; 0 for no limit. ``store`` None: translations are kept in memory only."""

    primary: Endpoint
    dict_dir: Path
    fallback: Endpoint | None = None
    requests_per_minute: int = 0
    manner: Manner = field(default_factory=Manner)
    patience: Patience = field(default_factory=Patience)
    store: Path | None = None

    @property
    def engines(self) -> frozenset[str]:
        """The engines that are asked, by name."""
        return frozenset(one.engine for one in (self.primary, self.fallback) if one is not None)

    @property
    def name(self) -> str:
        """The engine's name, as documents and reports have it."""
        return f"{self.primary.engine}:{self.primary.model.name}"

    @property
    def secrets(self) -> tuple[str, ...]:
        """All keys, for those who have to keep them out of something."""
        endpoints = (self.primary, self.fallback) if self.fallback else (self.primary,)
        return tuple(key.secret for endpoint in endpoints for key in endpoint.keys if key.secret)

    @classmethod
    def from_env(cls, env: Mapping[str, str], *, dict_dir: Path) -> TranslationSettings | None:
        """None where no model is configured: then the keyless default translates. Raises :class:`SettingsError`.

        ``TRANSLATOR`` is ``keyless``, ``gemini_hq`` or ``openai``; empty, it is ``gemini_hq`` where there is a Gemini
        key.
        """
        engine = env.get("TRANSLATOR", "").strip().lower() or _default(env)
        if engine not in TRANSLATORS:
            raise SettingsError("TRANSLATOR", f"not one of {', '.join(TRANSLATORS)}")
        if engine == KEYLESS:
            return None
        return cls(
            primary=_endpoint(env, engine, "", required=True),
            dict_dir=dict_dir,
            fallback=_fallback(env, engine),
            requests_per_minute=_integer(env, "KEY_REQUESTS_PER_MINUTE", 0, low=0, high=100_000),
            manner=_manner(env),
            patience=_patience(env),
            store=Path(env["TRANSLATION_STORE"]) if env.get("TRANSLATION_STORE") else None,
        )


def _default(env: Mapping[str, str]) -> str:
    return GEMINI if _keys(env, GEMINI) else KEYLESS


def _endpoint(env: Mapping[str, str], engine: str, model: str, *, required: bool) -> Endpoint:
    prefix = _PREFIX[engine]
    keys, base_url = _keys(env, engine), _url(env, f"{prefix}_BASE_URL")
    if engine == GEMINI and not keys:
        raise SettingsError("GEMINI_API_KEY", "missing")
    if engine == OPENAI and not base_url:
        raise SettingsError("OPENAI_BASE_URL", "missing: such as http://localhost:11434/v1")
    name = model or env.get(f"{prefix}_MODEL", "").strip()
    if not name and required:
        raise SettingsError(f"{prefix}_MODEL", "missing: models come and go, so none is built in")
    settings = ModelSettings(
        name=name,
        base_url=base_url,
        vision=_flag(env, f"{prefix}_VISION", default=engine == GEMINI),
        stream=_flag(env, f"{prefix}_STREAM", default=True),
        max_output_tokens=_integer(env, f"{prefix}_MAX_OUTPUT_TOKENS", _MOST_OUTPUT[engine], low=256, high=1_000_000),
        thinking=_choice(env, f"{prefix}_THINKING", _THINKING),
    )
    return Endpoint(engine, settings, keys or (ApiKey("", "no key"),))


def _fallback(env: Mapping[str, str], engine: str) -> Endpoint | None:
    """``FALLBACK_MODEL`` is a model's name at the same endpoint, or ``gemini_hq:name``, or ``openai:name``."""
    value = env.get("FALLBACK_MODEL", "").strip()
    if not value:
        return None
    head, colon, name = value.partition(":")
    if colon and head in _PREFIX:
        return _endpoint(env, head, name.strip(), required=True)
    return _endpoint(env, engine, value, required=True)


def _keys(env: Mapping[str, str], engine: str) -> tuple[ApiKey, ...]:
    """``GEMINI_API_KEYS`` (separated by commas) and ``GEMINI_API_KEY``, each once; likewise for ``OPENAI``."""
    prefix = _PREFIX[engine]
    listed = f"{env.get(f'{prefix}_API_KEYS', '')},{env.get(f'{prefix}_API_KEY', '')}"
    secrets = dict.fromkeys(part.strip() for part in listed.split(",") if part.strip())
    for secret in secrets:
        if not secret.isascii() or not secret.isprintable() or " " in secret:
            raise SettingsError(f"{prefix}_API_KEY", "holds what no header can carry")
    return tuple(ApiKey(secret, f"key {number}") for number, secret in enumerate(secrets, start=1))


def _manner(env: Mapping[str, str]) -> Manner:
    styles = tuple(part.strip() for part in env.get("TRANSLATION_STYLES", "").split(",") if part.strip())
    return Manner(
        context_pages=_integer(env, "CONTEXT_PAGES", 3, low=0, high=_MOST_CONTEXT),
        context=Context(_choice(env, "CONTEXT", tuple(mode.value for mode in Context))),
        styles=styles,
        propose_terms=_flag(env, "PROPOSE_TERMS", default=False),
        pages_per_call=_integer(env, "PAGES_PER_CALL", 1, low=1, high=_MOST_PAGES),
    )


def _patience(env: Mapping[str, str]) -> Patience:
    call_s = float(_integer(env, "MODEL_CALL_S", 240, low=1, high=3600))
    return Patience(
        tries=_integer(env, "MODEL_TRIES", 5, low=1, high=20),
        repairs=_integer(env, "MODEL_REPAIRS", 2, low=0, high=5),
        silence_s=min(call_s, float(_integer(env, "MODEL_SILENCE_S", 120, low=1, high=3600))),
        call_s=call_s,
        page_s=float(_integer(env, "MODEL_PAGE_S", 600, low=1, high=36_000)),
    )


def _url(env: Mapping[str, str], key: str) -> str:
    value = env.get(key, "").strip().rstrip("/")
    if not value:
        return ""
    parts = urlsplit(value)
    if (
        parts.scheme not in ("http", "https")
        or not parts.netloc
        or parts.query
        or parts.fragment
        or "@" in parts.netloc
    ):
        raise SettingsError(key, "not an absolute http(s) URL without query and user")
    return value


def _integer(env: Mapping[str, str], key: str, default: int, *, low: int, high: int) -> int:
    try:
        value = int(env.get(key) or default)
    except ValueError:
        raise SettingsError(key, "not a whole number") from None
    if not low <= value <= high:
        raise SettingsError(key, f"not between {low} and {high}")
    return value


def _choice(env: Mapping[str, str], key: str, choices: tuple[str, ...]) -> str:
    """One of ``choices``; the first where the key is missing."""
    value = env.get(key, "").strip().lower() or choices[0]
    if value not in choices:
        raise SettingsError(key, f"not one of {', '.join(choice for choice in choices if choice)}")
    return value


def _flag(env: Mapping[str, str], key: str, *, default: bool) -> bool:
    value = env.get(key, "").strip().lower()
    if value not in ("", "0", "1", "false", "true"):
        raise SettingsError(key, "not 0 or 1")
    return value in ("1", "true") if value else default
