"""What came of a chapter: counted from the job and its page documents, as JSON and as lines for people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from contract.document import PageDocument
from contract.view import JobView, PageView
from fukidashi.chapter import Skipped

ORIGINS = {
    "memory": "from the translation memory",
    "model": "by the translation model",
    "user": "edited by hand",
    "glossary": "from the glossary",
    "gloss": "word-by-word gloss only",
    "kept_source": "left as they were",
    "none": "erased",
}
"""How a translation came about, in the order in which it is told."""


@dataclass(frozen=True, slots=True)
class PageFiles:
    """Where a page's image and document are, relative to the output folder."""

    image: str
    document: str


@dataclass(frozen=True, slots=True)
class Texts:
    """The text blocks of the pages, counted; ``pages_of`` says on which pages an origin (or ``overflow``) occurs."""

    origins: Mapping[str, int]
    pages_of: Mapping[str, tuple[int, ...]]
    overflows: int

    @classmethod
    def of(cls, documents: Sequence[PageDocument]) -> Texts:
        origins: Counter[str] = Counter()
        pages: dict[str, set[int]] = {}
        overflows = 0
        for document in documents:
            for region in document.regions:
                if region.part_of is not None:  # counted where its text is
                    continue
                origins[region.origin] += 1
                pages.setdefault(region.origin, set()).add(document.page)
                if region.placement is not None and region.placement.overflow:
                    overflows += 1
                    pages.setdefault("overflow", set()).add(document.page)
        return cls(dict(origins), {key: tuple(sorted(value)) for key, value in pages.items()}, overflows)

    @property
    def total(self) -> int:
        return sum(self.origins.values())

    def told(self) -> str:
        """``62 texts: 60 from the translation memory, 2 word-by-word gloss only``."""
        known = [key for key in ORIGINS if self.origins.get(key)]
        others = sorted(set(self.origins) - set(ORIGINS))
        parts = [f"{self.origins[key]} {ORIGINS.get(key, key)}" for key in [*known, *others]]
        noun = "text" if self.total == 1 else "texts"
        return f"{self.total} {noun}: {', '.join(parts)}" if parts else "no text found"


@dataclass(frozen=True, slots=True)
class Summary:
    """A run's result."""

    job: JobView
    texts: Texts
    files: Mapping[int, PageFiles]
    skipped: tuple[Skipped, ...]
    warnings: tuple[str, ...]
    artifacts: Mapping[str, Any]
    server: str
    elapsed_s: float

    @property
    def failed(self) -> tuple[PageView, ...]:
        return tuple(page for page in self.job.pages if page.error is not None)

    def to_json(self) -> dict[str, Any]:
        return {
            "schema": 1,
            "status": self.job.status.value,
            "job_id": self.job.id,
            "chapter_id": self.job.chapter_id,
            "series_id": self.job.series_id,
            "source": self.job.source,
            "target": self.job.target,
            "server": self.server,
            "elapsed_s": round(self.elapsed_s, 2),
            "counts": self.job.counts,
            "texts": {"total": self.texts.total, **self.texts.origins, "overflow": self.texts.overflows},
            "artifacts": dict(self.artifacts),
            "webhook": self.job.webhook.to_json(),
            "warnings": [*self.job.warnings, *self.warnings],
            "skipped": [{"name": skip.name, "reason": skip.reason} for skip in self.skipped],
            "pages": [self._page(page) for page in self.job.pages],
        }

    def _page(self, page: PageView) -> dict[str, Any]:
        files = self.files.get(page.page)
        return {
            "page": page.page,
            "name": page.name,
            "status": page.status.value,
            "image": files.image if files else None,
            "document": files.document if files else None,
            "width": page.width,
            "height": page.height,
            "error": page.error.to_json() if page.error else None,
            "warnings": list(page.warnings),
            "timings_ms": dict(page.timings_ms),
        }
