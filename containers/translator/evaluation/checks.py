"""Is the confidence worth its name, and does the ``check`` flag find what is wrong?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from translator.evaluation.figure import Better, Figure, Unit
from translator.evaluation.found import FoundPage
from translator.evaluation.matching import Match
from translator.evaluation.score import ReadText
from translator.pipeline.confidence import Evidence

BINS = (0.0, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 1.0)


@dataclass(frozen=True, slots=True)
class Judged:
    """A found text: what the reader claimed, and whether its letters are exactly right."""

    confidence: float
    check: bool
    is_right: bool
    evidence: Evidence | None = None


@dataclass(frozen=True, slots=True)
class Bin:
    """The found texts of a range of confidence, ``low`` included, ``high`` only where it is 1."""

    low: float
    high: float
    texts: int
    right: int
    confidence: float

    @property
    def share(self) -> float:
        return self.right / self.texts if self.texts else 0.0

    def to_json(self) -> dict[str, Any]:
        return {
            "low": self.low,
            "high": self.high,
            "texts": self.texts,
            "right": self.right,
            "mean_confidence": round(self.confidence, 4),
            "share_right": round(self.share, 4),
        }


@dataclass(frozen=True, slots=True)
class Checks:
    """All judged texts of an evaluation."""

    judged: tuple[Judged, ...]

    @property
    def bins(self) -> tuple[Bin, ...]:
        return tuple(self._bin(low, high) for low, high in pairwise(BINS))

    @property
    def calibration_error(self) -> float:
        """The mean distance of confidence and share right over the bins, weighted by their texts."""
        total = len(self.judged)
        return sum(b.texts * abs(b.share - b.confidence) for b in self.bins) / total if total else 0.0

    @property
    def brier(self) -> float:
        """The mean squared distance of the confidence from what is: 1 for right, 0 for wrong."""
        squares = [(one.confidence - one.is_right) ** 2 for one in self.judged]
        return sum(squares) / len(squares) if squares else 0.0

    def figures(self) -> tuple[Figure, ...]:
        """How well ``check`` marks the texts that are wrong, and how many texts it marks."""
        wrong = [one for one in self.judged if not one.is_right]
        marked = [one for one in self.judged if one.check]
        hits = sum(one.check for one in wrong)
        share, percent = Unit.SHARE, Unit.PERCENT
        return (
            Figure("check_recall", "flag `check`: wrong texts that have it", _share(hits, wrong), share, Better.HIGHER),
            Figure("check_precision", "flag `check`: texts with it that are wrong", _share(hits, marked), share,
                   Better.HIGHER),
            Figure("check_share", "flag `check`: texts that have it", _share(len(marked), self.judged), percent,
                   Better.NEITHER),
            Figure("calibration_error", "confidence: mean distance from the share right", self.calibration_error,
                   share, Better.LOWER),
            Figure("brier", "confidence: Brier score", self.brier, Unit.SHARE, Better.LOWER),
        )  # fmt: skip

    def _bin(self, low: float, high: float) -> Bin:
        inside = [one for one in self.judged if low <= one.confidence < high or high == one.confidence == 1.0]
        mean = sum(one.confidence for one in inside) / len(inside) if inside else 0.0
        return Bin(low, high, len(inside), sum(one.is_right for one in inside), mean)


def judge(found: FoundPage, matching: Match, texts: Sequence[ReadText]) -> tuple[Judged, ...]:
    """The found texts that count: a false alarm is wrong, a part of a text is as right as the whole."""
    out = []
    for n in matching.counted:
        one, index = found.texts[n], matching.owners[n]
        if index is None or texts[index].is_readable:
            out.append(Judged(one.confidence, one.check, index is not None and texts[index].is_exact, one.evidence))
    return tuple(out)


def all_checks(pages: Iterable[tuple[Judged, ...]]) -> Checks:
    return Checks(tuple(one for page in pages for one in page))


def _share(part: int, whole: Sequence[Judged]) -> float:
    return part / len(whole) if whole else 0.0
