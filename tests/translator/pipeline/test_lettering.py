"""Letters are told from the art that they stand on."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from translator.pipeline.lettering import Lettering, find_lettering
from translator.pipeline.types import Box

LINE = Box(110, 60, 150, 240)
SHAPE = (300, 260)


def letters(line: Box = LINE) -> np.ndarray:
    """Five glyphs of three strokes and a dot each down a line, bool."""
    mask = np.zeros(SHAPE, np.uint8)
    x, step = (line.x0 + line.x1) // 2, line.height // 5
    for y in range(line.y0 + 4, line.y1 - step + 5, step):
        cv2.line(mask, (x - 12, y + 6), (x + 12, y + 8), 255, 4)
        cv2.line(mask, (x, y + 2), (x - 3, y + 26), 255, 4)
        cv2.ellipse(mask, (x + 2, y + 20), (11, 8), 0, 0, 300, 255, 4)
        cv2.circle(mask, (x + 15, y + 1), 2, 255, -1)
    return mask > 0


def art(seed: int = 0) -> np.ndarray:
    """Tones, thick and thin lines in all directions, and a screentone."""
    rng = np.random.default_rng(seed)
    ground = np.full((*SHAPE, 3), 170, np.uint8)
    ground[:, : SHAPE[1] // 2] = 215
    ground[1::5, 1::5] = 90
    for _ in range(14):
        ends = [(int(rng.integers(0, SHAPE[1])), int(rng.integers(0, SHAPE[0]))) for _ in range(2)]
        cv2.line(ground, ends[0], ends[1], (int(rng.integers(0, 90)),) * 3, int(rng.integers(1, 9)), cv2.LINE_AA)
    return ground


def grown(mask: np.ndarray, by: int) -> np.ndarray:
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * by + 1, 2 * by + 1))
    return cv2.dilate(mask.astype(np.uint8), kernel) > 0


def lettered(
    ground: np.ndarray, ink: tuple[int, int, int], rim: int | None = None, rim_px: int = 4
) -> tuple[np.ndarray, np.ndarray]:
    """The page, and where the text with its rim is."""
    page, whole = ground.copy(), letters()
    if rim is not None:
        whole = grown(whole, rim_px)
        page[whole] = rim
    page[letters()] = ink
    return page, whole


def found(page: np.ndarray) -> Lettering:
    lettering = find_lettering(page, [LINE], vertical=True)
    assert lettering is not None
    return lettering


STYLES = [((0, 0, 0), 255), ((255, 255, 255), 0), ((200, 20, 40), 255), ((200, 20, 40), None)]


@pytest.mark.parametrize(("ink", "rim"), STYLES)
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_letters_on_art_are_found_whatever_they_are_drawn_in(
    ink: tuple[int, int, int], rim: int | None, seed: int
) -> None:
    page, whole = lettered(art(seed), ink, rim)
    lettering = found(page)
    assert (grown(lettering.whole > 0, 3) & whole).sum() >= 0.95 * whole.sum()


@pytest.mark.parametrize(("ink", "rim"), STYLES)
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_art_is_no_letters(ink: tuple[int, int, int], rim: int | None, seed: int) -> None:
    page, whole = lettered(art(seed), ink, rim)
    marked = found(page).core > 0
    assert (marked & grown(whole, 1)).sum() >= 0.9 * marked.sum()


@pytest.mark.parametrize("rim_px", [2, 3, 5])
def test_a_rim_goes_with_its_letters_and_no_farther(rim_px: int) -> None:
    page, whole = lettered(np.full((*SHAPE, 3), 140, np.uint8), (0, 0, 0), 255, rim_px)
    marked = found(page).whole > 0
    assert (grown(marked, 1) & whole).sum() >= 0.99 * whole.sum()
    assert (marked & ~grown(whole, 3)).sum() <= 0.1 * whole.sum()


def test_voicing_marks_go_with_their_letters() -> None:
    page, _ = lettered(art(), (0, 0, 0), 255)
    marked = found(page).core > 0
    middle = (LINE.x0 + LINE.x1) // 2 + 15
    assert all(marked[y + 1, middle] for y in range(LINE.y0 + 4, LINE.y1 - 30, LINE.height // 5))


def test_a_black_figure_that_the_letters_stand_beside_is_none_of_them() -> None:
    ground = art()
    cv2.ellipse(ground, (150, 250), (60, 80), 0, 0, 360, (0, 0, 0), -1)
    page, whole = lettered(ground, (0, 0, 0), 255)
    marked = found(page).whole > 0
    assert not (marked & ~grown(whole, 6)).any()


@pytest.mark.parametrize("seed", range(6))
def test_noise_has_no_letters(seed: int) -> None:
    noise = np.random.default_rng(seed).integers(0, 255, (*SHAPE, 3), np.uint8)
    assert find_lettering(noise, [LINE], vertical=True) is None


def test_a_screentone_has_no_letters() -> None:
    tone = np.full((*SHAPE, 3), 240, np.uint8)
    for y in range(0, SHAPE[0], 6):
        for x in range(y // 6 % 2 * 3, SHAPE[1], 6):
            cv2.circle(tone, (x, y), 1, (40, 40, 40), -1)
    assert find_lettering(tone, [LINE], vertical=True) is None


@pytest.mark.parametrize("lines", [[], [Box(5, 5, 5, 5)], [Box(0, 0, 1, 1)], [Box(0, 0, SHAPE[1], SHAPE[0])]])
def test_odd_lines_have_no_letters(lines: list[Box]) -> None:
    assert find_lettering(np.full((*SHAPE, 3), 200, np.uint8), lines, vertical=True) is None
