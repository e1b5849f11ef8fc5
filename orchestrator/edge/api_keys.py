"""The API keys: several for an owner, each with a name, known by their hashes alone."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from contract.errors import BadKey
from contract.keys import check_id

DEFAULT_NAME = "default"
_SHA256 = re.compile(r"[0-9a-f]{64}")
_SHAPE = '{"owner": "sha256 of the key, in hex"} or {"owner": [{"name": …, "sha256": …}, …]}'


@dataclass(frozen=True, slots=True)
class ApiKey:
    """``name`` tells an owner's keys apart in the log; ``sha256`` is of the key, in lower-case hex."""

    owner: str
    name: str
    sha256: str = field(repr=False)


def parse_api_keys(text: str) -> tuple[ApiKey, ...]:
    """Reads ``API_KEYS``. Raises ``ValueError`` naming what is wrong, never a hash.

    A key is rotated by adding the new one beside the old one, under another name, and removing that later.
    """
    try:
        value = json.loads(text)
    except ValueError:
        raise ValueError("not JSON") from None
    if not isinstance(value, dict) or not value:
        raise ValueError(f"not a JSON object {_SHAPE}")
    keys = tuple(key for owner, entry in value.items() for key in _keys_of(owner, entry))
    digests = [key.sha256 for key in keys]
    if len(set(digests)) < len(digests):
        raise ValueError("one key stands there twice")
    return keys


def find_key(keys: Iterable[ApiKey], given: str) -> ApiKey | None:
    """The key that ``given`` is. Every one is compared, whatever matched before, so that time tells nothing."""
    digest = hashlib.sha256(given.encode("utf-8", "surrogatepass")).hexdigest()
    matching = [key for key in keys if hmac.compare_digest(key.sha256, digest)]
    return matching[0] if matching else None


def _keys_of(owner: str, entry: Any) -> list[ApiKey]:
    _check("owner", owner)
    entries = entry if isinstance(entry, list) else [{"name": DEFAULT_NAME, "sha256": entry}]
    if not entries:
        raise ValueError(f"{owner} has no key")
    keys = [_key_of(owner, item) for item in entries]
    if len({key.name for key in keys}) < len(keys):
        raise ValueError(f"two keys of {owner} have one name")
    return keys


def _key_of(owner: str, item: Any) -> ApiKey:
    if not isinstance(item, dict) or set(item) != {"name", "sha256"}:
        raise ValueError(f'a key of {owner} is not {{"name": …, "sha256": …}}')
    name, digest = item["name"], item["sha256"]
    if not isinstance(name, str):
        raise ValueError(f"a name of a key of {owner} is no string")
    _check("key name", name)
    if not isinstance(digest, str) or not _SHA256.fullmatch(digest):
        raise ValueError(f"the value of {owner} is not a SHA-256 in lower-case hex")
    return ApiKey(owner, name, digest)


def _check(what: str, value: str) -> None:
    try:
        check_id(what, value)
    except BadKey as error:
        raise ValueError(str(error)) from None
