"""The translator's configuration, read once from the environment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from urllib.parse import urlsplit

from contract.engines import OPTIONAL, EngineRole, EngineSet
from contract.signing import Secret
from translator.pipeline.decode import MAX_PIXELS
from translator.translation.settings import SettingsError, TranslationSettings
from translator.weights import MANIFEST

MIN_TOKEN = 16
DEVICES = ("auto", "cpu", "cuda")
"""``auto`` takes a GPU where onnxruntime has one that works; ``cuda`` refuses to start without."""
_ROOT = Path(__file__).resolve().parents[2]


class WorkerMode(StrEnum):
    """How attempts come to this process."""

    SERVE = "serve"
    """It listens, and is ordered."""
    JOB = "job"
    """It claims them from ``orchestrator_url`` and ends when there are none."""


class ConfigError(Exception):
    """A key of the environment is missing or wrong. The message names the key and never holds a secret."""

    def __init__(self, key: str, detail: str) -> None:
        super().__init__(f"{key}: {detail}")
        self.key, self.detail = key, detail


@dataclass(frozen=True, slots=True)
class VisionModel:
    """The model that reads pages as the engine ``gemini``. ``base_url`` empty: Google's own."""

    name: str
    key: str = field(repr=False)
    base_url: str = ""


@dataclass(frozen=True, slots=True)
class Config:
    """``internal_token`` empty: the internal route lets nobody in. ``callback_secrets`` empty: no job is taken.

    ``drain_s`` is how long a SIGTERM waits for the pages in work. ``max_jobs`` is how many jobs at a time, in the mode
    ``job`` how many one after the other. ``engines`` are those besides the default ones; their weights lie in
    ``weights_dir`` and are those of ``weights_manifest``.
    """

    callback_secrets: tuple[Secret, ...] = ()
    internal_token: str = field(default="", repr=False)
    host: str = "127.0.0.1"
    port: int = 8080
    max_jobs: int = 1
    threads: int = 2
    device: str = "auto"
    fonts_dir: Path = _ROOT / "fonts"
    dict_dir: Path = _ROOT / "dict"
    max_page_pixels: int = MAX_PIXELS
    max_page_bytes: int = 20_000_000
    drain_s: float = 25.0
    mode: WorkerMode = WorkerMode.SERVE
    orchestrator_url: str = ""
    poll_interval_s: float = 1.0
    max_empty_polls: int = 3
    engines: EngineSet = field(default_factory=EngineSet)
    weights_dir: Path = _ROOT / "weights"
    weights_manifest: Path = MANIFEST
    gemini_reader: VisionModel | None = None
    translation: TranslationSettings | None = None
    """The model that translates by default; ``None``: no model is asked."""
    translators: Mapping[str, TranslationSettings] = field(default_factory=dict)
    """By the names that a job may ask for: those that ``engines`` has."""

    @property
    def jobs_at_a_time(self) -> int:
        return 1 if self.mode is WorkerMode.JOB else self.max_jobs

    @property
    def readers(self) -> int:
        """How many pages are detected and read at once."""
        return min(2, self.threads)

    @property
    def threads_a_reader(self) -> int:
        """How many threads each of them has for its models."""
        return self.threads // self.readers

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Config:
        """Raises :class:`ConfigError`. Keys that are empty count as missing."""
        secrets, token = _secrets(env), _token(env)
        if not secrets and not token:
            raise ConfigError("CALLBACK_SECRETS", "neither it nor INTERNAL_TOKEN is set: nobody could use this server")
        mode, engines = _mode(env), _engines(env)
        if mode is WorkerMode.JOB and not secrets:
            raise ConfigError("CALLBACK_SECRETS", "missing: a claim is signed")
        return cls(
            callback_secrets=secrets,
            internal_token=token,
            host=env.get("HOST") or "127.0.0.1",
            port=_integer(env, "PORT", 8080, low=0, high=65_535),
            max_jobs=_integer(env, "MAX_JOBS", 1, low=1, high=64 if mode is WorkerMode.SERVE else 1_000_000),
            threads=_integer(env, "THREADS", 2, low=1, high=256),
            device=_choice(env, "DEVICE", DEVICES),
            fonts_dir=fonts_folder(env),
            dict_dir=_folder(env, "DICT_DIR", _ROOT / "dict"),
            max_page_pixels=_integer(env, "MAX_PAGE_PIXELS", MAX_PIXELS, low=1, high=1_000_000_000),
            max_page_bytes=_integer(env, "MAX_PAGE_BYTES", 20_000_000, low=1, high=1_000_000_000),
            drain_s=float(_integer(env, "DRAIN_S", 25, low=0, high=3600)),
            mode=mode,
            orchestrator_url=_orchestrator(env) if mode is WorkerMode.JOB else "",
            poll_interval_s=_integer(env, "POLL_INTERVAL_MS", 1000, low=1, high=3_600_000) / 1000,
            max_empty_polls=_integer(env, "MAX_EMPTY_POLLS", 3, low=1, high=1_000_000),
            engines=engines,
            weights_dir=Path(env.get("WEIGHTS_DIR") or _ROOT / "weights"),
            weights_manifest=Path(env.get("WEIGHTS_MANIFEST") or MANIFEST),
            gemini_reader=_gemini_reader(env) if "gemini" in engines.optional else None,
            translation=_translation(env),
            translators={name: _named_translation(env, name) for name in _named_translators(engines)},
        )


