"""What an attempt learns for its series: translations of models and people, never a gloss or a text that was kept."""

from __future__ import annotations

import threading
from collections.abc import Iterable

from contract.glossary import MAX_TERM
from contract.memory import MAX_TEXT, Pair, PairOrigin
from contract.series import MAX_NEW_TERMS, MAX_PAIRS, MAX_UPDATE_BYTES, MAX_USED, NewTerm, SeriesUpdate
from contract.source_form import exact_form
from translator.pipeline.types import Origin, Translation

_ORIGINS = {Origin.MODEL: PairOrigin.MODEL, Origin.USER: PairOrigin.USER}


def teaches(source: str, translation: Translation) -> bool:
    """Whether a translation may be used again wherever its text comes: a true one, and without a doubt noted."""
    same = "".join(source.split()) == "".join(translation.text.split())
    return (
        translation.origin in _ORIGINS
        and not translation.note
        and not same
        and bool(exact_form(source) and translation.text.strip())
    )


class Lessons:
    """Collects; from any thread. The first translation of a text counts, as it does in the chapter."""

    def __init__(self) -> None:
        self._pairs: dict[str, Pair] = {}
        self._used: dict[str, str] = {}
        self._terms: dict[str, NewTerm] = {}
        self._lock = threading.Lock()

    def translated(self, source: str, translation: Translation) -> None:
        """A text and its translation; it is left out where it does not teach."""
        if teaches(source, translation) and max(len(source), len(translation.text)) <= MAX_TEXT:
            with self._lock:
                pair = Pair(source, translation.text, _ORIGINS[translation.origin])
                self._pairs.setdefault(exact_form(source), pair)

    def used(self, source: str) -> None:
        """A text of the memory was of use."""
        with self._lock:
            self._used.setdefault(exact_form(source), source)

    def proposed(self, terms: Iterable[NewTerm]) -> None:
        """Terms that a model proposes."""
        with self._lock:
            for term in terms:
                if term.term and term.translation and max(len(term.term), len(term.translation)) <= MAX_TERM:
                    self._terms.setdefault(exact_form(term.term), term)

    @property
    def update(self) -> SeriesUpdate:
        """All of it, within the bounds of a series' update: what came last is left out first."""
        with self._lock:
            pairs, used = list(self._pairs.values())[:MAX_PAIRS], list(self._used.values())[:MAX_USED]
            terms = tuple(self._terms.values())[:MAX_NEW_TERMS]
        update = SeriesUpdate(tuple(pairs), tuple(used), terms)
        while len(update.to_bytes()) > MAX_UPDATE_BYTES:
            pairs, used = pairs[: len(pairs) * 3 // 4], used[: len(used) // 2]
            update = SeriesUpdate(tuple(pairs), tuple(used), terms)
        return update
