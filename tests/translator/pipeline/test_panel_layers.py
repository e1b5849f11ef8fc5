"""Gutters and frame lines are told from what is blank or straight within a picture."""

from __future__ import annotations

import numpy as np
import pytest

from tests.translator.drawn_pages import Sheet
from translator.pipeline.panel_layers import find_frame_lines, find_gutters, find_layers
from translator.pipeline.types import Box


def two_rows(ground: int = 255) -> Sheet:
    sheet = Sheet(ground=ground)
    sheet.panel((60, 60, 770, 540))
    sheet.panel((60, 580, 770, 1110))
    return sheet


@pytest.mark.parametrize("ground", [0, 255])
def test_a_gutter_reaches_the_edge_of_a_white_and_of_a_black_page(ground: int) -> None:
    gutter, _ = find_gutters(two_rows(ground).rgb)
    assert gutter[560, 400] == 255
    assert gutter[300, 400] == 0


def test_what_is_blank_inside_a_frame_is_no_gutter() -> None:
    sheet = two_rows()
    sheet.pen.rectangle((200, 200, 500, 400), fill=(255,) * 3, outline=(0,) * 3, width=3)
    gutter, blank = find_gutters(sheet.rgb)
    assert (gutter[300, 350], blank[300, 350]) == (0, 255)


def cut_off() -> Sheet:
    """A gutter between two panels that touch at both of its ends."""
    sheet = Sheet()
    sheet.pen.rectangle((60, 60, 770, 1110), fill=(205,) * 3)
    sheet.pen.rectangle((200, 560, 630, 572), fill=(255,) * 3)
    return sheet


def test_a_band_that_balloons_cut_off_is_a_gutter_only_beside_a_balloon() -> None:
    rgb = cut_off().rgb
    assert find_gutters(rgb)[0][566, 400] == 0
    assert find_gutters(rgb, [Box(60, 500, 205, 640)])[0][566, 400] == 255
    assert find_gutters(rgb, [Box(60, 700, 205, 840)])[0][566, 400] == 0


def test_a_frame_is_a_line_and_of_a_black_area_only_the_edge_is_one() -> None:
    sheet = Sheet()
    sheet.pen.rectangle((60, 60, 770, 540), outline=(0,) * 3, width=3)
    sheet.pen.rectangle((100, 700, 500, 1000), fill=(0,) * 3)
    rows, columns = find_frame_lines(sheet.rgb)
    assert rows[60:63, 400].any()
    assert columns[300, 60:63].any()
    assert rows[700, 300] == rows[1000, 300] == columns[850, 100] == columns[850, 500] == 255
    assert not rows[710:990].any()
    assert not columns[720:980, 110:490].any()


def test_nothing_is_known_under_a_balloon_but_beside_it_within_its_box_the_gutter_is_seen() -> None:
    sheet = two_rows()
    sheet.oval((300, 500, 500, 620))
    layers = find_layers(sheet.rgb, [Box(300, 500, 500, 620)])

    def is_free(x: int, y: int) -> bool:
        return bool(layers.free[round(y / layers.scale[1]), round(x / layers.scale[0])])

    assert not is_free(400, 560)
    assert not is_free(310, 510)
    assert is_free(60, 560)
    lower = find_layers(sheet.rgb, [Box(280, 440, 520, 620)])
    assert lower.free[round(560 / lower.scale[1]), round(290 / lower.scale[0])]


@pytest.mark.parametrize("shape", [(1, 1), (1, 20000), (20000, 1), (3000, 4000), (14046, 720)])
def test_the_layers_of_any_page_are_small(shape: tuple[int, int]) -> None:
    layers = find_layers(np.full((*shape, 3), 255, np.uint8), [])
    assert layers.drawn.size <= 200_000
    assert not layers.drawn.any()
