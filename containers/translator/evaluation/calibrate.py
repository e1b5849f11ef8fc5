"""``python -m translator.evaluation.calibrate DIR...``: the weights of :mod:`translator.pipeline.confidence`, fitted.

Each page is read as it is, and made small and compressed: few texts of clean pages are wrong, and the scans that people
have are worse. Each book is judged with weights fitted without it; the last line has those fitted to all.

``--level DIR``: the weights are fitted to drawn pages (``python -m sample OUT_DIR --random 60``), whose licence lets
anything be fitted to them; pages of real books are the level only. How many texts are wrong differs between the two, so
one number, the bias, is moved until the mean certainty is the share of real texts that are right.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from translator.build import Engines
from translator.config import Config
from translator.evaluation.checks import Checks, Judged
from translator.evaluation.runner import ReadingStages, evaluate_page, open_page
from translator.evaluation.truth import TruePage, TrueText, read_truth
from translator.pipeline.confidence import CHECK_BELOW, Evidence, Weights
from translator.pipeline.types import Box, Page
from translator.stages import StageOrder

REDUCED: tuple[tuple[float, int], ...] = ((1.0, 100), (0.65, 70))
"""Scale and JPEG quality of each reading of a page; the first is the page as it is."""
_WHOLE = 2.0
"""What a text of a page as it is weighs in the fit, against one of a reduced page."""
_RIDGE, _STEPS = 1e-2, 50
_FARTHEST = 20.0
"""How far a bias may be moved."""
_SHARES = (0.03, 0.05, 0.08, 0.1, 0.15, 0.2)
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Sample:
    """A text that was read: its book, whether the page was as it is, what is known of it, and whether it is right."""

    book: str
    is_whole: bool
    evidence: Evidence
    is_right: bool


def main(arguments: Sequence[str]) -> int:
    """Prints, for each book, how well weights fitted to the others judge it, and the weights fitted to all."""
    parser = argparse.ArgumentParser(prog="translator.evaluation.calibrate", description=__doc__)
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--level", type=Path, action="append", default=[], metavar="DIR")
    parser.add_argument("--every", type=int, default=1)
    options = parser.parse_args(arguments)
    fitted, level = (_read_folders(folders, options.every) for folders in (options.folders, options.level))
    sys.stdout.writelines(f"{line}\n" for line in tell(fitted, level))
    return 0


def _read_folders(folders: Sequence[Path], every: int) -> tuple[Sample, ...]:
    return tuple(read_samples([page for folder in folders for page in read_truth(folder)[::every]]))


def read_samples(pages: Sequence[TruePage]) -> Iterator[Sample]:
    """Reads every page in every state of :data:`REDUCED`."""
    stages = Engines(Config()).stages(StageOrder("ja", "en"))
    for number, truth in enumerate(pages, start=1):
        sys.stderr.write(f"{number}/{len(pages)} {truth.book} {truth.name}\n")
        if truth.path is not None:
            page = open_page(truth.path)
            for state in REDUCED:
                yield from _samples(*reduced(truth, page, *state), stages, is_whole=state == REDUCED[0])


def reduced(truth: TruePage, page: Page, scale: float, quality: int) -> tuple[TruePage, Page]:
    """The page smaller by ``scale`` and through a JPEG of ``quality``, and its truth in the new size."""
    if scale == 1.0:
        return truth, page
    image, out = Image.fromarray(page.rgb), BytesIO()
    size = max(1, round(page.width * scale)), max(1, round(page.height * scale))
    image.resize(size, Image.Resampling.LANCZOS).save(out, "JPEG", quality=quality)
    texts = tuple(TrueText(_scaled(text.box, scale), text.text, text.kind, text.scored) for text in truth.texts)
    with Image.open(out) as small:
        return TruePage(truth.book, truth.name, texts), Page(page.number, np.asarray(small.convert("RGB")))


def fit(samples: Sequence[Sample]) -> Weights:
    """Logistic regression by Newton's method, on standardized evidence with a small ridge."""
    values = np.array([sample.evidence.values for sample in samples], dtype=np.float64)
    right = np.array([sample.is_right for sample in samples], dtype=np.float64)
    share = np.array([_WHOLE if sample.is_whole else 1.0 for sample in samples], dtype=np.float64)
    mean, spread = values.mean(axis=0), values.std(axis=0) + 1e-9
    found = _newton(np.column_stack([np.ones(len(values)), (values - mean) / spread]), right, share)
    slopes = found[1:] / spread
    return Weights(float(found[0] - slopes @ mean), *(float(slope) for slope in slopes))


