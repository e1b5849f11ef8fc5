"""A hole in art is filled with pieces of the same art: sharp, in place, the same every time."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from translator.pipeline.exemplar import fill_by_examples

SIZE = 120


def strokes() -> np.ndarray:
    """Something like glyphs, as the holes that they leave."""
    hole = np.zeros((SIZE, SIZE), np.uint8)
    for y in range(38, 84, 15):
        cv2.line(hole, (45, y), (75, y + 4), 255, 5)
        cv2.line(hole, (58, y - 6), (64, y + 8), 255, 4)
    return hole


def smeared(truth: np.ndarray, hole: np.ndarray) -> np.ndarray:
    return np.asarray(cv2.inpaint(emptied(truth, hole), hole, 3, cv2.INPAINT_TELEA))


def emptied(truth: np.ndarray, hole: np.ndarray) -> np.ndarray:
    out = truth.copy()
    out[hole > 0] = 0
    return out


def filled(truth: np.ndarray, hole: np.ndarray) -> np.ndarray:
    out = emptied(truth, hole)
    fill_by_examples(out, hole, hole)
    return out


def psnr(picture: np.ndarray, truth: np.ndarray, hole: np.ndarray) -> float:
    error = (picture.astype(float) - truth)[hole > 0]
    return float(10 * np.log10(255**2 / max(float((error**2).mean()), 0.01)))


def grain(picture: np.ndarray, hole: np.ndarray) -> float:
    """How much fine texture there is in the hole, levels: what a smear has lost."""
    grey = picture[:, :, 0].astype(np.float32)
    return float(np.abs(grey - cv2.GaussianBlur(grey, (0, 0), 1.5))[hole > 0].mean())


def hatching() -> np.ndarray:
    art = np.full((SIZE, SIZE, 3), 235, np.uint8)
    for x in range(-SIZE, SIZE, 8):
        cv2.line(art, (x, 0), (x + SIZE, SIZE), (40, 40, 40), 2)
    return art


def brickwork() -> np.ndarray:
    art = np.full((SIZE, SIZE, 3), 190, np.uint8)
    for row, y in enumerate(range(0, SIZE, 12)):
        art[y : y + 2] = 60
        for x in range(row % 2 * 10, SIZE, 20):
            art[y : y + 12, x : x + 2] = 60
    return art


def dots() -> np.ndarray:
    art = np.full((SIZE, SIZE, 3), 240, np.uint8)
    for y in range(0, SIZE, 6):
        for x in range(y // 6 % 2 * 3, SIZE, 6):
            cv2.circle(art, (x, y), 1, (70, 70, 70), -1)
    return art


def horizon() -> np.ndarray:
    """An edge between two tones, and a line: what a smear breaks."""
    art = np.full((SIZE, SIZE, 3), (240, 220, 180), np.uint8)
    art[SIZE // 2 :] = (60, 90, 160)
    art[SIZE // 2 - 2 : SIZE // 2] = 0
    return art


@pytest.mark.parametrize(
    ("ground", "floor"),
    [(hatching, 12.0), (brickwork, 14.0), (dots, 16.0), (horizon, 20.0)],
    ids=lambda part: str(part),
)
def test_art_is_continued_better_than_by_a_smear(ground: object, floor: float) -> None:
    assert callable(ground)
    truth, hole = ground(), strokes()
    ours = psnr(filled(truth, hole), truth, hole)
    assert ours >= floor
    assert ours >= psnr(smeared(truth, hole), truth, hole) + 1.0


@pytest.mark.parametrize("ground", [hatching, brickwork, dots])
def test_a_fill_is_as_sharp_as_what_it_continues(ground: object) -> None:
    assert callable(ground)
    truth, hole = ground(), strokes()
    wanted = grain(truth, hole)
    assert grain(filled(truth, hole), hole) >= 0.7 * wanted
    assert grain(smeared(truth, hole), hole) < 0.7 * wanted


def test_nothing_but_the_hole_is_changed() -> None:
    truth, hole = hatching(), strokes()
    assert np.array_equal(filled(truth, hole)[hole == 0], truth[hole == 0])


def test_only_what_is_asked_for_is_filled_and_no_other_hole_is_copied_from() -> None:
    truth, hole = brickwork(), strokes()
    other = np.zeros_like(hole)
    other[20:100, 95:105] = 255
    out = emptied(truth, hole)
    out[other > 0] = (255, 0, 0)
    fill_by_examples(out, hole, hole | other)
    assert (out[other > 0] == (255, 0, 0)).all()
    assert not (np.ptp(out[hole > 0].astype(int), axis=1) > 40).any()


def test_the_same_crop_gives_the_same_fill() -> None:
    truth, hole = dots(), strokes()
    assert np.array_equal(filled(truth, hole), filled(truth, hole))


def test_colours_are_kept() -> None:
    truth, hole = horizon(), strokes()
    out = filled(truth, hole)
    seen = {tuple(int(value) for value in pixel) for pixel in out[hole > 0]}
    assert seen <= {(240, 220, 180), (60, 90, 160), (0, 0, 0)}


@pytest.mark.parametrize("shape", [(1, 1), (3, 40), (40, 3), (9, 9)])
def test_a_crop_too_small_for_a_patch_does_no_harm(shape: tuple[int, int]) -> None:
    out = np.full((*shape, 3), 90, np.uint8)
    hole = np.zeros(shape, np.uint8)
    hole[shape[0] // 2, shape[1] // 2] = 255
    fill_by_examples(out, hole, hole)
    assert out.shape == (*shape, 3)


def test_a_crop_that_is_all_hole_does_no_harm() -> None:
    out = np.full((50, 50, 3), 90, np.uint8)
    fill_by_examples(out, np.full((50, 50), 255, np.uint8), np.full((50, 50), 255, np.uint8))
    assert out.shape == (50, 50, 3)


def test_a_hole_across_a_long_strip_is_filled_tile_by_tile() -> None:
    truth = np.tile(brickwork(), (10, 1, 1))
    hole = np.tile(strokes(), (10, 1))
    out = filled(truth, hole)
    assert np.array_equal(out[hole == 0], truth[hole == 0])
    assert (out[hole > 0] > 0).all(axis=1).mean() > 0.99
    assert psnr(out, truth, hole) > psnr(smeared(truth, hole), truth, hole)
