"""Text blocks by an object detector for comics (RT-DETR and its like, through ``transformers``).

It sees blocks and no letters, so lines, ink, balloons and panels stay the default detector's. A block in which that has
found no line is looked at again, alone and enlarged.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
import torch
from transformers import AutoImageProcessor, AutoModelForObjectDetection

from translator.engines.hub_models import BadModelError, device_for, open_model, open_processor
from translator.engines.hub_regions import Block, BlockLabel, distinct, regroup, uncovered
from translator.engines.ppocr_models import Device
from translator.pipeline.ink import text_mask
from translator.pipeline.protocols import Detector
from translator.pipeline.types import Box, Detection, Kind, Mask, Page, Region, Rgb, TextLine

_EDGE_PX = 3


@dataclass(frozen=True, slots=True)
class BlockSettings:
    """``least`` is the score from which a block counts.

    A page higher than ``tallest`` widths is cut into windows of that height, which overlap by ``overlap`` widths: a
    network that takes squares would see nothing on a strip. ``enlarge`` is for a second look at a block without lines.
    """

    least: float = 0.4
    tallest: float = 1.8
    overlap: float = 0.5
    enlarge: float = 2.0


class HubDetector:
    """Implements ``Detector`` over a folder of verified weights and the default detector."""

    def __init__(
        self,
        name: str,
        folder: Path,
        lines: Detector,
        *,
        device: Device = Device.CPU,
        settings: BlockSettings | None = None,
    ) -> None:
        """Raises ``BadModelError`` or ``DeviceUnavailableError``."""
        self._settings, self._lines = settings or BlockSettings(), lines
        self._device = device_for(device)
        self._processor = open_processor(AutoImageProcessor, folder)
        self._model = open_model(AutoModelForObjectDetection, folder, self._device)
        self._labels = _labels(self._model.config.id2label, folder)
        self.name = f"{name} ({self._device.type}) over {lines.name}"

    def detect(self, page: Page) -> Detection:
        """The model's blocks, with the lines of the default detector."""
        detection = self._lines.detect(page)
        blocks = self.blocks(page.rgb)
        found = [self._second_look(page, block) for block in uncovered(blocks, detection)]
        regions = (*detection.regions, *(region for again in found for region in again.regions))
        mask: Mask = detection.mask.copy()
        for again in found:
            mask |= again.mask
        return regroup(replace(detection, regions=regions, mask=mask), blocks, page.box)

    def blocks(self, rgb: Rgb) -> tuple[Block, ...]:
        """The text blocks on an image, the surest first; balloons without text are no text."""
        height, width = rgb.shape[:2]
        found: list[Block] = []
        for top, bottom in _windows(width, height, self._settings):
            window = Box(0, top, width, bottom)
            seen = self._blocks_of(np.ascontiguousarray(rgb[top:bottom]), top)
            found += [block for block in seen if not _is_cut(block.box, window, height)]
        return distinct(block for block in found if block.label is not BlockLabel.BUBBLE)

    def _blocks_of(self, rgb: Rgb, top: int) -> Iterator[Block]:
        height, width = rgb.shape[:2]
        inputs = self._processor(images=[rgb], return_tensors="pt", input_data_format="channels_last").to(self._device)
        with torch.inference_mode():
            outputs = self._model(**inputs)
        (seen,) = self._processor.post_process_object_detection(
            outputs, threshold=self._settings.least, target_sizes=[(height, width)]
        )
        for score, label, corners in zip(
            seen["scores"].tolist(), seen["labels"].tolist(), seen["boxes"].tolist(), strict=True
        ):
            box = _box(corners, width, height)
            if box.area and label in self._labels:
                yield Block(Box(box.x0, box.y0 + top, box.x1, box.y1 + top), self._labels[label], float(score))

    def _second_look(self, page: Page, block: Block) -> Detection:
        """The lines in a block, in page pixels; the block itself as one line where there are none again."""
        around = block.box.pad(max(8, block.box.width // 8), width=page.width, height=page.height)
        scale = self._settings.enlarge
        crop = cv2.resize(page.rgb[around.y0 : around.y1, around.x0 : around.x1], None, fx=scale, fy=scale)
        again = self._lines.detect(Page(page.number, np.asarray(crop, np.uint8)))
        regions = tuple(
            moved
            for region in again.regions
            if (moved := _moved(region, around, scale)).box.intersection(block.box).area
        )
        if not regions:
            regions = (_plain(block),)
        inked = [line for region in regions for line in region.lines]
        return Detection(regions, text_mask(page.rgb, inked))


def _labels(names: dict[int, str], folder: Path) -> dict[int, BlockLabel]:
    known = {label.value: label for label in BlockLabel}
    labels = {int(index): known[name.lower()] for index, name in names.items() if name.lower() in known}
    if not {BlockLabel.TEXT_BUBBLE, BlockLabel.TEXT_FREE} & set(labels.values()):
        raise BadModelError(f"{folder}: its labels {sorted(names.values())[:5]} have no text_bubble and no text_free")
    return labels


def _windows(width: int, height: int, settings: BlockSettings) -> Iterator[tuple[int, int]]:
    """Top and bottom of each part of a page that is looked at by itself."""
    tall = max(1, round(settings.tallest * width))
    if height <= tall:
        yield 0, height
        return
    step = max(1, tall - round(settings.overlap * width))
    for top in range(0, height - tall + step, step):
        yield min(top, height - tall), min(top, height - tall) + tall


def _is_cut(box: Box, window: Box, height: int) -> bool:
    """Whether a block ends at an edge that is no edge of the page: the next window has the whole of it."""
    above = window.y0 > 0 and box.y0 <= window.y0 + _EDGE_PX
    below = window.y1 < height and box.y1 >= window.y1 - _EDGE_PX
    return (above or below) and box.height < window.height // 2


def _box(corners: list[float], width: int, height: int) -> Box:
    x0, x1 = sorted(min(max(round(value), 0), width) for value in (corners[0], corners[2]))
    y0, y1 = sorted(min(max(round(value), 0), height) for value in (corners[1], corners[3]))
    return Box(x0, y0, x1, y1)


def _moved(region: Region, origin: Box, scale: float) -> Region:
    """A region of an enlarged crop, in page pixels. Its balloon was cut by the crop's edge."""
    lines = tuple(_moved_line(line, origin, scale) for line in region.lines)
    ruby = tuple(_moved_line(line, origin, scale) for line in region.ruby)
    box = _scaled(region.box, origin, scale)
    return replace(region, box=box, polygon=box.polygon, lines=lines, ruby=ruby, balloon=None)


def _moved_line(line: TextLine, origin: Box, scale: float) -> TextLine:
    points = tuple((round(x / scale) + origin.x0, round(y / scale) + origin.y0) for x, y in line.polygon)
    return TextLine(_scaled(line.box, origin, scale), points, line.confidence)


def _scaled(box: Box, origin: Box, scale: float) -> Box:
    x0, y0 = round(box.x0 / scale) + origin.x0, round(box.y0 / scale) + origin.y0
    return Box(x0, y0, round(box.x1 / scale) + origin.x0, round(box.y1 / scale) + origin.y0)


def _plain(block: Block) -> Region:
    kind = Kind.NARRATION if block.label is BlockLabel.TEXT_FREE else Kind.DIALOGUE
    line = TextLine(block.box, block.box.polygon, block.score)
    vertical = block.box.height > block.box.width
    return Region("", block.box, block.box.polygon, kind, vertical, block.score, (line,))
