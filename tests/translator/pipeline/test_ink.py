"""The mask has the strokes of the letters and nothing of the paper, on light and on dark ground."""

from __future__ import annotations

import numpy as np
import pytest

from tests.translator.drawn_pages import Sheet
from translator.pipeline.ink import ink, text_mask
from translator.pipeline.types import Box, TextLine


@pytest.mark.parametrize(("ground", "letters"), [(255, 0), (0, 255), (200, 30)])
def test_strokes_are_marked_whatever_the_ground(ground: int, letters: int) -> None:
    sheet = Sheet(200, 300, ground=ground)
    box = sheet.columns(["雨が降る"], 120, 60, ink=letters)
    mask = text_mask(sheet.rgb, [TextLine(box, box.polygon, 1.0)])
    drawn = np.abs(sheet.rgb[:, :, 0].astype(int) - ground) > 0.6 * abs(ground - letters)
    assert mask.shape == (300, 200)
    assert (mask[drawn] == 255).all()
    assert (mask > 0).sum() < 2 * drawn.sum()


def test_nothing_outside_the_lines_is_marked() -> None:
    sheet = Sheet(200, 300)
    box = sheet.columns(["雨が"], 120, 60)
    sheet.columns(["降る"], 60, 200)
    mask = text_mask(sheet.rgb, [TextLine(box, box.polygon, 1.0)])
    assert not mask[200:].any()


def test_an_even_patch_has_no_ink() -> None:
    assert not ink(np.full((20, 40), 180, np.uint8)).any()


def test_an_empty_crop_is_no_error() -> None:
    assert ink(np.zeros((0, 5), np.uint8)).shape == (0, 5)


def test_a_line_at_the_edge_of_the_page_is_clipped() -> None:
    sheet = Sheet(60, 60)
    box = Box(0, 0, 60, 60)
    assert text_mask(sheet.rgb, [TextLine(box, box.polygon, 1.0)]).shape == (60, 60)
