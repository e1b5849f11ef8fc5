"""What an evaluation found: page by page, book by book, and in all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from translator.evaluation.checks import Checks, Judged, all_checks, judge
from translator.evaluation.errors import PageErrors, error_counts, find_errors
from translator.evaluation.figure import Better, Figure, Unit
from translator.evaluation.found import FoundPage
from translator.evaluation.matching import Match, match
from translator.evaluation.score import ReadText, Score, read_texts, score
from translator.evaluation.truth import TruePage


@dataclass(frozen=True, slots=True)
class PageResult:
    """A page, what was found on it, and all that follows from the two. ``size`` is width and height, pixels."""

    truth: TruePage
    found: FoundPage
    size: tuple[int, int]
    matching: Match
    texts: tuple[ReadText, ...]
    score: Score
    errors: PageErrors
    judged: tuple[Judged, ...]

    @property
    def badness(self) -> tuple[int, int]:
        """For sorting: pages with more wrong letters and more wrong blocks are worse."""
        wrong = sum(self.errors.counts.values())
        return self.score.bare_edits + 2 * wrong, self.score.edits


@dataclass(frozen=True, slots=True)
class Speed:
    """``pages`` pages in ``wall_s`` seconds, ``at_once`` at a time; ``stages_s`` are summed over pages.

    ``processor_s`` is what all threads worked; unlike ``wall_s``, it hardly depends on what else the machine does.
    """

    pages: int
    at_once: int
    threads: int
    wall_s: float
    stages_s: Mapping[str, float]
    processor_s: float = 0.0

    @property
    def seconds_a_page(self) -> float:
        return self.wall_s / max(1, self.pages)

    @property
    def processor_s_a_page(self) -> float:
        return self.processor_s / max(1, self.pages)


@dataclass(frozen=True, slots=True)
class Evaluation:
    """``together``: all pages, several at once, as a job reads them. ``alone``: some of them, one after the other."""

    name: str
    source: str
    engines: Mapping[str, str]
    results: tuple[PageResult, ...]
    together: Speed
    alone: Speed | None = None
    peak_mib: float = 0.0

    @property
    def books(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(result.truth.book for result in self.results))

    def of_book(self, book: str) -> tuple[PageResult, ...]:
        return tuple(result for result in self.results if result.truth.book == book)

    @property
    def score(self) -> Score:
        return total(self.results)

    @property
    def checks(self) -> Checks:
        return all_checks(result.judged for result in self.results)

    @property
    def errors(self) -> Counter[str]:
        return error_counts(result.errors for result in self.results)

    @property
    def confused(self) -> Counter[tuple[str, str]]:
        counts: Counter[tuple[str, str]] = Counter()
        for result in self.results:
            counts.update(result.errors.confused)
        return counts

    @property
    def speed_figures(self) -> tuple[Figure, ...]:
        lower, work = Better.LOWER, self.together.processor_s_a_page
        alone = [_seconds("seconds_alone", self.alone, "one page alone")] if self.alone else []
        return (
            *alone,
            _seconds("seconds_together", self.together, f"{self.together.at_once} pages at once"),
            Figure("processor_seconds", "processor seconds a page, all threads", work, Unit.SECONDS, lower),
            Figure("peak_mib", "peak memory", self.peak_mib, Unit.MIB, lower),
        )

    @property
    def figures(self) -> tuple[Figure, ...]:
        """Everything that is measured, in the order of the table."""
        return (*self.score.figures(), *self.speed_figures, *self.checks.figures())


def page_result(truth: TruePage, found: FoundPage, size: tuple[int, int], *, source: str = "ja") -> PageResult:
    """Scores one page."""
    matching = match(truth, found)
    texts = read_texts(truth, found, matching, source=source)
    return PageResult(
        truth,
        found,
        size,
        matching,
        texts,
        score(truth, found, matching, texts),
        find_errors(matching, texts, source=source),
        judge(found, matching, texts),
    )


def total(results: tuple[PageResult, ...]) -> Score:
    return sum((result.score for result in results), Score())


def _seconds(key: str, speed: Speed, how: str) -> Figure:
    name = f"seconds a page, {how} ({speed.threads} thread{'s' if speed.threads > 1 else ''} each)"
    return Figure(key, name, speed.seconds_a_page, Unit.SECONDS, Better.LOWER, 0.6)
