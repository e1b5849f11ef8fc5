"""A stage factory of tiny stages whose translator is a real one, on a wire-level server."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from tests.translator.tiny_stages import Script, TinyFactory
from translator.build import LedgerAccount, job_scope
from translator.pipeline.pipeline import Stages
from translator.series_scope import NO_SERIES, SeriesScope
from translator.stages import StageOrder
from translator.translation.factory import TranslationService


class ModelFactory(TinyFactory):
    """``script.scopes`` has what each job was given of its series."""

    def __init__(self, script: Script, service: TranslationService) -> None:
        super().__init__(script)
        self._service = service

    def stages(
        self, order: StageOrder, *, scope: SeriesScope = NO_SERIES, cancelled: Callable[[], bool] | None = None
    ) -> Stages:
        made = self._service.for_job(job_scope(self._service, scope, order.options.translation, cancelled))
        self.script.scopes.append(scope)
        return replace(self._stages(), translator=made.translator, account=LedgerAccount(made.ledger))
