"""The receiver's configuration, read once from an environment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from contract.signing import Secret

MIN_TOKEN_CHARS = 16


class ConfigError(Exception):
    """A value is missing or wrong. Names the key, and never repeats the value."""

    def __init__(self, key: str, detail: str) -> None:
        super().__init__(f"{key}: {detail}")
        self.key = key


@dataclass(frozen=True, slots=True)
class Config:
    """``token`` opens ``GET /results`` to others than this machine; ``None``: to nobody else."""

    secrets: tuple[Secret, ...] = field(repr=False)
    database: Path
    host: str = "127.0.0.1"
    port: int = 8790
    token: str | None = field(default=None, repr=False)

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Config:
        """Reads WEBHOOK_SECRETS, RECEIVER_DB, HOST, PORT, RECEIVER_TOKEN. Raises :class:`ConfigError`."""
        return cls(
            secrets=_secrets(env),
            database=Path(env.get("RECEIVER_DB") or "chapters.sqlite"),
            host=env.get("HOST") or "127.0.0.1",
            port=_port(env),
            token=_token(env),
        )


def _secrets(env: Mapping[str, str]) -> tuple[Secret, ...]:
    try:
        secrets = Secret.parse_list(env.get("WEBHOOK_SECRETS", ""))
    except ValueError as error:
        raise ConfigError("WEBHOOK_SECRETS", str(error)) from None
    if not secrets:
        raise ConfigError("WEBHOOK_SECRETS", "missing: one or several whsec_… separated by spaces")
    return secrets


def _port(env: Mapping[str, str]) -> int:
    text = env.get("PORT") or "8790"
    if not (text.isascii() and text.isdigit() and int(text) <= 65_535):
        raise ConfigError("PORT", "not a port number from 0 (any free one) to 65535")
    return int(text)


def _token(env: Mapping[str, str]) -> str | None:
    token = env.get("RECEIVER_TOKEN") or None
    if token is not None and (len(token) < MIN_TOKEN_CHARS or not token.isascii()):
        raise ConfigError("RECEIVER_TOKEN", f"not at least {MIN_TOKEN_CHARS} ASCII characters")
    return token
