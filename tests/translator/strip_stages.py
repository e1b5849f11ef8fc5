"""Tiny engines that read what is drawn: a dark bar is a text, a grey field around it its balloon.

A text's reading is its height in pixels, so that half of a text reads as half of it.
"""

from __future__ import annotations

import io
import weakref
from collections.abc import Mapping, Sequence
from itertools import pairwise

import cv2
import numpy as np
from PIL import Image

from tests.translator.tiny_stages import Script, TinyFactory, TinyOrderer
from translator.pipeline.pipeline import Stages
from translator.pipeline.types import (
    Balloon,
    Box,
    Detection,
    Kind,
    Line,
    Mask,
    Page,
    Reading,
    ReadingDirection,
    Region,
    Rgb,
    TextLine,
)

WIDTH = 200
INK, GREY = 0, 200


def strip(height: int, texts: Sequence[tuple[int, int]], *, balloon: int = 0, width: int = WIDTH) -> Rgb:
    """A white strip with a text over each span of rows, in a balloon larger by ``balloon`` rows above and below."""
    rgb = np.full((height, width, 3), 255, np.uint8)
    for top, bottom in texts:
        if balloon:
            rgb[top - balloon : bottom + balloon, 40:160] = GREY
        rgb[top:bottom, 80:120] = INK
    return rgb


def cut(rgb: Rgb, *rows: int) -> dict[int, bytes | None]:
    """The pages that a strip is cut into, as files."""
    bounds = [0, *rows, rgb.shape[0]]
    return {number: png(rgb[top:bottom]) for number, (top, bottom) in enumerate(pairwise(bounds), start=1)}


def png(rgb: Rgb) -> bytes:
    out = io.BytesIO()
    Image.fromarray(rgb).save(out, "PNG")
    return out.getvalue()


def shown(data: bytes) -> Rgb:
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))


class BarDetector:
    """``most_held`` is how many of the images it was ever shown were in memory at once."""

    name = "bars"

    def __init__(self, script: Script) -> None:
        self._script = script
        self._shown: list[weakref.ref[Rgb]] = []
        self.most_held = 0

    def detect(self, page: Page) -> Detection:
        self._shown.append(weakref.ref(page.rgb))
        self.most_held = max(self.most_held, sum(shown() is not None for shown in self._shown))
        self._script.act("detect", page.number)
        dark = page.rgb[:, :, 0] < 100
        balloons = _boxes(page.rgb[:, :, 0] < 230)
        regions = [
            _region(f"r{number}", box, _around(box, balloons)) for number, box in enumerate(sorted(_boxes(dark)))
        ]
        return Detection(tuple(regions), np.where(dark, 255, 0).astype(np.uint8))


class BarReader:
    name = "bars"

    def __init__(self, script: Script) -> None:
        self._script = script

    def read(self, page: Page, detection: Detection) -> tuple[Reading, ...]:
        self._script.act("read", page.number)
        return tuple(Reading(region.id, f"{region.lines[0].box.height} rows", 0.9) for region in detection.regions)


class DownwardOrderer(TinyOrderer):
    def order(self, page: Page, detection: Detection, direction: ReadingDirection) -> tuple[Line, ...]:
        ranked = sorted(detection.regions, key=lambda region: region.box.y0)
        return tuple(Line(region.id, position) for position, region in enumerate(ranked))


class BarCleaner:
    """Paints the letters of the regions white."""

    name = "white"

    def clean(self, page: Page, detection: Detection, regions: Sequence[Region]) -> Rgb:
        plate = page.rgb.copy()
        for region in regions:
            box = region.box
            part = detection.mask[box.y0 : box.y1, box.x0 : box.x1] > 0
            plate[box.y0 : box.y1, box.x0 : box.x1][part] = 255
        return plate


class StripFactory(TinyFactory):
    """A stage factory for strips."""

    def __init__(self, script: Script) -> None:
        super().__init__(script)
        self.detector = BarDetector(script)

    def _stages(self) -> Stages:
        tiny = super()._stages()
        return Stages(
            self.detector,
            BarReader(self.script),
            DownwardOrderer(self.script),
            tiny.translator,
            BarCleaner(),
            tiny.typesetter,
        )

    @property
    def engines(self) -> Mapping[str, str]:
        return self._stages().names


def _boxes(mask: Mask | np.ndarray) -> list[Box]:
    _, _, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
    return [Box(int(x), int(y), int(x + w), int(y + h)) for x, y, w, h, _ in stats[1:]]


def _around(text: Box, balloons: Sequence[Box]) -> Balloon | None:
    found = [box for box in balloons if box.intersection(text).area == text.area and box.area > text.area]
    if not found:
        return None
    box = found[0]
    corners = ((box.x0, box.y0), (box.x1 - 1, box.y0), (box.x1 - 1, box.y1 - 1), (box.x0, box.y1 - 1))
    return Balloon(box, corners, (GREY, GREY, GREY))


def _region(name: str, box: Box, balloon: Balloon | None) -> Region:
    line = TextLine(box, box.polygon, 0.9)
    return Region(name, box, box.polygon, Kind.DIALOGUE, True, 0.9, (line,), (), balloon)
