"""A grainy, yellowed scan is looked at as if it were drawn; clean, toned and coloured pages are as they are."""

from __future__ import annotations

import numpy as np
import pytest

from tests.translator.drawn_pages import Sheet
from translator.pipeline.scan import grain, levelled, without_grain
from translator.pipeline.types import Rgb


def page() -> Rgb:
    sheet = Sheet(420, 420)
    sheet.panel((10, 10, 410, 410), tone=150)
    sheet.oval((230, 60, 380, 360))
    sheet.columns(["今日は雨"], 325, 110, size=40)
    return np.array(sheet.rgb)


def scanned(rgb: Rgb, noise: float = 0.0, *, ink: int = 0, paper: int = 255) -> Rgb:
    """The page between two levels, with noise that is the same in all channels."""
    noisy = np.random.default_rng(5).normal(0, noise, rgb.shape[:2])[..., None]
    return np.clip(rgb * ((paper - ink) / 255) + ink + noisy, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("noise", [5.0, 10.0, 20.0])
def test_grain_is_measured(noise: float) -> None:
    assert grain(scanned(page(), noise, ink=80, paper=180)) == pytest.approx(noise, rel=0.15)


def test_a_clean_page_is_left_as_it_is() -> None:
    rgb = page()
    assert grain(rgb) < 1
    assert without_grain(rgb) is rgb
    assert levelled(rgb) is rgb


def test_a_screentone_on_half_of_a_page_is_no_grain() -> None:
    rgb = page()
    rgb[:210:3, ::3] = 0
    assert without_grain(rgb) is rgb


def test_grain_is_smoothed_and_outlines_stay() -> None:
    grainy = scanned(page(), 12.0, paper=230)
    smooth = without_grain(grainy)
    assert grain(smooth) < grain(grainy) / 2
    assert smooth[10:410, 10].mean() < 60


@pytest.mark.parametrize(("ink", "paper"), [(0, 190), (70, 255), (60, 200)])
def test_dull_paper_and_pale_ink_become_white_and_black(ink: int, paper: int) -> None:
    flat = levelled(scanned(page(), 1.0, ink=ink, paper=paper))
    assert np.median(flat[:8]) == 255
    assert np.percentile(flat, 1) <= 10


def test_the_colours_of_art_are_no_yellowed_paper() -> None:
    rgb = np.full((300, 300, 3), (200, 120, 90), np.uint8)
    assert levelled(rgb) is rgb


def test_a_page_of_one_grey_has_no_levels_to_stretch() -> None:
    rgb = np.full((300, 300, 3), 180, np.uint8)
    assert levelled(rgb) is rgb


def test_pages_of_a_few_pixels_pass() -> None:
    for size in ((1, 1), (1, 50), (30, 2)):
        rgb = np.full((*size, 3), 90, np.uint8)
        assert without_grain(rgb) is rgb
        assert levelled(rgb).shape == rgb.shape
