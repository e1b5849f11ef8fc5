"""Blobs of probability become line quadrilaterals in page pixels."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from translator.engines.ppocr_lines import Cut, clockwise, find_lines
from translator.engines.ppocr_map import TextMap
from translator.pipeline.tilt import tilt
from translator.pipeline.types import Box, TextLine


def lines_of(probability: np.ndarray, scale: float = 2.0) -> tuple[TextLine, ...]:
    height, width = (round(side / scale) for side in probability.shape)
    return find_lines(TextMap(probability, scale, scale), width=width, height=height, cut=Cut())


def blank(width: int = 400, height: int = 600) -> np.ndarray:
    return np.zeros((height, width), np.uint8)


def test_a_column_is_grown_to_the_letters_and_scaled_to_the_page() -> None:
    probability = blank()
    probability[100:300, 180:200] = 230
    (line,) = lines_of(probability)
    assert line.box.iou(Box(83, 43, 107, 157)) > 0.8
    assert line.confidence == pytest.approx(0.9, abs=0.02)


def test_lines_come_top_to_bottom() -> None:
    probability = blank()
    probability[400:450, 100:120] = 255
    probability[50:150, 300:320] = 255
    assert [line.box.y0 < 100 for line in lines_of(probability)] == [True, False]


def test_a_faint_blob_is_no_line() -> None:
    probability = blank()
    probability[100:300, 180:200] = 100
    assert lines_of(probability) == ()


def test_a_speck_is_no_line() -> None:
    probability = blank()
    probability[100:102, 180:182] = 255
    assert lines_of(probability) == ()


def test_a_tilted_line_keeps_its_tilt() -> None:
    probability = blank()
    corners = cv2.boxPoints(((200, 300), (30, 300), 15)).astype(np.int32)
    cv2.fillPoly(probability, [corners], (255,))
    (line,) = lines_of(probability)
    assert abs(tilt(line.polygon)) == pytest.approx(15, abs=1)


def test_a_line_at_the_edge_stays_on_the_page() -> None:
    probability = blank()
    probability[0:200, 0:20] = 255
    (line,) = lines_of(probability)
    assert line.box.x0 == 0
    assert line.box.y0 == 0
    assert all(0 <= x <= 200 and 0 <= y <= 300 for x, y in line.polygon)


def test_an_empty_map_has_no_lines() -> None:
    assert lines_of(blank()) == ()


def test_corners_go_clockwise_from_the_top_left() -> None:
    assert clockwise([(10, 20), (0, 0), (10, 0), (0, 20)]) == ((0, 0), (10, 0), (10, 20), (0, 20))
