"""A gradient goes on under a text, and a panel's border ends it."""

from __future__ import annotations

import numpy as np
import pytest

from translator.pipeline.shade import same_ground, shading

HOLE = np.s_[60:140, 70:130]


def ramp(low: int = 60, high: int = 220) -> np.ndarray:
    row = np.linspace(low, high, 200)
    return np.repeat(np.repeat(row[None, :, None], 200, 0), 3, 2).astype(np.uint8)


def known() -> np.ndarray:
    seen = np.ones((200, 200), bool)
    seen[HOLE] = False
    return seen


@pytest.mark.parametrize("crop", [ramp(), ramp().transpose(1, 0, 2).copy(), np.full((200, 200, 3), 7, np.uint8)])
def test_the_shading_of_a_hole_is_that_of_its_surroundings(crop: np.ndarray) -> None:
    blotted = crop.copy()
    blotted[HOLE] = 0
    assert np.abs(shading(blotted, known()) - crop)[HOLE].max() <= 10


def test_what_stands_in_the_hole_does_not_matter() -> None:
    light, dark = ramp(), ramp()
    light[HOLE], dark[HOLE] = 255, 0
    assert np.array_equal(shading(light, known()), shading(dark, known()))


def test_dots_are_texture_and_no_shading() -> None:
    dotted = np.full((200, 200, 3), 230, np.uint8)
    dotted[::4, ::4] = 60
    found = shading(dotted, known())
    assert float(found.max() - found.min()) < 12


@pytest.mark.parametrize("size", [(1, 1), (2, 3), (1, 50), (9, 9)])
def test_crops_of_any_size_have_a_shading(size: tuple[int, int]) -> None:
    crop, seen = np.full((*size, 3), 90, np.uint8), np.zeros(size, bool)
    seen[0, 0] = True
    assert np.abs(shading(crop, seen) - 90).max() < 1


def bordered() -> np.ndarray:
    crop = ramp(120, 200)
    crop[:, 30:35] = 0
    crop[:, :30] = 255
    return crop


def test_a_ground_ends_at_the_panels_border() -> None:
    hole = np.zeros((200, 200), np.uint8)
    hole[HOLE] = 255
    ground = same_ground(bordered(), hole)
    assert ground[:, 40:].all()
    assert not ground[:, :35].any()


def test_a_text_across_a_border_stands_on_both_sides() -> None:
    hole = np.zeros((200, 200), np.uint8)
    hole[60:140, 10:100] = 255
    ground = same_ground(bordered(), hole)
    assert ground[:, 40:].all()
    assert ground[:, :28].all()


def test_nothing_to_fill_has_no_ground() -> None:
    assert not same_ground(bordered(), np.zeros((200, 200), np.uint8)).any()
