"""Reading JSON once, at the edge, into declared types: each error names the field it is about."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from enum import StrEnum
from typing import Any, TypeVar

from contract.errors import BadMessage

T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)

MAX_DEPTH = 32
"""Messages nest no deeper than this."""
_LARGEST = sys.float_info.max
_TOKEN = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"|[\[\]{}]', re.DOTALL)
_STEP = {b"[": 1, b"{": 1, b"]": -1, b"}": -1}


def load_object(body: bytes) -> dict[str, Any]:
    """Parses a JSON object or raises :class:`BadMessage`; NaN and Infinity are no JSON.

    The text is UTF-8, and so are all strings in it: half a surrogate pair could be parsed, but never written again.
    """
    _check_depth(body)
    try:
        text = body.decode()
        value = json.loads(text, parse_constant=_refuse_constant)
        if "\\ud" in text.lower():
            json.dumps(value, ensure_ascii=False).encode()
    except ValueError as error:
        raise BadMessage("", f"not JSON: {str(error)[:100]}") from None
    if not isinstance(value, dict):
        raise BadMessage("", "not a JSON object")
    return value


def _check_depth(body: bytes) -> None:
    # Deep nesting is refused before it is parsed: in Pyodide it overflows the JavaScript stack, which no except clause
    # sees, and ends the isolate for everyone (measured with npm's pyodide 0.28 in workerd).
    depth = 0
    for token in _TOKEN.finditer(body):
        depth += _STEP.get(token.group(), 0)
        if depth > MAX_DEPTH:
            raise BadMessage("", f"nested more than {MAX_DEPTH} deep")


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


class Fields:
    """A JSON object being read, and where it stands in its message."""

    def __init__(self, value: Any, path: str = "") -> None:
        if not isinstance(value, dict):
            raise BadMessage(path, "not an object")
        self._value: dict[str, Any] = value
        self._path = path

    def at(self, name: str) -> str:
        return f"{self._path}.{name}" if self._path else name

    def has(self, name: str) -> bool:
        """Whether the field is there and not null."""
        return self._value.get(name) is not None

    def only(self, *names: str) -> None:
        """Refuses fields of other names: a typing mistake must not pass unnoticed."""
        for name in self._value:
            if name not in names:
                raise BadMessage(self.at(str(name)), f"unknown field; known are {', '.join(names)}")

    def text(self, name: str, *, default: str | None = None, longest: int = 4096, empty: bool = True) -> str:
        value = self._get(name, default)
        if not isinstance(value, str):
            raise BadMessage(self.at(name), "not a string")
        if len(value) > longest:
            raise BadMessage(self.at(name), f"longer than {longest} characters")
        if not value and not empty:
            raise BadMessage(self.at(name), "empty")
        return value

    def optional_text(self, name: str, *, longest: int = 4096) -> str | None:
        return self.text(name, longest=longest) if self.has(name) else None

    def integer(self, name: str, *, default: int | None = None, low: int = 0, high: int = 2**53) -> int:
        value = self._get(name, default)
        if isinstance(value, bool) or not isinstance(value, int):
            raise BadMessage(self.at(name), "not an integer")
        if not low <= value <= high:
            raise BadMessage(self.at(name), f"not between {low} and {high}")
        return value

    def number(self, name: str, *, default: float | None = None) -> float:
        value = self._get(name, default)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise BadMessage(self.at(name), "not a number")
        if not abs(value) <= _LARGEST:
            raise BadMessage(self.at(name), "too large a number")
        return float(value)

    def boolean(self, name: str, *, default: bool | None = None) -> bool:
        value = self._get(name, default)
        if not isinstance(value, bool):
            raise BadMessage(self.at(name), "not true or false")
        return value

    def choice(self, name: str, kind: type[E], *, default: E | None = None) -> E:
        value = self._get(name, default)
        try:
            return kind(value)
        except ValueError:
            known = ", ".join(member.value for member in kind)
            raise BadMessage(self.at(name), f"not one of {known}") from None

    def object(self, name: str) -> Fields:
        return Fields(self._get(name, None), self.at(name))

    def raw_object(self, name: str, *, default: dict[str, Any] | None = None) -> dict[str, Any]:
        value = self._get(name, default)
        if not isinstance(value, dict):
            raise BadMessage(self.at(name), "not an object")
        return value

    def strings(self, name: str) -> dict[str, str]:
        """An object whose values are all strings."""
        value = self.raw_object(name, default={})
        for key, item in value.items():
            if not isinstance(item, str):
                raise BadMessage(f"{self.at(name)}.{key}", "not a string")
        return dict(value)

    def integers(self, name: str) -> dict[str, int]:
        """An object whose values are all integers, none below zero."""
        value = self.raw_object(name, default={})
        for key, item in value.items():
            if isinstance(item, bool) or not isinstance(item, int) or item < 0:
                raise BadMessage(f"{self.at(name)}.{key}", "not a count")
        return dict(value)

    def list(self, name: str, read: Callable[[Any, str], T], *, default: list[Any] | None = None) -> tuple[T, ...]:
        """Reads each item with ``read(item, path)``."""
        value = self._get(name, default)
        if not isinstance(value, list):
            raise BadMessage(self.at(name), "not a list")
        return tuple(read(item, f"{self.at(name)}[{index}]") for index, item in enumerate(value))

    def _get(self, name: str, default: Any) -> Any:
        value = self._value.get(name)
        if value is None:
            if default is None:
                raise BadMessage(self.at(name), "missing")
            return default
        return value


def text_item(item: Any, path: str) -> str:
    """For :meth:`Fields.list`: an item that must be a string."""
    if not isinstance(item, str):
        raise BadMessage(path, "not a string")
    return item
