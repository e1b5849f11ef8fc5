"""Floors for what the default engines read on the sample chapter and on random pages, whose truth is exact.

The floors lie one text or so under what was measured: a regression is a red build, another onnxruntime is not. Sound
effects are left out: no default engine claims to find them.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from sample.page import draw_page
from sample.random_page import random_page
from tests.translator.engines.eyes import Eyes, missed
from translator.engines.ppocr_detector import PpOcrDetector
from translator.engines.ppocr_reader import PpOcrReader
from translator.evaluation.result import PageResult
from translator.evaluation.runner import evaluate_page, open_page
from translator.evaluation.truth import drawn_page, read_truth
from translator.pipeline.types import Page

CHAPTER = Path(__file__).parents[3] / "sample" / "chapter"
SEEDS = range(1, 7)
CHAPTER_FLOORS = {"f1": 0.87, "covered": 0.95, "exact": 0.9, "order_pairs": 0.91, "order_pages": 0.85}
CHAPTER_CEILINGS = {"cer": 0.042, "cer_bare": 0.022}
RANDOM_FLOORS = {"f1": 0.76, "covered": 0.86, "exact": 0.68, "order_pairs": 0.96, "order_pages": 0.8}
RANDOM_CEILINGS = {"cer": 0.1, "cer_bare": 0.09}


def chapter_results(eyes: Eyes) -> Iterator[PageResult]:
    for truth in read_truth(CHAPTER):
        assert truth.path is not None
        yield evaluate_page(truth, open_page(truth.path), eyes)


def random_results(eyes: Eyes) -> Iterator[PageResult]:
    for seed in SEEDS:
        rgb, truth = draw_page(random_page(seed))
        yield evaluate_page(drawn_page("random", str(seed), truth.to_json()), Page(1, rgb), eyes)


def test_the_sample_chapter_is_read(detector: PpOcrDetector, reader: PpOcrReader) -> None:
    results = chapter_results(Eyes(detector, reader))
    assert missed(results, floors=CHAPTER_FLOORS, ceilings=CHAPTER_CEILINGS) == {}


def test_random_pages_are_read(detector: PpOcrDetector, reader: PpOcrReader) -> None:
    results = random_results(Eyes(detector, reader))
    assert missed(results, floors=RANDOM_FLOORS, ceilings=RANDOM_CEILINGS) == {}
