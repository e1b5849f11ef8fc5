"""Boxes, points and colours in JSON: lists of integers."""

from __future__ import annotations

from typing import Any

from contract.errors import BadMessage
from contract.fields import Fields

Corners = tuple[int, int, int, int]
"""``x0, y0, x1, y1`` in page pixels, ends exclusive."""
Point = tuple[int, int]
Rgb = tuple[int, int, int]


def number_item(item: Any, path: str) -> int:
    """One integer; raises :class:`BadMessage`."""
    if isinstance(item, bool) or not isinstance(item, int):
        raise BadMessage(path, "not an integer")
    return item


def box_of(value: Any, path: str) -> Corners:
    """Raises :class:`BadMessage` for what is no box, or ends before it starts."""
    x0, y0, x1, y1 = _numbers(value, path, 4)
    if x1 < x0 or y1 < y0:
        raise BadMessage(path, "ends before it starts")
    return x0, y0, x1, y1


def point_item(value: Any, path: str) -> Point:
    x, y = _numbers(value, path, 2)
    return x, y


def point_of(fields: Fields, name: str) -> Point:
    return point_item(fields.list(name, number_item), fields.at(name))


def colour_of(fields: Fields, name: str) -> Rgb:
    red, green, blue = _numbers(fields.list(name, number_item), fields.at(name), 3)
    return red, green, blue


def _numbers(value: Any, path: str, count: int) -> tuple[int, ...]:
    if not isinstance(value, list | tuple) or len(value) != count:
        raise BadMessage(path, f"not {count} integers")
    return tuple(number_item(item, f"{path}[{index}]") for index, item in enumerate(value))
