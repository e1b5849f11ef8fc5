"""Stages small enough to foresee: what they find stands in the page's number, what they do can be looked up."""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from PIL import Image

from contract.engines import DEFAULT_ENGINE, EngineRole
from translator.pipeline.pipeline import Stages
from translator.pipeline.protocols import NO_PINS, NOT_PLACED, StageError, TranslateRequest
from translator.pipeline.types import (
    Box,
    Detection,
    Kind,
    Line,
    Origin,
    Page,
    Pin,
    PlacedLine,
    Placement,
    Reading,
    ReadingDirection,
    Region,
    Rgb,
    Translation,
    Typeset,
)
from translator.series_scope import NO_SERIES, SeriesScope
from translator.stages import StageOrder, Unsupported

KINDS = (Kind.DIALOGUE, Kind.NARRATION, Kind.SFX)
"""A page has one region of each, detected in the reverse of their reading order."""


def image(width: int = 60, height: int = 80, *, grey: int = 255, kind: str = "PNG") -> bytes:
    """A plain page as a file."""
    out = io.BytesIO()
    Image.new("RGB", (width, height), (grey, grey, grey)).save(out, kind)
    return out.getvalue()


def bomb() -> bytes:
    """A PNG of few bytes that says it has 40,000 x 40,000 pixels."""
    import struct
    import zlib

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", 40_000, 40_000, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0")) + chunk(b"IEND", b"")


@dataclass(frozen=True)
class Call:
    """One stage on one page: when it began and ended (monotonic seconds), and in which thread."""

    stage: str
    page: int
    began: float
    ended: float
    thread: str


@dataclass
class Script:
    """What the stages are to do besides their work, and what they did."""

    pauses: dict[str, float] = field(default_factory=dict)
    faults: dict[tuple[str, int], Exception] = field(default_factory=dict)
    gates: dict[tuple[str, int], threading.Event] = field(default_factory=dict)
    """A stage waits at its gate until it is set."""
    texts: dict[str, Reading] = field(default_factory=dict)
    answers: Sequence[Translation] | None = None
    calls: list[Call] = field(default_factory=list)
    requests: list[TranslateRequest] = field(default_factory=list)
    cleaned: list[str] = field(default_factory=list)
    drawn: list[str] = field(default_factory=list)
    beside: list[str] = field(default_factory=list)
    """The texts that were to be set beside their lettering."""
    is_marked: bool = False
    """The detector marks letters all over the page. The cleaner removes none."""
    crowded: bool = False
    """There is no room beside any lettering."""
    scopes: list[SeriesScope] = field(default_factory=list)
    reached: dict[tuple[str, int], threading.Event] = field(default_factory=dict)

    def arrival(self, stage: str, page: int) -> threading.Event:
        """Set once the stage has begun on the page."""
        return self.reached.setdefault((stage, page), threading.Event())

    def act(self, stage: str, page: int) -> None:
        began = time.monotonic()
        self.arrival(stage, page).set()
        if gate := self.gates.get((stage, page)):
            assert gate.wait(10), f"nobody opened {stage} of page {page}"
        time.sleep(self.pauses.get(stage, 0.0))
        self.calls.append(Call(stage, page, began, time.monotonic(), threading.current_thread().name))
        if fault := self.faults.get((stage, page)):
            raise fault

    def of(self, stage: str) -> list[Call]:
        return [call for call in self.calls if call.stage == stage]


class TinyDetector:
    name = "tiny-detector"

    def __init__(self, script: Script) -> None:
        self._script = script

    def detect(self, page: Page) -> Detection:
        self._script.act("detect", page.number)
        regions = []
        for index in reversed(range(len(KINDS))):
            box = Box(2, 2 + 20 * index, 40, 18 + 20 * index)
            regions.append(Region(f"r{index}", box, box.polygon, KINDS[index], True, 0.9))
        mask = np.full((page.height, page.width), 255 if self._script.is_marked else 0, np.uint8)
        return Detection(tuple(regions), mask, (Box(0, 0, page.width, page.height),))


class TinyReader:
    name = "tiny-reader"

    def __init__(self, script: Script) -> None:
        self._script = script

    def read(self, page: Page, detection: Detection) -> tuple[Reading, ...]:
        self._script.act("read", page.number)
        return tuple(
            self._script.texts.get(region.id, Reading(region.id, f"{page.number}頁{region.id}", 0.9))
            for region in detection.regions
        )


