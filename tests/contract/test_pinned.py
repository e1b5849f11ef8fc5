"""What a person pins comes back as it was written, and what is wrong is named."""

from __future__ import annotations

from typing import Any

import pytest

from contract.errors import BadMessage
from contract.pinned import BalloonShape, Pinned


@pytest.mark.parametrize(
    "pinned",
    [
        Pinned(),
        Pinned(font="Bangers"),
        Pinned(size_px=12, box=(1, 2, 3, 4)),
        Pinned("Bangers", 12, (0, 0, 9, 9), ("a", "b")),
    ],
)
def test_pins_come_back(pinned: Pinned) -> None:
    assert Pinned.from_json(pinned.to_json(), "pinned") == pinned


def test_what_is_left_free_is_not_written() -> None:
    assert Pinned(size_px=12).to_json() == {"size_px": 12}


@pytest.mark.parametrize(
    ("value", "field"),
    [
        ([], "pinned"),
        ({"colour": "red"}, "pinned.colour"),
        ({"size_px": 0}, "pinned.size_px"),
        ({"size_px": 2001}, "pinned.size_px"),
        ({"size_px": 12.5}, "pinned.size_px"),
        ({"size_px": True}, "pinned.size_px"),
        ({"font": ""}, "pinned.font"),
        ({"font": "x" * 101}, "pinned.font"),
        ({"box": [0, 0, 1]}, "pinned.box"),
        ({"box": [5, 0, 1, 1]}, "pinned.box"),
        ({"box": "0,0,1,1"}, "pinned.box"),
        ({"lines": "a"}, "pinned.lines"),
        ({"lines": [1]}, "pinned.lines[0]"),
        ({"lines": ["a"] * 101}, "pinned.lines"),
    ],
)
def test_a_pin_that_cannot_be_is_named(value: Any, field: str) -> None:
    with pytest.raises(BadMessage) as caught:
        Pinned.from_json(value, "pinned")
    assert caught.value.field == field


@pytest.mark.parametrize("fill", [None, (0, 0, 0), (255, 250, 240)])
def test_a_balloon_comes_back(fill: tuple[int, int, int] | None) -> None:
    shape = BalloonShape(((0, 0), (5, 0), (5, 5)), fill)
    assert BalloonShape.from_json(shape.to_json(), "balloon") == shape


@pytest.mark.parametrize("value", [{}, {"contour": [[1]]}, {"contour": [[1, 2.5]]}, {"contour": [], "fill_rgb": [1]}])
def test_a_balloon_that_cannot_be_is_refused(value: Any) -> None:
    with pytest.raises(BadMessage):
        BalloonShape.from_json(value, "balloon")
