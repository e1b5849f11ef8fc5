"""A seam beside pages that were done before: what they have done with its texts holds, whatever would be done now.

A page that is done is not changed for its neighbour's sake. What it says in its document decides, so that a text is
never taken off one page without standing on the other, whoever did the pages, and when.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from contract.document import DocumentRegion, PageDocument
from translator.pipeline.seam import Seam, SeamText, prefix_of
from translator.pipeline.types import Origin


@dataclass(frozen=True, slots=True)
class _DonePart:
    """What a page made of its part of a text; ``is_kept``: it stands there as it was drawn."""

    owner: int
    is_kept: bool


@dataclass(frozen=True, slots=True)
class DonePage:
    """The parts of cut texts that a page has, by id, as its document says it."""

    page: int
    parts: Mapping[str, _DonePart]

    @classmethod
    def of(cls, document: PageDocument) -> DonePage:
        """Every region is taken in: only the ids of cut texts begin as a seam's do."""
        return cls(document.page, {region.id: _part(region, document.page) for region in document.regions})

    def known(self, prefix: str) -> set[str]:
        return {name for name in self.parts if name.startswith(prefix)}


def _part(region: DocumentRegion, page: int) -> _DonePart:
    owner = region.part_of.page if region.part_of else page
    return _DonePart(owner, region.origin == Origin.KEPT_SOURCE.value)


def follow(seam: Seam, done: Sequence[DonePage]) -> Seam:
    """The seam as the pages have it that are done: without its texts where one of them knows others, or knows them as
    another page's, and with what stays where that is decided."""
    for page in done:
        if not _agrees(seam, page):
            told = f"seam: texts across the border below page {seam.upper} are not joined: page {page.page} was done"
            return Seam(seam.upper, warnings=(*seam.warnings, f"{told} without"), missing=seam.missing)
    return replace(seam, texts=tuple(_following(text, done) for text in seam.texts))


def _agrees(seam: Seam, done: DonePage) -> bool:
    texts = {text.region.id: text for text in seam.texts if done.page in text.pages}
    known = done.known(prefix_of(seam.upper))
    return known == texts.keys() and all(done.parts[name].owner == texts[name].owner for name in known)


def _following(text: SeamText, done: Sequence[DonePage]) -> SeamText:
    name = text.region.id
    parts = {page.page: page.parts[name] for page in done if name in page.parts}
    kept = [page for page, part in parts.items() if part.is_kept]
    gone = tuple(page for page, part in parts.items() if not part.is_kept and page != text.owner)
    if not kept:
        return replace(text, gone=gone)
    return replace(
        text, gone=gone, stays=f"page {kept[0]}, on which this text goes on, was done with it as it was drawn"
    )
