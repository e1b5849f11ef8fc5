"""The stages, as the engines see them: load at construction, then one verb, a value in and a value out.

A stage never changes what it is given. It raises :class:`StageError` for what it cannot do with *this* page; any other
exception is a bug and is reported as such.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Protocol, runtime_checkable

from translator.pipeline.direction import Evidence
from translator.pipeline.types import (
    Box,
    Detection,
    Line,
    Page,
    Pin,
    Placement,
    Reading,
    ReadingDirection,
    Region,
    Rgb,
    Translation,
    Typeset,
)

NO_PINS: Mapping[str, Pin] = MappingProxyType({})
NOT_PLACED: Mapping[str, Placement] = MappingProxyType({})


class StageError(Exception):
    """A stage could not do its work on a page. ``code`` is one of the contract's page error codes."""

    def __init__(self, stage: str, code: str, detail: str, *, retryable: bool = False) -> None:
        super().__init__(f"{stage}: {code}: {detail}")
        self.stage, self.code, self.detail, self.retryable = stage, code, detail, retryable


class Detector(Protocol):
    """Finds text blocks, their lines, balloons and panels."""

    name: str

    def detect(self, page: Page) -> Detection: ...


class Reader(Protocol):
    """Recognizes the text of each region."""

    name: str

    def read(self, page: Page, detection: Detection) -> tuple[Reading, ...]: ...


class Orderer(Protocol):
    """Puts the regions of a page into reading order."""

    name: str

    def order(self, page: Page, detection: Detection, direction: ReadingDirection) -> tuple[Line, ...]: ...

    def panels(self, page: Page, detection: Detection, direction: ReadingDirection) -> tuple[Box, ...]:
        """The panels as they are read."""
        ...


@runtime_checkable
class ChapterOrderer(Orderer, Protocol):
    """An :class:`Orderer` that can tell what ``AUTO`` means from several pages."""

    def chapter_direction(self, pages: Iterable[Evidence]) -> ReadingDirection: ...


@dataclass(frozen=True, slots=True)
class SourceText:
    """One text to translate, in reading order. ``box`` is where it stands on the page, pixels; ``speaker`` what is
    known of who says it, ``joined`` the id of a text before it that the same one says; empty where nobody knows."""

    region_id: str
    text: str
    kind: str
    box: Box | None = None
    speaker: str = ""
    joined: str = ""


@dataclass(frozen=True, slots=True)
class SettledText:
    """A text of the page that is translated already; ``before``: so many of the texts that are asked come before it."""

    text: str
    translation: str
    before: int


@dataclass(frozen=True, slots=True)
class TranslateRequest:
    """One page's texts, with the pages before it as ``(source, translation)`` pairs, oldest first. ``settled`` are the
    texts among them that need no answer."""

    page: int
    source: str
    target: str
    texts: tuple[SourceText, ...]
    rgb: Rgb
    context: tuple[tuple[tuple[str, str], ...], ...] = ()
    settled: tuple[SettledText, ...] = ()


class PageTranslator(Protocol):
    """Translates the texts of a page: one answer for each id asked, none for others."""

    name: str

    def translate(self, request: TranslateRequest) -> tuple[Translation, ...]: ...


@dataclass(frozen=True, slots=True)
class Pacing:
    """How a translator wants a chapter's pages: so many before it as context, so many a call, and whether a page has to
    wait for the translations of those before it."""

    context_pages: int = 3
    waits: bool = True
    pages_per_call: int = 1


@runtime_checkable
class Paced(Protocol):
    """A translator that knows how it wants a chapter's pages."""

    @property
    def pacing(self) -> Pacing: ...


def pacing_of(translator: PageTranslator) -> Pacing:
    """The usual one, where a translator does not say."""
    return translator.pacing if isinstance(translator, Paced) else Pacing()


class PageAnswers(Protocol):
    """The translations of one page, in the order asked, and what a reader must know of them."""

    @property
    def page(self) -> int: ...

    @property
    def translations(self) -> tuple[Translation, ...]: ...

    @property
    def warnings(self) -> tuple[str, ...]: ...


@runtime_checkable
class GroupTranslator(Protocol):
    """A :class:`PageTranslator` that can do several pages at once, and knows how it wants them."""

    name: str

    @property
    def pacing(self) -> Pacing: ...

    def translate(self, request: TranslateRequest) -> tuple[Translation, ...]: ...

    def translate_pages(self, requests: Sequence[TranslateRequest]) -> Sequence[PageAnswers]:
        """Pages that follow each other, in their order, all with the context of the first. One answer a page."""
        ...


class Cleaner(Protocol):
    """Removes the text of the given regions from the page."""

    name: str

    def clean(self, page: Page, detection: Detection, regions: Sequence[Region]) -> Rgb: ...


class Typesetter(Protocol):
    """Sets the translations onto the clean plate, in the language ``target`` (a BCP 47 tag). A text without a balloon
    stays in its one of the ``panels``, where they are known, and nothing is set over ``kept`` lettering. The regions
    named in ``annotated`` keep theirs: their translations are set small beside it, or omitted if there is no room.
    ``pins`` are what a person decided, by region id: they are followed even where that looks worse. What is ``placed``
    stands as its placement says, and everything else keeps clear of it."""

    name: str

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
    ) -> Typeset: ...
