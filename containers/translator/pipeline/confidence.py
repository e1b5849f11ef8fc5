"""How likely it is that a text was read exactly right, and which texts a person should look at.

A recognizer's own numbers say how clear a shape was, not whether the text is right: its mean is above 0.99 for texts
that lack their last letter. :func:`certainty` is a logistic function of four things that a wrong text shows. It never
falls where letters or lines are surer. ``python -m translator.evaluation.calibrate`` fits the weights again: to drawn
pages, so that of the texts of real ones with certainty 0.9 about nine in ten are right.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp

from translator.pipeline.doubt import is_doubtful
from translator.pipeline.types import Reading, Region

CHECK_BELOW = 0.92
"""A text that is less certain is one to look at: about one in ten of clean pages, with a third of the wrong ones;
of small or grainy pages one in eight, with half of the wrong ones or more."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of a reading, each from 0.0 to 1.0.

    ``letter``: the confidence of the least sure letter. ``line``: that of the line that the detector was least sure of.
    ``short``: one by the number of characters, as a shape that is no text seldom looks like many letters. ``balloon``:
    1 where the text stands in what is clearly a balloon.
    """

    letter: float
    line: float
    short: float
    balloon: float

    @classmethod
    def of(cls, region: Region, reading: Reading) -> Evidence | None:
        """``None`` where nothing was read, and from an engine that says nothing of single letters."""
        if reading.weakest is None or not reading.text.strip():
            return None
        return cls(
            letter=reading.weakest,
            line=min((line.confidence for line in region.lines), default=region.confidence),
            short=1 / max(1, len(reading.text)),
            balloon=0.0 if is_doubtful(region.balloon, region.box) else 1.0,
        )

    @property
    def values(self) -> tuple[float, float, float, float]:
        return self.letter, self.line, self.short, self.balloon


@dataclass(frozen=True, slots=True)
class Weights:
    """Of the logistic function: ``bias``, and one weight for each of :attr:`Evidence.values`."""

    bias: float
    letter: float
    line: float
    short: float
    balloon: float

    def certainty(self, evidence: Evidence) -> float:
        weights = (self.letter, self.line, self.short, self.balloon)
        total = self.bias + sum(w * value for w, value in zip(weights, evidence.values, strict=True))
        return 1 / (1 + exp(-total))


WEIGHTS = Weights(bias=-6.38, letter=2.74, line=7.96, short=-3.90, balloon=0.44)


def certainty(region: Region, reading: Reading) -> float:
    """The chance that the reading's letters are exactly right, 0.0 to 1.0; the reader's own number without evidence."""
    evidence = Evidence.of(region, reading)
    return float(reading.confidence) if evidence is None else WEIGHTS.certainty(evidence)


def needs_check(region: Region, reading: Reading) -> bool:
    """Whether a person should look at the text. What could not be read at all is no text to look at."""
    return bool(reading.text.strip()) and certainty(region, reading) < CHECK_BELOW
