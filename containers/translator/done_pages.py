"""What became of the pages that other attempts have done, as their documents say it.

The pages left are translated as if this attempt had done those itself: they are shown as context, their lines are not
asked again, and texts that cross their borders are as they left them. A document that cannot be had costs that, is
told, and fails no page.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from contract.attempt import AttemptOrder
from contract.document import DocumentRegion, PageDocument
from contract.errors import BadMessage
from contract.grant import Grant
from contract.status import PageErrorCode
from translator.lanes import Lane
from translator.meter import Meter
from translator.pipeline.pages import TRUE_ORIGINS, Pairs
from translator.pipeline.protocols import StageError
from translator.pipeline.seam_done import DonePage
from translator.pipeline.types import Origin, Translation
from translator.remote import Remote, RemoteError
from translator.series_lines import is_repeatable

MAX_DOCUMENT_BYTES = 16_000_000
_AT_ONCE = 8
_NO_PAGES: Mapping[int, Grant] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class _Told:
    """What is kept of a document: its ``pairs`` as the pages after it are told of them, those that are paid ``lines``,
    and the texts that cross its borders."""

    pairs: Pairs
    lines: Pairs
    seam: DonePage

    @classmethod
    def parse(cls, body: bytes) -> _Told:
        """Raises ``BadMessage``."""
        document = PageDocument.parse(body)
        regions = sorted(document.regions, key=lambda region: region.order)
        told = [region for region in regions if region.origin in TRUE_ORIGINS]
        return cls(_pairs(told), _pairs(region for region in told if _is_line(region)), DonePage.of(document))


@dataclass(frozen=True, slots=True)
class DonePages:
    """``is_told``: whether the translator is told of them at all."""

    found: Mapping[int, _Told | StageError] = field(default_factory=dict)
    is_told: bool = False

    @property
    def context(self) -> dict[int, Pairs]:
        """The texts and true translations of each page, in reading order."""
        return {page: one.pairs for page, one in self._told()}

    @property
    def lines(self) -> Iterator[tuple[int, str, str]]:
        """Page, text and translation of what was asked of a model, in page order."""
        return ((page, source, text) for page, one in self._told() for source, text in one.lines)

    @property
    def seams(self) -> dict[int, DonePage | StageError]:
        """What each page has done with the texts that cross its borders, or why nobody knows."""
        return {page: one if isinstance(one, StageError) else one.seam for page, one in self.found.items()}

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the translator would have been told and is not."""
        missing = [(page, one.detail) for page, one in sorted(self.found.items()) if isinstance(one, StageError)]
        what = "is no context for other pages, and its lines may be asked again"
        return tuple(f"translate: page {page} {what}: {why}" for page, why in missing if self.is_told)

    def _told(self) -> Iterator[tuple[int, _Told]]:
        for page, one in sorted(self.found.items()):
            if self.is_told and not isinstance(one, StageError):
                yield page, one


NONE_DONE = DonePages()


async def load_done_pages(order: AttemptOrder, remote: Remote, meter: Meter, lane: Lane, *, is_told: bool) -> DonePages:
    """Reads the documents that are of use, at once: the right to do so lives for minutes. Of pages beside those to do
    in a strip they always are, of others where the translator ``is_told`` of them. Parsing them goes to ``lane``."""
    slots = asyncio.Semaphore(_AT_ONCE)

    async def load(grant: Grant) -> _Told | StageError:
        async with slots:
            try:
                body = await remote.get(grant, limit=MAX_DOCUMENT_BYTES, meter=meter)
                return await lane.run(_Told.parse, body)
            except (RemoteError, BadMessage) as error:
                return StageError("seam", PageErrorCode.DOWNLOAD_FAILED.value, str(error), retryable=True)

    grants = _grants(order, is_told=is_told)
    found = await asyncio.gather(*(load(grant) for grant in grants.values()))
    return DonePages(dict(zip(grants, found, strict=True)), is_told)


def _grants(order: AttemptOrder, *, is_told: bool) -> dict[int, Grant]:
    beside = {page.page: page.document for page in order.neighbours if page.document is not None}
    others = {page.page: page.document for page in order.done} if is_told else _NO_PAGES
    to_do = {page.page for page in order.pages}
    return {page: grant for page, grant in sorted({**others, **beside}.items()) if page not in to_do}


def _is_line(region: DocumentRegion) -> bool:
    translation = Translation(region.id, region.translation, Origin(region.origin), region.note)
    return is_repeatable(region.source_text, translation)


def _pairs(regions: Iterable[DocumentRegion]) -> Pairs:
    return tuple((region.source_text, region.translation) for region in regions)