def fonts_folder(env: Mapping[str, str]) -> Path:
    """Where the fonts are: ``FONTS_DIR``, or the project's own. Raises :class:`ConfigError`."""
    return _folder(env, "FONTS_DIR", _ROOT / "fonts")


def _translation(env: Mapping[str, str]) -> TranslationSettings | None:
    try:
        return TranslationSettings.from_env(env, dict_dir=_folder(env, "DICT_DIR", _ROOT / "dict"))
    except SettingsError as error:
        raise ConfigError(error.key, str(error).removeprefix(f"{error.key}: ")) from None


def _named_translators(engines: EngineSet) -> tuple[str, ...]:
    return tuple(name for name in engines.optional if OPTIONAL[name].role is EngineRole.TRANSLATOR)


def _named_translation(env: Mapping[str, str], name: str) -> TranslationSettings:
    found = _translation({**env, "TRANSLATOR": name})
    if found is None:
        raise ConfigError("ENGINES", f"{name} asks no model")
    return found


def _engines(env: Mapping[str, str]) -> EngineSet:
    try:
        return EngineSet.parse(env.get("ENGINES", ""))
    except ValueError as error:
        raise ConfigError("ENGINES", str(error)) from None


def _gemini_reader(env: Mapping[str, str]) -> VisionModel:
    """Models come and go, so none is built in."""
    key = env.get("GEMINI_API_KEY", "").strip()
    if not key:
        raise ConfigError("GEMINI_API_KEY", "missing: ENGINES names gemini")
    name = (env.get("GEMINI_READER_MODEL") or env.get("GEMINI_MODEL") or "").strip()
    if not name:
        raise ConfigError("GEMINI_READER_MODEL", "missing, and so is GEMINI_MODEL: ENGINES names gemini")
    url = env.get("GEMINI_BASE_URL", "").strip().rstrip("/")
    if url and urlsplit(url).scheme not in ("http", "https"):
        raise ConfigError("GEMINI_BASE_URL", "not an absolute http(s) URL")
    return VisionModel(name, key, url)


def _mode(env: Mapping[str, str]) -> WorkerMode:
    try:
        return WorkerMode(env.get("WORKER_MODE") or WorkerMode.SERVE.value)
    except ValueError:
        raise ConfigError("WORKER_MODE", "not serve or job") from None


def _orchestrator(env: Mapping[str, str]) -> str:
    value = env.get("ORCHESTRATOR_URL", "").strip().rstrip("/")
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.query or parts.fragment:
        raise ConfigError("ORCHESTRATOR_URL", "not an absolute http(s) URL without query")
    return value


def _secrets(env: Mapping[str, str]) -> tuple[Secret, ...]:
    try:
        return Secret.parse_list(env.get("CALLBACK_SECRETS", ""))
    except ValueError as error:
        raise ConfigError("CALLBACK_SECRETS", str(error)) from None


def _token(env: Mapping[str, str]) -> str:
    token = env.get("INTERNAL_TOKEN", "")
    if token and len(token) < MIN_TOKEN:
        raise ConfigError("INTERNAL_TOKEN", f"shorter than {MIN_TOKEN} characters")
    if not token.isascii():
        raise ConfigError("INTERNAL_TOKEN", "not ASCII, as a header must be")
    return token


def _integer(env: Mapping[str, str], key: str, default: int, *, low: int, high: int) -> int:
    text = env.get(key) or str(default)
    try:
        value = int(text)
    except ValueError:
        raise ConfigError(key, "not a whole number") from None
    if not low <= value <= high:
        raise ConfigError(key, f"not between {low} and {high}")
    return value


def _choice(env: Mapping[str, str], key: str, choices: tuple[str, ...]) -> str:
    """One of ``choices``; the first where the key is missing."""
    text = (env.get(key) or choices[0]).lower()
    if text not in choices:
        raise ConfigError(key, f"not one of {', '.join(choices)}")
    return text


def _folder(env: Mapping[str, str], key: str, default: Path) -> Path:
    path = Path(env.get(key) or default)
    if not path.is_dir():
        raise ConfigError(key, f"{path} is no folder")
    return path
