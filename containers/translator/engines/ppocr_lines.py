"""From a text probability map to line quadrilaterals, as differentiable binarization has it."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from translator.engines.ppocr_map import TextMap
from translator.pipeline.types import Box, Point, Polygon, TextLine


@dataclass(frozen=True, slots=True)
class Cut:
    """``pixel`` makes a map pixel text, ``line`` keeps a line by its mean, ``unclip`` undoes the shrinking."""

    pixel: float = 0.3
    line: float = 0.5
    unclip: float = 1.6
    smallest: int = 3


def find_lines(text_map: TextMap, *, width: int, height: int, cut: Cut) -> tuple[TextLine, ...]:
    """The text lines of a page of ``width`` x ``height``, in page pixels, top to bottom."""
    binary = (text_map.probability > cut.pixel * 255).astype(np.uint8)
    contours, _ = cv2.findContours(binary, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    lines = []
    for contour in contours:
        center, size, angle = cv2.minAreaRect(contour)
        if min(size) < cut.smallest:
            continue
        score = _mean_inside(text_map.probability, np.asarray(contour))
        if score < cut.line:
            continue
        grown = _grow((float(size[0]), float(size[1])), cut.unclip)
        corners = cv2.boxPoints(((center[0], center[1]), grown, angle))
        lines.append(_line(np.asarray(corners), text_map, width, height, score))
    return tuple(sorted(lines, key=lambda line: (line.box.y0, line.box.x0)))


def _grow(size: tuple[float, float], unclip: float) -> tuple[float, float]:
    """A rectangle's sides, offset outwards by area * unclip / perimeter."""
    w, h = size[0] + 1, size[1] + 1
    distance = w * h * unclip / (2 * (w + h))
    return w + 2 * distance, h + 2 * distance


def _mean_inside(probability: NDArray[np.uint8], contour: NDArray[np.int32]) -> float:
    x, y, w, h = cv2.boundingRect(contour)
    inside = np.zeros((h, w), dtype=np.uint8)
    cv2.fillPoly(inside, [contour - np.array([x, y], dtype=np.int32)], (1,))
    return float(cv2.mean(probability[y : y + h, x : x + w], mask=inside)[0]) / 255


def _line(corners: NDArray[np.float32], text_map: TextMap, width: int, height: int, score: float) -> TextLine:
    xs = np.clip(corners[:, 0] / text_map.scale_x, 0, width)
    ys = np.clip(corners[:, 1] / text_map.scale_y, 0, height)
    box = Box(int(np.floor(xs.min())), int(np.floor(ys.min())), int(np.ceil(xs.max())), int(np.ceil(ys.max())))
    return TextLine(box, clockwise(list(zip(xs.round().astype(int), ys.round().astype(int), strict=True))), score)


def clockwise(corners: list[tuple[int, int]]) -> Polygon:
    """Four corners, clockwise on the page from the one nearest the top left."""
    cx, cy = sum(x for x, _ in corners) / 4, sum(y for _, y in corners) / 4
    ring = sorted(corners, key=lambda p: float(np.arctan2(p[1] - cy, p[0] - cx)))
    first = min(range(4), key=lambda i: ring[i][0] + ring[i][1])
    ordered: list[Point] = [(int(x), int(y)) for x, y in ring[first:] + ring[:first]]
    return tuple(ordered)