class TinyOrderer:
    name = "tiny-orderer"

    def __init__(self, script: Script) -> None:
        self._script = script

    def order(self, page: Page, detection: Detection, direction: ReadingDirection) -> tuple[Line, ...]:
        self._script.act("order", page.number)
        return tuple(Line(region.id, int(region.id[1:])) for region in detection.regions)

    def panels(self, page: Page, detection: Detection, direction: ReadingDirection) -> tuple[Box, ...]:
        return detection.panels


class TinyTranslator:
    name = "tiny-translator"

    def __init__(self, script: Script) -> None:
        self._script = script

    def translate(self, request: TranslateRequest) -> tuple[Translation, ...]:
        self._script.requests.append(request)
        self._script.act("translate", request.page)
        if self._script.answers is not None:
            return tuple(self._script.answers)
        return tuple(
            Translation(text.region_id, f"page {request.page} {text.region_id}", Origin.MODEL) for text in request.texts
        )


class TinyCleaner:
    name = "tiny-cleaner"

    def __init__(self, script: Script) -> None:
        self._script = script

    def clean(self, page: Page, detection: Detection, regions: Sequence[Region]) -> Rgb:
        self._script.act("clean", page.number)
        self._script.cleaned += [region.id for region in regions]
        return page.rgb.copy()


class TinyTypesetter:
    name = "tiny-typesetter"

    def __init__(self, script: Script) -> None:
        self._script = script

    def typeset(
        self,
        plate: Rgb,
        regions: Sequence[Region],
        translations: Sequence[Translation],
        *,
        target: str,
        panels: Sequence[Box] = (),
        kept: Sequence[Box] = (),
        annotated: Collection[str] = (),
        pins: Mapping[str, Pin] = NO_PINS,
        placed: Mapping[str, Placement] = NOT_PLACED,
    ) -> Typeset:
        page = int(translations[0].text.split()[1]) if translations[0].text.startswith("page ") else 0
        self._script.act("typeset", page)
        self._script.drawn += [translation.text for translation in translations]
        rgb = plate.copy()
        placements, omitted = [], {}
        for region, translation in zip(regions, translations, strict=True):
            if region.id in annotated:
                self._script.beside.append(translation.text)
                if self._script.crowded:
                    omitted[region.id] = "no room"
                    continue
            rgb[region.box.y0 : region.box.y1, region.box.x0 : region.box.x1] = 0
            origin = (region.box.x0, region.box.y0)
            line = PlacedLine(translation.text, origin, region.box.width, region.box.height)
            placements.append(Placement(region.id, (line,), "Tiny", 12, origin, region.box, (0, 0, 0)))
        return Typeset(rgb, tuple(placements), omitted=omitted)


class TinyFactory:
    """A stage factory over one script. It speaks every language but Klingon."""

    def __init__(self, script: Script | None = None) -> None:
        self.script = script or Script()

    @property
    def engines(self) -> Mapping[str, str]:
        return self._stages().names

    def check(self, order: StageOrder) -> None:
        options = order.options
        if "unknown" in (options.translation.styles or ()):
            raise Unsupported("options.translation.styles", "there is no style unknown")
        if order.source == "tlh":
            raise Unsupported("source", "nobody reads Klingon")
        for role in EngineRole:
            if getattr(options, role) != DEFAULT_ENGINE:
                raise Unsupported(f"options.{role}", "the only one configured is default")

    def stages(
        self, order: StageOrder, *, scope: SeriesScope = NO_SERIES, cancelled: Callable[[], bool] | None = None
    ) -> Stages:
        self.check(order)
        self.script.scopes.append(scope)
        return self._stages()

    def _stages(self) -> Stages:
        script = self.script
        return Stages(
            TinyDetector(script),
            TinyReader(script),
            TinyOrderer(script),
            TinyTranslator(script),
            TinyCleaner(script),
            TinyTypesetter(script),
        )


class SilentWatch:
    """Watches nothing and stops nothing."""

    def enter(self, stage: str) -> None:
        pass

    def leave(self, stage: str, seconds: float) -> None:
        pass


__all__ = ["Call", "Script", "SilentWatch", "StageError", "TinyFactory", "bomb", "image"]
