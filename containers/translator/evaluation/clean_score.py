"""How well pages were cleaned: the figures, and the document of ``--json``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import fmean
from typing import Any

from translator.evaluation.clean_page import CleanedPage
from translator.evaluation.figure import Better, Figure, Unit


@dataclass(frozen=True, slots=True)
class CleanScore:
    """Sums over pages."""

    pages: int
    texts: int
    blocks: int
    left: int
    outside_px: int
    seconds: float
    processor_s: float

    @classmethod
    def of(cls, pages: tuple[CleanedPage, ...]) -> CleanScore:
        """``texts`` are those that are annotated, ``blocks`` those of them that were found and cleaned."""
        return cls(
            len(pages),
            sum(len(page.truth.scored) for page in pages),
            sum(len(page.pairs) for page in pages),
            sum(len(page.left) for page in pages),
            sum(page.outside_px for page in pages),
            fmean([page.seconds for page in pages] or [0.0]),
            fmean([page.processor_s for page in pages] or [0.0]),
        )

    @property
    def figures(self) -> tuple[Figure, ...]:
        left, lower = self.left / max(1, self.blocks), Better.LOWER
        return (
            Figure("text_left", "blocks in which text is still found", left, Unit.PERCENT, lower, 0.01),
            Figure("changed_outside", "pixels changed beyond the margin", self.outside_px, Unit.PX, lower, 0.0),
            Figure("seconds_clean", "seconds a page", self.seconds, Unit.SECONDS, lower, 0.3),
            Figure("processor_seconds", "processor seconds a page, all threads", self.processor_s, Unit.SECONDS, lower),
        )


def cleaned_document(page: CleanedPage) -> Mapping[str, Any]:
    """A page as JSON."""
    return {
        "book": page.truth.book,
        "page": page.truth.name,
        "blocks": [{"id": pair.region.id, "box": pair.region.box.to_json()} for pair in page.pairs],
        "left": list(page.left),
        "changed_outside": page.outside_px,
        "seconds": round(page.seconds, 4),
    }
