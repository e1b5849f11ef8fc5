"""A page on its way through the stages: decoded, read, translated, done."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

from contract.document import PageDocument
from contract.image_format import ImageFormat
from contract.policy import Policy
from contract.status import PageErrorCode
from translator.pipeline.answers import kept
from translator.pipeline.policy import Decision
from translator.pipeline.protocols import StageError
from translator.pipeline.seam_page import Part
from translator.pipeline.types import Detection, Origin, Page, Reading, ReadingDirection, Region, Translation

Pairs = tuple[tuple[str, str], ...]
"""A page's texts and translations, in reading order."""
TRUE_ORIGINS = frozenset(Origin) - {Origin.KEPT_SOURCE, Origin.GLOSS, Origin.NONE, Origin.ELSEWHERE}
"""Those of true translations."""


@dataclass(frozen=True, slots=True)
class DecodedPage:
    """A page and how long it took to decode."""

    page: Page
    timings_ms: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class ReadPage:
    """A page with its regions in reading order, and what stands in each.

    ``parts`` are those of the regions that belong to a text which a border of the page cuts, by id. Only the page that
    has most of such a text has its reading. ``unsettled`` are pages beyond borders that could not be looked at;
    ``direction`` is what it was ordered in.
    """

    page: Page
    detection: Detection
    regions: tuple[Region, ...]
    readings: Mapping[str, Reading]
    timings_ms: Mapping[str, int]
    parts: Mapping[str, Part] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    unsettled: frozenset[int] = frozenset()
    direction: ReadingDirection = ReadingDirection.AUTO


@dataclass(frozen=True, slots=True)
class Shared:
    """What a page has to do with others through the texts that borders cut: ``owners`` have the texts of its parts,
    ``gone_to`` are those of them for which it took its part off; with those ``unsettled`` it may share a text and could
    not tell."""

    owners: frozenset[int] = frozenset()
    gone_to: frozenset[int] = frozenset()
    unsettled: frozenset[int] = frozenset()


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
            if (translation := self.translations[region.id]).origin in TRUE_ORIGINS
        )

    @property
    def is_paid(self) -> bool:
        """Whether the job's budget reached all of its texts: else it will fail."""
        return not any(found.is_unpaid for found in self.translations.values())

    def check_paid(self) -> None:
        """Raises ``StageError`` for a page of which the job's budget left texts untranslated."""
        unpaid = [found for found in self.translations.values() if found.is_unpaid]
        if unpaid:
            detail = f"{unpaid[0].note}: {len(unpaid)} of its texts are not translated; what was answered is stored"
            raise StageError("translate", PageErrorCode.BUDGET_SPENT.value, detail, retryable=True)

    @property
    def shared(self) -> Shared:
        """What the page has to do with others."""
        owners = {name: part.text.owner for name, part in self.read.parts.items() if not part.is_owned}
        gone = (owner for name, owner in owners.items() if name not in self.kept)
        return Shared(frozenset(owners.values()), frozenset(gone), self.read.unsettled)

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
        found = {**self.translations, **{name: kept(name, why) for name in region_ids}}
        warnings = tuple(f"seam: text {name} stays as it was drawn: {why}" for name in region_ids)
        return replace(self, translations=found, warnings=(*self.warnings, *warnings))

    def standing(self, region_ids: Collection[str]) -> TranslatedPage:
        """The same with texts that the cleaner could not tell from the art: a translation stands beside its lettering,
        never over it."""
        beside = {name: replace(self.decisions[name], action=Policy.ANNOTATE) for name in region_ids}
        warnings = tuple(
            f"clean: region {name}: its letters cannot be told from the art, which was left as drawn"
            for name in region_ids
        )
        return replace(self, decisions={**self.decisions, **beside}, warnings=(*self.warnings, *warnings))


@dataclass(frozen=True, slots=True)
class PageOutcome:
    """The page's image and document. ``image_format`` is what the image is, which may not be what was asked for.
    ``plate`` is the clean plate in that format, where the job keeps them."""

    image: bytes
    image_format: ImageFormat
    document: PageDocument
    plate: bytes | None = None
    shared: Shared = Shared()
