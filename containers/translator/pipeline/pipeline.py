"""A page through all stages, in three parts that may run side by side on different pages.

``read`` (decode, detect, read, order) and ``finish`` (clean, typeset, encode) need the processor, ``translate`` needs
the pages before it: a chapter keeps each part busy with another page.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace

from contract.document import PageDocument
from contract.image_format import ImageFormat
from contract.policy import Policies
from translator.pipeline.account import NO_ACCOUNT, Account
from translator.pipeline.decode import MAX_PIXELS, decode_page
from translator.pipeline.direction import Evidence, evidence
from translator.pipeline.documents import Passage, page_document
from translator.pipeline.encode import encode_page
from translator.pipeline.kinds import settled
from translator.pipeline.pages import DecodedPage, PageOutcome, Pairs, ReadPage, TranslatedPage
from translator.pipeline.plan import Answer, PagePlan, plan_page
from translator.pipeline.policy import handling
from translator.pipeline.protocols import (
    ChapterOrderer,
    Cleaner,
    Detector,
    GroupTranslator,
    Orderer,
    Pacing,
    PageTranslator,
    Reader,
    TranslateRequest,
    Typesetter,
    pacing_of,
)
from translator.pipeline.seam import Seam, read_seam
from translator.pipeline.seam_page import join_page
from translator.pipeline.seam_window import Side
from translator.pipeline.types import (
    Line,
    Origin,
    ReadingDirection,
    Region,
    Rgb,
    Translation,
    Typeset,
)
from translator.pipeline.uncleaned import left_as_drawn
from translator.pipeline.watch import StageWatch, Stopwatch

PLATE_QUALITY = 95
"""Of a lossy format: what is set on a plate again is encoded twice."""


@dataclass(frozen=True, slots=True)
class Stages:
    """The engines of one job, loaded."""

    detector: Detector
    reader: Reader
    orderer: Orderer
    translator: PageTranslator
    cleaner: Cleaner
    typesetter: Typesetter
    account: Account = NO_ACCOUNT
    """What the job's translator has asked of models so far."""

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
    policies: Policies = field(default_factory=Policies)
    clean_plates: bool = False