def levelled(weights: Weights, samples: Sequence[Sample]) -> Weights:
    """The same weights with the bias that makes the mean certainty of ``samples`` the share of them that is right."""
    right = _mean([(float(sample.is_right), sample.is_whole) for sample in samples])
    low, high = weights.bias - _FARTHEST, weights.bias + _FARTHEST
    for _ in range(_STEPS):
        tried = replace(weights, bias=(low + high) / 2)
        mean = _mean([(tried.certainty(sample.evidence), sample.is_whole) for sample in samples])
        low, high = (tried.bias, high) if mean < right else (low, tried.bias)
    return replace(weights, bias=(low + high) / 2)


def tell(samples: Sequence[Sample], level: Sequence[Sample] = ()) -> Iterator[str]:
    """The lines of the report. With ``level``, its books are judged, each by the level of the others."""
    shown = level or samples
    books = tuple(dict.fromkeys(sample.book for sample in shown))
    everything: list[Judged] = []
    for book in books:
        others = [sample for sample in shown if sample.book != book] if len(books) > 1 else shown
        weights = levelled(fit(samples), others) if level else fit(others)
        judged = [_judged(sample, weights) for sample in shown if sample.book == book and sample.is_whole]
        everything += judged
        yield f"{book}, by weights {'levelled' if level else 'fitted'} without it: {_line(Checks(tuple(judged)))}"
    checks = Checks(tuple(everything))
    yield f"all: {_line(checks)}"
    for one in checks.bins:
        yield f"  {one.low:.2f}-{one.high:.2f}  texts {one.texts:4}  mean {one.confidence:.3f}  right {one.share:.3f}"
    for share in _SHARES:
        yield f"  the least certain {share:.0%}: {_least_certain(everything, share):.3f} of the wrong texts"
    yield repr(levelled(fit(samples), level) if level else fit(samples))


def _least_certain(judged: Sequence[Judged], share: float) -> float:
    """The recall of a flag on that share of the texts."""
    ranked = sorted(judged, key=lambda one: one.confidence)
    wrong = [n for n, one in enumerate(ranked) if not one.is_right]
    return sum(n < round(share * len(ranked)) for n in wrong) / len(wrong) if wrong else 0.0


def _mean(values: Sequence[tuple[float, bool]]) -> float:
    """Of values, those of whole pages counted more."""
    shares = [_WHOLE if is_whole else 1.0 for _, is_whole in values]
    total = sum(value * share for (value, _), share in zip(values, shares, strict=True))
    return total / sum(shares) if shares else 0.0


def _samples(truth: TruePage, page: Page, stages: ReadingStages, *, is_whole: bool) -> Iterator[Sample]:
    for judged in evaluate_page(truth, page, stages).judged:
        if judged.evidence is not None:
            yield Sample(truth.book, is_whole, judged.evidence, judged.is_right)


def _judged(sample: Sample, weights: Weights) -> Judged:
    certainty = weights.certainty(sample.evidence)
    return Judged(certainty, certainty < CHECK_BELOW, sample.is_right)


def _line(checks: Checks) -> str:
    wrong = sum(not one.is_right for one in checks.judged)
    figures = ", ".join(f"{figure.key} {figure.value:.3f}" for figure in checks.figures())
    return f"{len(checks.judged)} texts, {wrong} wrong, {figures}"


def _newton(inputs: Floats, right: Floats, share: Floats) -> Floats:
    """``inputs``: ``(n, k)``, the first column ones, which the ridge leaves alone."""
    weights = np.zeros(inputs.shape[1])
    ridge = np.diag([1e-9, *[_RIDGE * len(right)] * (inputs.shape[1] - 1)])
    for _ in range(_STEPS):
        chance = 1 / (1 + np.exp(-inputs @ weights))
        slope = inputs.T @ (share * (chance - right)) + ridge @ weights
        bend = (inputs.T * (share * chance * (1 - chance))) @ inputs + ridge
        weights = weights - np.linalg.solve(bend, slope)
    return weights


def _scaled(box: Box, scale: float) -> Box:
    return Box(round(box.x0 * scale), round(box.y0 * scale), round(box.x1 * scale), round(box.y1 * scale))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
