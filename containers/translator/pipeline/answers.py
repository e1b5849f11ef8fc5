"""A translator's answers are untrusted: ids in, ids out, and what was not translated never passes as a translation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from translator.pipeline.protocols import SourceText
from translator.pipeline.types import Origin, Translation


@dataclass(frozen=True, slots=True)
class Settled:
    """One translation for each text that was asked for, and what was wrong with the answers."""

    translations: dict[str, Translation]
    warnings: tuple[str, ...]


def settle(texts: Sequence[SourceText], answers: Sequence[Translation]) -> Settled:
    """Takes the first answer to each text; a text without a usable one is kept and says so."""
    asked = {text.region_id: text for text in texts}
    given: dict[str, Translation] = {}
    doubled = 0
    for answer in answers:
        if answer.region_id in given:
            doubled += 1
        elif answer.region_id in asked:
            given[answer.region_id] = answer
    unasked = sum(answer.region_id not in asked for answer in answers)
    missing = len(asked) - len(given)
    settled = {name: _usable(text, given.get(name)) for name, text in asked.items()}
    counts = ((missing, "texts got no answer"), (doubled, "texts got two answers"), (unasked, "answers to no text"))
    return Settled(settled, tuple(f"translate: {count} {what}" for count, what in counts if count))


def kept(region_id: str, why: str) -> Translation:
    """No translation: the original lettering stays."""
    return Translation(region_id, "", Origin.KEPT_SOURCE, why)


def erased(region_id: str, why: str) -> Translation:
    """No translation, because none is wanted: the lettering goes."""
    return Translation(region_id, "", Origin.NONE, why)


def summary(translations: Sequence[Translation]) -> tuple[str, ...]:
    """What a reader must know of a page's translations before trusting them."""
    glosses = sum(translation.origin is Origin.GLOSS for translation in translations)
    if not glosses:
        return ()
    return (f"translate: {glosses} of {len(translations)} texts are only a word-by-word gloss",)


def _usable(text: SourceText, answer: Translation | None) -> Translation:
    if answer is None:
        return kept(text.region_id, "the translator gave no answer")
    if answer.origin is Origin.KEPT_SOURCE:
        return answer if answer.is_unpaid else kept(text.region_id, answer.note or "the translator kept the source")
    if not answer.text.strip():
        return kept(text.region_id, "the translator's answer was empty")
    if _is_source(text.text, answer):
        return kept(text.region_id, "the translator's answer was the source text")
    return answer


def _is_source(source: str, answer: Translation) -> bool:
    """Whether an answer only repeats its source. ASCII ("OK!", "3000") may well be the same in both languages."""
    if answer.origin is Origin.USER or source.isascii():
        return False
    return "".join(answer.text.split()) == "".join(source.split())
