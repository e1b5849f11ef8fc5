"""Capability tokens: the right to do one thing with one job for a while, in a URL, signed by itsdangerous.

A token is not single-use: what must happen once is made so by the bucket's create-once.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from itsdangerous import BadData, URLSafeSerializer

from contract.errors import BadMessage
from contract.fields import Fields
from edge.config import Config

LEEWAY_S = 60
"""A token is believed this long after its end: clocks differ, and a transfer that has started may finish."""
MAX_TOKEN_CHARS = 4096
_SALT = "fukidashi.capability.v1"


class Role(StrEnum):
    """What a token allows."""

    PUT = "put"
    """Create the object ``key``, as ``content_type``, of at most ``max_bytes``."""
    REPLACE = "replace"
    """As ``PUT``, and what is there is replaced."""
    GET_INPUT = "get-input"
    GET_MEMORY = "get-memory"
    GET_GLOSSARY = "get-glossary"
    GET_DECIDED = "get-decided"
    READ = "read"
    """See the job and its finished pages."""
    LIST = "list"
    """Go on with a listing: ``job`` is the owner, ``key`` where it stopped."""


class BadToken(Exception):  # noqa: N818
    """A token that is forged, garbled, or over."""


@dataclass(frozen=True, slots=True)
class Claims:
    """``exp`` is in unix seconds; ``page`` 0 stands for the attempt's manifest."""

    job: str
    role: Role
    exp: int
    page: int = 0
    attempt: int = 0
    key: str = ""
    content_type: str = ""
    max_bytes: int = 0

    @classmethod
    def from_json(cls, value: Any) -> Claims:
        fields = Fields(value)
        return cls(
            job=fields.text("job"),
            role=fields.choice("role", Role),
            exp=fields.integer("exp"),
            page=fields.integer("page"),
            attempt=fields.integer("attempt"),
            key=fields.text("key"),
            content_type=fields.text("content_type"),
            max_bytes=fields.integer("max_bytes"),
        )

    def to_json(self) -> dict[str, Any]:
        return {
            "job": self.job,
            "role": self.role.value,
            "exp": self.exp,
            "page": self.page,
            "attempt": self.attempt,
            "key": self.key,
            "content_type": self.content_type,
            "max_bytes": self.max_bytes,
        }


class Tokens:
    """Signs with the newest secret and believes them all (rotation)."""

    def __init__(self, config: Config) -> None:
        # itsdangerous signs with the last of its keys; the configuration names the newest first.
        self._serializer = URLSafeSerializer(
            list(reversed(config.token_secrets)),
            salt=_SALT,
            signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha256},
        )

    def issue(self, claims: Claims) -> str:
        token = self._serializer.dumps(claims.to_json())
        return token if isinstance(token, str) else token.decode()

    def check(self, token: str, *, now: float) -> Claims:
        """Believes a token or raises :class:`BadToken`."""
        if len(token) > MAX_TOKEN_CHARS:
            raise BadToken("the token is too long")
        try:
            claims = Claims.from_json(self._serializer.loads(token))
        except (BadData, BadMessage):
            raise BadToken("the token does not verify") from None
        if now > claims.exp + LEEWAY_S:
            raise BadToken("the token is over")
        return claims