class PagePipeline:
    """Takes pages through the stages. It holds no page, so that any number of them may be under way."""

    def __init__(self, stages: Stages, settings: PageSettings) -> None:
        self._stages, self._settings = stages, settings

    def read(self, data: bytes, number: int, watch: StageWatch) -> ReadPage:
        """An image file to a read page. Raises ``StageError``."""
        return self.read_decoded(self.decode(data, number, watch), watch)

    def decode(self, data: bytes, number: int, watch: StageWatch) -> DecodedPage:
        """An image file to a page. Raises ``StageError``."""
        clock = Stopwatch(watch)
        with clock.stage("decode"):
            page = decode_page(data, number, max_pixels=self._settings.max_pixels)
        return DecodedPage(page, clock.timings_ms)

    def seam(self, above: Side, below: Side, watch: StageWatch) -> tuple[Seam, int]:
        """What crosses the border between two pages of a strip, and the milliseconds it took. Raises ``StageError``."""
        clock = Stopwatch(watch)
        with clock.stage("seam"):
            seam = read_seam(above, below, self._stages.detector, self._stages.reader)
        return seam, clock.timings_ms["seam"]

    def read_decoded(
        self,
        decoded: DecodedPage,
        watch: StageWatch,
        *,
        seams: Sequence[Seam] = (),
        warnings: Sequence[str] = (),
        unsettled: frozenset[int] = frozenset(),
    ) -> ReadPage:
        """A page to a read page; ``seams`` are those of its borders, ``unsettled`` the pages beyond those of them that
        could not be looked at. Raises ``StageError``."""
        clock, stages, page = Stopwatch(watch, decoded.timings_ms), self._stages, decoded.page
        with clock.stage("detect"):
            joined = join_page(page, stages.detector.detect(page), seams)
        with clock.stage("read"):
            readings = {reading.region_id: reading for reading in stages.reader.read(page, joined.alone)}
        readings |= {
            name: part.text.reading for name, part in joined.parts.items() if part.is_owned and part.text.reading
        }
        detection = settled(joined.detection, readings)
        read = ReadPage(
            page,
            detection,
            detection.regions,
            readings,
            clock.timings_ms,
            joined.parts,
            (*warnings, *(warning for seam in seams for warning in seam.warnings)),
            unsettled,
        )
        return self.ordered(read, self.direction_of([self.evidence(read)]), watch)

    @property
    def leaves_direction_open(self) -> bool:
        """Whether pages are to settle what direction they are read in."""
        return self._settings.direction is ReadingDirection.AUTO and isinstance(self._stages.orderer, ChapterOrderer)

    def evidence(self, read: ReadPage) -> Evidence:
        """What a page says about its chapter's direction."""
        return evidence(read.detection.regions, read.page.box)

    def direction_of(self, pages: Sequence[Evidence]) -> ReadingDirection:
        """The direction of a chapter of which these pages are known: the job's own, where it has one."""
        orderer, asked = self._stages.orderer, self._settings.direction
        if asked is ReadingDirection.AUTO and isinstance(orderer, ChapterOrderer):
            return orderer.chapter_direction(pages)
        return asked

    def ordered(self, read: ReadPage, direction: ReadingDirection, watch: StageWatch) -> ReadPage:
        """The page in the order of a direction. Raises ``StageError``."""
        if read.direction is direction and direction is not ReadingDirection.AUTO:
            return read
        clock, orderer, detection = Stopwatch(watch, read.timings_ms), self._stages.orderer, read.detection
        with clock.stage("order"):
            lines = orderer.order(read.page, detection, direction)
            panels = orderer.panels(read.page, detection, direction)
        return replace(
            read,
            detection=replace(detection, panels=panels),
            regions=in_order(detection.regions, lines),
            timings_ms=clock.timings_ms,
            direction=direction,
        )

    @property
    def pacing(self) -> Pacing:
        """How the job's translator wants the pages."""
        return pacing_of(self._stages.translator)

    def plan(self, read: ReadPage) -> PagePlan:
        """What is to be translated of a page."""
        return plan_page(read, self._settings.policies)

    def translate(self, read: ReadPage, context: Sequence[Pairs], watch: StageWatch) -> TranslatedPage:
        """Translates what is to be. ``context`` are the pages before, oldest first. Raises ``StageError``."""
        return self.translate_pages([read], context, [watch])[0]

    def translate_pages(
        self, reads: Sequence[ReadPage], context: Sequence[Pairs], watches: Sequence[StageWatch]
    ) -> tuple[TranslatedPage, ...]:
        """Pages that follow each other, in one call of the translator. ``context`` are those before the first, oldest
        first. Raises ``StageError``, which holds for all of them."""
        clocks = [Stopwatch(watch, read.timings_ms) for read, watch in zip(reads, watches, strict=True)]
        plans = [self.plan(read) for read in reads]
        with ExitStack() as stages:
            for clock in clocks:
                stages.enter_context(clock.stage("translate"))
            answers = self._ask([self._request(plan, context) for plan in plans])
        return tuple(
            plan.translated(answers.get(plan.number, ((), ())), clock.timings_ms)
            for plan, clock in zip(plans, clocks, strict=True)
        )

    def _ask(self, requests: Sequence[TranslateRequest]) -> dict[int, Answer]:
        """The answers by page. A page without texts is not asked for."""
        translator, wanted = self._stages.translator, [request for request in requests if request.texts]
        if not wanted:
            return {}
        if isinstance(translator, GroupTranslator):
            return {found.page: (found.translations, found.warnings) for found in translator.translate_pages(wanted)}
        return {request.page: (translator.translate(request), ()) for request in wanted}

    def _request(self, plan: PagePlan, context: Sequence[Pairs]) -> TranslateRequest:
        return TranslateRequest(
            page=plan.number,
            source=self._settings.source,
            target=self._settings.target,
            texts=plan.texts,
            rgb=plan.read.page.rgb,
            context=tuple(context)[-self.pacing.context_pages :] if self.pacing.context_pages else (),
        )

    def finish(self, translated: TranslatedPage, watch: StageWatch) -> PageOutcome:
        """Cleans, typesets and encodes. A text that was kept is neither cleaned nor drawn. Raises ``StageError``, also
        for a page that the job's budget did not reach."""
        translated.check_paid()
        clock = Stopwatch(watch, translated.timings_ms)
        plate = self._clean(translated, clock)
        read = translated.read
        stuck = left_as_drawn(read.page.rgb, plate, read.detection.mask, translated.cleaned)
        translated = translated.standing(stuck) if stuck else translated
        typeset = self._typeset(translated, plate, clock)
        asked = plate if self._settings.clean_plates else None
        del plate
        with clock.stage("encode"):
            encoded = encode_page(typeset.rgb, self._settings.image_format.value)
            kept = None if asked is None else encode_page(asked, encoded.format, quality=PLATE_QUALITY)
        warnings = (*self._settings.warnings, *translated.warnings, *typeset.warnings, *encoded.warnings)
        document = self._document(translated, typeset, clock.timings_ms, warnings)
        plate_data = kept.data if kept else None
        return PageOutcome(encoded.data, ImageFormat(encoded.format), document, plate_data, translated.shared)

    def _clean(self, translated: TranslatedPage, clock: Stopwatch) -> Rgb:
        page, cleaned = translated.read.page, translated.cleaned
        if not cleaned:
            return page.rgb
        with clock.stage("clean"):
            return self._stages.cleaner.clean(page, translated.read.detection, cleaned)

    def _typeset(self, translated: TranslatedPage, plate: Rgb, clock: Stopwatch) -> Typeset:
        stages, parts, cleaned = self._stages, translated.read.parts, translated.cleaned
        regions = [region for region in translated.read.regions if region.id not in translated.kept]
        lettered = [
            parts[region.id].lettering if region.id in parts else region
            for region in regions
            if translated.translations[region.id].origin not in (Origin.NONE, Origin.ELSEWHERE)
        ]
        if not lettered:
            return Typeset(plate, ())
        with clock.stage("typeset"):
            return stages.typesetter.typeset(
                plate,
                lettered,
                [translated.translations[region.id] for region in lettered],
                target=self._settings.target,
                panels=translated.read.detection.panels,
                kept=[region.box for region in translated.read.regions if region not in cleaned],
                annotated=translated.annotated,
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
                _noted(translated.translations[region.id], typeset.omitted.get(region.id, "")),
                placements.get(region.id),
                read.parts.get(region.id),
                policy=translated.decisions[region.id].policy,
                handling=handling(
                    translated.decisions[region.id],
                    translated.translations[region.id],
                    is_set=region.id in placements,
                ),
            )
            for region in read.regions
        ]
        return page_document(
            read.page,
            passages,
            panels=read.detection.panels,
            usage=self._stages.account.of_page(read.page.number),
            direction="" if read.direction is ReadingDirection.AUTO else read.direction.value,
            languages=(self._settings.source, self._settings.target),
            timings_ms=timings_ms,
            engines=self._stages.names,
            warnings=warnings,
        )


def _noted(translation: Translation, omitted: str) -> Translation:
    """The translation with the reason why it does not stand on the page, where it does not."""
    return replace(translation, note="; ".join(filter(None, (translation.note, omitted))))


def in_order(regions: Sequence[Region], lines: Sequence[Line]) -> tuple[Region, ...]:
    """The regions by their positions; those that the orderer left out come last, as they were detected."""
    positions = {line.region_id: line.position for line in lines}
    return tuple(sorted(regions, key=lambda region: positions.get(region.id, len(regions))))
