"""The fit finds what was put in, and judges each book by the others."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import numpy as np
import pytest

from translator.evaluation.calibrate import Sample, fit, levelled, reduced, tell
from translator.evaluation.truth import TruePage, TrueText
from translator.pipeline.confidence import Evidence, Weights
from translator.pipeline.types import Box, Page

TRUE = Weights(bias=-6.0, letter=4.0, line=5.0, short=-2.0, balloon=1.0)


def samples(count: int = 4000) -> list[Sample]:
    rng = Random(7)
    out = []
    for n in range(count):
        evidence = Evidence(rng.random(), rng.random(), rng.random(), float(rng.random() < 0.5))
        out.append(Sample("ab"[n % 2], n % 4 < 2, evidence, rng.random() < TRUE.certainty(evidence)))
    return out


def test_the_fit_finds_the_weights_that_made_the_samples() -> None:
    found = fit(samples())
    for name in ("bias", "letter", "line", "short", "balloon"):
        assert getattr(found, name) == pytest.approx(getattr(TRUE, name), abs=0.6)


def test_samples_that_are_all_right_do_not_break_the_fit() -> None:
    evidence = Evidence(0.9, 0.9, 0.5, 1.0)
    weights = fit([Sample("a", True, evidence, True) for _ in range(50)])
    assert weights.certainty(evidence) > 0.9


def test_every_book_is_told_of_and_the_last_line_is_the_weights() -> None:
    lines = list(tell(samples(400)))
    assert lines[0].startswith("a, by weights fitted without it: 100 texts")
    assert lines[1].startswith("b, by weights fitted without it: 100 texts")
    assert lines[-1].startswith("Weights(bias=")


def test_levelled_weights_are_as_certain_on_average_as_texts_are_right() -> None:
    level = [replace(sample, is_right=n % 10 > 0, is_whole=True) for n, sample in enumerate(samples(400))]
    weights = levelled(TRUE, level)
    assert replace(weights, bias=TRUE.bias) == TRUE
    assert sum(weights.certainty(sample.evidence) for sample in level) / 400 == pytest.approx(0.9, abs=1e-6)


def test_levelling_by_texts_that_are_all_right_ends() -> None:
    level = [replace(sample, is_right=True) for sample in samples(20)]
    assert all(levelled(TRUE, level).certainty(sample.evidence) > 0.99 for sample in level)


def test_the_books_of_the_level_are_told_of_and_not_those_of_the_fit() -> None:
    level = [replace(sample, book="cd"[n % 2]) for n, sample in enumerate(samples(400))]
    lines = list(tell(samples(400), level))
    assert [line[:1] for line in lines[:2]] == ["c", "d"]
    assert "levelled without it" in lines[0]


def test_the_least_certain_texts_hold_more_of_the_wrong_ones_the_more_they_are() -> None:
    shares = [float(line.split()[-5]) for line in tell(samples(800)) if "the least certain" in line]
    assert shares == sorted(shares)
    assert 0 < shares[0] < shares[-1] < 1


def test_a_reduced_page_is_smaller_and_so_are_its_boxes() -> None:
    truth = TruePage("a", "1", (TrueText(Box(10, 20, 30, 40), "雨"),))
    page = Page(1, np.zeros((100, 60, 3), np.uint8))
    small_truth, small = reduced(truth, page, 0.5, 60)
    assert (small.width, small.height) == (30, 50)
    assert small_truth.texts[0].box == Box(5, 10, 15, 20)
    assert reduced(truth, page, 1.0, 100) == (truth, page)
