"""How well translations were set: the figures, and the document of ``--json``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import fmean, median
from typing import Any

import numpy as np

from translator.evaluation.figure import Better, Figure, Unit
from translator.evaluation.typeset_breaks import Breaks
from translator.evaluation.typeset_page import SetText, TypesetPage

_TINY = 0.7
"""Share of a page's usual size below which a text stands out as small."""

_CLOSE = 0.3
"""Air in letter sizes below which a text looks squeezed into its balloon."""


@dataclass(frozen=True, slots=True)
class TypesetScore:
    """The texts and pages that were set."""

    pages: tuple[TypesetPage, ...]

    @property
    def texts(self) -> tuple[SetText, ...]:
        return tuple(text for page in self.pages for text in page.texts)

    @property
    def sizes(self) -> tuple[int, ...]:
        return tuple(size for page in self.pages for size in page.balloon_sizes)

    @property
    def spreads(self) -> tuple[float, ...]:
        return tuple(page.spread for page in self.pages if page.spread is not None)

    @property
    def tiny(self) -> int:
        return sum(
            size < _TINY * usual for page in self.pages if (usual := page.usual_size) for size in page.balloon_sizes
        )

    @property
    def figures(self) -> tuple[Figure, ...]:
        return (*self._places(), *self._air(), *self._sizes(), *self._breaks(), *self._seconds())

    def _places(self) -> tuple[Figure, ...]:
        texts, lower = self.texts, Better.LOWER
        outside = [text.outside_px for text in texts]
        overflow = sum(text.placement is not None and text.placement.overflow for text in texts)
        not_set = sum(text.placement is None for text in texts)
        return (
            Figure("ink_outside", "ink outside its balloon", sum(outside), Unit.PX, lower, 0.0),
            Figure("texts_outside", "texts with such ink", sum(px > 0 for px in outside), Unit.COUNT, lower, 0.0),
            Figure("overflow", "texts marked overflow", overflow / max(1, len(texts)), Unit.PERCENT, lower, 0.005),
            Figure("not_set", "texts that were not set", not_set, Unit.COUNT, lower, 0.0),
        )

    def _air(self) -> tuple[Figure, ...]:
        air = [text.air_em for text in self.texts if text.air_em is not None] or [0.0]
        close = sum(em < _CLOSE for em in air) / len(air)
        tight, usual = (float(value) for value in np.percentile(air, (5, 50)))
        higher = Better.HIGHER
        return (
            Figure("air_least", "air around a text in letter sizes, 5th percentile", tight, Unit.RATIO, higher),
            Figure("air_usual", "the same, median", usual, Unit.RATIO, higher),
            Figure("close", f"texts with less than {_CLOSE} of a letter's size", close, Unit.PERCENT, Better.LOWER),
        )

    def _sizes(self) -> tuple[Figure, ...]:
        sizes, spreads = self.sizes or (0,), self.spreads or (1.0,)
        higher, lower = Better.HIGHER, Better.LOWER
        return (
            Figure("size_least", "smallest letters in a balloon", min(sizes), Unit.PX, higher),
            Figure("size_usual", "usual letters in a balloon", median(sizes), Unit.PX, Better.NEITHER),
            Figure("tiny", f"texts below {_TINY} of their page's size", self.tiny / len(sizes), Unit.PERCENT, lower),
            Figure("spread", "largest by smallest size of a page, median", median(spreads), Unit.RATIO, lower),
            Figure("spread_most", "the same, of the worst page", max(spreads), Unit.RATIO, lower),
        )

    def _breaks(self) -> tuple[Figure, ...]:
        breaks = [text.breaks or Breaks() for text in self.texts]
        words = sum(len(text.text.split()) for text in self.texts)
        hyphens = 1000 * sum(one.hyphens for one in breaks) / max(1, words)
        unlike = sum(text.breaks is None for text in self.texts)
        lower = Better.LOWER
        return (
            Figure("hyphens", "words divided with a hyphen, by 1,000 words", hyphens, Unit.COUNT, lower),
            Figure(
                "broken_words", "words broken without a hyphen", sum(one.broken for one in breaks), Unit.COUNT, lower, 0
            ),
            Figure("unlike", "texts whose letters were not all set", unlike, Unit.COUNT, lower, 0),
        )

    def _seconds(self) -> tuple[Figure, ...]:
        wall = fmean([page.seconds for page in self.pages] or [0.0])
        work = fmean([page.processor_s for page in self.pages] or [0.0])
        return (
            Figure("seconds_typeset", "seconds a page", wall, Unit.SECONDS, Better.LOWER, 0.15),
            Figure("processor_seconds", "processor seconds a page, all threads", work, Unit.SECONDS, Better.LOWER),
        )


def typeset_document(page: TypesetPage) -> Mapping[str, Any]:
    """A page as JSON."""
    return {
        "book": page.truth.book,
        "page": page.truth.name,
        "seconds": round(page.seconds, 4),
        "warnings": list(page.warnings),
        "texts": [_text(text) for text in page.texts],
    }


def _text(text: SetText) -> Mapping[str, Any]:
    placed = text.placement
    return {
        "id": text.region.id,
        "text": text.text,
        "in_balloon": text.region.balloon is not None,
        "lines": [line.text for line in placed.lines] if placed else [],
        "font": placed.font if placed else None,
        "size_px": placed.size_px if placed else None,
        "overflow": placed.overflow if placed else None,
        "outside_px": text.outside_px,
        "air_em": None if text.air_em is None else round(text.air_em, 3),
        "hyphens": text.breaks.hyphens if text.breaks else None,
        "broken_words": text.breaks.broken if text.breaks else None,
    }
