"""What is translated without any key, besides what the series knows: a gloss, which says that it is one."""

from __future__ import annotations

import logging
import threading

from translator.engines.gloss import Gloss, GlossUnavailableError
from translator.engines.gloss_segment import has_japanese
from translator.pipeline.memory import same_language
from translator.pipeline.protocols import Pacing, SourceText, TranslateRequest
from translator.pipeline.types import Origin, Translation

GLOSS_NOTE = "word-by-word gloss, not a translation"
_log = logging.getLogger(__name__)


class KeylessTranslator:
    """The gloss, else the source text kept and marked as kept, each with a note saying why.

    Never raises for a text; every id asked is answered once, in the order asked. Safe to share by threads.
    """

    name = "keyless"
    pacing = Pacing(context_pages=0)

    def __init__(self, gloss: Gloss | None) -> None:
        self._gloss = gloss
        self._warned = threading.Event()

    def translate(self, request: TranslateRequest) -> tuple[Translation, ...]:
        """One answer for each distinct id of ``request.texts``; of an id asked twice the first text is answered."""
        asked = {text.region_id: text for text in reversed(request.texts)}
        ids = dict.fromkeys(text.region_id for text in request.texts)
        return tuple(self._answer(asked[region_id], request) for region_id in ids)

    def _answer(self, text: SourceText, request: TranslateRequest) -> Translation:
        if same_language(request.source, request.target):
            return _kept(text, f"source and target are both {request.target}")
        if not text.text.strip():
            return _kept(text, "no text was read")
        return self._glossed(text, request)

    def _glossed(self, text: SourceText, request: TranslateRequest) -> Translation:
        if self._gloss is None:
            return _kept(text, "not in the series memory, and no gloss is configured")
        if not (same_language(request.source, Gloss.source) and same_language(request.target, Gloss.target)):
            return _kept(text, f"the offline gloss is for ja to en, not for {request.source} to {request.target}")
        if not has_japanese(text.text) and any(c.isalnum() for c in text.text):
            return _kept(text, "nothing Japanese in the text")
        try:
            return Translation(text.region_id, self._gloss.gloss(text.text), Origin.GLOSS, GLOSS_NOTE)
        except GlossUnavailableError as error:
            self._warn_once(error)
            return _kept(text, f"the offline gloss is unavailable: {error.detail}")

    def _warn_once(self, error: GlossUnavailableError) -> None:
        if not self._warned.is_set():
            self._warned.set()
            _log.warning("texts are kept in the source language: %s", error.detail)


def _kept(text: SourceText, note: str) -> Translation:
    return Translation(text.region_id, text.text, Origin.KEPT_SOURCE, note)
