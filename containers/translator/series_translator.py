"""In front of a translator: what the series knows is not asked again, nor a line that the chapter has had before.

The order: what an attempt before was told, the series' memory (exact, then fuzzy), a text that is a term of the
glossary and nothing else, a line translated earlier in this chapter, and only then the translator.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace

from contract.series import NewTerm
from contract.source_form import exact_form
from translator.decisions import JobDecisions, PageRecord
from translator.pipeline.memory import MemoryMatch, TranslationMemory, same_language
from translator.pipeline.protocols import (
    GroupTranslator,
    Pacing,
    PageTranslator,
    SettledText,
    SourceText,
    TranslateRequest,
    pacing_of,
)
from translator.pipeline.types import Origin, Translation
from translator.series_lessons import Lessons, teaches
from translator.series_lines import AS_ON, ChapterLines, Line, is_repeatable
from translator.translation.glossary import Glossary
from translator.translation.translate import PageAnswers

_Place = tuple[int, str]
"""A text: its page and its region id."""


@dataclass(slots=True)
class _Page:
    """A page's texts: ``known`` by region id, ``ask`` as a model was or is asked, ``new`` since then, ``copies`` of
    texts that are asked in another place of the call, and ``awaited`` ones, which another call asks.

    ``how`` is how the page is asked for; ``repeated`` are the sources among what is known that were translated for
    other pages of this attempt.
    """

    request: TranslateRequest
    known: dict[str, Translation] = field(default_factory=dict)
    ask: list[SourceText] = field(default_factory=list)
    new: list[SourceText] = field(default_factory=list)
    copies: dict[str, _Place] = field(default_factory=dict)
    awaited: list[SourceText] = field(default_factory=list)
    repeated: dict[str, Translation] = field(default_factory=dict)
    record: PageRecord | None = None

    @property
    def number(self) -> int:
        return self.request.page

    @property
    def how(self) -> PageRecord:
        """What is to be remembered of how this page is asked for."""
        if self.record is not None:
            return self.record
        return PageRecord(
            asked=tuple(text.text for text in self.ask),
            context=self.request.context,
            settled={text.text: replace(self.known[text.region_id], region_id="") for text in self._known_texts},
        )

    @property
    def _known_texts(self) -> Iterator[SourceText]:
        return (text for text in self.request.texts if text.region_id in self.known)

    def question(self) -> TranslateRequest:
        """What a model is asked first, and was: it is shown what was known then, in its place on the page."""
        how, asked = self.how, {text.region_id for text in self.ask}
        settled: list[SettledText] = []
        before = 0
        for text in self.request.texts:
            before += text.region_id in asked
            if text.region_id not in asked and text.text in how.settled:
                settled.append(SettledText(text.text, how.settled[text.text].text, before))
        return replace(self.request, texts=tuple(self.ask), context=how.context, settled=tuple(settled))

    def part(self, texts: Sequence[SourceText]) -> TranslateRequest:
        """Texts that are asked later than the others."""
        return replace(self.request, texts=tuple(texts), context=self.how.context)


_Parts = list[tuple[_Page, TranslateRequest]]
"""What is asked at once, of each page a part."""


class _Call:
    """Pages that are translated at once: the place where each line stands ``first``, the lines that are their ``own``
    to ask, and what was answered."""

    def __init__(self, lines: ChapterLines) -> None:
        self._lines = lines
        self.first: dict[str, _Place] = {}
        self.own: dict[str, Line] = {}
        self.answers: dict[_Place, Translation] = {}
        self.warnings: dict[int, tuple[str, ...]] = {}

    def may_ask(self, form: str, page: int) -> bool:
        """Whether no other call asks the line. A text of marks alone is asked wherever it stands."""
        if not form:
            return True
        line, is_mine = self._lines.begin(form, page)
        if is_mine:
            self.own[form] = line
        return is_mine

    def say(self, form: str, text: str) -> None:
        if form in self.own:
            self._lines.end(form, self.own.pop(form), text)

    def let_go(self) -> None:
        """Of the lines that got no translation which can be used again."""
        for form, line in self.own.items():
            self._lines.end(form, line, "")
        self.own.clear()


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
        said: Iterable[tuple[int, str, str]] = (),
    ) -> None:
        """``said`` are page, text and translation of lines that attempts before have asked."""
        self.name, self._inner = inner.name, inner
        self._memory, self._decisions = memory, decisions or JobDecisions()
        self._lessons = lessons or Lessons()
        self._terms = {
            exact_form(word): term.translation
            for term in (glossary.terms if glossary else ())
            for word in (term.source, *term.aliases)
        }
        self._lines = ChapterLines()
        for number, source, translation in said:
            self._lines.know(exact_form(source), number, translation)

    @property
    def pacing(self) -> Pacing:
        return pacing_of(self._inner)

    def translate(self, request: TranslateRequest) -> tuple[Translation, ...]:
        """One answer for each text, in the order asked."""
        return self.translate_pages((request,))[0].translations

    def translate_pages(self, requests: Sequence[TranslateRequest]) -> tuple[PageAnswers, ...]:
        """What has to be asked for these pages is asked at once, apart from what attempts before asked in their way."""
        return self.begin(requests)()

    def begin(self, requests: Sequence[TranslateRequest]) -> Callable[[], tuple[PageAnswers, ...]]:
        """As :meth:`translate_pages`, in two steps: pages that are begun one after the other can be asked for side by
        side, and which of them asks a line is settled. What was begun has to be called: others may wait for it."""
        if requests and same_language(requests[0].source, requests[0].target):
            return lambda: tuple(PageAnswers(request.page, self._inner.translate(request)) for request in requests)
        work = _Call(self._lines)
        with ExitStack() as unless_sorted:
            unless_sorted.callback(work.let_go)
            pages = [self._sort(request, work) for request in requests]
            unless_sorted.pop_all()
        return lambda: self._translated(pages, work)

    def _translated(self, pages: Sequence[_Page], work: _Call) -> tuple[PageAnswers, ...]:
        try:
            for page in pages:
                self._remember(page, page.repeated)
            for parts in _calls(pages):
                self._ask(parts, work)
        finally:
            work.let_go()
        for page in pages:
            self._await(page, work)
            self._remember(page, _copied(page, work.answers))
        return tuple(_answered(page, work) for page in pages)

    def _sort(self, request: TranslateRequest, work: _Call) -> _Page:
        page = _Page(request, record=self._decisions.of(request.page))
        for text in request.texts:
            form, place = exact_form(text.text), (request.page, text.region_id)
            was_asked = page.record is not None and text.text in page.record.asked
            known = None if was_asked else self._known(text, request, page)
            if known is not None:
                page.known[text.region_id] = known
                work.answers[place] = known
            elif form and form in work.first:
                page.copies[text.region_id] = work.first[form]
            else:
                work.first[form] = place
                if not work.may_ask(form, request.page) and not was_asked:
                    page.awaited.append(text)
                else:
                    (page.ask if page.record is None or was_asked else page.new).append(text)
        return page

    def _known(self, text: SourceText, request: TranslateRequest, page: _Page) -> Translation | None:
        for stored in (page.record.settled, page.record.copied) if page.record is not None else ():
            if text.text in stored:
                return self._again(text, stored[text.text], page.number)
        if not exact_form(text.text):
            return None
        return self._remembered(text, request) or self._term(text) or self._repeated(text, page)

    def _again(self, text: SourceText, stored: Translation, page: int) -> Translation:
        """As an attempt before had it. What that one paid for counts as a line of the chapter in this one, too."""
        if is_repeatable(text.text, stored):
            self._lines.know(exact_form(text.text), page, stored.text)
        return replace(stored, region_id=text.region_id)

    def _await(self, page: _Page, work: _Call) -> None:
        """What another call asks. Where it got no translation that can be used, it is asked after all."""
        while page.awaited:
            waiting, page.awaited = page.awaited, []
            mine: list[SourceText] = []
            for text in waiting:
                form = exact_form(text.text)
                if work.may_ask(form, page.number):
                    mine.append(text)
                elif self._lines.wait(form) and (known := self._repeated(text, page)):
                    work.answers[page.number, text.region_id] = known
                else:
                    page.awaited.append(text)
            try:
                if mine:
                    self._ask([(page, page.part(mine))], work)
            finally:
                work.let_go()
        self._remember(page, page.repeated)

    def _remember(self, page: _Page, repeated: Mapping[str, Translation]) -> None:
        """Of texts that were translated for other pages: those may be done, and not in an attempt's hands, when this
        one is asked again."""
        new = {source: one for source, one in repeated.items() if source not in page.how.settled}
        if repeated:
            self._decisions.remember(page.number, page.how, copied=new)

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

    def _repeated(self, text: SourceText, page: _Page) -> Translation | None:
        line = self._lines.said(exact_form(text.text))
        if line is None:
            return None
        found = Translation(text.region_id, line.text, Origin.MEMORY, f"{AS_ON} {line.page}")
        page.repeated[text.text] = replace(found, region_id="")
        return found

    def _ask(self, parts: _Parts, work: _Call) -> None:
        with self._decisions.asking({page.number: page.how for page, _ in parts}):
            given = self._answers([request for _, request in parts])
        for (page, request), found in zip(parts, given, strict=True):
            answers = {answer.region_id: answer for answer in reversed(found.translations)}
            work.answers |= {(page.number, name): answer for name, answer in answers.items()}
            work.warnings[page.number] = (*work.warnings.get(page.number, ()), *found.warnings)
            for text in request.texts:
                if text.region_id in answers:
                    self._learn(text.text, answers[text.region_id], work)

    def _learn(self, source: str, answer: Translation, work: _Call) -> None:
        self._lessons.translated(source, answer)
        if teaches(source, answer):
            work.say(exact_form(source), answer.text)

    def _answers(self, requests: Sequence[TranslateRequest]) -> Sequence[PageAnswers]:
        if not isinstance(self._inner, GroupTranslator):
            return [PageAnswers(request.page, self._inner.translate(request)) for request in requests]
        given = self._inner.translate_pages(requests)
        for found in given:
            if isinstance(found, PageAnswers):
                new = (NewTerm(term.source, term.translation, term.kind[:60]) for term in found.proposed)
                self._lessons.proposed(new)
        return [PageAnswers(found.page, found.translations, found.warnings) for found in given]


def _calls(pages: Sequence[_Page]) -> Iterator[_Parts]:
    """What is asked together: pages that are asked for the first time, in one call; of a page that was asked before,
    the same texts again, which costs nothing, and what is new."""
    fresh = [(page, page.question()) for page in pages if page.record is None and page.ask]
    if fresh:
        yield fresh
    for page in pages:
        if page.record is not None and page.ask:
            yield [(page, page.question())]
        if page.new:
            yield [(page, page.part(page.new))]


def _copied(page: _Page, answers: Mapping[_Place, Translation]) -> dict[str, Translation]:
    """By source, the translations that the page has from others of its call."""
    sources = {text.region_id: text.text for text in page.request.texts}
    found = {sources[name]: answers[place] for name, place in page.copies.items() if place in answers}
    others = {sources[name] for name, place in page.copies.items() if place[0] != page.number}
    return {
        source: replace(one, region_id="")
        for source, one in found.items()
        if source in others and one.origin is not Origin.KEPT_SOURCE
    }


def _answered(page: _Page, work: _Call) -> PageAnswers:
    found = []
    for text in page.request.texts:
        place = page.copies.get(text.region_id, (page.number, text.region_id))
        if place in work.answers:
            found.append(replace(work.answers[place], region_id=text.region_id))
    return PageAnswers(page.number, tuple(found), work.warnings.get(page.number, ()))


def _note(match: MemoryMatch) -> str:
    """Nothing for the very text; else how far it is from the one that the memory has."""
    return "" if match.score == 1.0 else f"fuzzy {match.score:.2f}: {match.entry.source}"
