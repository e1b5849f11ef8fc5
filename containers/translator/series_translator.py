"""In front of a translator: what the series knows is not asked again, nor a line that the chapter has had before.

The order: what an attempt before was told, the series' memory (exact, then fuzzy), a text that is a term of the
glossary and nothing else, a line translated earlier in this chapter, and only then the translator.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from contract.series import NewTerm
from contract.source_form import exact_form
from translator.decisions import JobDecisions, PageRecord
from translator.pipeline.memory import MemoryMatch, TranslationMemory, same_language
from translator.pipeline.protocols import GroupTranslator, Pacing, PageTranslator, SourceText, TranslateRequest
from translator.pipeline.types import Origin, Translation
from translator.series_lessons import Lessons, teaches
from translator.translation.glossary import Glossary
from translator.translation.translate import PageAnswers

_Place = tuple[int, str]
"""A text: its page and its region id."""


@dataclass(slots=True)
class _Page:
    """A page's texts: ``known`` by region id, ``ask`` as a model was or is asked, ``new`` since then, and ``copies`` of
    texts that are asked in another place. ``how`` is how the page is asked for; ``was_asked``: by an attempt before."""

    request: TranslateRequest
    known: dict[str, Translation] = field(default_factory=dict)
    ask: list[SourceText] = field(default_factory=list)
    new: list[SourceText] = field(default_factory=list)
    copies: dict[str, _Place] = field(default_factory=dict)
    record: PageRecord | None = None

    @property
    def number(self) -> int:
        return self.request.page

    @property
    def how(self) -> PageRecord:
        """What is to be remembered of how this page is asked for."""
        if self.record is not None:
            return self.record
        sources = {text.region_id: text.text for text in self.request.texts}
        return PageRecord(
            asked=tuple(text.text for text in self.ask),
            context=self.request.context,
            settled={sources[name]: replace(one, region_id="") for name, one in self.known.items()},
        )

    def part(self, texts: Sequence[SourceText]) -> TranslateRequest:
        return replace(self.request, texts=tuple(texts), context=self.how.context)


class SeriesTranslator:
    """A :class:`PageTranslator` for one job. Safe to share by threads. Raises what the translator behind it raises."""

    def __init__(
        self,
        inner: PageTranslator,
        *,
        memory: TranslationMemory | None = None,
        glossary: Glossary | None = None,
        decisions: JobDecisions | None = None,
        lessons: Lessons | None = None,
    ) -> None:
        self.name, self._inner = inner.name, inner
        self._memory, self._decisions = memory, decisions or JobDecisions()
        self._lessons = lessons or Lessons()
        self._terms = {
            exact_form(word): term.translation
            for term in (glossary.terms if glossary else ())
            for word in (term.source, *term.aliases)
        }
        self._said: dict[str, tuple[int, str]] = {}
        """By exact form: a line of this chapter, the page where it first stood, and its translation."""
        self._lock = threading.Lock()

    @property
    def pacing(self) -> Pacing:
        return self._inner.pacing if isinstance(self._inner, GroupTranslator) else Pacing()

    def translate(self, request: TranslateRequest) -> tuple[Translation, ...]:
        """One answer for each text, in the order asked."""
        return self.translate_pages((request,))[0].translations

    def translate_pages(self, requests: Sequence[TranslateRequest]) -> tuple[PageAnswers, ...]:
        """What has to be asked for these pages is asked at once, apart from what attempts before asked in their way."""
        if requests and same_language(requests[0].source, requests[0].target):
            return tuple(PageAnswers(request.page, self._inner.translate(request)) for request in requests)
        first: dict[str, _Place] = {}
        pages = [self._sort(request, first) for request in requests]
        answers = {(page.number, name): one for page in pages for name, one in page.known.items()}
        warnings: dict[int, tuple[str, ...]] = {}
        for parts in _calls(pages):
            with self._decisions.asking({page.number: page.how for page, _ in parts}):
                for found in self._ask([page.part(texts) for page, texts in parts]):
                    answers |= {(found.page, one.region_id): one for one in reversed(found.translations)}
                    warnings[found.page] = (*warnings.get(found.page, ()), *found.warnings)
        return tuple(_answered(page, answers, warnings.get(page.number, ())) for page in pages)

    def _sort(self, request: TranslateRequest, first: dict[str, _Place]) -> _Page:
        """``first`` has the place of each line that is asked already, and gets this page's."""
        page = _Page(request, record=self._decisions.of(request.page))
        for text in request.texts:
            form = exact_form(text.text)
            known = self._known(text, request, page.record)
            if known is not None:
                page.known[text.region_id] = known
            elif form and form in first:
                page.copies[text.region_id] = first[form]
            else:
                first[form] = (request.page, text.region_id)
                is_new = page.record is not None and text.text not in page.record.asked
                (page.new if is_new else page.ask).append(text)
        return page

    def _known(self, text: SourceText, request: TranslateRequest, record: PageRecord | None) -> Translation | None:
        if record is not None:
            if text.text in record.settled:
                return replace(record.settled[text.text], region_id=text.region_id)
            if text.text in record.asked:
                return None
        if not exact_form(text.text):
            return None
        return self._remembered(text, request) or self._term(text) or self._repeated(text)

    def _remembered(self, text: SourceText, request: TranslateRequest) -> Translation | None:
        match = (
            self._memory.find(text.text, source=request.source, target=request.target)
            if self._memory is not None
            else None
        )
        if match is None:
            return None
        self._lessons.used(match.entry.source)
        return Translation(text.region_id, match.entry.target, Origin.MEMORY, _note(match))

    def _term(self, text: SourceText) -> Translation | None:
        translation = self._terms.get(exact_form(text.text))
        return Translation(text.region_id, translation, Origin.GLOSSARY) if translation else None

    def _repeated(self, text: SourceText) -> Translation | None:
        with self._lock:
            found = self._said.get(exact_form(text.text))
        if found is None:
            return None
        page, translation = found
        return Translation(text.region_id, translation, Origin.MEMORY, f"as on page {page}")

    def _ask(self, requests: Sequence[TranslateRequest]) -> Sequence[PageAnswers]:
        given = self._answers(requests)
        for request, found in zip(requests, given, strict=True):
            answers = {answer.region_id: answer for answer in reversed(found.translations)}
            for text in request.texts:
                if text.region_id in answers:
                    self._learn(request.page, text.text, answers[text.region_id])
        return given

    def _learn(self, page: int, source: str, answer: Translation) -> None:
        self._lessons.translated(source, answer)
        if teaches(source, answer):
            with self._lock:
                self._said.setdefault(exact_form(source), (page, answer.text))

    def _answers(self, requests: Sequence[TranslateRequest]) -> Sequence[PageAnswers]:
        if not isinstance(self._inner, GroupTranslator):
            return [PageAnswers(request.page, self._inner.translate(request)) for request in requests]
        given = self._inner.translate_pages(requests)
        for found in given:
            if isinstance(found, PageAnswers):
                new = (NewTerm(term.source, term.translation, term.kind[:60]) for term in found.proposed)
                self._lessons.proposed(new)
        return [PageAnswers(found.page, found.translations, found.warnings) for found in given]


def _calls(pages: Sequence[_Page]) -> Iterator[list[tuple[_Page, list[SourceText]]]]:
    """What is asked together: pages that are asked for the first time, in one call; of a page that was asked before,
    the same texts again, which costs nothing, and what is new."""
    fresh = [(page, page.ask) for page in pages if page.record is None and page.ask]
    if fresh:
        yield fresh
    for page in pages:
        if page.record is not None:
            yield from ([(page, texts)] for texts in (page.ask, page.new) if texts)


def _answered(page: _Page, answers: Mapping[_Place, Translation], warnings: tuple[str, ...]) -> PageAnswers:
    found = []
    for text in page.request.texts:
        place = page.copies.get(text.region_id, (page.number, text.region_id))
        if place in answers:
            found.append(replace(answers[place], region_id=text.region_id))
    return PageAnswers(page.number, tuple(found), warnings)


def _note(match: MemoryMatch) -> str:
    """Nothing for the very text; else how far it is from the one that the memory has."""
    return "" if match.score == 1.0 else f"fuzzy {match.score:.2f}: {match.entry.source}"
