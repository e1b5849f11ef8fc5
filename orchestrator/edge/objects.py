"""Small JSON objects in the bucket: read, create once, compare and swap."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Generic, TypeVar

from contract.errors import ContractError
from contract.fields import load_object
from edge.platform import ABSENT, Bucket, BucketPage, EtagIs, ObjectInfo

T = TypeVar("T")
_JSON = "application/json"
_REMEMBERED = 16
"""Parsed objects that an isolate keeps: polls of a job read the same ones again and again, and parsing a chapter's
table takes longer than all the rest of a poll. That of 1,000 pages and its text are a megabyte and a half."""


class CorruptObject(Exception):  # noqa: N818
    """An object that we wrote is not what we wrote. Names the key."""

    def __init__(self, key: str, detail: str) -> None:
        super().__init__(f"{key}: {detail}")
        self.key = key


@dataclass(frozen=True, slots=True)
class Stored(Generic[T]):
    """A value and the object that it was read from."""

    value: T
    info: ObjectInfo


async def read_json(bucket: Bucket, key: str, parse: Callable[[Any], T]) -> Stored[T] | None:
    """Raises :class:`CorruptObject`."""
    found = await bucket.read(key)
    if found is None:
        return None
    info, body = found
    try:
        return Stored(parsed(body, parse), info)
    except (ContractError, ValueError) as error:
        raise CorruptObject(key, str(error)) from error


def parsed(body: bytes, parse: Callable[[Any], T]) -> T:
    """``parse`` of the JSON object in ``body``. The same bytes give the same value, which nobody may change.

    Raises what ``parse`` and :func:`load_object` raise.
    """
    value: T = _parsed(body, parse)
    return value


@lru_cache(maxsize=_REMEMBERED)
def _parsed(body: bytes, parse: Callable[[Any], Any]) -> Any:
    return parse(load_object(body))


async def create_json(bucket: Bucket, key: str, value: dict[str, Any]) -> ObjectInfo | None:
    """Creates the object, or answers ``None`` where it exists."""
    return await bucket.put(key, dump(value), content_type=_JSON, only_if=ABSENT)


async def swap_json(bucket: Bucket, key: str, value: dict[str, Any], *, etag: str) -> ObjectInfo | None:
    """Replaces the object if it is still the one with ``etag``, else answers ``None``."""
    return await bucket.put(key, dump(value), content_type=_JSON, only_if=EtagIs(etag))


async def list_all(bucket: Bucket, prefix: str) -> list[ObjectInfo]:
    """All objects under a prefix."""
    objects: list[ObjectInfo] = []
    cursor: str | None = None
    while True:
        page: BucketPage = await bucket.list(prefix=prefix, cursor=cursor)
        objects.extend(page.objects)
        if page.cursor is None:
            return objects
        cursor = page.cursor


def dump(value: dict[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
