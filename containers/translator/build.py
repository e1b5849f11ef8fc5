"""The engines that ship: the one module of the container that knows them by name.

What an optional engine needs (gigabytes of packages) is imported only where it is configured.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import Any

from contract.engines import DEFAULT_ENGINE, OPTIONAL, READABLE, EngineRole
from contract.errors import BadMessage
from contract.languages import reading_language
from contract.translation import TranslationWish
from contract.usage import Usage
from translator.config import Config
from translator.engines.geometric_orderer import GeometricOrderer
from translator.engines.gloss import Gloss
from translator.engines.keyless import KeylessTranslator
from translator.engines.openai_model import OpenAiModel
from translator.engines.ppocr_detector import DetectorSettings, PpOcrDetector
from translator.engines.ppocr_models import Device
from translator.engines.ppocr_reader import PpOcrReader, ReaderSettings
from translator.pipeline.clean import CropCleaner
from translator.pipeline.fonts import FontBook
from translator.pipeline.pipeline import Stages
from translator.pipeline.protocols import Cleaner, Detector, Reader
from translator.pipeline.typeset import BalloonTypesetter
from translator.series_scope import NO_SERIES, SeriesScope
from translator.stages import StageOrder, Unsupported
from translator.translation.factory import JobScope, Maker, TranslationService
from translator.translation.ledger import Budget, Ledger, Total
from translator.translation.model import ApiKey, ModelSettings
from translator.translation.model import Usage as TokenUsage
from translator.translation.settings import SettingsError, TranslationSettings
from translator.translation.style import DictionaryError
from translator.weights import weights_of

GEMINI = "gemini"


class EngineUnavailable(Exception):  # noqa: N818
    """An engine that is configured cannot be built: packages or settings are missing."""


def load_engines(config: Config) -> Engines:
    """Loads every model; takes seconds.

    Raises ``WeightsError``, :class:`EngineUnavailable`, and what an engine raises that lacks its files or its device.
    """
    return Engines(config)


class Engines:
    """The engines of a process, as a :class:`~translator.stages.StageFactory`. Jobs share the loaded models."""

    def __init__(self, config: Config) -> None:
        self._config, self._set = config, config.engines
        threads, device = config.threads_a_reader, Device(config.device)
        self._default_reader = PpOcrReader(ReaderSettings(threads=threads, device=device))
        self._typesetter = BalloonTypesetter(FontBook(config.fonts_dir))
        self._keyless = KeylessTranslator(Gloss())
        self._services = {name: load_service(settings) for name, settings in config.translators.items()}
        if config.translation is not None:
            self._services[DEFAULT_ENGINE] = load_service(config.translation)
        lines = PpOcrDetector(DetectorSettings(threads=threads, device=device))
        self._detectors: dict[str, Detector] = {DEFAULT_ENGINE: lines}
        self._readers: dict[str, Callable[[str], Reader]] = {DEFAULT_ENGINE: self._default_reader.for_language}
        self._cleaners: dict[str, Cleaner] = {DEFAULT_ENGINE: CropCleaner()}
        for name in self._set.optional:
            if OPTIONAL[name].role is EngineRole.DETECTOR:
                self._detectors[name] = _hub_detector(name, config, lines)
            elif name == GEMINI:
                self._readers[name] = _gemini_readers(config, self._readers[DEFAULT_ENGINE])
            elif OPTIONAL[name].role is EngineRole.READER:
                self._readers[name] = _hub_readers(name, config)
            elif OPTIONAL[name].role is EngineRole.CLEANER:
                self._cleaners[name] = _lama_cleaner(name, config)

    @property
    def engines(self) -> Mapping[str, str]:
        return self.stages(StageOrder("ja", "en")).names

    def check(self, order: StageOrder) -> None:
        options = order.options
        try:
            options.check_engines(self._set, source=order.source, target=order.target)
        except BadMessage as error:
            raise Unsupported(error.field, error.detail) from None
        service = self._services.get(options.translator)
        if service is not None and options.translation.styles:
            _check_styles(service, order.source, order.target, options.translation.styles)

    def stages(
        self, order: StageOrder, *, scope: SeriesScope = NO_SERIES, cancelled: Callable[[], bool] | None = None
    ) -> Stages:
        self.check(order)
        options = order.options
        stages = Stages(
            detector=self._detectors[options.detector],
            reader=self._readers[options.reader](reading_language(order.source)),
            orderer=GeometricOrderer(order.source),
            translator=self._keyless,
            cleaner=self._cleaners[options.cleaner],
            typesetter=self._typesetter,
        )
        service = self._services.get(options.translator)
        if service is None:
            return stages
        made = service.for_job(job_scope(service, scope, options.translation, cancelled))
        return replace(stages, translator=made.translator, account=LedgerAccount(made.ledger))


def _hub_detector(name: str, config: Config, lines: Detector) -> Detector:
    folder = weights_of(name, config.weights_manifest).check(config.weights_dir)
    with _packages_of(name):
        from translator.engines.hub_detector import HubDetector
    return HubDetector(name, folder, lines, device=Device(config.device))


def _lama_cleaner(name: str, config: Config) -> CropCleaner:
    folder = weights_of(name, config.weights_manifest).check(config.weights_dir)
    with _packages_of(name):
        from translator.engines.lama_cleaner import lama_cleaner
    return lama_cleaner(folder, device=Device(config.device))


def _hub_readers(name: str, config: Config) -> Callable[[str], Reader]:
    folder = weights_of(name, config.weights_manifest).check(config.weights_dir)
    with _packages_of(name):
        from translator.engines.hub_reader import HubReader
    reader = HubReader(name, folder, device=Device(config.device))
    return lambda _: reader


def _gemini_readers(config: Config, default: Callable[[str], Reader]) -> Callable[[str], Reader]:
    """A reader for a language, with the default one behind it where that can read it."""
    if config.gemini_reader is None:
        raise EngineUnavailable(f"{GEMINI}: no model is configured")
    with _packages_of(GEMINI):
        from translator.engines.gemini_model import GeminiModel
        from translator.engines.gemini_reader import GeminiReader
    access = config.gemini_reader
    model = GeminiModel(ModelSettings(access.name, access.base_url, stream=False), ApiKey(access.key))

    def reader(language: str) -> Reader:
        return GeminiReader(model, default(language) if language in READABLE else None, language=language)

    return reader


def load_service(settings: TranslationSettings) -> TranslationService:
    """A model's service, once the model was found. Raises :class:`EngineUnavailable`."""
    makers: dict[str, Maker] = {"openai": OpenAiModel}
    if "gemini_hq" in settings.engines:
        with _packages_of("gemini_hq"):
            from translator.engines.gemini_model import GeminiModel
        makers["gemini_hq"] = GeminiModel
    try:
        service = TranslationService(settings, makers)
        with ExitStack() as unless_checked:
            unless_checked.callback(service.close)
            service.check()
            unless_checked.pop_all()
    except (SettingsError, DictionaryError) as error:
        raise EngineUnavailable(str(error)) from None
    return service


