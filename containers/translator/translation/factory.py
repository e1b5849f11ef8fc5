"""From settings to a translator: what a process loads once, and what each job gets of it.

The models' classes are engines, which nothing here may import: whoever builds the engines passes them in.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from translator.translation.asking import Asker
from translator.translation.decided import Decisions, FileDecisions, MemoryDecisions
from translator.translation.glossary import Glossary
from translator.translation.keys import KeyPool
from translator.translation.ladder import rungs
from translator.translation.ledger import NOTHING_SPENT, Budget, Ledger, Total
from translator.translation.model import ApiKey, BadCredentials, ChatModel, ModelError, ModelSettings, UnknownModel
from translator.translation.prices import Prices
from translator.translation.replacements import Replacements
from translator.translation.settings import Endpoint, SettingsError, TranslationSettings
from translator.translation.style import StyleBook
from translator.translation.translate import LlmTranslator, Manner
from translator.translation.waiting import Clockwork

_LOG = logging.getLogger(__name__)

Maker = Callable[[ModelSettings, ApiKey], ChatModel]
"""What makes a model of an engine, for one key."""


@dataclass(frozen=True, slots=True)
class JobScope:
    """What belongs to one job: nothing of it is ever seen by another."""

    budget: Budget = field(default_factory=Budget)
    glossary: Glossary = field(default_factory=Glossary)
    cancelled: Callable[[], bool] | None = None
    manner: Manner | None = None
    """How this job is translated; None for the process's own manner."""
    decisions: Decisions | None = None
    """Where this job's translations are kept; None for the process's own store."""
    used: Total = NOTHING_SPENT
    """What the job has spent of its budget before, elsewhere."""


@dataclass(frozen=True, slots=True)
class JobTranslator:
    """A job's translator, and the account of what it cost."""

    translator: LlmTranslator
    ledger: Ledger


class TranslationService:
    """What is loaded once in a process: prompts, prices, tables, models and their keys."""

    def __init__(
        self, settings: TranslationSettings, makers: Mapping[str, Maker], *, clockwork: Clockwork | None = None
    ) -> None:
        """``makers`` by engine. Raises ``DictionaryError`` and :class:`SettingsError`; makes no call."""
        self.settings = settings
        self._clockwork = clockwork or Clockwork()
        self._book = StyleBook.load(settings.dict_dir)
        self._book.style(source="ja", target="en", styles=settings.manner.styles)
        self._prices = Prices.load(settings.dict_dir)
        self._replacements = Replacements.load(settings.dict_dir)
        self._store = _store(settings)
        self._primary = self._pool(settings.primary, makers)
        self._fallback = self._pool(settings.fallback, makers) if settings.fallback else None

    @property
    def styles(self) -> tuple[str, ...]:
        """The names that a job's manner may have in ``styles``."""
        return self._book.styles

    def check(self) -> None:
        """Asks each endpoint, at no cost, whether it has the model and takes the keys. Raises :class:`SettingsError`.

        One wrong key among several is a warning. An endpoint that cannot be reached is one too: it may come back, and
        then its calls say what is wrong.
        """
        pairs = [(self._primary, self.settings.primary)]
        if self._fallback is not None and self.settings.fallback is not None:
            pairs.append((self._fallback, self.settings.fallback))
        for pool, endpoint in pairs:
            _check(pool, endpoint)

    def check_styles(self, *, source: str, target: str, styles: Sequence[str]) -> None:
        """Raises ``DictionaryError`` for a style that ``dict/`` does not have."""
        self._book.style(source=source, target=target, styles=tuple(styles))

    def for_job(self, scope: JobScope, *, closing: Callable[[], None] | None = None) -> JobTranslator:
        """A translator for one job. Quick. Closing it calls ``closing``, and nothing where that is None.

        Raises ``DictionaryError`` for a style that there is not.
        """
        settings = self.settings
        manner = scope.manner or settings.manner
        self._book.style(source="ja", target="en", styles=manner.styles)
        clockwork = Clockwork(
            self._clockwork.clock,
            self._clockwork.sleep,
            self._clockwork.jitter,
            scope.cancelled or self._clockwork.cancelled,
        )
        ledger = Ledger(self._prices, scope.budget, scope.used)
        primary = Asker(self._primary, ledger, clockwork, settings.patience)
        fallback = self._fallback if self._has_known_cost(self._fallback, scope.budget) else None
        second = Asker(fallback, ledger, clockwork, settings.patience) if fallback else None
        ladder = rungs(
            primary,
            second,
            vision=settings.primary.model.vision,
            fallback_vision=settings.fallback is not None and settings.fallback.model.vision,
        )
        translator = LlmTranslator(
            name=settings.name,
            ladder=ladder,
            book=self._book,
            clockwork=clockwork,
            patience=settings.patience,
            manner=manner,
            glossary=scope.glossary,
            decisions=scope.decisions if scope.decisions is not None else self._store,
            replacements=self._replacements,
            closing=closing or _nothing,
        )
        return JobTranslator(translator, ledger)

    def close(self) -> None:
        """Lets go of all connections."""
        for pool in (self._primary, self._fallback):
            for model in pool.models if pool else ():
                model.close()

    def _has_known_cost(self, pool: KeyPool | None, budget: Budget) -> bool:
        """Whether a model may be fallen back to: under a cap on cost, one without a price would end the budget."""
        return pool is None or budget.cost is None or self._prices.price(pool.name) is not None

    def _pool(self, endpoint: Endpoint, makers: Mapping[str, Maker]) -> KeyPool:
        maker = makers.get(endpoint.engine)
        if maker is None:
            raise SettingsError("TRANSLATOR", f"{endpoint.engine} is not built in here")
        models = [(key, maker(endpoint.model, key)) for key in endpoint.keys]
        return KeyPool(models, clock=self._clockwork.clock, per_minute=self.settings.requests_per_minute)


def build_translator(settings: TranslationSettings, makers: Mapping[str, Maker]) -> LlmTranslator:
    """A ``PageTranslator`` without job, budget or glossary, which owns its models: for single pages, and for
    evaluation."""
    service = TranslationService(settings, makers)
    return service.for_job(JobScope(), closing=service.close).translator


def _store(settings: TranslationSettings) -> Decisions:
    if settings.store is None:
        return MemoryDecisions()
    try:
        return FileDecisions(settings.store)
    except OSError as error:
        raise SettingsError("TRANSLATION_STORE", f"{settings.store} cannot be a folder: {error.strerror}") from None


def _nothing() -> None:
    """The models belong to the process."""


def _check(pool: KeyPool, endpoint: Endpoint) -> None:
    prefix = "GEMINI" if endpoint.engine.startswith("gemini") else "OPENAI"
    refused = []
    for key, model in zip(pool.keys, pool.models, strict=True):
        began = time.monotonic()
        try:
            model.check()
        except UnknownModel as error:
            raise SettingsError(
                f"{prefix}_MODEL", f"{error}; check the name, or whether the model was retired"
            ) from None
        except BadCredentials as error:
            refused.append(f"{key.label}: {error.detail}")
            pool.retire(key, error.detail)
        except ModelError as error:
            seconds = round(time.monotonic() - began, 1)
            _LOG.warning(
                "a model could not be checked", extra={"model": model.name, "detail": error.detail, "s": seconds}
            )
            return
    if len(refused) == len(pool):
        raise SettingsError(f"{prefix}_API_KEY", "; ".join(refused))
    if refused:
        _LOG.warning("keys are refused", extra={"model": pool.name, "detail": refused})
