"""Signed messages: the Standard Webhooks 1.0.0 envelope, in both directions.

The signature is HMAC-SHA256 over ``id.timestamp.body`` (the raw bytes), sent as ``v1,<base64>``; a header may hold
several, separated by spaces, one for each active secret. https://github.com/standard-webhooks/standard-webhooks
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from contract.errors import BadSignature

TOLERANCE_S = 300
"""A message is believed this many seconds before and after its own timestamp."""
ID_HEADER = "webhook-id"
TIMESTAMP_HEADER = "webhook-timestamp"
SIGNATURE_HEADER = "webhook-signature"
MAX_SIGNATURES = 32
"""More than this many signatures in one header is garbage, not rotation."""
MAX_SIGNATURES_CHARS = 8192
MIN_SECRET_BYTES = 24

_PREFIX = "whsec_"
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,127}")
_TIMESTAMP = re.compile(r"[0-9]{1,12}")


@dataclass(frozen=True, slots=True)
class Secret:
    """A signing key. Its bytes never show in a repr or a message."""

    key: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.key) < MIN_SECRET_BYTES:
            raise ValueError(f"a signing secret needs at least {MIN_SECRET_BYTES} bytes")

    @classmethod
    def parse(cls, text: str) -> Secret:
        """Reads ``whsec_<base64>``, the serialization of Standard Webhooks. Raises ``ValueError``, without the text."""
        encoded = text.strip().removeprefix(_PREFIX)
        try:
            return cls(base64.b64decode(encoded, validate=True))
        except (binascii.Error, ValueError):
            raise ValueError("a signing secret is whsec_ and at least 24 bytes in base64") from None

    @classmethod
    def parse_list(cls, text: str) -> tuple[Secret, ...]:
        """Reads several secrets, separated by spaces or commas, the newest first (rotation)."""
        return tuple(cls.parse(part) for part in re.split(r"[\s,]+", text.strip()) if part)


@dataclass(frozen=True, slots=True)
class Envelope:
    """What a verified message says of itself: its id (the nonce) and when it was signed (unix seconds)."""

    id: str
    timestamp: int


def sign(body: bytes, secrets: Sequence[Secret], *, message_id: str, timestamp: int) -> dict[str, str]:
    """The three headers for a message. Signs with every secret, so that a receiver may hold any one of them."""
    if not secrets:
        raise ValueError("no secret to sign with")
    if not _ID.fullmatch(message_id):
        raise ValueError(f"message id {message_id!r} is not 1-128 letters, digits, '_' or '-', a letter or digit first")
    signatures = " ".join(f"v1,{_signature(secret, message_id, str(timestamp), body)}" for secret in secrets)
    return {ID_HEADER: message_id, TIMESTAMP_HEADER: str(timestamp), SIGNATURE_HEADER: signatures}


def verify(
    headers: Mapping[str, str],
    body: bytes,
    secrets: Sequence[Secret],
    *,
    now: float,
    tolerance_s: int = TOLERANCE_S,
) -> Envelope:
    """Believes a message or raises :class:`BadSignature`. Every kind of garbage ends there.

    ``headers`` may be any mapping; names are compared without case; what is no text, as name or value, is garbage too.
    A replay of a message is *not* found here: keep its id for as long as it would verify.
    """
    lower = {name.lower(): value for name, value in headers.items() if isinstance(name, str)}
    message_id = _header(lower, ID_HEADER, _ID)
    timestamp = _header(lower, TIMESTAMP_HEADER, _TIMESTAMP)
    given = _signatures(lower.get(SIGNATURE_HEADER))
    expected = [_signature(secret, message_id, timestamp, body).encode() for secret in secrets]
    # Every pair is compared, whatever matched before, so that time tells nothing.
    matches = [hmac.compare_digest(want, got) for want in expected for got in given]
    if not any(matches):
        raise BadSignature("no_matching_signature", "no signature fits the body and a known secret")
    _check_age(int(timestamp), now, tolerance_s)
    return Envelope(message_id, int(timestamp))


def _header(headers: Mapping[str, str], name: str, pattern: re.Pattern[str]) -> str:
    value = headers.get(name)
    if value is None:
        raise BadSignature("missing_header", f"{name} is missing")
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise BadSignature("malformed_header", f"{name} is malformed")
    return value


def _signatures(header: str | None) -> list[bytes]:
    if header is None or header == "":
        raise BadSignature("missing_header", f"{SIGNATURE_HEADER} is missing")
    if not isinstance(header, str) or len(header) > MAX_SIGNATURES_CHARS:
        raise BadSignature("malformed_header", f"{SIGNATURE_HEADER} is no text of at most {MAX_SIGNATURES_CHARS}")
    parts = header.split()
    if len(parts) > MAX_SIGNATURES:
        raise BadSignature("malformed_header", f"{SIGNATURE_HEADER} holds more than {MAX_SIGNATURES} signatures")
    found = [part[3:].encode("utf-8", "surrogatepass") for part in parts if part.startswith("v1,")]
    if not found:
        raise BadSignature("malformed_header", f"{SIGNATURE_HEADER} holds no v1 signature")
    return found


def _check_age(timestamp: int, now: float, tolerance_s: int) -> None:
    if timestamp < now - tolerance_s:
        raise BadSignature("timestamp_too_old", f"signed more than {tolerance_s} s ago")
    if timestamp > now + tolerance_s:
        raise BadSignature("timestamp_too_new", f"signed more than {tolerance_s} s in the future")


def _signature(secret: Secret, message_id: str, timestamp: str, body: bytes) -> str:
    content = f"{message_id}.{timestamp}.".encode() + body
    return base64.b64encode(hmac.digest(secret.key, content, hashlib.sha256)).decode()
