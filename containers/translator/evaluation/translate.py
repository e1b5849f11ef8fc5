"""Translates the annotated texts of pages with the model that is configured, and measures what came of it.

Each book is translated as a chapter is: with the pages before as context, repeated lines asked once, the glossary's
terms told. The texts are the annotated ones, so that the translation alone is measured; end to end, they are what the
engines read of them.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
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
        found = tuple(
            page for _, book in groupby(given, key=lambda one: one.truth.page.book) for page in run.book(tuple(book))
        )
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

    @property
    def pacing(self) -> Pacing:
        return self._inner.pacing

    def translate(self, request: TranslateRequest) -> tuple[Translation, ...]:
        return self.translate_pages((request,))[0].translations

    def translate_pages(self, requests: Sequence[TranslateRequest]) -> Sequence[PageAnswers]:
        self.asked += sum(len(request.texts) for request in requests)
        return self._inner.translate_pages(requests)


class _Run:
    """The books, one after the other, and the account of all."""

    def __init__(
        self, plan: TranslatePlan, service: TranslationService, glossary: Glossary, progress: Progress, pages: int
    ) -> None:
        self._plan, self._service, self._glossary = plan, service, glossary
        self._progress, self._pages, self._done = progress, pages, 0
        self.asked, self.used, self.currency = 0, Total(), "USD"

    def book(self, given: Sequence[_Given]) -> Iterator[ModelPage]:
        job = self._service.for_job(JobScope(glossary=self._glossary))
        counted = _Counted(job.translator)
        translator = SeriesTranslator(counted, glossary=self._glossary)
        size = counted.pacing.pages_per_call
        context: deque[Pairs] = deque(maxlen=counted.pacing.context_pages)
        found: list[ModelPage] = []
        for start in range(0, len(given), size):
            group = given[start : start + size]
            requests = [self._request(n, one, tuple(context)) for n, one in enumerate(group, start=start + 1)]
            pages = _translated(group, requests, translator)
            context.extend(_pairs(page, waits=counted.pacing.waits) for page in pages)
            found += pages
            self._done += len(pages)
            self._progress(self._done, self._pages, f"{pages[-1].book} {pages[-1].name}")
        self._enter(job, counted.asked)
        for number, page in enumerate(found, start=1):
            yield _with_account(page, job, number)

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


def _translated(
    given: Sequence[_Given], requests: Sequence[TranslateRequest], translator: SeriesTranslator
) -> list[ModelPage]:
    """Pages of one call; each takes its share of the time."""
    started = time.perf_counter()
    answers = translator.translate_pages(requests)
    seconds = (time.perf_counter() - started) / len(requests)
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


def _pairs(page: ModelPage, *, waits: bool) -> Pairs:
    """What the pages after this one are told of it, as in a job: its translations, or its texts where none waits."""
    if not waits:
        return tuple((text.source, "") for text in page.texts)
    return tuple((text.source, text.translation) for text in page.texts if text.is_translated)


def _with_account(page: ModelPage, job: JobTranslator, number: int) -> ModelPage:
    return ModelPage(
        page.book, page.name, page.texts, page.seconds, job.ledger.by_page().get(number, Total()), page.warnings
    )
