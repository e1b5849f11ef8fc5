"""``Range`` requests of one byte range (RFC 9110 §14)."""

from __future__ import annotations

import re
from dataclasses import dataclass

_RANGE = re.compile(r"bytes=\s*(\d{0,18})-(\d{0,18})\s*", re.ASCII)


class Unsatisfiable(Exception):  # noqa: N818
    """No byte of the object lies in the range."""


@dataclass(frozen=True, slots=True)
class Span:
    """``length`` bytes from ``offset`` on."""

    offset: int
    length: int

    def content_range(self, size: int) -> str:
        return f"bytes {self.offset}-{self.offset + self.length - 1}/{size}"


def parse_range(header: str, size: int) -> Span | None:
    """The bytes asked for; ``None`` for the whole object: no range, several, or one that is malformed."""
    match = _RANGE.fullmatch(header)
    if match is None or not any(match.groups()):
        return None
    first, last = match.groups()
    if not first:
        return _suffix(int(last), size)
    if last and int(last) < int(first):
        return None
    if int(first) >= size:
        raise Unsatisfiable
    end = min(int(last), size - 1) if last else size - 1
    return Span(int(first), end - int(first) + 1)


def _suffix(count: int, size: int) -> Span:
    if count == 0 or size == 0:
        raise Unsatisfiable
    return Span(max(0, size - count), min(count, size))
