"""A page on its way through the stages: decoded, read, translated, done."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

from contract.document import PageDocument
from contract.image_format import ImageFormat
from contract.policy import Policy
from translator.pipeline.answers import kept
from translator.pipeline.policy import Decision
from translator.pipeline.seam_page import Part
from translator.pipeline.types import Detection, Origin, Page, Reading, Region, Translation

Pairs = tuple[tuple[str, str], ...]
"""A page's texts and translations, in reading order."""
_UNTRANSLATED = (Origin.KEPT_SOURCE, Origin.GLOSS, Origin.NONE, Origin.ELSEWHERE)


@dataclass(frozen=True, slots=True)
class DecodedPage:
    """A page and how long it took to decode."""

    page: Page
    timings_ms: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class ReadPage:
    """A page with its regions in reading order, and what stands in each.

    ``parts`` are those of the regions that belong to a text which a border of the page cuts, by id. Only the page that
    has most of such a text has its reading.
    """

    page: Page
    detection: Detection
    regions: tuple[Region, ...]
    readings: Mapping[str, Reading]
    timings_ms: Mapping[str, int]
    parts: Mapping[str, Part] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TranslatedPage:
    """A read page with one translation (or the reason for none) for each of its regions."""

    read: ReadPage
    translations: Mapping[str, Translation]
    decisions: Mapping[str, Decision]
    timings_ms: Mapping[str, int]
    warnings: tuple[str, ...] = ()

    @property
    def pairs(self) -> Pairs:
        """What the pages after this one are told of it: the true translations only."""
        return tuple(
            (self.read.readings[region.id].text, translation.text)
            for region in self.read.regions
            if (translation := self.translations[region.id]).origin not in _UNTRANSLATED
        )

    @property
    def kept(self) -> frozenset[str]:
        """The regions that stay as they were drawn."""
        return frozenset(name for name, found in self.translations.items() if found.origin is Origin.KEPT_SOURCE)

    @property
    def annotated(self) -> frozenset[str]:
        """The regions whose lettering stays with a translation beside it, here or on the page that has most of it."""
        wanted = {name for name, decision in self.decisions.items() if decision.action is Policy.ANNOTATE}
        return frozenset(wanted - self.kept)

    @property
    def cleaned(self) -> tuple[Region, ...]:
        """The regions whose lettering is removed."""
        standing = self.kept | self.annotated
        return tuple(region for region in self.read.regions if region.id not in standing)

    def keeping(self, region_ids: Collection[str], why: str) -> TranslatedPage:
        """The same with parts of texts that other pages have left as they were drawn."""
        return replace(self, translations={**self.translations, **{name: kept(name, why) for name in region_ids}})


@dataclass(frozen=True, slots=True)
class PageOutcome:
    """The page's image and document. ``image_format`` is what the image is, which may not be what was asked for.
    ``plate`` is the clean plate in that format, where the job keeps them."""

    image: bytes
    image_format: ImageFormat
    document: PageDocument
    plate: bytes | None = None
