"""Which texts of a page are asked for, and what becomes of the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from contract.policy import Policies, Policy
from translator.pipeline.answers import erased, kept, settle, summary
from translator.pipeline.pages import Pairs, ReadPage, TranslatedPage
from translator.pipeline.policy import Decision, decide
from translator.pipeline.protocols import SourceText
from translator.pipeline.seam_page import Part
from translator.pipeline.speakers import Hint, hints
from translator.pipeline.types import Origin, Region, Translation

Answer = tuple[Sequence[Translation], Sequence[str]]
"""A page's translations, and what the translator warns of."""


@dataclass(frozen=True, slots=True)
class PagePlan:
    """What is to be done with each text of a page; ``texts`` are those to be translated, in reading order."""

    read: ReadPage
    decisions: Mapping[str, Decision]
    texts: tuple[SourceText, ...]

    @property
    def number(self) -> int:
        return self.read.page.number

    @property
    def pairs(self) -> Pairs:
        """What the pages after this one can be told of it before it is translated: its texts."""
        return tuple((text.text, "") for text in self.texts)

    def translated(self, answer: Answer, timings_ms: Mapping[str, int]) -> TranslatedPage:
        """The page with one translation, or the reason for none, for each of its regions."""
        translations, warnings = answer
        settled = settle(self.texts, translations)
        found = {name: _untranslated(name, decision) for name, decision in self.decisions.items()}
        found |= settled.translations
        found |= {name: _elsewhere(part) for name, part in _parts_elsewhere(self.read, self.decisions).items()}
        found |= {name: kept(name, part.text.stays) for name, part in _parts_staying(self.read, self.decisions).items()}
        told = (*self.read.warnings, *warnings, *settled.warnings, *summary(tuple(settled.translations.values())))
        return TranslatedPage(self.read, found, self.decisions, timings_ms, (*told, *_disagreements(self.read, found)))


def plan_page(read: ReadPage, policies: Policies) -> PagePlan:
    """The plan for a read page."""
    decisions = {region.id: _decide(region, read, policies) for region in read.regions}
    others = {*_parts_elsewhere(read, decisions), *_parts_staying(read, decisions)}
    asked = [region for region in read.regions if decisions[region.id].is_translated and region.id not in others]
    known = hints(asked, read.regions, read.detection.panels)
    texts = tuple(_source(region, read, known.get(region.id, Hint())) for region in asked)
    return PagePlan(read, decisions, texts)


def _source(region: Region, read: ReadPage, hint: Hint) -> SourceText:
    text = read.readings[region.id].text
    return SourceText(region.id, text, region.kind.value, region.box, hint.tail, hint.joined)


def _parts_elsewhere(read: ReadPage, decisions: Mapping[str, Decision]) -> dict[str, Part]:
    """The parts of texts that another page translates."""
    return {name: part for name, part in read.parts.items() if not part.is_owned and decisions[name].is_translated}


def _parts_staying(read: ReadPage, decisions: Mapping[str, Decision]) -> dict[str, Part]:
    """The parts of texts that another page was done with as they were drawn."""
    return {name: part for name, part in read.parts.items() if part.text.stays and decisions[name].is_translated}


def _disagreements(read: ReadPage, found: Mapping[str, Translation]) -> tuple[str, ...]:
    """What is not as it should be beside pages that were done before."""
    standing = [part.text for name, part in read.parts.items() if found[name].origin is Origin.KEPT_SOURCE]
    stays = [f"seam: text {text.region.id} stays as it was drawn: {text.stays}" for text in standing if text.stays]
    gone = [
        f"seam: text {text.region.id} stays as it was drawn, but page {page} was done before without its part of it"
        for text in standing
        for page in text.gone
    ]
    return (*stays, *gone)


def _decide(region: Region, read: ReadPage, policies: Policies) -> Decision:
    """A text that a border cuts is judged as a whole, so that all its pages judge alike."""
    part = read.parts.get(region.id)
    if part is not None:
        return decide(part.text.region, part.text.reading, policies)
    return decide(region, read.readings.get(region.id), policies)


def _untranslated(region_id: str, decision: Decision) -> Translation:
    if decision.action is Policy.ERASE:
        return erased(region_id, decision.why)
    return kept(region_id, decision.why)


def _elsewhere(part: Part) -> Translation:
    name, owner = part.region.id, part.text.owner
    note = f"the page's border cuts this text: region {name} of page {owner} has the whole of it, and its translation"
    return Translation(name, "", Origin.ELSEWHERE, note)