def _check_styles(service: TranslationService, source: str, target: str, styles: Sequence[str]) -> None:
    try:
        service.check_styles(source=source, target=target, styles=styles)
    except DictionaryError as error:
        raise Unsupported("options.translation.styles", str(error)) from None


def job_scope(
    service: TranslationService, scope: SeriesScope, wish: TranslationWish, cancelled: Callable[[], bool] | None
) -> JobScope:
    """The job's own wishes over the deployment's manner."""
    usual, asked = service.settings.manner, wish
    manner = replace(
        usual,
        context_pages=usual.context_pages if asked.context_pages is None else asked.context_pages,
        context=asked.context or usual.context,
        pages_per_call=asked.pages_per_call or usual.pages_per_call,
        styles=usual.styles if asked.styles is None else asked.styles,
    )
    budget = Budget(asked.budget.cost, asked.budget.tokens, asked.budget.calls)
    return JobScope(budget, scope.glossary, cancelled, manner, scope.decisions, before(scope.used))


def before(used: Usage) -> Total:
    """What reports say of a job's attempts before, as its ledger has it."""
    tokens = TokenUsage(used.input_tokens, used.output_tokens)
    return Total(used.calls, tokens, used.cost_micros / 1_000_000, used.unpriced_calls)


class LedgerAccount:
    """A job's ledger, as an :class:`~translator.pipeline.account.Account`."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def total(self) -> Usage:
        return _usage(self._ledger.total)

    def of_page(self, page: int) -> Usage:
        return _usage(self._ledger.by_page().get(page, Total()))

    def to_json(self) -> Mapping[str, Any]:
        return self._ledger.to_json()


def _usage(total: Total) -> Usage:
    micros = round(total.cost * 1_000_000)
    return Usage(total.calls, total.usage.input, total.usage.output, micros, total.unpriced)


@contextmanager
def _packages_of(name: str) -> Iterator[None]:
    try:
        yield
    except ImportError as error:
        raise EngineUnavailable(
            f"ENGINES names {name}, and the package {error.name} is not installed (requirements-engines.txt)"
        ) from None
