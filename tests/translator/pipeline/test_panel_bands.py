"""A gutter may be three pixels wide: what tells it from a white line of the picture are the frames along it."""

from __future__ import annotations

import numpy as np
import pytest

from translator.pipeline.panel_bands import find_bands, opened
from translator.pipeline.types import Mask


def page(*, width: int = 3, frame: int = 3) -> Mask:
    """Gray levels: a gray picture cut by a white band from top to bottom, with frame lines along it."""
    gray = np.full((1100, 800), 170, np.uint8)
    gray[:, 400 - frame : 400 + width + frame] = 0
    gray[:, 400 : 400 + width] = 255
    return gray


def bands(gray: Mask) -> Mask:
    return find_bands(np.asarray(gray > 225, dtype=np.uint8), gray < 110)


@pytest.mark.parametrize("width", [2, 3, 4, 6])
def test_a_thin_band_between_two_frames_is_found(width: int) -> None:
    found = bands(page(width=width))
    assert found[:, 400 : 400 + width].all()
    assert found.sum() == width * 1100


def test_a_band_without_frames_is_a_white_line_of_the_picture() -> None:
    assert not bands(page(frame=0)).any()


def test_a_broad_band_is_left_to_its_width() -> None:
    assert not bands(page(width=20)).any()


def test_a_gap_in_a_frame_is_too_short_for_a_band() -> None:
    gray = np.full((1100, 800), 255, np.uint8)
    gray[:, 400:406] = 0
    gray[500:503, 400:406] = 255
    assert not bands(gray).any()


def test_a_slanted_band_is_found() -> None:
    gray = np.full((1100, 800), 170, np.uint8)
    for y in range(1100):
        x = 300 + y // 5
        gray[y, x - 3 : x + 7] = 0
        gray[y, x : x + 4] = 255
    assert bands(gray)[550, 411]


@pytest.mark.parametrize("side", [2, 3, 4, 5])
def test_opening_moves_nothing_whatever_its_side(side: int) -> None:
    ground = np.asarray(np.random.default_rng(3).random((60, 70)) < 0.93, dtype=np.uint8)
    found = opened(ground, side)
    assert (found <= ground).all()
    assert np.array_equal(found[:, ::-1], opened(np.ascontiguousarray(ground[:, ::-1]), side))
    assert np.array_equal(found[::-1], opened(np.ascontiguousarray(ground[::-1]), side))


@pytest.mark.parametrize("shape", [(1, 1), (1, 300), (300, 1)])
def test_a_page_of_a_pixel_has_no_band(shape: tuple[int, int]) -> None:
    assert find_bands(np.ones(shape, np.uint8), np.zeros(shape, bool)).sum() == 0
