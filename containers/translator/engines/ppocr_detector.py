"""The default detector: PP-OCR text lines, grouped into blocks, with their balloons, kinds, ink and the panels."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from functools import partial
from statistics import median

from translator.engines.ppocr_lines import Cut, find_lines
from translator.engines.ppocr_map import MapSize, TextMapper
from translator.engines.ppocr_models import DETECTOR, Device, engine_name, model_path, open_model
from translator.pipeline.balloons import find_balloons
from translator.pipeline.dots import with_dots
from translator.pipeline.extent import whole_lines
from translator.pipeline.furigana import part_ruby
from translator.pipeline.ground import between, find_ground, together
from translator.pipeline.grouping import Block, group, is_tall, thickness
from translator.pipeline.ink import text_mask
from translator.pipeline.kinds import kind_of
from translator.pipeline.panel_order import bounds
from translator.pipeline.panels import find_outlines
from translator.pipeline.scan import levelled, without_grain
from translator.pipeline.types import Balloon, Box, Detection, Kind, Page, Region, TextLine

_LARGE_PX = 4_000_000


@dataclass(frozen=True, slots=True)
class Air:
    """How far a region's box is grown beyond its lines' boxes, in line thicknesses: across the lines and along them."""

    across: float = 0.25
    along: float = 0.2


@dataclass(frozen=True, slots=True)
class DetectorSettings:
    """``threads`` and ``device`` of onnxruntime, the size the network sees, the cut from probability to lines."""

    threads: int = 2
    device: Device = Device.CPU
    size: MapSize = field(default_factory=MapSize)
    cut: Cut = field(default_factory=Cut)
    air: Air = field(default_factory=Air)


class PpOcrDetector:
    """Implements ``Detector``. Every text found is a region: whether it can be read is the reader's to say."""

    def __init__(self, settings: DetectorSettings | None = None) -> None:
        self._settings = settings or DetectorSettings()
        session = open_model(model_path(DETECTOR), threads=self._settings.threads, device=self._settings.device)
        self.name = engine_name(session)
        self._mapper = TextMapper(session, size=self._settings.size)
        self._large = threading.Lock()

    def detect(self, page: Page) -> Detection:
        """The text blocks of a page of any size; ids count from ``r0001`` down the page."""
        text_map = self._mapper.map(levelled(page.rgb))
        lines = find_lines(text_map, width=page.width, height=page.height, cut=self._settings.cut)
        del text_map
        # Of a strip, what is worked out from its pixels takes as much memory as a run of the network: one at a time.
        with self._large if page.box.area > _LARGE_PX else nullcontext():
            return assemble(page, lines, air=self._settings.air)


def assemble(page: Page, lines: Sequence[TextLine], *, air: Air) -> Detection:
    """Everything after the network: ``lines`` of a page to its :class:`Detection`."""
    smooth = without_grain(page.rgb)
    flat = levelled(smooth)
    ground = find_ground(flat)
    lines = part_ruby(whole_lines(with_dots(lines, ground), ground), ground)
    mostly_vertical = _mostly_vertical(lines)
    blocks = sorted(
        group(
            lines,
            vertical=mostly_vertical,
            separated=partial(between, ground),
            together=partial(together, ground),
        ),
        key=_top_right,
    )
    balloons = find_balloons(smooth, [block.lines + block.ruby for block in blocks], ground)
    del ground, smooth  # of a strip 70 MB
    covers = [block.box if balloon is None else balloon.box for block, balloon in zip(blocks, balloons, strict=True)]
    outlines = find_outlines(flat, covers)
    panels = tuple(bounds(outline) for outline in outlines)
    usual = _usual_thickness(blocks)
    regions = []
    for number, (block, balloon) in enumerate(zip(blocks, balloons, strict=True), start=1):
        kind = kind_of(
            block, balloon, page=page.box, usual_thickness=usual, mostly_vertical=mostly_vertical, panels=panels
        )
        box = _padded(block, air, usual, page.box)
        regions.append(_region(f"r{number:04d}", block, balloon, box, kind))
    inked = [line for block in blocks for line in block.lines + block.ruby]
    return Detection(tuple(regions), text_mask(page.rgb, inked), panels, outlines)


def _region(name: str, block: Block, balloon: Balloon | None, box: Box, kind: Kind) -> Region:
    return Region(
        id=name,
        box=box,
        polygon=block.lines[0].polygon if len(block.lines) == 1 else box.polygon,
        kind=kind,
        vertical=block.vertical,
        confidence=sum(line.confidence for line in block.lines) / len(block.lines),
        lines=block.lines,
        ruby=block.ruby,
        balloon=balloon,
    )


def _padded(block: Block, air: Air, usual: float, page: Box) -> Box:
    box, size = block.box, block.thickness
    if all(line.dots for line in block.lines):
        # A silent balloon's text is as large as any other: the dots are only what is drawn of it.
        size = max(size, usual)
        short = max(0, round((size - (box.width if block.vertical else box.height)) / 2))
        x, y = (short, 0) if block.vertical else (0, short)
        box = Box(max(0, box.x0 - x), max(0, box.y0 - y), box.x1 + x, box.y1 + y)
    across, along = round(air.across * size), round(air.along * size)
    x, y = (across, along) if block.vertical else (along, across)
    return Box(max(0, box.x0 - x), max(0, box.y0 - y), min(page.x1, box.x1 + x), min(page.y1, box.y1 + y))


def _mostly_vertical(lines: Sequence[TextLine]) -> bool:
    """By length, not by number: a page of columns has many short rows of noise."""
    tall = sum(line.box.height for line in lines if is_tall(line.box) is True)
    wide = sum(line.box.width for line in lines if is_tall(line.box) is False)
    return tall >= wide


def _usual_thickness(blocks: Sequence[Block]) -> float:
    sizes = [thickness(line.box, vertical=block.vertical) for block in blocks for line in block.lines]
    return median(sizes) if sizes else 0.0


def _top_right(block: Block) -> tuple[int, int]:
    return block.box.y0, -block.box.x1
