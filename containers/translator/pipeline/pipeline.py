"""A page through all stages, in three parts that may run side by side on different pages.

``read`` (decode, detect, read, order) and ``finish`` (clean, typeset, encode) need the processor, ``translate`` needs
the pages before it: a chapter keeps each part busy with another page.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from contract.document import PageDocument
from contract.image_format import ImageFormat
from translator.pipeline.answers import kept, settle, summary
from translator.pipeline.decode import MAX_PIXELS, decode_page
from translator.pipeline.documents import Passage, page_document
from translator.pipeline.encode import encode_page
from translator.pipeline.policy import reason_to_keep
from translator.pipeline.protocols import (
    Cleaner,
    Detector,
    Orderer,
    PageTranslator,
    Reader,
    SourceText,
    TranslateRequest,
    Typesetter,
)
from translator.pipeline.types import (
    Detection,
    Line,
    Origin,
    Page,
    Reading,
    ReadingDirection,
    Region,
    Translation,
    Typeset,
)
from translator.pipeline.watch import StageWatch, Stopwatch

CONTEXT_PAGES = 3
"""So many pages before it are shown to the translator with each page."""
Pairs = tuple[tuple[str, str], ...]
"""A page's texts and translations, in reading order."""


@dataclass(frozen=True, slots=True)
class Stages:
    """The engines of one job, loaded."""

    detector: Detector
    reader: Reader
    orderer: Orderer
    translator: PageTranslator
    cleaner: Cleaner
    typesetter: Typesetter

    @property
    def names(self) -> dict[str, str]:
        """The engine of each stage, as documents and reports name it."""
        return {
            "detect": self.detector.name,
            "read": self.reader.name,
            "order": self.orderer.name,
            "translate": self.translator.name,
            "clean": self.cleaner.name,
            "typeset": self.typesetter.name,
        }


@dataclass(frozen=True, slots=True)
class PageSettings:
    """What holds for every page of a job; ``warnings`` go into every page's document."""

    source: str = "ja"
    target: str = "en"
    direction: ReadingDirection = ReadingDirection.AUTO
    image_format: ImageFormat = ImageFormat.WEBP
    max_pixels: int = MAX_PIXELS
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReadPage:
    """A page with its regions in reading order, and what stands in each."""

    page: Page
    detection: Detection
    regions: tuple[Region, ...]
    readings: Mapping[str, Reading]
    timings_ms: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class TranslatedPage:
    """A read page with one translation (or the reason for none) for each of its regions."""

    read: ReadPage
    translations: Mapping[str, Translation]
    timings_ms: Mapping[str, int]
    warnings: tuple[str, ...] = ()

    @property
    def pairs(self) -> Pairs:
        """What the pages after this one are told of it: the true translations only."""
        return tuple(
            (self.read.readings[region.id].text, translation.text)
            for region in self.read.regions
            if (translation := self.translations[region.id]).origin not in (Origin.KEPT_SOURCE, Origin.GLOSS)
        )


@dataclass(frozen=True, slots=True)
class PageOutcome:
    """The page's image and document. ``image_format`` is what the image is, which may not be what was asked for."""

    image: bytes
    image_format: ImageFormat
    document: PageDocument


