"""Translates the annotated texts of pages with the model that is configured, and measures what came of it.

Each book is translated as a chapter is: with the pages before as context, repeated lines asked once, the glossary's
terms told. The texts are the annotated ones, so that the translation alone is measured; end to end, they are what the
engines read of them.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from contract.errors import BadMessage
from translator.build import EngineUnavailable, load_service
from translator.config import Config
from translator.evaluation.finish import Finishing, FinishPlan
from translator.evaluation.runner import Plan, Progress, evaluate, open_page
from translator.evaluation.translate_score import ModelPage, ModelText, TranslateScore, model_document
from translator.evaluation.truth import TruePage, TruthError
from translator.evaluation.typeset_truth import TranslatedTruth, translated_pages
from translator.lanes import TRANSLATED_AT_ONCE
from translator.pipeline.protocols import Pacing, PageAnswers, SourceText, StageError, TranslateRequest
from translator.pipeline.types import Origin, Translation
from translator.series_scope import glossary_of
from translator.series_translator import SeriesTranslator
from translator.translation.factory import JobScope, JobTranslator, TranslationService
from translator.translation.glossary import Glossary
from translator.translation.ledger import Total
from translator.translation.settings import SettingsError, TranslationSettings
from translator.translation.style import DictionaryError
from translator.translation.translate import LlmTranslator

MEASURE = "translation"
_NO_MODEL = (
    "no model is configured, so there is nothing to measure: set TRANSLATOR, or GEMINI_API_KEY, and a model. "
    "The offline gloss is no translation and gets no score"
)
Pairs = tuple[tuple[str, str], ...]


class NoModel(Exception):  # noqa: N818
    """There is no model to measure, or it cannot be used."""


@dataclass(frozen=True, slots=True)
class TranslatePlan:
    """``glossary`` is a series' glossary as the API has it, ``None`` for none. ``reading`` is how the pages are read,
    ``None`` where the annotated texts are translated."""

    source: str
    target: str
    glossary: Path | None = None
    reading: Plan | None = None


@dataclass(frozen=True, slots=True)
class _Given:
    """A page with what the model is given of it: a source for each of its texts, ``""`` for one that was not read."""

    truth: TranslatedTruth
    sources: tuple[str, ...]


def translation_figures(*, has_terms: bool) -> Iterator[str]:
    """The names of the figures that there may be."""
    score = TranslateScore((), "en", glossary=Glossary() if has_terms else None)
    return (figure.key for figure in score.figures)


def load_model(environment: Mapping[str, str]) -> TranslationService:
    """The model that a translator with this environment would ask. Raises :class:`NoModel`."""
    try:
        settings = TranslationSettings.from_env(
            environment, dict_dir=Path(environment.get("DICT_DIR") or Config().dict_dir)
        )
        if settings is None:
            raise NoModel(_NO_MODEL)
        return load_service(settings)
    except (SettingsError, EngineUnavailable) as error:
        raise NoModel(str(error)) from None


def evaluate_translation(
    folder: Path, pages: Sequence[TruePage], plan: TranslatePlan, service: TranslationService, progress: Progress
) -> Finishing:
    """Raises :class:`TruthError` for what cannot be read, :class:`NoModel` where the model does not translate."""
    glossary = _glossary(plan, pages)
    truths = translated_pages(folder, pages, source=plan.source, target=plan.target)
    given, engines = _given(truths, plan, progress)
    run = _Run(plan, service, glossary or Glossary(), progress, len(given))
    try:
        found = tuple(run.books(given))
    except (StageError, DictionaryError) as error:
        raise NoModel(str(error)) from None
    score = TranslateScore(found, plan.target, run.asked, run.used, run.currency, glossary)
    return Finishing(
        MEASURE,
        folder.resolve().name,
        FinishPlan(plan.source, plan.target, threads=1, shots=False),
        {**engines, "translate": service.settings.name},
        len(score.texts),
        score.translated,
        score.figures,
        tuple(model_document(page) for page in found),
    )


def _glossary(plan: TranslatePlan, pages: Sequence[TruePage]) -> Glossary | None:
    """Before any call is paid for."""
    if plan.glossary is None:
        return None
    try:
        glossary = glossary_of(plan.glossary.read_bytes(), plan.target)
    except OSError as error:
        raise TruthError(f"{plan.glossary}: {error.strerror or error}") from None
    except BadMessage as error:
        raise TruthError(f"{plan.glossary}: {error}") from None
    if not any(glossary.missed(text.text, "") for page in pages for text in page.texts):
        raise TruthError(f"{plan.glossary}: none of its terms into {plan.target} occurs on these pages")
    return glossary


def _given(
    truths: Sequence[TranslatedTruth], plan: TranslatePlan, progress: Progress
) -> tuple[list[_Given], Mapping[str, str]]:
    """What the model is given, and by which engines it was read."""
    if plan.reading is None:
        return [_Given(truth, tuple(text.text for text in truth.page.texts)) for truth in truths], {}
    evaluation = evaluate("", [truth.page for truth in truths], plan.reading, progress)
    given = []
    for truth, result in zip(truths, evaluation.results, strict=True):
        read = iter(result.texts)
        sources = tuple(next(read).text if text.scored else "" for text in truth.page.texts)
        given.append(_Given(truth, sources))
    return given, evaluation.engines


class _Counted:
    """A translator that counts the texts it is asked for."""

    def __init__(self, inner: LlmTranslator) -> None:
        self.name, self._inner, self.asked = inner.name, inner, 0
        self._lock = threading.Lock()

    @property
    def pacing(self) -> Pacing:
        return self._inner.pacing

    def translate(self, request: TranslateRequest) -> tuple[Translation, ...]:
        return self.translate_pages((request,))[0].translations

    def translate_pages(self, requests: Sequence[TranslateRequest]) -> Sequence[PageAnswers]:
        with self._lock:
            self.asked += sum(len(request.texts) for request in requests)
        return self._inner.translate_pages(requests)


@dataclass(frozen=True, slots=True)
class _Book:
    """What came of a book: its pages, and the account."""

    pages: tuple[ModelPage, ...]
    job: JobTranslator
    asked: int


class _Run:
    """The books, side by side: each is a job of its own. ``progress`` is told of their pages in turn."""

    def __init__(
        self, plan: TranslatePlan, service: TranslationService, glossary: Glossary, progress: Progress, pages: int
    ) -> None:
        self._plan, self._service, self._glossary = plan, service, glossary
        self._progress, self._pages, self._done = progress, pages, 0
        self._lock = threading.Lock()
        self.asked, self.used, self.currency = 0, Total(), "USD"

    def books(self, given: Sequence[_Given]) -> Iterator[ModelPage]:
        books = [tuple(pages) for _, pages in groupby(given, key=lambda one: one.truth.page.book)]
        with ThreadPoolExecutor(TRANSLATED_AT_ONCE) as threads:
            for book in threads.map(self._book, books):
                self._enter(book.job, book.asked)
                for number, page in enumerate(book.pages, start=1):
                    yield _with_account(page, book.job, number)

    def _book(self, given: Sequence[_Given]) -> _Book:
        """As a chapter: pages go side by side where none needs the translations of those before it."""
        job = self._service.for_job(JobScope(glossary=self._glossary))
        counted = _Counted(job.translator)
        translator, pacing = SeriesTranslator(counted, glossary=self._glossary), counted.pacing
        context: deque[Pairs] = deque(maxlen=pacing.context_pages)
        running: deque[Future[list[ModelPage]]] = deque()
        found: list[ModelPage] = []

        def take() -> None:
            pages = running.popleft().result()
            found.extend(pages)
            if pacing.waits:
                context.extend(_pairs(page) for page in pages)
            self._tell(pages)

        with ThreadPoolExecutor(1 if pacing.waits else TRANSLATED_AT_ONCE) as threads:
            for start in range(0, len(given), pacing.pages_per_call):
                while len(running) >= (1 if pacing.waits else TRANSLATED_AT_ONCE):
                    take()
                group = given[start : start + pacing.pages_per_call]
                requests = [self._request(n, one, tuple(context)) for n, one in enumerate(group, start=start + 1)]
                running.append(threads.submit(_translated, group, translator.begin(requests)))
                if not pacing.waits:
                    context.extend(_sources(one) for one in group)
            while running:
                take()
        return _Book(tuple(found), job, counted.asked)

    def _tell(self, pages: Sequence[ModelPage]) -> None:
        with self._lock:
            self._done += len(pages)
            self._progress(self._done, self._pages, f"{pages[-1].book} {pages[-1].name}")

    def _request(self, number: int, given: _Given, context: tuple[Pairs, ...]) -> TranslateRequest:
        page = given.truth.page
        if page.path is None:
            raise TruthError(f"{page.book} {page.name}: it has no image file")
        texts = tuple(
            SourceText(f"t{index}", given.sources[index], text.kind.value, text.box)
            for index, text in enumerate(page.texts)
            if given.sources[index].strip() and given.truth.translations[index].strip()
        )
        rgb = open_page(page.path).rgb
        return TranslateRequest(number, self._plan.source, self._plan.target, texts, rgb, context)

    def _enter(self, job: JobTranslator, asked: int) -> None:
        total, used = job.ledger.total, self.used
        self.asked += asked
        self.currency = str(job.ledger.to_json()["currency"])
        self.used = Total(
            used.calls + total.calls,
            used.usage + total.usage,
            used.cost + total.cost,
            used.unpriced + total.unpriced,
        )


def _translated(given: Sequence[_Given], asking: Callable[[], Sequence[PageAnswers]]) -> list[ModelPage]:
    """Pages of one call; each takes its share of the time."""
    started = time.perf_counter()
    answers = asking()
    seconds = (time.perf_counter() - started) / len(given)
    pages = []
    for one, answer in zip(given, answers, strict=True):
        page = one.truth.page
        texts = tuple(_texts(one, {found.region_id: found for found in answer.translations}))
        pages.append(ModelPage(page.book, page.name, texts, seconds, warnings=answer.warnings))
    return pages


def _texts(given: _Given, found: Mapping[str, Translation]) -> Iterator[ModelText]:
    """Every text that a person translated and that is annotated, whether it was read or not."""
    for index, reference in enumerate(given.truth.translations):
        if not reference.strip() or not given.truth.page.texts[index].text.strip():
            continue
        name = f"t{index}"
        answer = found.get(name) or Translation(name, "", Origin.KEPT_SOURCE, "not read")
        yield ModelText(given.sources[index], reference, answer.text, answer.origin, answer.note)


def _pairs(page: ModelPage) -> Pairs:
    """What the pages after this one are told of it, as in a job: its translations."""
    return tuple((text.source, text.translation) for text in page.texts if text.is_translated)


def _sources(given: _Given) -> Pairs:
    """The same where no page waits for another: its texts."""
    return tuple(
        (source, "")
        for source, reference in zip(given.sources, given.truth.translations, strict=True)
        if source.strip() and reference.strip()
    )


def _with_account(page: ModelPage, job: JobTranslator, number: int) -> ModelPage:
    return ModelPage(
        page.book, page.name, page.texts, page.seconds, job.ledger.by_page().get(number, Total()), page.warnings
    )
