"""``python -m translator.evaluation.calibrate DIR...``: the weights of :mod:`translator.pipeline.confidence`, fitted.

Each page is read as it is, and made small and compressed: few texts of clean pages are wrong, and the scans that people
have are worse. Each book is judged with weights fitted without it; the last line has those fitted to all.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
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
_RIDGE, _STEPS = 1e-4, 50
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
    parser.add_argument("--every", type=int, default=1)
    options = parser.parse_args(arguments)
    pages = [page for folder in options.folders for page in read_truth(folder)[:: options.every]]
    samples = tuple(read_samples(pages))
    sys.stdout.writelines(f"{line}\n" for line in tell(samples))
    return 0


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


def tell(samples: Sequence[Sample]) -> Iterator[str]:
    """The lines of the report."""
    books = tuple(dict.fromkeys(sample.book for sample in samples))
    everything: list[Judged] = []
    for book in books:
        weights = fit([sample for sample in samples if sample.book != book] if len(books) > 1 else samples)
        judged = [_judged(sample, weights) for sample in samples if sample.book == book and sample.is_whole]
        everything += judged
        yield f"{book}, by weights fitted without it: {_line(Checks(tuple(judged)))}"
    checks = Checks(tuple(everything))
    yield f"all: {_line(checks)}"
    for one in checks.bins:
        yield f"  {one.low:.2f}-{one.high:.2f}  texts {one.texts:4}  mean {one.confidence:.3f}  right {one.share:.3f}"
    yield repr(fit(samples))


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