class PagePipeline:
    """Takes pages through the stages. It holds no page, so that any number of them may be under way."""

    def __init__(self, stages: Stages, settings: PageSettings) -> None:
        self._stages, self._settings = stages, settings

    def read(self, data: bytes, number: int, watch: StageWatch) -> ReadPage:
        """An image file to a read page. Raises ``StageError``."""
        clock, stages = Stopwatch(watch), self._stages
        with clock.stage("decode"):
            page = decode_page(data, number, max_pixels=self._settings.max_pixels)
        with clock.stage("detect"):
            detection = stages.detector.detect(page)
        with clock.stage("read"):
            readings = {reading.region_id: reading for reading in stages.reader.read(page, detection)}
        with clock.stage("order"):
            lines = stages.orderer.order(page, detection, self._settings.direction)
        return ReadPage(page, detection, in_order(detection.regions, lines), readings, clock.timings_ms)

    def translate(self, read: ReadPage, context: Sequence[Pairs], watch: StageWatch) -> TranslatedPage:
        """Translates what is to be. ``context`` are the pages before, oldest first. Raises ``StageError``."""
        clock = Stopwatch(watch, read.timings_ms)
        reasons = {region.id: reason_to_keep(region, read.readings.get(region.id)) for region in read.regions}
        texts = tuple(
            SourceText(region.id, read.readings[region.id].text, region.kind.value)
            for region in read.regions
            if not reasons[region.id]
        )
        with clock.stage("translate"):
            answers = self._stages.translator.translate(self._request(read, texts, context)) if texts else ()
        settled = settle(texts, answers)
        translations = {name: kept(name, why) for name, why in reasons.items() if why} | settled.translations
        warnings = (*settled.warnings, *summary(tuple(settled.translations.values())))
        return TranslatedPage(read, translations, clock.timings_ms, warnings)

    def _request(self, read: ReadPage, texts: tuple[SourceText, ...], context: Sequence[Pairs]) -> TranslateRequest:
        return TranslateRequest(
            page=read.page.number,
            source=self._settings.source,
            target=self._settings.target,
            texts=texts,
            rgb=read.page.rgb,
            context=tuple(context)[-CONTEXT_PAGES:],
        )

    def finish(self, translated: TranslatedPage, watch: StageWatch) -> PageOutcome:
        """Cleans, typesets and encodes. A text that was kept is neither cleaned nor drawn. Raises ``StageError``."""
        clock = Stopwatch(watch, translated.timings_ms)
        typeset = self._typeset(translated, clock)
        with clock.stage("encode"):
            encoded = encode_page(typeset.rgb, self._settings.image_format.value)
        warnings = (*self._settings.warnings, *translated.warnings, *typeset.warnings, *encoded.warnings)
        document = self._document(translated, typeset, clock.timings_ms, warnings)
        return PageOutcome(encoded.data, ImageFormat(encoded.format), document)

    def _typeset(self, translated: TranslatedPage, clock: Stopwatch) -> Typeset:
        page, stages = translated.read.page, self._stages
        regions = [
            region
            for region in translated.read.regions
            if translated.translations[region.id].origin is not Origin.KEPT_SOURCE
        ]
        if not regions:
            return Typeset(page.rgb, ())
        with clock.stage("clean"):
            plate = stages.cleaner.clean(page, translated.read.detection, regions)
        texts = [translated.translations[region.id] for region in regions]
        with clock.stage("typeset"):
            return stages.typesetter.typeset(
                plate,
                regions,
                texts,
                target=self._settings.target,
                panels=translated.read.detection.panels,
                kept=[region.box for region in translated.read.regions if region not in regions],
            )

    def _document(
        self, translated: TranslatedPage, typeset: Typeset, timings_ms: Mapping[str, int], warnings: Sequence[str]
    ) -> PageDocument:
        read = translated.read
        placements = {placement.region_id: placement for placement in typeset.placements}
        passages = [
            Passage(
                region,
                read.readings.get(region.id),
                translated.translations[region.id],
                placements.get(region.id),
            )
            for region in read.regions
        ]
        return page_document(
            read.page,
            passages,
            panels=read.detection.panels,
            languages=(self._settings.source, self._settings.target),
            timings_ms=timings_ms,
            engines=self._stages.names,
            warnings=warnings,
        )


def in_order(regions: Sequence[Region], lines: Sequence[Line]) -> tuple[Region, ...]:
    """The regions by their positions; those that the orderer left out come last, as they were detected."""
    positions = {line.region_id: line.position for line in lines}
    return tuple(sorted(regions, key=lambda region: positions.get(region.id, len(regions))))
