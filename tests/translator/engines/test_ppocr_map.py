"""The probability map covers pages of every shape, tile by tile where it must, in bounded memory."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

from translator.engines.ppocr_map import STRIDE, MapSize, TextMapper


@dataclass
class _Input:
    name: str = "x"


@dataclass
class InkSession:
    """Answers with the darkness of each pixel, and remembers the shapes it was given."""

    shapes: list[tuple[int, int]] = field(default_factory=list)

    def get_inputs(self) -> list[_Input]:
        return [_Input()]

    def run(self, _names: None, feed: dict[str, Any]) -> list[Any]:
        blob = feed["x"]
        self.shapes.append(blob.shape[2:])
        return [(blob[:, :1] < 0).astype(np.float32)]


def striped(width: int, height: int) -> np.ndarray:
    page = np.full((height, width, 3), 255, np.uint8)
    page[::200] = 0
    for row in range(20, height, 200):
        page[row : row + 60, width // 4 : width // 2] = 0
    return page


@pytest.mark.parametrize(
    ("width", "height"), [(830, 1170), (1170, 830), (720, 14046), (2480, 3510), (5000, 300), (1, 1), (3, 900)]
)
def test_every_tile_fits_the_network(width: int, height: int) -> None:
    session = InkSession()
    found = TextMapper(session).map(np.full((height, width, 3), 255, np.uint8))
    assert found.probability.shape[0] == pytest.approx(height * found.scale_y)
    assert found.probability.shape[1] == pytest.approx(width * found.scale_x)
    for shape in session.shapes:
        assert all(side % STRIDE == 0 and 0 < side <= MapSize().longest for side in shape)
    if len(session.shapes) > 1:
        assert max(max(shape) for shape in session.shapes) <= MapSize().tile


def test_a_page_is_seen_whole_and_a_strip_in_tiles_of_a_page_width() -> None:
    session = InkSession()
    TextMapper(session).map(striped(830, 1170))
    assert len(session.shapes) == 1
    found = TextMapper(session).map(striped(720, 14046))
    assert len(session.shapes) > 5
    assert found.scale_x > 1.2


def test_tiles_meet_without_a_seam() -> None:
    page = striped(720, 9000)
    found = TextMapper(InkSession()).map(page)
    rows = (np.arange(found.probability.shape[0]) / found.scale_y).astype(int).clip(0, 8999)
    inside = found.probability[:, round(0.35 * found.probability.shape[1])] > 127
    drawn = page[rows, 252, 0] < 128
    # Resizing moves an edge by a pixel; a lost or doubled part of a bar would be dozens.
    assert (inside != drawn).mean() < 0.02
