"""How well a model translated: chrF++ against people's translations, terms, and what it took."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import fmean
from typing import Any

from translator.evaluation.figure import Better, Figure, Unit
from translator.pipeline.types import Origin
from translator.translation.glossary import Glossary
from translator.translation.ledger import NOTHING_SPENT, Total

_WORD_ORDER = 2
"""With words of up to two besides characters of up to six, chrF is chrF++."""
_UNSPACED = frozenset({"zh", "ja"})
_DOTS = re.compile(r"(?:…|⋯|·{2,}|・{2,}|\.{2,})+")
_MARKS = str.maketrans("‘’“”", "''\"\"")


@dataclass(frozen=True, slots=True)
class ModelText:
    """A text as the model was given it, the translation that a person made, and the model's; ``""`` where there is
    none."""

    source: str
    reference: str
    translation: str
    origin: Origin
    note: str = ""

    @property
    def is_translated(self) -> bool:
        return self.origin is not Origin.KEPT_SOURCE and bool(self.translation.strip())


@dataclass(frozen=True, slots=True)
class ModelPage:
    """A translated page. ``used`` is its share of the calls that were made."""

    book: str
    name: str
    texts: tuple[ModelText, ...]
    seconds: float = 0.0
    used: Total = NOTHING_SPENT
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TranslateScore:
    """``asked`` is how many texts the model was asked for, ``used`` the account of all calls. ``glossary`` has the
    terms that are to be used, if any."""

    pages: tuple[ModelPage, ...]
    target: str
    asked: int = 0
    used: Total = NOTHING_SPENT
    currency: str = "USD"
    glossary: Glossary | None = None

    @property
    def texts(self) -> tuple[ModelText, ...]:
        return tuple(text for page in self.pages for text in page.texts)

    @property
    def translated(self) -> int:
        return sum(text.is_translated for text in self.texts)

    @property
    def terms(self) -> tuple[int, int]:
        """Terms that occur, text by text, and those of them that the translation uses."""
        glossary = self.glossary or Glossary()
        occur = sum(len(glossary.missed(text.source, "")) for text in self.texts)
        missed = sum(len(glossary.missed(text.source, _answer(text))) for text in self.texts)
        return occur, occur - missed

    @property
    def figures(self) -> tuple[Figure, ...]:
        """The cost is among them where every call has a price, term accuracy where there are terms."""
        return (*self._quality(), *self._terms(), *self._work(), *self._cost())

    def _quality(self) -> tuple[Figure, ...]:
        count = max(1, len(self.texts))
        higher = Better.HIGHER
        return (
            Figure("chrf", "chrF++ against people's translations, of 100", self._chrf(), Unit.SCORE, higher),
            Figure("translated", "texts that were translated", self.translated / count, Unit.PERCENT, higher),
        )

    def _chrf(self) -> float:
        """A text without a translation counts with nothing."""
        judged = [text for text in self.texts if text.reference.strip()]
        if not judged:
            return 0.0
        # Of an extra of its own (eval), which nothing else here needs.
        from sacrebleu.metrics.chrf import CHRF

        said = [comparable(_answer(text), self.target) for text in judged]
        wanted = [comparable(text.reference, self.target) for text in judged]
        return float(CHRF(word_order=_WORD_ORDER).corpus_score(said, [wanted]).score)

    def _terms(self) -> tuple[Figure, ...]:
        if self.glossary is None:
            return ()
        occur, used = self.terms
        name = f"terms of the glossary that were used, of {occur}"
        return (Figure("term_accuracy", name, used / max(1, occur), Unit.PERCENT, Better.HIGHER),)

    def _work(self) -> tuple[Figure, ...]:
        pages, tokens = max(1, len(self.pages)), self.used.usage
        given = sum(bool(text.source.strip()) for text in self.texts)
        spared = (given - self.asked) / max(1, given)
        seconds = fmean([page.seconds for page in self.pages] or [0.0])
        lower = Better.LOWER
        return (
            Figure("spared", "texts not asked: repeats and terms", spared, Unit.PERCENT, Better.HIGHER),
            Figure("calls_page", "calls a page", self.used.calls / pages, Unit.COUNT, lower),
            Figure("input_tokens_page", "tokens in, a page", round(tokens.input / pages), Unit.COUNT, lower),
            Figure("output_tokens_page", "tokens out, a page", round(tokens.output / pages), Unit.COUNT, lower),
            Figure("seconds_page", "seconds until a page is translated", seconds, Unit.SECONDS, lower),
        )

    def _cost(self) -> tuple[Figure, ...]:
        if self.used.unpriced:
            return ()
        cost = self.used.cost / max(1, len(self.pages))
        return (Figure("cost_page", f"cost a page, {self.currency}", cost, Unit.MONEY, Better.LOWER),)


def comparable(text: str, target: str) -> str:
    """``text`` as it is compared: Unicode form NFKC, in one line, with one kind of dots and quotes; ``||`` is a line's
    end in the annotation. Chinese and Japanese have no spaces."""
    dotted = _DOTS.sub("...", text.replace("||", "\n"))
    words = unicodedata.normalize("NFKC", dotted).translate(_MARKS).split()
    return ("" if target.split("-")[0] in _UNSPACED else " ").join(words)


def model_document(page: ModelPage) -> Mapping[str, Any]:
    """A page as JSON."""
    return {
        "book": page.book,
        "page": page.name,
        "seconds": round(page.seconds, 4),
        "used": page.used.to_json(),
        "warnings": list(page.warnings),
        "texts": [
            {
                "source": text.source,
                "reference": text.reference,
                "translation": _answer(text),
                "origin": text.origin.value,
                "note": text.note,
            }
            for text in page.texts
        ],
    }


def _answer(text: ModelText) -> str:
    return text.translation if text.is_translated else ""
